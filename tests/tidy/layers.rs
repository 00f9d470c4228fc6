//! Dependencies between top-level modules: they point down only, and the lower layers are pure.

use super::assert_none;
use super::source::{Source, Token};
use super::tree::rust_files;

/// The top-level modules with their layer. A module may use modules of lower layers.
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

/// Allowed dependencies within a layer: shared types have locations, forges use the adapters' HTTP client, and commands run
/// the workflows.
const BESIDE: [(&str, &str); 6] = [
    ("model", "diagnostic"),
    ("model", "expression"),
    ("env", "model"),
    ("expression", "diagnostic"),
    ("cli", "workflow"),
    ("forge", "adapter"),
];

/// Dependencies that point down but are forbidden, each with the reason.
const NEVER: [(&str, &str, &str); 3] = [
    ("report", "adapter", "a report is made from a plan or a run"),
    ("report", "store", "a report is made from a plan or a run"),
    ("cli", "profile", "a command knows no vendor; ask the workflow"),
];

/// Modules that are pure functions of their input.
const PURE: [&str; 9] =
    ["model", "expression", "diagnostic", "manifest", "profile", "diff", "policy", "validate", "plan"];

/// The files that do I/O in a pure module: the manifest's, because callers pass a path and get facts.
const READERS: [&str; 2] = ["src/manifest/files.rs", "src/manifest/load.rs"];

fn layer(module: &str) -> Option<u8> {
    LAYERS.iter().find(|(name, _)| *name == module).map(|(_, layer)| *layer)
}

/// Returns why `from` may not use `to`.
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

/// Returns the top-level modules that a file uses, each with its location.
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
fn every_top_level_module_has_a_layer() {
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
fn lower_layers_are_synchronous_and_pure() {
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
fn yaml_is_read_in_one_module() {
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
fn layer_table_rejects_upward_dependencies() {
    assert!(forbidden("plan", "adapter").is_some());
    assert!(forbidden("adapter", "plan").is_some());
    assert!(forbidden("report", "adapter").is_some());
    assert!(forbidden("model", "manifest").is_some());
    assert!(forbidden("diff", "policy").is_some());
    assert_eq!(forbidden("apply", "adapter"), None);
    assert_eq!(forbidden("plan", "policy"), None);
}

#[test]
fn root_reached_through_super_is_detected() {
    let text = "use super::super::adapter::Observe; use super::graph;";
    let file = super::tree::File { path: "src/plan/order.rs".to_owned(), text: Some(text.to_owned()) };
    let source = Source::read(&file).unwrap();
    let names: Vec<_> = named(&source).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["adapter"]);
}
