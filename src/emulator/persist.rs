//! A tenant and knobs from files, and a tenant back into one.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{EmulatorConfig, default_tenant_settings};
use crate::adapter::LicenseSpelling;
use crate::adapter::file::state::{self, StateFileEncoding};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, Source, has_error};
use crate::manifest::yaml;
use crate::model::Observation;
use crate::profile::Rules;

/// The most bytes of a file of knobs.
const CONFIG_MAX_BYTES: u64 = 1 << 20;

/// A tenant that was read from a file, and how it was written there.
#[derive(Clone, Debug)]
pub struct SavedTenant {
    /// The tenant.
    pub observation: Observation,
    /// The form of the file.
    pub form: StateFileEncoding,
}

/// Reads a tenant of that vendor from an observation file.
///
/// # Errors
/// Everything that is wrong with the file, and that it is of another vendor.
pub fn load_tenant(path: &Path, vendor: &str) -> Result<SavedTenant, Vec<Finding>> {
    let observation = state::read_any(path)?;
    let settings = default_tenant_settings(&observation.tenant, vendor);
    let rules =
        Rules::resolve(&settings).map_err(|error| vec![Finding::error(&codes::WRONG_VENDOR, error.to_string())])?;
    let file = state::open(path, &settings, &rules)?;
    Ok(SavedTenant { observation: file.observation, form: file.encoding })
}

/// Writes a tenant into a file: a whole one, or none.
///
/// # Errors
/// When the system does not let us.
pub fn save_tenant(path: &Path, kept: &SavedTenant) -> io::Result<()> {
    let observation = &kept.observation;
    let text = state::encode(observation, observation.observed_at, &kept.form, &LicenseSpelling::default())?;
    state::replace_file(path, &text, || Ok::<(), state::FileWriteError>(())).map_err(|error| error.error)
}

/// Reads knobs from a file, YAML or JSON.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn load_config(path: &Path) -> Result<EmulatorConfig, Vec<Finding>> {
    let name: Arc<str> = path.to_string_lossy().into();
    let start = Source { file: Arc::clone(&name), line: 1, column: 1 };
    let unreadable = |message: String| {
        vec![Finding::error(&codes::UNREADABLE, message).help("check the path and its permissions").at(start.clone())]
    };
    let about = std::fs::metadata(path).map_err(|error| unreadable(format!("the knobs cannot be read: {error}")))?;
    if !about.is_file() {
        return Err(unreadable("the knobs are no regular file".to_owned()));
    }
    if about.len() > CONFIG_MAX_BYTES {
        let message = format!("the knobs are larger than {} MiB", CONFIG_MAX_BYTES >> 20);
        return Err(vec![Finding::error(&codes::TOO_LARGE, message).at(start)]);
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(format!("the knobs cannot be read: {error}")))?;
    let mut findings = Vec::new();
    let text = yaml::decode_text(&bytes, &name, &mut findings);
    let Some(text) = text.filter(|_| !has_error(&findings)) else { return Err(findings) };
    // A file without anything says nothing.
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(EmulatorConfig::default());
    }
    yaml::parse(text, &name)
}
