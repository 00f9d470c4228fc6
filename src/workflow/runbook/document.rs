//! Runbooks as files. An existing file is never overwritten.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::super::error::WorkflowError;
use super::super::exit::Exit;
use super::source::{RunbookScope, RunbookSource};
use crate::apply::manual::ManualTask;
use crate::report::runbook::{embedded_digest, markdown};

/// Bytes of a file that are read to recognize it.
const HEAD_MAX_BYTES: u64 = 64 << 10;
/// Digits of a digest in a file name.
const DIGEST_DIGITS: usize = 8;

/// The file at a path.
enum ExistingFile {
    Missing,
    /// A runbook with its digest.
    Runbook(String),
    Other,
}

fn inspect(path: &Path) -> Result<ExistingFile, String> {
    let failed = |error: std::io::Error| format!("cannot read `{}`: {error}", path.display());
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(ExistingFile::Missing),
        Err(error) => return Err(failed(error)),
        Ok(about) if !about.is_file() => return Ok(ExistingFile::Other),
        Ok(_) => {}
    }
    let mut head = Vec::new();
    fs::File::open(path).and_then(|file| file.take(HEAD_MAX_BYTES).read_to_end(&mut head)).map_err(failed)?;
    let text = String::from_utf8_lossy(&head);
    Ok(embedded_digest(&text).map_or(ExistingFile::Other, |digest| ExistingFile::Runbook(digest.to_owned())))
}

/// Refuses a file that is not a runbook, before the run starts.
pub(super) fn check(path: &Path) -> Result<(), WorkflowError> {
    let is_other = match inspect(path) {
        Ok(file) => matches!(file, ExistingFile::Other),
        Err(message) => return Err(WorkflowError::message(Exit::Internal, message)),
    };
    if !is_other {
        return Ok(());
    }
    let message = format!("`{}` exists and is not a runbook", path.display());
    Err(WorkflowError::message(Exit::Input, message).with_help("name a new file"))
}

/// Writes the runbook of a task and returns its path. An existing file with the same runbook is kept with its ticks.
pub(super) fn write(
    task: &ManualTask,
    source: &RunbookSource,
    command: &str,
    at: Timestamp,
    file: Option<&Path>,
) -> Result<String, String> {
    let scope = RunbookScope { open: Some(&task.open), pools: Some(&task.pools), run: Some(&task.run) };
    let text = markdown(&source.sheet(&task.plan, scope, command, at));
    let digest = embedded_digest(&text).unwrap_or_default();
    let usual = PathBuf::from(format!("runbook-{}.md", file_name(&task.tenant)));
    let digits = digest.trim_start_matches("sha256:").get(..DIGEST_DIGITS).unwrap_or_default();
    let other = PathBuf::from(format!("runbook-{}-{digits}.md", file_name(&task.tenant)));
    let candidates = match file {
        Some(file) => vec![file.to_owned()],
        None => vec![usual, other],
    };
    for path in &candidates {
        match inspect(path)? {
            ExistingFile::Runbook(known) if known == digest => return Ok(path.display().to_string()),
            ExistingFile::Runbook(_) | ExistingFile::Other => {}
            ExistingFile::Missing => {
                let created = fs::OpenOptions::new().write(true).create_new(true).open(path);
                let written =
                    created.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
                let path = path.display().to_string();
                return written.map_err(|error| format!("cannot write the runbook `{path}`: {error}")).map(|()| path);
            }
        }
    }
    let last = candidates.last().map(|path| path.display().to_string()).unwrap_or_default();
    Err(format!("`{last}` is another runbook; name another file with `--runbook`, or move it away"))
}

/// Returns the part of a file name for a tenant.
fn file_name(tenant: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    tenant.chars().map(plain).collect()
}
