//! Places as people see them: the path opens the file from where they are, where the file was read.

use std::collections::BTreeMap;
use std::path::{Component, Path};

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
    shown: BTreeMap<&'a str, String>,
    files: BTreeMap<&'a str, &'a Path>,
}

impl<'a> Places<'a> {
    /// The places in those files.
    pub fn new(files: &'a Files) -> Self {
        let shown = files.iter().map(|file| (&*file.name, shown_path(&file.path))).collect();
        let files = files.iter().map(|file| (&*file.name, &*file.path)).collect();
        Self { shown, files }
    }

    /// `file:line`.
    pub fn line(&self, source: &Source) -> String {
        format!("{}:{}", self.file(source), source.line)
    }

    /// `file:line:column`.
    pub fn column(&self, source: &Source) -> String {
        format!("{}:{}:{}", self.file(source), source.line, source.column)
    }

    /// The path of its file for programs: with `/`, and nothing escaped.
    pub fn path(&self, source: &Source) -> String {
        self.path_of(&source.file)
    }

    /// The path for programs of the file of that name.
    pub fn path_of(&self, name: &str) -> String {
        let path = self.files.get(name).copied().unwrap_or(Path::new(name));
        let parts: Vec<_> = path.components().filter(|part| *part != Component::CurDir).collect();
        let parts: Vec<_> = parts.iter().map(|part| part.as_os_str().to_string_lossy()).collect();
        // The root is a part of its own, and is written as the `/` that follows it.
        parts.join("/").replacen("//", "/", 1)
    }

    fn file(&self, source: &Source) -> String {
        self.shown.get(&*source.file).map_or_else(|| escape(&source.file).into_owned(), Clone::clone)
    }
}
