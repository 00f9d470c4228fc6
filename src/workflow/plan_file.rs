//! Plan files, which are read completely and only accepted with a valid digest.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::error::WorkflowError;
use super::exit::Exit;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply;
use crate::model::Plan;
use crate::plan::{self, PlanIntegrityError};

/// Largest plan file; a million operations take 600 MB.
const MAX_BYTES: u64 = 4 << 30;
/// Bytes that distinguish a plan from a manifest.
const HEAD_BYTES: u64 = 64 << 10;

/// Returns whether a path is a plan file: its beginning is a JSON object without `apiVersion`.
pub fn is_plan_file(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head));
    if read.is_err() {
        return false;
    }
    let text = String::from_utf8_lossy(&head);
    text.trim_start_matches('\u{feff}').trim_start().starts_with('{') && !text.contains("\"apiVersion\"")
}

/// Reads a plan file.
///
/// # Errors
/// If the file cannot be read, is not a plan of this version, or was altered.
pub fn read(path: &Path) -> Result<Plan, WorkflowError> {
    let name = path.display();
    let unreadable = |error: &dyn std::fmt::Display| {
        let finding = Finding::error(&apply::PLAN_UNREADABLE, format!("cannot read `{name}` as a plan: {error}"))
            .help("use a file that `reseat plan --out FILE` wrote");
        WorkflowError::from_finding(Exit::Input, finding)
    };
    let bytes = read_bytes(path).map_err(|error| unreadable(&error))?;
    let plan: Plan = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
    let (code, message) = match plan::verify(&plan) {
        Ok(()) => return Ok(plan),
        Err(PlanIntegrityError::Format) => {
            return Err(unreadable(&format_args!("unsupported format `{}`, expected `{}`", plan.format, Plan::FORMAT)));
        }
        Err(PlanIntegrityError::Digest | PlanIntegrityError::Content) => {
            (&apply::PLAN_ALTERED, format!("`{name}` was altered"))
        }
        Err(PlanIntegrityError::Inconsistent(problem)) => {
            (&apply::PLAN_MALFORMED, format!("`{name}` is an inconsistent plan: {problem}"))
        }
    };
    let finding = Finding::error(code, message).help("plan again with `reseat plan --out FILE`");
    Err(WorkflowError::from_finding(Exit::Input, finding))
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    // Checked before opening: opening a pipe waits for a writer, and a device has no end.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if read as u64 > MAX_BYTES {
        return Err(io::Error::other("too large"));
    }
    Ok(bytes)
}
