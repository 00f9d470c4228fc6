//! The runbook as a file. What must hold: a file that is there is never written over.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::apply::manual::ManualTask;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::report::runbook::{embedded_digest, markdown};
use crate::workflow::runbook::{RunbookScope, RunbookSource};

/// How much of a file is read to see what it is.
const HEAD_MAX_BYTES: u64 = 64 << 10;
/// How many digits of a digest tell one runbook from another in a file's name.
const DIGEST_DIGITS: usize = 8;

/// What is at a path.
enum ExistingFile {
    Missing,
    /// A runbook, of that digest.
    Runbook(String),
    Other,
}

fn inspect(path: &Path) -> Result<ExistingFile, String> {
    let failed = |error: std::io::Error| format!("`{}` cannot be read: {error}", path.display());
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

/// Refuses a file that holds something else, before anything is begun.
pub(super) fn check(path: &Path) -> Result<(), CliError> {
    let is_other = match inspect(path) {
        Ok(there) => matches!(there, ExistingFile::Other),
        Err(message) => return Err(CliError::new(Exit::Internal, message)),
    };
    if !is_other {
        return Ok(());
    }
    let message = format!("`{}` is there already, and is no runbook", path.display());
    Err(CliError::new(Exit::Input, message).with_help("name a file that is not there yet"))
}

/// Writes what is open at a tenant, and tells where. Where the very same runbook is there, it is left with its ticks.
pub(super) fn write(
    task: &ManualTask,
    material: &RunbookSource,
    command: &str,
    at: Timestamp,
    file: Option<&Path>,
) -> Result<String, String> {
    let excerpt = RunbookScope { open: Some(&task.open), pools: Some(&task.pools), run: Some(&task.run) };
    let text = markdown(&material.sheet(&task.plan, excerpt, command, at));
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
                let mut created = fs::OpenOptions::new().write(true).create_new(true).open(path);
                let written =
                    created.as_mut().map(|file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
                return match written {
                    Ok(Ok(())) => Ok(path.display().to_string()),
                    Ok(Err(error)) => Err(format!("the runbook `{}` cannot be written: {error}", path.display())),
                    Err(error) => Err(format!("the runbook `{}` cannot be written: {error}", path.display())),
                };
            }
        }
    }
    let taken = candidates.last().map(|path| path.display().to_string()).unwrap_or_default();
    Err(format!("`{taken}` holds another runbook; name another file with `--runbook`, or move it away"))
}

/// A tenant's name as a part of a file's.
fn file_name(tenant: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    tenant.chars().map(plain).collect()
}
