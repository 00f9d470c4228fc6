//! State files: the observation format on disk, as JSON or YAML.
//!
//! What `--state` takes and the `file` adapter keeps. It stands apart from the adapter, for a plan can be made from a
//! file without any tenant being reached.
//! What must hold: every fault is a finding with a code and a place; licenses have the manifest's names afterwards,
//! and states the format's words; a file that was written is whole, whenever the machine stops.

mod load;
mod location;
mod quote;
mod replace;
mod validate;
mod version;
mod write;

use std::path::Path;
use std::sync::Arc;

use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, Source, has_error};
use crate::model::{Observation, TenantSettings};
use crate::profile::Rules;

pub use load::StateFileEncoding;
pub(in crate::adapter) use load::read_bytes;
pub use location::ObservationField;
pub use replace::{FileWriteError, replace_file};
pub use validate::LicenseSpelling;
pub(in crate::adapter) use version::FileVersion;
pub use write::encode;

/// The most bytes of a state file; YAML has a lower limit of its own.
pub const STATE_MAX_BYTES: u64 = 1 << 30;

/// A state file that was read, and what is needed to write it again as it was.
#[derive(Clone, Debug)]
pub struct StateFile {
    /// What it holds, in our words.
    pub observation: Observation,
    /// How it was written.
    pub encoding: StateFileEncoding,
    /// The vendor's names of licenses.
    pub spelling: LicenseSpelling,
}

/// Reads the observation of that tenant.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn read(path: &Path, settings: &TenantSettings, rules: &Rules) -> Result<Observation, Vec<Finding>> {
    open(path, settings, rules).map(|file| file.observation)
}

/// Reads the observation of that tenant, together with what is needed to write it again.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn open(path: &Path, settings: &TenantSettings, rules: &Rules) -> Result<StateFile, Vec<Finding>> {
    let (mut observation, form) = load::load(path)?;
    let (findings, spelling) = validate::validate(&mut observation, path, settings, rules);
    if has_error(&findings) { Err(findings) } else { Ok(StateFile { observation, encoding: form, spelling }) }
}

/// Reads the observation of whatever tenant the file names; [`adopt()`] has to follow.
///
/// # Errors
/// What is wrong with the file as an observation; it was not held against any tenant yet.
pub fn read_any(path: &Path) -> Result<Observation, Vec<Finding>> {
    load::load(path).map(|(observation, _)| observation)
}

/// Takes an observation that was read from `path` for that tenant's: translates states and names of licenses, and
/// tells what is wrong with it. It must not be used where a finding is an error.
pub fn validate(observation: &mut Observation, path: &Path, settings: &TenantSettings, rules: &Rules) -> Vec<Finding> {
    validate::validate(observation, path, settings, rules).0
}

/// The same for an observation that was made from something else, of which `place` tells where things stand in it.
pub fn validate_at(
    observation: &mut Observation,
    settings: &TenantSettings,
    rules: &Rules,
    place: impl Fn(ObservationField) -> Source,
) -> Vec<Finding> {
    validate::validate_at(observation, settings, rules, || place).0
}

/// What an adapter says of a file that cannot be used.
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

/// What findings call the file.
pub(in crate::adapter) fn display_name(path: &Path) -> Arc<str> {
    let text = path.to_string_lossy();
    Arc::from(if std::path::MAIN_SEPARATOR == '/' { text } else { text.replace('\\', "/").into() })
}

#[cfg(test)]
pub(crate) mod tests;
