//! Vendor names appear only in the vendors' own modules.

use super::assert_none;
use super::source::Source;
use super::tree::{root, rust_files};

/// The spellings of vendors in identifiers and texts, in lower case.
const SPELLINGS: [&str; 9] = [
    "avaya",
    "8x8",
    "eightxeight",
    "eight_x_eight",
    "eight_by_eight",
    "officeseries",
    "office_series",
    "aads",
    "essential",
];

/// Returns whether a file may name vendors.
fn is_at_home(path: &str) -> bool {
    let folders: Vec<&str> = path.split('/').collect();
    match folders.as_slice() {
        ["src", "profile", ..] => true,
        ["src", "adapter" | "emulator", folder, _, ..] => {
            SPELLINGS.iter().any(|spelling| folder.to_lowercase().contains(spelling))
        }
        _ => false,
    }
}

/// Returns whether a token is a vendor's module name in one of the two registries.
fn is_folder(path: &str, word: &str) -> bool {
    let Some((parent, file)) = path.rsplit_once('/') else { return false };
    ["src/adapter", "src/emulator"].contains(&parent)
        && ["mod.rs", "registry.rs"].contains(&file)
        && is_at_home(&format!("{parent}/{word}/mod.rs"))
        && root().join(parent).join(word).is_dir()
}

#[test]
fn vendor_names_stay_in_vendor_modules() {
    let mut breaches = Vec::new();
    for source in rust_files("src").iter().filter(|file| !is_at_home(&file.path)).filter_map(Source::read) {
        for token in source.tokens.iter().filter(|token| !is_folder(&source.path, &token.text)) {
            let text = token.text.to_lowercase();
            if let Some(spelling) = SPELLINGS.iter().find(|spelling| text.contains(*spelling)) {
                breaches.push(format!("{}: `{spelling}` belongs in `profile/`", source.place(token)));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn every_vendor_has_a_spelling() {
    let lacks = |name: &&str| !SPELLINGS.iter().any(|spelling| name.contains(spelling));
    let missing: Vec<String> =
        reseat::profile::names().filter(|name| *name != "generic").filter(lacks).map(str::to_owned).collect();
    assert_none(&missing);
}

#[test]
fn vendor_modules_are_recognized() {
    assert!(is_at_home("src/profile/definition.rs"));
    assert!(is_at_home("src/adapter/eightxeight/client.rs"));
    assert!(!is_at_home("src/adapter/file/mod.rs"));
    assert!(!is_at_home("src/plan/mod.rs"));
}
