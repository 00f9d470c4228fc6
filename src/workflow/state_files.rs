//! Folders of state files: what `observe --out` writes and `--state` takes, a file a tenant.
//!
//! It stands apart from asking and planning because it is what is handed from the job that has a credential to the one that
//! has none. What must hold: a file is whole or not there, and nothing outside the folder is written, whatever a tenant is
//! called; a folder is read one level deep, in the order of its names, and has a limit.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{WorkflowError, WorkflowErrorKind};
use super::plan::Observations;
use crate::adapter::LicenseSpelling;
use crate::adapter::file::state::{self, StateFileEncoding};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, Source};
use crate::model::Observation;
use crate::report::json;

/// Most state files of a folder; nobody has that many tenants.
const FILES_MAX: usize = 10_000;

/// How state files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateFileFormat {
    /// For people.
    Yaml,
    /// For programs, and read faster where a tenant is large.
    Json,
}

impl StateFileFormat {
    fn extension(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
        }
    }
}

/// An observation as a state file.
///
/// # Errors
/// When it has no such form, which would be a mistake of ours.
pub fn to_text(observation: &Observation, form: StateFileFormat) -> io::Result<String> {
    match form {
        StateFileFormat::Json => Ok(json::pretty(observation)?),
        StateFileFormat::Yaml => {
            let form = StateFileEncoding::Yaml { header: String::new() };
            let bytes = state::encode(observation, observation.observed_at, &form, &LicenseSpelling::default())?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        }
    }
}

/// Writes each observation to a file of its tenant's name in `folder`, which is made where it is not there.
///
/// # Errors
/// When something cannot be written; each file that is there is whole.
pub fn write(observations: &Observations, folder: &Path, form: StateFileFormat) -> Result<Vec<PathBuf>, WorkflowError> {
    let failed = |path: &Path, error: io::Error| {
        let message = format!("`{}` cannot be written: {error}", path.display());
        let help = "name a folder that can be made or written to";
        WorkflowError::from_finding(
            WorkflowErrorKind::Internal,
            Finding::error(&codes::STATE_UNWRITABLE, message).help(help),
        )
    };
    fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let mut written = Vec::new();
    for (tenant, observation) in observations {
        let path = folder.join(format!("{}.{}", file_name(tenant), form.extension()));
        let write = || -> io::Result<()> {
            let text = to_text(observation, form)?;
            let mut file = tempfile::Builder::new().prefix(".reseat-").tempfile_in(folder)?;
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            // What was there is replaced and not followed: it may be a link.
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|error| failed(&path, error))?;
        written.push(path);
    }
    Ok(written)
}

/// A tenant's name as that of a file: two tenants never have the same, and none is hidden or leads elsewhere.
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

/// Those paths, with the state files of each folder in its place; and what is wrong with a folder.
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
                let message = format!("the folder of state files cannot be read: {error}");
                findings.push(unusable(message, "check the path and its permissions"));
            }
            Ok(found) if found.is_empty() => {
                let help = "write them with `reseat observe --out DIR`";
                findings.push(unusable("the folder holds no state file".to_owned(), help));
            }
            Ok(found) if found.len() > FILES_MAX => {
                let message = format!("the folder holds more than {FILES_MAX} state files");
                findings.push(unusable(message, "keep the state files in a folder of their own"));
            }
            Ok(found) => files.extend(found),
        }
    }
    (files, findings)
}

/// The state files of a folder, in byte order of their names; hidden ones are passed over.
fn files_in_folder(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let bytes = name.as_encoded_bytes();
        let is_state = [&b".yaml"[..], b".yml", b".json"].iter().any(|ending| bytes.ends_with(ending));
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
        write(&observations, &out, StateFileFormat::Yaml).unwrap();
        write(
            &["chat"].map(|name| (name.into(), observation(name))).into_iter().collect(),
            &out,
            StateFileFormat::Json,
        )
        .unwrap();
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
        write(&observations, folder.path(), StateFileFormat::Yaml).unwrap();
        assert_eq!(fs::read_to_string(victim).unwrap(), "mine");
    }

    #[test]
    fn folder_without_state_files_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let (files, findings) = expand_paths(&[folder.path().to_owned(), "gone.yaml".into()]);
        assert_eq!(files, [PathBuf::from("gone.yaml")], "what is no folder is for the reader to tell");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].code, codes::UNREADABLE.id);
    }
}
