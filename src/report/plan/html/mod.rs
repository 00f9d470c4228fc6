//! The report of a plan as one self-contained HTML page.
//!
//! The page loads nothing and is readable without its script, which only filters. Lists of people use minimal markup, because a plan
//! may have 50,000 operations.

mod findings;
mod frame;
mod header;
mod pools;
mod provenance;
mod rows;
mod sections;

use maud::{Markup, html as markup};

use crate::diagnostic::Files;
use crate::report::plan::graph::{Folding, PlanGraph, svg};
use crate::report::review::{Review, ReviewTopic};
use crate::report::source_path::SourcePaths;

/// Returns the page; `files` are the manifest's files if they were read.
pub fn html(review: &Review<'_>, files: &Files) -> String {
    let paths = SourcePaths::new(files);
    let sections = |before: bool| {
        let topics = ReviewTopic::ALL.into_iter().filter(move |topic| precedes_pools(*topic) == before);
        topics.map(|topic| sections::section(review, topic, &paths))
    };
    let body = markup! {
        (header::header(review))
        (header::contents(review))
        main #report tabindex="-1" {
            "\n"
            (header::filter(review))
            @for section in sections(true) { (section) }
            (pools::section(review))
            (graph(review))
            @for section in sections(false) { (section) }
            (provenance::section(review))
        }
    };
    frame::page(review, &body).into_string()
}

/// Returns whether a section is important enough to precede the pools.
fn precedes_pools(topic: ReviewTopic) -> bool {
    topic.is_critical() || topic == ReviewTopic::Parked
}

fn graph(review: &Review<'_>) -> Markup {
    let graph = PlanGraph::new(review.plan, Folding::Auto);
    if graph.is_empty() {
        return Markup::default();
    }
    markup! {
        section #graph aria-labelledby="h-graph" {
            h2 #h-graph { "Who moves where" }
            "\n"
            div.scroll tabindex="0" role="group" aria-label="Graph of the plan" { "\n" (svg::inline(&graph)) "\n" }
        }
        "\n"
    }
}

#[cfg(test)]
mod tests;
