//! Discovery of manifest files, and resolution of paths in a manifest.
//!
//! Invariants: nothing outside the manifest's folder is read, also through links; the walk terminates; the order of files does not
//! depend on the operating system.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::yaml;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Finding, Source, portable_name};

/// The maximum number of files, and of nested folders.
const FILES_MAX: usize = 100_000;
const DEPTH_MAX: usize = 64;

/// A manifest file.
pub(super) struct DiscoveredFile {
    /// The path from the working directory.
    pub(super) path: PathBuf,
    /// The path relative to the folder, with `/`.
    pub(super) name: Arc<str>,
}

/// The folder of a manifest.
pub(super) struct ManifestFolder {
    /// The path from the working directory.
    pub(super) path: PathBuf,
    /// The path without links; every file must be inside it.
    canonical: PathBuf,
    /// The prefix of file names.
    prefix: &'static str,
    /// The file or folder of another manifest, without links.
    excluded: Option<PathBuf>,
}

impl ManifestFolder {
    /// Opens the folder of the manifest at a path: a folder, or a file in it.
    pub(super) fn open(manifest: &Path) -> io::Result<Self> {
        let path = if fs::metadata(manifest)?.is_dir() {
            manifest.to_owned()
        } else {
            match manifest.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
                _ => PathBuf::from("."),
            }
        };
        let real = path.canonicalize()?;
        Ok(Self { path, canonical: real, prefix: "", excluded: None })
    }

    /// Prefixes file names so that they differ from those of any other folder, which never contain `//`.
    pub(super) fn trusted(self) -> Self {
        Self { prefix: "trusted://", ..self }
    }

    /// Excludes another manifest, which may be inside the folder.
    pub(super) fn without(self, other: &Path) -> Self {
        let foreign = other.canonicalize().ok().filter(|real| *real != self.canonical);
        Self { excluded: foreign, ..self }
    }

    /// Returns the name of a file in the folder.
    pub(super) fn name(&self, path: &Path) -> Arc<str> {
        Arc::from(format!("{}{}", self.prefix, portable_name(&self.path, path)))
    }

    /// Returns the files of the manifest at a path, in byte order of their names.
    pub(super) fn files(&self, manifest: &Path, findings: &mut Vec<Finding>) -> Vec<DiscoveredFile> {
        if !manifest.is_dir() {
            let name = manifest.file_name().map_or_else(Default::default, |name| name.to_string_lossy());
            return vec![DiscoveredFile {
                path: manifest.to_owned(),
                name: Arc::from(format!("{}{name}", self.prefix)),
            }];
        }
        let mut walk = FolderWalk {
            folder: self,
            files: Vec::new(),
            folders: BTreeSet::new(),
            real_files: BTreeSet::new(),
            findings,
        };
        walk.walk_folder(&self.path, &self.canonical, 0);
        let mut files = walk.files;
        if files.len() > FILES_MAX {
            findings
                .push(Finding::error(&codes::LIMIT_EXCEEDED, format!("the manifest has more than {FILES_MAX} files")));
            files.clear();
        }
        files.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
        files
    }

    /// Resolves a path in the file `holder`; the target need not exist.
    pub(super) fn resolve(&self, holder: &Path, text: &str) -> Result<PathBuf, PathError> {
        let given = Path::new(text);
        if text.is_empty() || text.contains('\0') {
            return Err(PathError::NotAFile);
        }
        if given.components().any(|part| matches!(part, Component::RootDir | Component::Prefix(_))) {
            return Err(PathError::Outside);
        }
        let base = holder.parent().unwrap_or(Path::new(""));
        let path = normalize(&base.join(given));
        // If the target does not exist, its nearest existing folder must be inside.
        let mut existing = path.as_path();
        let real = loop {
            let probe = if existing.as_os_str().is_empty() { Path::new(".") } else { existing };
            match probe.canonicalize() {
                Ok(real) => break real,
                // A dangling link could point anywhere later.
                Err(_) if fs::symlink_metadata(probe).is_ok() => return Err(PathError::NotAFile),
                Err(_) => match existing.parent() {
                    Some(parent) => existing = parent,
                    None => return Err(PathError::Outside),
                },
            }
        };
        if !real.starts_with(&self.canonical) {
            return Err(PathError::Outside);
        }
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => Ok(path),
            Ok(_) => Err(PathError::NotAFile),
            Err(_) => Ok(path),
        }
    }
}

/// Why a path in a manifest is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathError {
    /// The path is outside the folder.
    Outside,
    /// The target is not a regular file.
    NotAFile,
}

