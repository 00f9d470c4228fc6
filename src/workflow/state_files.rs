//! Folders of state files, which `observe --out` writes and `--state` reads: one file per tenant.
//!
//! A job with credentials hands them to a job without. Every file is written completely or not at all, and no tenant name
//! leads outside the folder. A folder is read one level deep, in the order of its names.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use smol_str::SmolStr;

use super::atomic_file;
use super::error::WorkflowError;
use super::exit::Exit;
use crate::adapter::LicenseSpelling;
use crate::adapter::file::state::{self, StateFileEncoding};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, Source};
use crate::model::Observation;
use crate::report::json;

/// Most state files of a folder.
const FILES_MAX: usize = 10_000;

/// Observations by tenant.
pub type Observations = BTreeMap<SmolStr, Observation>;

/// Returns an observation as the text of a state file.
///
/// # Errors
/// Never for a valid observation.
pub fn to_text(observation: &Observation, is_json: bool) -> io::Result<String> {
    if is_json {
        return Ok(json::pretty(observation)?);
    }
    let encoding = StateFileEncoding::Yaml { header: String::new() };
    let bytes = state::encode(observation, observation.observed_at, &encoding, &LicenseSpelling::default())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes each observation to a file named after its tenant, and creates the folder if needed.
///
/// # Errors
/// If a file cannot be written.
pub fn write(observations: &Observations, folder: &Path, is_json: bool) -> Result<Vec<PathBuf>, WorkflowError> {
    let failed = |path: &Path, error: io::Error| {
        let message = format!("cannot write `{}`: {error}", path.display());
        let finding = Finding::error(&codes::STATE_UNWRITABLE, message).help("name a writable folder");
        WorkflowError::from_finding(Exit::Internal, finding)
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let extension = if is_json { "json" } else { "yaml" };
    let mut written = Vec::new();
    for (tenant, observation) in observations {
        let path = folder.join(format!("{}.{extension}", file_name(tenant)));
        let text = to_text(observation, is_json);
        text.and_then(|text| atomic_file::replace(&path, text.as_bytes(), None))
            .map_err(|error| failed(&path, error))?;
        written.push(path);
    }
    Ok(written)
}

/// Returns a file name for a tenant that is unique, not hidden, and stays in the folder.
fn file_name(tenant: &str) -> String {
    let mut name = String::new();
    for (at, letter) in tenant.char_indices() {
        if letter.is_alphanumeric() || letter == '-' || letter == '_' || (letter == '.' && at > 0) {
            name.push(letter);
        } else {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                // Writing to a string cannot fail.
                let _ = write!(name, "%{byte:02X}");
            }
        }
    }
    name
}

/// Replaces each folder by its state files, and returns findings for folders that cannot be used.
pub(super) fn expand_paths(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Finding>) {
    let mut files = Vec::new();
    let mut findings = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let unusable = |message: String, help: &str| {
            let source = Source { file: Arc::from(&*path.to_string_lossy()), line: 1, column: 1 };
            Finding::error(&codes::UNREADABLE, message).help(help).at(source)
        };
        match files_in_folder(path) {
            Err(error) => {
                let message = format!("cannot read the folder of state files: {error}");
                findings.push(unusable(message, "check the path and its permissions"));
            }
            Ok(found) if found.is_empty() => {
                let help = "write state files with `reseat observe --out DIR`";
                findings.push(unusable("the folder contains no state file".to_owned(), help));
            }
            Ok(found) if found.len() > FILES_MAX => {
                let message = format!("the folder contains more than {FILES_MAX} state files");
                findings.push(unusable(message, "keep state files in a separate folder"));
            }
            Ok(found) => files.extend(found),
        }
    }
    (files, findings)
}

/// Returns the state files of a folder in byte order of their names, without hidden ones.
fn files_in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let bytes = name.as_encoded_bytes();
        let is_state = [&b".yaml"[..], b".yml", b".json"].iter().any(|extension| bytes.ends_with(extension));
        if is_state && !bytes.starts_with(b".") {
            names.push(name);
        }
        if names.len() > FILES_MAX {
            break;
        }
    }
    names.sort_by(|a, b| a.as_encoded_bytes().cmp(b.as_encoded_bytes()));
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observation(tenant: &str) -> Observation {
        Observation::empty(tenant, "generic", "2026-11-21T10:00:00Z".parse().unwrap())
    }

    #[test]
    fn tenant_file_names_are_distinct_and_stay_in_the_folder() {
        for (tenant, name) in [
            ("phones", "phones"),
            ("../etc/passwd", "%2E.%2Fetc%2Fpasswd"),
            (".git", "%2Egit"),
            ("a b", "a%20b"),
            ("a%20b", "a%2520b"),
            ("büro.eu", "büro.eu"),
        ] {
            assert_eq!(file_name(tenant), name);
        }
    }

    #[test]
    fn written_files_are_listed_in_order_without_others() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("new/state");
        let observations = ["wiki", "../phones"].map(|name| (name.into(), observation(name))).into_iter().collect();
        write(&observations, &out, false).unwrap();
        write(&["chat"].map(|name| (name.into(), observation(name))).into_iter().collect(), &out, true).unwrap();
        fs::write(out.join(".hidden.yaml"), "no").unwrap();
        fs::write(out.join("README.md"), "no").unwrap();
        let (files, findings) = expand_paths(std::slice::from_ref(&out));
        assert_eq!(findings, []);
        let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
        assert_eq!(names, ["%2E.%2Fphones.yaml", "chat.json", "wiki.yaml"]);
        let read: Vec<_> = files.iter().map(|file| state::read_any(file).unwrap().tenant).collect();
        assert_eq!(read, ["../phones", "chat", "wiki"]);
    }

    #[cfg(unix)]
    #[test]
    fn symlink_in_the_folder_is_replaced_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let victim = folder.path().join("victim");
        fs::write(&victim, "mine").unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join("wiki.yaml")).unwrap();
        let observations = [("wiki".into(), observation("wiki"))].into_iter().collect();
        write(&observations, folder.path(), false).unwrap();
        assert_eq!(fs::read_to_string(victim).unwrap(), "mine");
    }

    #[test]
    fn folder_without_state_files_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (files, findings) = expand_paths(&[folder.path().to_owned(), "gone.yaml".into()]);
        assert_eq!(files, [PathBuf::from("gone.yaml")], "a missing file is reported when it is read");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].code, codes::UNREADABLE.id);
    }
}
