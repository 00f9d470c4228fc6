//! Plan files: read whole, and believed only when their digest fits.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::error::{WorkflowError, WorkflowErrorKind};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply;
use crate::model::Plan;
use crate::plan::{self, PlanIntegrityError};

/// Larger files are no plans: a million operations take some 600 MB.
const MAX_BYTES: u64 = 4 << 30;
/// How much of a file tells a plan from a manifest.
const HEAD_BYTES: u64 = 64 << 10;

/// Whether a path leads to a plan file, as far as its beginning tells: a JSON object that is no manifest.
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
/// When it cannot be read, is no plan of this version, or was altered.
pub fn read(path: &Path) -> Result<Plan, WorkflowError> {
    let name = path.display();
    let unreadable = |error: &dyn std::fmt::Display| {
        let finding = Finding::error(&apply::PLAN_UNREADABLE, format!("`{name}` cannot be read as a plan: {error}"))
            .help("give a file that `reseat plan --out FILE` wrote");
        WorkflowError::from_finding(WorkflowErrorKind::Input, finding)
    };
    let bytes = read_bytes(path).map_err(|error| unreadable(&error))?;
    let plan: Plan = serde_json::from_slice(&bytes).map_err(|error| unreadable(&error))?;
    let (code, message) = match plan::verify(&plan) {
        Ok(()) => return Ok(plan),
        Err(PlanIntegrityError::Format) => {
            return Err(unreadable(&format_args!("its format is `{}`, not `{}`", plan.format, Plan::FORMAT)));
        }
        Err(PlanIntegrityError::Digest | PlanIntegrityError::Content) => {
            (&apply::PLAN_ALTERED, format!("`{name}` was altered after it was made"))
        }
        Err(PlanIntegrityError::Inconsistent(problem)) => {
            (&apply::PLAN_MALFORMED, format!("`{name}` is not a consistent plan: {problem}"))
        }
    };
    let finding = Finding::error(code, message).help("make the plan again with `reseat plan --out FILE`");
    Err(WorkflowError::from_finding(WorkflowErrorKind::Input, finding))
}

fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    // Before it is opened: to open a pipe waits for a writer, and a device has no end.
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    let read = File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if read as u64 > MAX_BYTES {
        return Err(io::Error::other("it is too large"));
    }
    Ok(bytes)
}
