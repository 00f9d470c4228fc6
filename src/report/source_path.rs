//! Source locations with paths that open from the working directory.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::escape::escape;
use crate::diagnostic::{Files, Source};

/// Returns a path for display, without a leading `./`.
pub fn display_path(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    escape(&path.to_string_lossy()).into_owned()
}

/// The paths of all manifest files by their names in documents.
#[derive(Debug, Default)]
pub struct SourcePaths<'a> {
    display_paths: BTreeMap<&'a str, String>,
    file_paths: BTreeMap<&'a str, &'a Path>,
}

impl<'a> SourcePaths<'a> {
    /// Returns the paths of those files.
    pub fn new(files: &'a Files) -> Self {
        let shown = files.iter().map(|file| (&*file.name, display_path(&file.path))).collect();
        let files = files.iter().map(|file| (&*file.name, &*file.path)).collect();
        Self { display_paths: shown, file_paths: files }
    }

    /// Returns `file:line`.
    pub fn file_line(&self, source: &Source) -> String {
        format!("{}:{}", self.display_file(source), source.line)
    }

    /// Returns `file:line:column`.
    pub fn file_line_column(&self, source: &Source) -> String {
        format!("{}:{}:{}", self.display_file(source), source.line, source.column)
    }

    /// Returns the unescaped path for programs, with `/`.
    pub fn raw_path(&self, source: &Source) -> String {
        self.raw_path_of(&source.file)
    }

    /// Returns the unescaped path of the named file.
    pub fn raw_path_of(&self, name: &str) -> String {
        let path = self.file_paths.get(name).copied().unwrap_or(Path::new(name));
        let parts: Vec<_> = path.components().filter(|part| *part != Component::CurDir).collect();
        let parts: Vec<_> = parts.iter().map(|part| part.as_os_str().to_string_lossy()).collect();
        // The root is a component of its own, followed by another `/`.
        parts.join("/").replacen("//", "/", 1)
    }

    fn display_file(&self, source: &Source) -> String {
        self.display_paths.get(&*source.file).map_or_else(|| escape(&source.file).into_owned(), Clone::clone)
    }
}