/// Removes `.`, and `..` after a folder name.
fn normalize(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(tidy.components().next_back(), Some(Component::Normal(_))) => {
                tidy.pop();
            }
            part => tidy.push(part),
        }
    }
    tidy
}

struct FolderWalk<'a> {
    folder: &'a ManifestFolder,
    files: Vec<DiscoveredFile>,
    folders: BTreeSet<PathBuf>,
    real_files: BTreeSet<PathBuf>,
    findings: &'a mut Vec<Finding>,
}

impl FolderWalk<'_> {
    fn report(&mut self, path: &Path, code: &'static crate::diagnostic::Code, message: String, help: &str) {
        let file = self.folder.name(path);
        self.findings.push(Finding::error(code, message).help(help).at(Source { file, line: 1, column: 1 }));
    }

    fn walk_folder(&mut self, path: &Path, real: &Path, depth: usize) {
        if depth > DEPTH_MAX {
            self.report(
                path,
                &codes::LIMIT_EXCEEDED,
                format!("folders are nested more than {DEPTH_MAX} deep"),
                "flatten them",
            );
            return;
        }
        if self.folder.excluded.as_deref() == Some(real) {
            return;
        }
        if self.files.len() > FILES_MAX || !self.folders.insert(real.to_owned()) {
            return;
        }
        let entries = fs::read_dir(path).and_then(|entries| {
            entries.map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?)))).collect()
        });
        let mut entries: Vec<_> = match entries {
            Ok(entries) => entries,
            Err(error) => {
                self.report(path, &codes::UNREADABLE, format!("unreadable folder: {error}"), "check its permissions");
                return;
            }
        };
        entries.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (name, kind) in entries {
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let is_yaml = [&b".yaml"[..], b".yml"].iter().any(|end| name.as_encoded_bytes().ends_with(end));
            let entry = path.join(&name);
            if kind.is_dir() {
                self.walk_folder(&entry, &real.join(&name), depth + 1);
            } else if kind.is_symlink() {
                self.follow_link(&entry, real, is_yaml, depth);
            } else if is_yaml && kind.is_file() {
                self.add(entry, real.join(&name));
            } else if is_yaml {
                let message = "not a regular file".to_owned();
                self.report(&entry, &codes::NOT_A_FILE, message, "remove or rename it");
            }
        }
    }

    fn add(&mut self, path: PathBuf, real: PathBuf) {
        // A link next to its target is one file.
        if self.folder.excluded.as_ref() != Some(&real) && self.real_files.insert(real) {
            let name = self.folder.name(&path);
            self.files.push(DiscoveredFile { path, name });
        }
    }

    fn follow_link(&mut self, link: &Path, real_parent: &Path, is_yaml: bool, depth: usize) {
        let target = match link.canonicalize() {
            Ok(target) => target,
            Err(error) if !is_yaml && error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => {
                let message = format!("broken link: {error}");
                self.report(link, &codes::NOT_A_FILE, message, "fix or remove the link");
                return;
            }
        };
        let is_dir = target.is_dir();
        if !is_dir && !is_yaml {
            return;
        }
        if !target.starts_with(&self.folder.canonical) {
            let message = "the link points outside the manifest's folder".to_owned();
            self.report(link, &codes::PATH_OUTSIDE_MANIFEST, message, "copy the file into the folder");
        } else if is_dir && real_parent.starts_with(&target) {
            let message = "the link points to a folder that contains it".to_owned();
            self.report(link, &codes::SYMLINK_LOOP, message, "remove the link");
        } else if is_dir {
            self.walk_folder(link, &target, depth + 1);
        } else if target.is_file() {
            self.add(link.to_owned(), target);
        } else {
            let message = "not a regular file".to_owned();
            self.report(link, &codes::NOT_A_FILE, message, "remove or rename it");
        }
    }
}

/// Reads a file up to the size limit; reports a file that is larger or unreadable.
pub(super) fn read_bytes(path: &Path, name: &Arc<str>, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
    let read = || -> io::Result<Option<Vec<u8>>> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        if size > yaml::FILE_MAX_BYTES {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        file.take(yaml::FILE_MAX_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    };
    match read() {
        Ok(Some(bytes)) => Some(bytes),
        Ok(None) => {
            findings.push(yaml::too_large_finding(name));
            None
        }
        Err(error) => {
            let source = Source { file: Arc::clone(name), line: 1, column: 1 };
            findings.push(Finding::error(&codes::UNREADABLE, format!("unreadable file: {error}")).at(source));
            None
        }
    }
}
