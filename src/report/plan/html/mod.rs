//! The report as one page of HTML: a file that needs nothing else, reads without a script, and can be printed.
//!
//! It is drawn from the review, so that it shows what every other form shows, in the same order of worry. The script only
//! filters what is there. What must hold: nothing is loaded, and only this style and this script run; all text from outside
//! goes through `escape::push_markup`; its length grows with the plan's, and a row is as little as it can be, for there may
//! be fifty thousand.

mod findings;
mod head;
mod pools;
mod provenance;
mod rows;
mod sections;
mod top;

use crate::diagnostic::Files;
use crate::report::escape::push_markup;
use crate::report::plan::graph::{Folding, PlanGraph, svg};
use crate::report::review::{Review, ReviewTopic};
use crate::report::source_path::SourcePaths;

/// Bytes that a row takes about.
const ROW_BYTES: usize = 220;

/// The page; `files` are the manifest's, where they were read.
pub fn html(review: &Review<'_>, files: &Files) -> String {
    let places = SourcePaths::new(files);
    let mut out = String::with_capacity((32 << 10) + review.plan.operations.len() * ROW_BYTES);
    head::open(&mut out, review);
    top::header(&mut out, review);
    top::contents(&mut out, review);
    out.push_str("<main id=\"report\" tabindex=\"-1\">\n");
    top::filter(&mut out, review);
    for topic in ReviewTopic::ALL.into_iter().filter(|topic| precedes_pools(*topic)) {
        sections::section(&mut out, review, topic, &places);
    }
    pools::section(&mut out, review);
    graph(&mut out, review);
    for topic in ReviewTopic::ALL.into_iter().filter(|topic| !precedes_pools(*topic)) {
        sections::section(&mut out, review, topic, &places);
    }
    provenance::section(&mut out, review);
    out.push_str("</main>\n");
    head::close(&mut out);
    out
}

/// Whether a section is so grave that it stands before the pools.
fn precedes_pools(topic: ReviewTopic) -> bool {
    topic.is_critical() || topic == ReviewTopic::Parked
}

/// The picture of the plan.
fn graph(out: &mut String, review: &Review<'_>) {
    let graph = PlanGraph::new(review.plan, Folding::Auto);
    if graph.is_empty() {
        return;
    }
    out.push_str(
        "<section id=\"graph\" aria-labelledby=\"h-graph\" data-whole><h2 id=\"h-graph\">Who moves where</h2>\n",
    );
    out.push_str("<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Graph of the plan\">\n");
    out.push_str(&svg::inline(&graph));
    out.push_str("\n</div></section>\n");
}

/// Appends text from outside.
fn put(out: &mut String, text: &str) {
    push_markup(out, text);
}

#[cfg(test)]
mod tests;
