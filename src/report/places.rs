//! Places as people see them: the path opens the file from where they are, where the file was read.

use std::collections::BTreeMap;
use std::path::Path;

use super::escape::escape;
use crate::diagnostic::{Files, Source};

/// A path as people see it: without the `./` that says nothing, and safe to look at.
pub fn shown_path(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    escape(&path.to_string_lossy()).into_owned()
}

/// The paths of all files by the names that documents know them by.
#[derive(Debug, Default)]
pub struct Places<'a> {
    paths: BTreeMap<&'a str, String>,
}

impl<'a> Places<'a> {
    /// The places in those files.
    pub fn new(files: &'a Files) -> Self {
        let paths = files.iter().map(|file| (&*file.name, shown_path(&file.path))).collect();
        Self { paths }
    }

    /// `file:line`.
    pub fn line(&self, source: &Source) -> String {
        format!("{}:{}", self.file(source), source.line)
    }

    /// `file:line:column`.
    pub fn column(&self, source: &Source) -> String {
        format!("{}:{}:{}", self.file(source), source.line, source.column)
    }

    fn file(&self, source: &Source) -> String {
        self.paths.get(&*source.file).map_or_else(|| escape(&source.file).into_owned(), Clone::clone)
    }
}
