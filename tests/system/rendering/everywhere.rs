//! Rules for every format: no unsafe characters, and no CI commands.

use reseat::diagnostic::Files;
use reseat::report::plan::graph::{Folding, PlanGraph};
use reseat::report::plan::markdown::MarkdownTarget;
use reseat::report::plan::{graph, html, markdown};
use reseat::report::review::Review;
use reseat::report::source_path::SourcePaths;
use reseat::report::{TextStyle, findings, json, plan};

use crate::rendering::corpus::CANARY;
use crate::rendering::{documents, for_hostile_text};

/// Every format of a plan and of findings, by name.
fn every_form(text: &str) -> Vec<(&'static str, String)> {
    let files = Files::default();
    let places = SourcePaths::new(&files);
    let document = documents::plan(text);
    let review = Review::new(&document);
    let found = documents::findings(text);
    let narrow = TextStyle { color: false, width: 80 };
    let folded = PlanGraph::new(&document, Folding::Always);
    let whole = PlanGraph::new(&document, Folding::Never);
    vec![
        ("text", plan::text(&document, &files, TextStyle::PLAIN)),
        ("narrow text", plan::text(&document, &files, narrow)),
        ("markdown", markdown::markdown(&review, &MarkdownTarget::default())),
        ("html", html::html(&review, &files)),
        ("json", json::pretty(&document).expect("JSON")),
        ("dot", graph::dot(&whole)),
        ("folded dot", graph::dot(&folded)),
        ("mermaid", graph::mermaid(&whole)),
        ("folded mermaid", graph::mermaid(&folded)),
        ("svg", graph::svg::standalone(&whole)),
        ("folded svg", graph::svg::standalone(&folded)),
        ("findings as text", findings::text(&found, &files, TextStyle::PLAIN)),
        ("findings as annotations", findings::github_annotations(&found, &places)),
        ("findings as JUnit", findings::junit(&found, &files)),
        ("findings as SARIF", json::pretty(&findings::sarif(&found, &files)).expect("JSON")),
    ]
}

/// Invisible, control and bidirectional characters.
fn is_unsafe(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[test]
fn no_format_contains_unsafe_characters() {
    for_hostile_text(|text| {
        for (form, shown) in every_form(text) {
            let found = shown.chars().find(|character| is_unsafe(*character));
            assert_eq!(found, None, "{form} of {text:?}");
        }
    });
}

#[test]
fn no_format_contains_ci_commands() {
    for_hostile_text(|text| {
        for (form, shown) in every_form(text) {
            for line in shown.lines() {
                let is_ours = form == "findings as annotations" && line.matches("::").count() > 0;
                let start = line.trim_start();
                assert!(!start.starts_with("::") || is_ours, "{form} of {text:?}: {line}");
                assert!(!line.contains("##[") && !line.contains("##vso["), "{form} of {text:?}: {line}");
            }
        }
    });
}

#[test]
fn annotations_have_one_line_per_finding() {
    for_hostile_text(|text| {
        let files = Files::default();
        let found = documents::findings(text);
        let shown = findings::github_annotations(&found, &SourcePaths::new(&files));
        assert_eq!(shown.lines().count(), found.len(), "{shown}");
        for line in shown.lines() {
            let commands = ["::error ", "::warning ", "::notice "];
            assert!(commands.iter().any(|command| line.starts_with(command)), "{line}");
            let properties = line.trim_start_matches("::").split("::").next().expect("properties");
            assert_eq!(properties.matches(',').count(), 3, "file, line, col, title: {line}");
        }
    });
}

#[test]
fn text_stays_readable() {
    for (form, shown) in every_form("ana canary") {
        assert!(shown.contains(CANARY), "{form}:\n{shown}");
    }
}

#[test]
fn json_keeps_the_value() {
    for_hostile_text(|text| {
        let shown = json::pretty(&documents::plan(text)).expect("JSON");
        let read: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
        assert_eq!(read["operations"][0]["why"], text);
    });
}
