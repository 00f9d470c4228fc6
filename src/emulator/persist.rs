//! Reading and writing of the tenant and the configuration.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::config::EmulatorConfig;
use super::tenant::tenant_settings;
use crate::adapter::LicenseSpelling;
use crate::adapter::file::state::{self, StateFileEncoding};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, Source, has_error};
use crate::manifest::yaml;
use crate::model::Observation;
use crate::profile::Rules;

/// The most bytes of a configuration file.
const CONFIG_MAX_BYTES: u64 = 1 << 20;

/// A tenant and the encoding of its file.
#[derive(Clone, Debug)]
pub struct SavedTenant {
    /// The tenant.
    pub observation: Observation,
    /// The encoding of the file.
    pub(crate) encoding: StateFileEncoding,
}

/// Reads a tenant of the vendor from an observation file.
///
/// # Errors
/// All problems of the file, including another vendor.
pub fn load_tenant(path: &Path, vendor: &str) -> Result<SavedTenant, Vec<Finding>> {
    let observation = state::read_any(path)?;
    let settings = tenant_settings(&observation.tenant, vendor, &EmulatorConfig::default());
    let rules =
        Rules::resolve(&settings).map_err(|error| vec![Finding::error(&codes::WRONG_VENDOR, error.to_string())])?;
    let file = state::open(path, &settings, &rules)?;
    Ok(SavedTenant { observation: file.observation, encoding: file.encoding })
}

/// Writes a tenant to a file atomically.
///
/// # Errors
/// If the file cannot be written.
pub fn save_tenant(path: &Path, saved: &SavedTenant) -> io::Result<()> {
    let observation = &saved.observation;
    let text = state::encode(observation, observation.observed_at, &saved.encoding, &LicenseSpelling::default())?;
    state::replace_file(path, &text, || Ok::<(), state::FileWriteError>(())).map_err(|error| error.error)
}

/// Reads a configuration from a YAML or JSON file.
///
/// # Errors
/// All problems of the file.
pub fn load_config(path: &Path) -> Result<EmulatorConfig, Vec<Finding>> {
    let name: Arc<str> = path.to_string_lossy().into();
    let start = Source { file: Arc::clone(&name), line: 1, column: 1 };
    let unreadable = |message: String| {
        vec![Finding::error(&codes::UNREADABLE, message).help("check the path and its permissions").at(start.clone())]
    };
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(format!("the knobs cannot be read: {error}")))?;
    if !metadata.is_file() {
        return Err(unreadable("the knobs are not a regular file".to_owned()));
    }
    if metadata.len() > CONFIG_MAX_BYTES {
        let message = format!("the knobs are larger than {} MiB", CONFIG_MAX_BYTES >> 20);
        return Err(vec![Finding::error(&codes::TOO_LARGE, message).at(start)]);
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(format!("the knobs cannot be read: {error}")))?;
    let mut findings = Vec::new();
    let text = yaml::decode_text(&bytes, &name, &mut findings);
    let Some(text) = text.filter(|_| !has_error(&findings)) else { return Err(findings) };
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(EmulatorConfig::default());
    }
    yaml::parse(text, &name)
}
