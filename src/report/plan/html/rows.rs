//! Rows of people with minimal markup, in lists of 100 so that the browser can skip lists that are not visible.

use maud::{Markup, html};

use crate::diagnostic::Source;
use crate::model::OperationKind;
use crate::report::escape::Text;
use crate::report::review::ReviewedChange;
use crate::report::source_path::SourcePaths;

/// The maximum number of rows per list.
const LIST_ROWS: usize = 100;

/// Lists changes; `label` marks a change that the section title does not describe.
pub(super) fn changes(
    changes: &[ReviewedChange<'_>],
    paths: &SourcePaths<'_>,
    label: impl Fn(&ReviewedChange<'_>) -> &'static str,
) -> Markup {
    lists(changes, |change| {
        let label = label(change);
        html! {
            b { (Text(change.person)) }
            span { (Text(change.tenant)) "/" (Text(change.licenses())) @if !label.is_empty() { " " em { (label) } } }
            span { (operations(change)) }
            span { (request(change, paths)) }
        }
    })
}

/// Lists people of one license who are affected by a shared reason.
pub(super) fn people<T>(
    rows: &[T],
    license: &str,
    cells: impl Fn(&T) -> (&str, String, Option<&Source>),
    paths: &SourcePaths<'_>,
) -> Markup {
    lists(rows, |row| {
        let (person, note, source) = cells(row);
        html! {
            b { (Text(person)) }
            span { (Text(license)) }
            span { (note) }
            span { @if let Some(source) = source { (Text(paths.file_line(source))) } }
        }
    })
}

fn lists<T>(rows: &[T], row: impl Fn(&T) -> Markup) -> Markup {
    html! {
        @for list in rows.chunks(LIST_ROWS) {
            // The style knows the height of full lists before they are rendered.
            ul class=(if list.len() == LIST_ROWS { "c" } else { "r" }) {
                @for item in list { "\n" li { (row(item)) } }
            }
            "\n"
        }
    }
}

/// `op-1 remove, op-2 assign after cy@acme.example`.
fn operations(change: &ReviewedChange<'_>) -> Markup {
    html! {
        @for (index, operation) in change.operations.iter().enumerate() {
            @if index > 0 { ", " }
            (Text(&operation.id.0)) " " (operation.kind.as_str())
            @if operation.kind == OperationKind::Change && change.operations.len() > 1 {
                " to " (Text(operation.to.as_deref().unwrap_or_default()))
            }
        }
        @for (index, person) in change.waits_for.iter().enumerate() {
            (if index == 0 { " after " } else { ", " }) (Text(person))
        }
    }
}

/// Who requested the change and where.
fn request(change: &ReviewedChange<'_>, paths: &SourcePaths<'_>) -> Markup {
    let location = change.request.map(|request| paths.file_line(&request.location()));
    let reason = change.request.and_then(|request| request.reason.as_deref());
    let small = |location: &str| html! { " " small { (Text(location)) } };
    match (reason, location) {
        (Some(reason), Some(location)) => html! { (Text(reason)) (small(&location)) },
        (None, Some(location)) if change.is_unnamed() => html! { (Text(change.why)) (small(&location)) },
        (None, Some(location)) => html! { (Text(location)) },
        (_, None) => html! { (Text(change.why)) },
    }
}
