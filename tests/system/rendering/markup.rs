//! The tags of the page and the pictures.

use reseat::diagnostic::Files;
use reseat::report::plan::graph::{Folding, PlanGraph, svg};
use reseat::report::plan::html;
use reseat::report::review::Review;

use crate::rendering::{documents, for_hostile_text};

/// Returns the tags of a page with the names of their attributes.
fn tags(page: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let (mut tag, mut quote, mut end) = (String::new(), None, rest.len());
        for (at, character) in rest.char_indices() {
            match (quote, character) {
                (None, '>') => {
                    end = at + 1;
                    break;
                }
                (None, '"' | '\'') => quote = Some(character),
                (Some(open), _) if open == character => quote = None,
                (Some(_), _) => {}
                (None, _) => tag.push(character),
            }
        }
        rest = &rest[end..];
        // Script and style end only at their closing tag.
        for raw in ["script", "style"] {
            if tag == raw || tag.starts_with(&format!("{raw} ")) {
                let close = format!("</{raw}>");
                rest = rest.find(&close).map_or("", |at| &rest[at..]);
            }
        }
        tags.push(tag);
    }
    // External backticks may become code.
    tags.retain(|tag| tag != "code" && tag != "/code");
    tags
}

#[test]
fn page_has_the_same_tags_for_any_names() {
    let page = |text: &str| html::html(&Review::new(&documents::plan(text)), &Files::default());
    let ours = tags(&page("ana"));
    for_hostile_text(|text| {
        let theirs = tags(&page(text));
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(theirs, ours, "{text:?}");
        }
        assert_eq!(theirs.len(), ours.len(), "{text:?}");
    });
}

#[test]
fn page_loads_nothing() {
    for_hostile_text(|text| {
        let page = html::html(&Review::new(&documents::plan(text)), &Files::default());
        for reach in
            [" src=", "href=\"http", "href=\"//", "href=\"javascript", "url(", "@import", "<link", "<iframe", "<base"]
        {
            let outside = page.match_indices(reach).find(|(at, _)| {
                // Inside quotes or between tags it is text.
                let before = &page[..*at];
                before.rfind('<') > before.rfind('>')
            });
            assert_eq!(outside, None, "{reach} of {text:?}");
        }
    });
}

#[test]
fn pictures_have_the_same_tags_for_any_names() {
    for fold in [Folding::Always, Folding::Never] {
        let picture = |text: &str| svg::standalone(&PlanGraph::new(&documents::plan(text), fold));
        let names = |text: &str| -> Vec<String> {
            tags(&picture(text)).iter().map(|tag| tag.split(' ').next().unwrap_or_default().to_owned()).collect()
        };
        let known: std::collections::BTreeSet<String> = names("ana").into_iter().collect();
        for_hostile_text(|text| {
            for name in names(text) {
                assert!(known.contains(&name), "<{name}> of {text:?}");
            }
        });
    }
}
