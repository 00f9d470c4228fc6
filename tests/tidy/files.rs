//! Length, documentation and location of files.

use super::assert_none;
use super::tree::{File, files, root, rust_files};

/// The maximum number of lines of a Rust file.
const MOST_LINES: usize = 400;

/// The allowed top-level files and folders, in addition to dot files of tools.
const TOP: [&str; 13] = [
    "benches",
    "Cargo.lock",
    "Cargo.toml",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs",
    "examples",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "schemas",
    "src",
    "tests",
];

fn rust() -> Vec<File> {
    files("").into_iter().filter(|file| file.path.ends_with(".rs")).collect()
}

#[test]
fn files_are_short() {
    let mut breaches = Vec::new();
    for file in rust() {
        let lines = file.text.unwrap_or_default().lines().count();
        if lines > MOST_LINES {
            breaches.push(format!("{}: {lines} lines, at most {MOST_LINES}", file.path));
        }
    }
    assert_none(&breaches);
}

#[test]
fn every_module_is_documented() {
    let mut breaches = Vec::new();
    for file in rust() {
        let text = file.text.unwrap_or_default();
        let documented = text
            .lines()
            .find(|line| !line.trim().is_empty())
            .is_some_and(|line| line.strip_prefix("//!").is_some_and(|doc| doc.trim().len() > 10));
        let test_module = file.path.ends_with("/tests.rs");
        if !documented && !test_module {
            breaches.push(format!("{}: opens without `//!` documentation", file.path));
        }
    }
    assert_none(&breaches);
}

#[test]
fn top_level_has_only_allowed_files() {
    let mut breaches = Vec::new();
    for entry in std::fs::read_dir(root()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.starts_with('.') && name != "target" && !TOP.contains(&name.as_str()) {
            breaches.push(format!("{name}: does not belong at the top"));
        }
    }
    assert_none(&breaches);
}

#[test]
fn module_names_are_specific() {
    const EMPTY: [&str; 12] = [
        "common", "handler", "handlers", "helper", "helpers", "imp", "manager", "managers", "misc", "shared", "util",
        "utils",
    ];
    let mut breaches = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        for part in file.path.trim_end_matches(".rs").split('/') {
            if EMPTY.iter().any(|name| part == *name || part.ends_with(&format!("_{name}"))) {
                breaches.push(format!("{}: `{part}` does not say what is in it", file.path));
            }
        }
    }
    assert_none(&breaches);
}
