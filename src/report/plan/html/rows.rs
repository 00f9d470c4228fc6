//! Rows of people: who, what, by which steps, and who asked. As little markup as can be, for there may be very many.
//!
//! Rows stand in lists of a hundred: a list that is not on the screen costs the browser nothing.

use super::put;
use crate::diagnostic::Source;
use crate::model::OperationKind;
use crate::report::review::ReviewedChange;
use crate::report::source_path::SourcePaths;

/// Rows of one list.
const CHUNK: usize = 100;

/// Rows that are being written.
pub(super) struct RowWriter<'o, 'a> {
    out: &'o mut String,
    places: &'o SourcePaths<'a>,
    /// Where the tag of the open list begins, and how many rows it has.
    open: Option<(usize, usize)>,
}

/// What opens a list, and what a full one has at the same place.
const SHORT: &str = "<ul class=\"r\">";
const FULL: &str = "<ul class=\"c\">";

impl<'o, 'a> RowWriter<'o, 'a> {
    pub(super) fn new(out: &'o mut String, places: &'o SourcePaths<'a>) -> Self {
        Self { out, places, open: None }
    }

    /// What happens to one person.
    pub(super) fn entry(&mut self, entry: &ReviewedChange<'_>, mark: &str) {
        self.begin(entry.person);
        put(self.out, entry.tenant);
        self.out.push('/');
        put(self.out, &entry.licenses());
        if !mark.is_empty() {
            self.out.push_str(" <em>");
            self.out.push_str(mark);
            self.out.push_str("</em>");
        }
        self.out.push_str("</span><span>");
        self.steps(entry);
        self.out.push_str("</span><span>");
        let place = entry.request.map(|asked| self.places.file_line(&asked.location()));
        let reason = entry.request.and_then(|asked| asked.reason.as_deref());
        match (reason, place) {
            (Some(reason), Some(place)) => {
                put(self.out, reason);
                self.small(&place);
            }
            (None, Some(place)) if entry.is_unnamed() => {
                put(self.out, entry.why);
                self.small(&place);
            }
            (None, Some(place)) => put(self.out, &place),
            (_, None) => put(self.out, entry.why),
        }
        self.end();
    }

    /// A person whom a reason is about.
    pub(super) fn member(&mut self, person: &str, license: &str, what: &str, source: Option<&Source>) {
        self.begin(person);
        put(self.out, license);
        self.out.push_str("</span><span>");
        put(self.out, what);
        self.out.push_str("</span><span>");
        if let Some(source) = source {
            let place = self.places.file_line(source);
            put(self.out, &place);
        }
        self.end();
    }

    /// Ends the last list.
    pub(super) fn close(&mut self) {
        if self.open.take().is_some() {
            self.out.push_str("</ul>\n");
        }
    }

    fn begin(&mut self, person: &str) {
        if self.open.is_some_and(|(_, number)| number == CHUNK) {
            self.close();
        }
        let (at, number) = self.open.unwrap_or_else(|| {
            let at = self.out.len();
            self.out.push_str(SHORT);
            (at, 0)
        });
        self.open = Some((at, number + 1));
        if number + 1 == CHUNK {
            // Only full lists have a height that is known before they are seen.
            self.out.replace_range(at..at + SHORT.len(), FULL);
        }
        self.out.push_str("\n<li><b>");
        put(self.out, person);
        self.out.push_str("</b><span>");
    }

    fn end(&mut self) {
        self.out.push_str("</span>");
    }

    fn small(&mut self, text: &str) {
        self.out.push_str(" <small>");
        put(self.out, text);
        self.out.push_str("</small>");
    }

    /// `op-1 remove, op-2 assign`, and whose seat that waits for.
    fn steps(&mut self, entry: &ReviewedChange<'_>) {
        for (place, operation) in entry.operations.iter().enumerate() {
            if place > 0 {
                self.out.push_str(", ");
            }
            put(self.out, &operation.id.0);
            self.out.push(' ');
            self.out.push_str(operation.kind.as_str());
            if operation.kind == OperationKind::Change && entry.operations.len() > 1 {
                self.out.push_str(" to ");
                put(self.out, operation.to.as_deref().unwrap_or_default());
            }
        }
        for (place, person) in entry.waits_for.iter().enumerate() {
            self.out.push_str(if place == 0 { " after " } else { ", " });
            put(self.out, person);
        }
    }
}
