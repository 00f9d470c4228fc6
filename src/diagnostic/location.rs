//! Where something stands in a file that was read.
//!
//! A [`Location`] is small enough to keep one for each of a million list items; a [`Source`] is what documents
//! and people see. [`Files`] turns the one into the other, and keeps the texts so that a finding made long after
//! parsing can still show its line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file that was read, by its place in [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A place in a file: 1-based line and column (in characters), and how many characters it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Length in characters; 0 when it is not known.
    pub length: u32,
}

/// A place in a file as documents show it; the path is relative to the manifest's folder, with `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Path relative to the manifest's folder.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One file that was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path relative to the manifest's folder, with `/`.
    pub name: Arc<str>,
    /// The path that opens it from the working directory.
    pub path: PathBuf,
    /// The whole text; empty when it is not to be shown.
    pub text: Arc<str>,
}

/// All files that were read, in the order of their [`FileId`].
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: Vec<SourceFile>,
}

impl Files {
    /// Adds a file and returns its id.
    pub fn add(&mut self, name: impl Into<Arc<str>>, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> FileId {
        let id = self.next_id();
        self.files.push(SourceFile { name: name.into(), path: path.into(), text: text.into() });
        id
    }

    /// The id of the file that is added next.
    pub fn next_id(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX))
    }

    /// The file of that id, if there is one.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The file that was read under that name.
    pub fn by_name(&self, name: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| &*file.name == name)
    }

    /// All files in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// The place as documents show it.
    pub fn source(&self, at: Location) -> Source {
        let file = self.get(at.file).map_or_else(|| Arc::from(""), |file| Arc::clone(&file.name));
        Source { file, line: at.line, column: at.column }
    }
}

/// A path below `root` with `/` between its parts, whatever the system writes.
pub fn portable_name(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
