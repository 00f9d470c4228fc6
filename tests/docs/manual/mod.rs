//! The manual: every session is run, every file is valid, every command exists.
//!
//! A page of the manual is a session in an empty folder: a block with a path above it is a file, a
//! `console` block is a session, and its output is compared byte for byte (`RESEAT_UPDATE=1` records it again).
//! `tidy` checks links. No page shows output that was not produced, and the contents list each page once.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read a page has to stop")]

mod commands;
mod contents;
mod manifests;
mod sessions;
mod tables;

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the folder of `Cargo.toml`.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns every page below a folder, in order of path.
fn pages(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = Path::new(folder).join(entry.file_name()).to_str().unwrap().replace('\\', "/");
        if entry.file_type().unwrap().is_dir() {
            found.extend(pages(&path));
        } else if path.ends_with(".md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Returns all pages: those at the top, the manual, and those of the examples.
fn all_pages() -> Vec<String> {
    let mut found: Vec<String> = ["CHANGELOG.md", "CONTRIBUTING.md", "README.md"].map(str::to_owned).to_vec();
    found.extend(pages("docs"));
    found.extend(pages("examples"));
    found
}

/// Returns each fenced block of a page with its language and the line of its fence.
fn blocks(page: &str) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        if let Some((fence, language)) = crate::examples::console::opening(line) {
            let text: Vec<&str> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != fence).collect();
            found.push((index + 1, language.to_owned(), text.join("\n") + "\n"));
        }
    }
    found
}
