//! The files of an import, which are written completely or not at all.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use super::super::error::WorkflowError;
use super::super::exit::Exit;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::manifest as codes;

/// A file to write.
pub(super) struct FileDraft {
    /// Its path.
    pub(super) path: PathBuf,
    /// Its current content; `None` for a new file.
    pub(super) old: Option<Vec<u8>>,
    /// Its new content.
    pub(super) new: Vec<u8>,
}

impl FileDraft {
    /// Returns the current text.
    pub(super) fn before(&self) -> Cow<'_, str> {
        self.old.as_deref().map_or(Cow::Borrowed(""), String::from_utf8_lossy)
    }
}

/// Returns the folder of a manifest.
pub(super) fn manifest_folder(manifest: &Path) -> PathBuf {
    if manifest.is_dir() {
        return manifest.to_owned();
    }
    let parent = manifest.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Returns the file for new entries: `out`, a file in the folder `out`, or the default.
///
/// # Errors
/// If the file would not be part of the manifest.
pub(super) fn target_file(manifest: &Path, tenant: &str, out: Option<&Path>) -> Result<PathBuf, WorkflowError> {
    if !manifest.is_dir() {
        return match out {
            Some(out) if out != manifest => {
                Err(outside_manifest(out, "the manifest is a single file; name its folder with `-m`"))
            }
            _ => Ok(manifest.to_owned()),
        };
    }
    let name: String = tenant
        .chars()
        .map(|letter| if letter.is_alphanumeric() || "-_".contains(letter) { letter } else { '-' })
        .collect();
    let own = format!("{name}.yaml");
    let path = match out {
        None if manifest == Path::new(".") => Path::new("assignments").join(own),
        None => manifest.join("assignments").join(own),
        Some(out) if is_yaml(out) => out.to_owned(),
        Some(out) => out.join(own),
    };
    relative_to_manifest(manifest, &path).map(|_| path)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Returns the path relative to the manifest's folder.
///
/// # Errors
/// If the path is outside or hidden.
pub(super) fn relative_to_manifest(folder: &Path, path: &Path) -> Result<PathBuf, WorkflowError> {
    let help = "name a file or folder inside the manifest's folder that is not hidden";
    let root = folder.canonicalize().map_err(|_| outside_manifest(path, help))?;
    let mut existing = path.parent().unwrap_or(Path::new(""));
    let mut missing = Vec::new();
    let real = loop {
        let probe = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
        if let Ok(real) = probe.canonicalize() {
            break real;
        }
        let Some(Component::Normal(name)) = existing.components().next_back() else {
            return Err(outside_manifest(path, help));
        };
        missing.push(name.to_owned());
        existing = existing.parent().unwrap_or(Path::new(""));
    };
    let full = missing.iter().rev().fold(real, |path, name| path.join(name)).join(path.file_name().unwrap_or_default());
    let relative = full.strip_prefix(&root).map_err(|_| outside_manifest(path, help))?;
    let is_hidden = |part: Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
    if relative.components().any(is_hidden) {
        return Err(outside_manifest(path, help));
    }
    Ok(relative.to_owned())
}

fn outside_manifest(path: &Path, help: &str) -> WorkflowError {
    let message = format!("`{}` is outside the manifest", path.display());
    WorkflowError::from_finding(Exit::Input, Finding::error(&codes::IMPORT_OUTSIDE_MANIFEST, message).help(help))
}

/// Writes all files or none.
///
/// # Errors
/// If a file cannot be written, or was changed since it was read; the files before it are restored.
pub(super) fn write(drafts: &[FileDraft]) -> Result<(), WorkflowError> {
    let mut staged = Vec::with_capacity(drafts.len());
    for draft in drafts {
        staged.push(stage(draft).map_err(|error| unwritable(&draft.path, &error))?);
    }
    for (index, file) in staged.into_iter().enumerate() {
        let draft = &drafts[index];
        if let Err(error) = persist(draft, file) {
            for done in &drafts[..index] {
                restore(done);
            }
            return Err(unwritable(&draft.path, &error));
        }
    }
    Ok(())
}

/// Resolves a link, so that the link itself stays.
fn resolve_link(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// Writes the new content to a temporary file beside the old one.
fn stage(draft: &FileDraft) -> io::Result<tempfile::NamedTempFile> {
    let target = resolve_link(&draft.path);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    let mut file = builder.prefix(".reseat-").tempfile_in(folder)?;
    file.write_all(&draft.new)?;
    match fs::metadata(&target) {
        Ok(about) => file.as_file().set_permissions(about.permissions())?,
        Err(_) => set_readable(file.as_file())?,
    }
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes a new file readable for everyone; temporary files are private.
#[cfg(unix)]
fn set_readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}

fn persist(draft: &FileDraft, file: tempfile::NamedTempFile) -> io::Result<()> {
    let target = resolve_link(&draft.path);
    match &draft.old {
        None => file.persist_noclobber(&target)?,
        Some(old) if fs::read(&target)? == *old => file.persist(&target)?,
        Some(_) => return Err(io::Error::other("it was changed since it was read")),
    };
    Ok(())
}

/// Restores the previous content of a file.
fn restore(draft: &FileDraft) {
    // Best effort: the error already names the file that failed.
    match &draft.old {
        None => drop(fs::remove_file(&draft.path)),
        Some(old) => {
            let back = FileDraft { path: draft.path.clone(), old: Some(draft.new.clone()), new: old.clone() };
            drop(stage(&back).and_then(|file| persist(&back, file)));
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> WorkflowError {
    let finding = Finding::error(&codes::FILE_UNWRITABLE, format!("cannot write `{}`: {error}", path.display()))
        .help("nothing was written; fix the cause and run `reseat import` again");
    WorkflowError::from_finding(Exit::Internal, finding)
}
