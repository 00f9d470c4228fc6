//! The files of the repository, without build output.

use std::fs;
use std::path::{Path, PathBuf};

/// Generated folders; in a linked work tree, `.git` is a file.
const BUILT: [&str; 3] = ["target", ".git", ".reseat"];

/// One file with its path relative to the repository, with `/`.
pub(crate) struct File {
    /// The path, such as `src/lib.rs`.
    pub(crate) path: String,
    /// The text; `None` if it is not UTF-8.
    pub(crate) text: Option<String>,
}

/// Returns the folder of `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every file below `folder` (`""` for all), in order of path.
pub(crate) fn files(folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    walk(&root(), Path::new(folder), &mut found);
    assert!(!found.is_empty(), "`{folder}` holds no file: the rule would pass on nothing");
    found
}

/// Returns every Rust file below `folder`.
pub(crate) fn rust_files(folder: &str) -> Vec<File> {
    files(folder).into_iter().filter(|file| file.path.ends_with(".rs")).collect()
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<File>) {
    let mut names: Vec<_> = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    for name in names.into_iter().filter(|name| !BUILT.iter().any(|built| name == *built)) {
        let path = folder.join(&name);
        let kind = fs::symlink_metadata(root.join(&path)).unwrap();
        if kind.is_dir() {
            walk(root, &path, found);
        } else if kind.is_file() {
            let text = String::from_utf8(fs::read(root.join(&path)).unwrap()).ok();
            found.push(File { path: path.to_str().unwrap().replace('\\', "/"), text });
        }
    }
}
