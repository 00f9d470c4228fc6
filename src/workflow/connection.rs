//! Connections to tenants, and what an adapter's error means for a command.

use super::error::WorkflowError;
use super::exit::Exit;
use super::manifest::Manifest;
use crate::adapter::{self, AccessOptions, AdapterError, Connection, ConnectionConfig, ErrorKind};
use crate::diagnostic::Finding;

/// Connects to a tenant.
///
/// # Errors
/// If the manifest has no such tenant, or its adapter is not configured correctly.
pub(super) fn connect(manifest: &Manifest, name: &str, access: AccessOptions) -> Result<Connection, WorkflowError> {
    let (settings, rules) = manifest.tenant(name)?;
    adapter::connect(&ConnectionConfig { settings, rules, access }).map_err(|findings| {
        let at = |finding: Finding| finding.at(manifest.files.source(settings.source));
        let findings = findings.into_iter().map(at).collect();
        WorkflowError::new(Exit::Input, findings, manifest.files.clone())
    })
}

/// Returns the exit code of an adapter's error. A state file that is missing or invalid is an invalid input.
pub(super) fn error_exit(error: &AdapterError) -> Exit {
    if !error.findings.is_empty() {
        return Exit::Input;
    }
    match error.kind {
        ErrorKind::AccessDenied | ErrorKind::Unavailable | ErrorKind::Throttled => Exit::Unreachable,
        ErrorKind::Busy => Exit::Pending,
        ErrorKind::Io => Exit::Internal,
        ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::NoSeat
        | ErrorKind::Forbidden
        | ErrorKind::Unsupported
        | ErrorKind::Malformed => Exit::Input,
    }
}
