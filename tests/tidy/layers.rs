//! Which part may know which: arrows between the modules at the top point down, and the lower half does nothing but
//! think.

use super::assert_none;
use super::source::{Source, Token};
use super::tree::rust_files;

/// The modules at the top with their layer. A module knows those on lower layers.
const LAYERS: [(&str, u8); 18] = [
    ("model", 0),
    ("expression", 0),
    ("diagnostic", 0),
    ("env", 0),
    ("manifest", 1),
    ("profile", 1),
    ("diff", 2),
    ("policy", 2),
    ("validate", 2),
    ("plan", 3),
    ("adapter", 3),
    ("store", 3),
    ("forge", 3),
    ("apply", 4),
    ("report", 4),
    ("emulator", 4),
    ("workflow", 5),
    ("cli", 5),
];

/// Arrows inside one layer: the vocabulary has places, a forge is reached by the HTTP of the adapters, and the commands run
/// the flow.
const BESIDE: [(&str, &str); 5] = [
    ("model", "diagnostic"),
    ("env", "model"),
    ("expression", "diagnostic"),
    ("cli", "workflow"),
    ("forge", "adapter"),
];

/// Arrows that point down and are forbidden all the same, with the reason.
const NEVER: [(&str, &str, &str); 3] = [
    ("report", "adapter", "a report is made from a plan or a run"),
    ("report", "store", "a report is made from a plan or a run"),
    ("cli", "profile", "a command knows no vendor; ask the workflow"),
];

/// Modules that are functions of what they are given.
const PURE: [&str; 9] =
    ["model", "expression", "diagnostic", "manifest", "profile", "diff", "policy", "validate", "plan"];

/// The files that read for a pure module: the manifest's, for the library is asked for a path and answers with facts.
const READERS: [&str; 2] = ["src/manifest/files.rs", "src/manifest/load.rs"];

fn layer(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

/// Why `from` may not know `to`.
fn forbidden(from: &str, to: &str) -> Option<String> {
    if from == to || BESIDE.contains(&(from, to)) {
        return None;
    }
    if let Some((_, _, reason)) = NEVER.iter().find(|(a, b, _)| (*a, *b) == (from, to)) {
        return Some((*reason).to_owned());
    }
    let (own, other) = (layer(from)?, layer(to)?);
    (other >= own).then(|| format!("`{from}` is on layer {own}, `{to}` on layer {other}"))
}

/// The modules at the top that a file names, each with a place.
fn named(source: &Source) -> Vec<(&str, &Token)> {
    let depth = source.module.len();
    let mut found = Vec::new();
    for (path, token) in source.paths() {
        let climbed = path.iter().take_while(|part| **part == "super").count();
        let at_root = match path.first() {
            Some(&"crate" | &"reseat") => 1,
            Some(&"super") if climbed == depth => climbed,
            _ => continue,
        };
        if let Some(module) = path.get(at_root).filter(|module| layer(module).is_some()) {
            found.push((*module, token));
        }
    }
    found
}

fn sources() -> Vec<Source> {
    rust_files("src").iter().filter_map(Source::read).collect()
}

#[test]
fn arrows_point_down() {
    let mut breaches = Vec::new();
    for source in sources() {
        let Some(from) = source.module.first() else { continue };
        for (to, token) in named(&source) {
            if let Some(reason) = forbidden(from, to) {
                breaches.push(format!("{}: {reason}", source.place(token)));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn every_module_at_the_top_has_a_layer() {
    let mut breaches = Vec::new();
    for source in sources() {
        match source.module.first() {
            Some(module) if layer(module).is_none() => {
                breaches.push(format!("{}: `{module}` has no layer", source.path));
            }
            _ => {}
        }
    }
    assert_none(&breaches);
}

#[test]
fn the_lower_half_neither_waits_nor_reads_nor_writes() {
    const WAITING: [&str; 4] = ["async", "await", "tokio", "sqlx"];
    const TOUCHING: [&str; 6] = ["fs", "net", "process", "stdin", "stdout", "stderr"];
    let mut breaches = Vec::new();
    for source in sources() {
        if !source.module.first().is_some_and(|module| PURE.contains(&module.as_str())) {
            continue;
        }
        for token in source.tokens.iter().filter(|token| WAITING.contains(&token.text.as_str())) {
            breaches.push(format!("{}: `{}` in a pure module", source.place(token), token.text));
        }
        if READERS.contains(&source.path.as_str()) {
            continue;
        }
        for (path, token) in source.paths() {
            if path.first() == Some(&"std") && path.iter().any(|name| TOUCHING.contains(name)) {
                breaches.push(format!("{}: `{}` in a pure module", source.place(token), path.join("::")));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn yaml_is_read_behind_one_door() {
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| source.module.first().is_none_or(|module| module != "manifest")) {
        for (path, token) in source.paths() {
            let reads = path.first() == Some(&"serde_saphyr")
                || path.first() == Some(&"serde_yaml") && path.last().is_some_and(|name| name.starts_with("from_"));
            if reads {
                breaches.push(format!("{}: only `manifest` reads YAML", source.place(token)));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn the_table_forbids_what_it_should() {
    assert!(forbidden("plan", "adapter").is_some());
    assert!(forbidden("adapter", "plan").is_some());
    assert!(forbidden("report", "adapter").is_some());
    assert!(forbidden("model", "manifest").is_some());
    assert!(forbidden("diff", "policy").is_some());
    assert_eq!(forbidden("apply", "adapter"), None);
    assert_eq!(forbidden("plan", "policy"), None);
}

#[test]
fn a_root_reached_by_super_is_seen() {
    let text = "use super::super::adapter::Observe; use super::graph;";
    let file = super::tree::File { path: "src/plan/order.rs".to_owned(), text: Some(text.to_owned()) };
    let source = Source::read(&file).unwrap();
    let names: Vec<_> = named(&source).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["adapter"]);
}
