//! The catalog of finding codes: each code is unique, declared in one file, and shown by a test.

use std::collections::{BTreeMap, BTreeSet};

use reseat::diagnostic::catalog;

use super::assert_none;
use super::source::Source;
use super::tree::{File, files, rust_files};

/// Codes that no test can trigger, each with the reason.
const UNSHOWN: [(&str, &str); 2] = [
    ("A202", "an adapter that fails without a finding of its own; those that are there always have one"),
    ("X121", "a second interrupt within the moment that the first one takes"),
];

/// Returns whether a text contains the code as a separate word.
fn mentions(text: &str, id: &str) -> bool {
    text.match_indices(id).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + id.len()..].chars().next();
        let joins = |c: char| c.is_alphanumeric() || c == '_';
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

/// Returns the constants of the catalog with their codes.
fn constants() -> BTreeMap<String, Vec<&'static str>> {
    let ids: BTreeMap<String, &str> = catalog::all().map(|code| (format!("\"{}\"", code.id), code.id)).collect();
    let mut names: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for source in rust_files("src/diagnostic/catalog").iter().filter_map(Source::read) {
        for window in source.tokens.windows(3) {
            if let [name, equals, id] = window
                && equals.text == "="
                && let Some(id) = ids.get(&id.text)
            {
                names.entry(name.text.clone()).or_default().push(id);
            }
        }
    }
    assert_eq!(names.values().map(Vec::len).sum::<usize>(), ids.len(), "codes that the rule did not find");
    names
}

/// Returns the part of a file that is compiled only for tests.
fn test_code(file: &File) -> &str {
    let text = file.text.as_deref().unwrap_or_default();
    let inside = file.path.split('/').any(|part| part == "tests" || part == "tests.rs");
    if inside { text } else { text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests) }
}

#[test]
fn every_code_is_shown_by_a_corpus_folder_a_story_or_a_test() {
    let shown: Vec<_> = files("tests").into_iter().chain(files("examples")).collect();
    let sources = rust_files("src");
    let mut breaches = Vec::new();
    for (name, ids) in constants() {
        for id in ids {
            let tested = sources.iter().map(test_code).any(|text| mentions(text, &name) || mentions(text, id));
            let told = shown.iter().any(|file| {
                file.path.split('/').any(|part| part == id)
                    || file.text.as_deref().is_some_and(|text| mentions(text, id))
            });
            let excused = UNSHOWN.iter().any(|(unshown, _)| *unshown == id);
            if !told && !tested && !excused {
                breaches.push(format!("{id}: nothing in `tests`, `examples` or a unit test shows `{name}`"));
            }
        }
    }
    breaches.sort();
    assert_none(&breaches);
}

#[test]
fn every_code_of_the_corpus_is_in_the_catalog() {
    let ids: BTreeSet<_> = catalog::all().map(|code| code.id).collect();
    let corpus = files("tests").into_iter().filter_map(|file| {
        file.path.strip_prefix("tests/rules/").and_then(|rest| rest.split_once('/')).map(|(id, _)| id.to_owned())
    });
    let breaches: Vec<_> = corpus
        .collect::<BTreeSet<_>>()
        .into_iter()
        .filter(|id| !ids.contains(id.as_str()))
        .map(|id| format!("tests/rules/{id}: there is no such code"))
        .collect();
    assert_none(&breaches);
}

#[test]
fn codes_are_literals_only_in_the_catalog() {
    let ids: BTreeSet<String> = catalog::all().map(|code| format!("\"{}\"", code.id)).collect();
    let mut breaches = Vec::new();
    for source in rust_files("src").iter().filter_map(Source::read) {
        if source.path.starts_with("src/diagnostic/catalog/") {
            continue;
        }
        for token in source.tokens.iter().filter(|token| ids.contains(&token.text)) {
            breaches.push(format!("{}: {} is spelled out; name its constant", source.place(token), token.text));
        }
    }
    assert_none(&breaches);
}

#[test]
fn every_code_is_used_by_the_program() {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for source in rust_files("src").iter().filter_map(Source::read) {
        if !source.path.starts_with("src/diagnostic/catalog/") {
            used.extend(source.tokens.into_iter().map(|token| token.text));
        }
    }
    let unused = constants().into_iter().filter(|(name, _)| !used.contains(name));
    let breaches: Vec<_> = unused.map(|(name, ids)| format!("{}: `{name}` is used nowhere", ids.join(", "))).collect();
    assert_none(&breaches);
}

#[test]
fn code_inside_a_longer_word_does_not_count() {
    assert!(mentions("warning[L102]: gone", "L102"));
    assert!(!mentions("XL102", "L102"));
    assert!(!mentions("L1020", "L102"));
}
