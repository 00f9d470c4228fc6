//! Where an import writes, and writing all of it or nothing.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use super::super::error::{WorkflowError, WorkflowErrorKind};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::manifest as codes;

/// A file that is to be written.
pub struct FileDraft {
    /// Where.
    pub(super) path: PathBuf,
    /// What is there now; `None` where nothing may be.
    pub(super) old: Option<Vec<u8>>,
    /// What is to be there.
    pub(super) new: Vec<u8>,
}

impl FileDraft {
    /// The text that is there now.
    pub fn before(&self) -> Cow<'_, str> {
        self.old.as_deref().map_or(Cow::Borrowed(""), String::from_utf8_lossy)
    }
}

/// The folder of a manifest.
pub(super) fn manifest_folder(manifest: &Path) -> PathBuf {
    if manifest.is_dir() {
        return manifest.to_owned();
    }
    let parent = manifest.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// The file for what stands nowhere yet: what is given, a file of the tenant's in a folder that is given, or the default.
///
/// # Errors
/// When it would be no part of the manifest.
pub(super) fn target_file(manifest: &Path, tenant: &str, out: Option<&Path>) -> Result<PathBuf, WorkflowError> {
    if !manifest.is_dir() {
        return match out {
            Some(out) if out != manifest => {
                Err(outside_manifest(out, "the manifest is one file: give its folder with `-m`"))
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

/// The path below the manifest's folder.
///
/// # Errors
/// When it leads elsewhere, or to where no manifest is read.
pub(super) fn relative_to_manifest(folder: &Path, path: &Path) -> Result<PathBuf, WorkflowError> {
    let help = "name a file or folder below the manifest's, and none that is hidden";
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
    let whole =
        missing.iter().rev().fold(real, |path, name| path.join(name)).join(path.file_name().unwrap_or_default());
    let relative = whole.strip_prefix(&root).map_err(|_| outside_manifest(path, help))?;
    let is_hidden = |part: Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
    if relative.components().any(is_hidden) {
        return Err(outside_manifest(path, help));
    }
    Ok(relative.to_owned())
}

fn outside_manifest(path: &Path, help: &str) -> WorkflowError {
    let message = format!("`{}` would be no part of the manifest", path.display());
    WorkflowError::from_finding(
        WorkflowErrorKind::Input,
        Finding::error(&codes::IMPORT_OUTSIDE_MANIFEST, message).help(help),
    )
}

/// Writes all files or none.
///
/// # Errors
/// When one of them cannot be written, or changed since it was read; those before it are as they were.
pub fn write(drafts: &[FileDraft]) -> Result<(), WorkflowError> {
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

/// The file that a path leads to; a link stays one.
fn resolve_link(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The new file, whole, beside the old one.
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

/// A new manifest file is for everybody to read; temporary files are not.
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
        Some(_) => return Err(io::Error::other("somebody changed it meanwhile")),
    };
    Ok(())
}

/// Makes a file as it was.
fn restore(draft: &FileDraft) {
    // Nothing more can be done where that fails; the message names the file that could not be written.
    match &draft.old {
        None => drop(fs::remove_file(&draft.path)),
        Some(old) => {
            let back = FileDraft { path: draft.path.clone(), old: Some(draft.new.clone()), new: old.clone() };
            drop(stage(&back).and_then(|file| persist(&back, file)));
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> WorkflowError {
    let finding = Finding::error(&codes::FILE_UNWRITABLE, format!("`{}` cannot be written: {error}", path.display()))
        .help("nothing was written; mend it and run `reseat import` again");
    WorkflowError::from_finding(WorkflowErrorKind::Internal, finding)
}
