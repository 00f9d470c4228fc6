//! Locations in source files.
//!
//! A [`Location`] is small enough to keep one for each of a million list items. A [`Source`] is its form in documents.
//! [`Files`] converts between them, and keeps the texts so that findings can quote a line after parsing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The index of a file in [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A location in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file.
    pub file: FileId,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Length in characters; 0 if unknown.
    pub length: u32,
}

/// A location in a file as documents show it.
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

/// A source file.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path relative to the manifest's folder, with `/`.
    pub name: Arc<str>,
    /// The path relative to the working directory.
    pub path: PathBuf,
    /// The text; empty if findings must not quote it.
    pub text: Arc<str>,
}

/// All source files, in the order of their [`FileId`].
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

    /// Returns the id of the next file to be added.
    pub fn next_id(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX))
    }

    /// Returns the file of an id.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Returns the file of a name.
    pub fn by_name(&self, name: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| &*file.name == name)
    }

    /// Returns all files in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// Converts a location to the form that documents show.
    pub fn source(&self, at: Location) -> Source {
        let file = self.get(at.file).map_or_else(|| Arc::from(""), |file| Arc::clone(&file.name));
        Source { file, line: at.line, column: at.column }
    }
}

/// Returns a path relative to `root`, with `/` as the separator on every system.
pub fn portable_name(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}
