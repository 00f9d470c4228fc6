//! State files: observations as JSON or YAML, as `--state` reads them and the `file` adapter stores them.

mod load;
mod location;
mod quote;
mod replace;
mod version;
mod write;

use std::path::Path;
use std::sync::Arc;

use crate::adapter::validate::{LicenseSpelling, validate};
use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::model::{Observation, TenantSettings};
use crate::profile::Rules;
use location::StateFileLocations;

pub(crate) use load::StateFileEncoding;
pub(in crate::adapter) use load::read_bytes;
pub(crate) use replace::{FileWriteError, replace_file};
pub(in crate::adapter) use version::FileVersion;
pub(crate) use write::encode;

/// The largest state file, in bytes. YAML has a lower limit of its own.
const STATE_MAX_BYTES: u64 = 1 << 30;

/// An observation and how its file spells it.
#[derive(Clone, Debug)]
pub(crate) struct StateFile {
    pub(crate) observation: Observation,
    pub(crate) encoding: StateFileEncoding,
    pub(crate) spelling: LicenseSpelling,
}

/// Reads the observation of a tenant.
///
/// # Errors
/// Returns everything that is wrong with the file.
pub fn read(path: &Path, settings: &TenantSettings, rules: &Rules) -> Result<Observation, Vec<Finding>> {
    open(path, settings, rules).map(|file| file.observation)
}

/// Reads the observation of a tenant, with what is needed to write it back in the same form.
///
/// # Errors
/// Returns everything that is wrong with the file.
pub(crate) fn open(path: &Path, settings: &TenantSettings, rules: &Rules) -> Result<StateFile, Vec<Finding>> {
    let (mut observation, encoding) = load::load(path)?;
    let (findings, spelling) = validate_file(&mut observation, path, settings, rules);
    if findings.is_empty() { Ok(StateFile { observation, encoding, spelling }) } else { Err(findings) }
}

/// Reads the observation of any tenant. Call [`validate_file`] before using it.
///
/// # Errors
/// Returns what is wrong with the file, independent of the tenant.
pub(crate) fn read_any(path: &Path) -> Result<Observation, Vec<Finding>> {
    load::load(path).map(|(observation, _)| observation)
}

/// Validates an observation that was read from `path`; see [`validate`]. An observation with findings is unusable.
pub(crate) fn validate_file(
    observation: &mut Observation,
    path: &Path,
    settings: &TenantSettings,
    rules: &Rules,
) -> (Vec<Finding>, LicenseSpelling) {
    let (faults, spelling) = validate(observation, settings, rules);
    if faults.is_empty() {
        return (Vec::new(), spelling);
    }
    let locations = StateFileLocations::read(path);
    (faults.into_findings(|field| Some(locations.source(field))), spelling)
}

/// Converts the findings of a file to an error.
pub(in crate::adapter) fn to_adapter_error(findings: Vec<Finding>) -> AdapterError {
    let first = findings.first();
    let is_unreadable = first.is_some_and(|finding| finding.code == codes::UNREADABLE.id);
    let kind = if is_unreadable { ErrorKind::Io } else { ErrorKind::Malformed };
    let message = first.map_or_else(String::new, |finding| match &finding.source {
        Some(at) => format!("{}:{}:{}: {}", at.file, at.line, at.column, finding.message),
        None => finding.message.clone(),
    });
    let help = first.and_then(|finding| finding.help.clone());
    AdapterError { help, findings, ..AdapterError::new(kind, message) }
}

/// Returns the name of a file in findings.
pub(in crate::adapter) fn display_name(path: &Path) -> Arc<str> {
    let text = path.to_string_lossy();
    Arc::from(if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace('\\', "/").into() })
}

#[cfg(test)]
pub(crate) mod tests;
