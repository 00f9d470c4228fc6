//! A section that lists as many rows as fit, and counts the rest.

use super::context::{PageContext, group_number, pluralize_grouped};

/// The number of rows before the fold.
const OPEN_ROWS: usize = 20;

/// A table row or list item.
pub(super) struct SectionRow {
    /// The index of its group.
    pub(super) group: usize,
    /// The text with its line feed.
    pub(super) text: String,
    /// The number of items that the row represents.
    pub(super) weight: usize,
}

/// A section before its length is known.
pub(super) struct MarkdownSection<'a> {
    /// The title with its number.
    pub(super) title: String,
    /// The counted noun: `person`, `people`.
    pub(super) noun: (&'static str, &'static str),
    /// The number of items.
    pub(super) number: usize,
    /// The text before the rows of each group: a sentence or table header.
    pub(super) groups: Vec<String>,
    /// The rows, generated lazily because most of them may not fit.
    pub(super) rows: Box<dyn Iterator<Item = SectionRow> + 'a>,
    /// Counts by kind, for sections that are not listed completely; empty for a single kind.
    pub(super) kinds: String,
    /// Whether all rows are folded.
    pub(super) folded: bool,
}

impl MarkdownSection<'_> {
    /// Returns the shortest form: title, number and where they are listed.
    pub(super) fn minimal_text(&self, page: &PageContext) -> String {
        let Self { title, noun: (one, many), number, .. } = self;
        format!(
            "\n### {title}\n\n{}: not listed here, see {}\n",
            pluralize_grouped(*number, one, many),
            page.full_report
        )
    }

    /// Renders as many rows as fit, and counts the rest.
    pub(super) fn render(self, room: usize, page: &PageContext) -> String {
        let shortest = self.minimal_text(page);
        let Self { title, noun, number, groups, rows, kinds, folded } = self;
        let folds_all = folded && page.dialect.details;
        let mut text = if folds_all { String::new() } else { format!("\n### {title}\n") };
        let rest = |listed: usize| {
            let left = number.saturating_sub(listed);
            let of =
                if kinds.is_empty() { String::new() } else { format!("; of all {}: {kinds}", group_number(number)) };
            format!("\n**{} not listed here**, see {}{of}\n", pluralize_grouped(left, noun.0, noun.1), page.full_report)
        };
        let rest_max = rest(0).len();
        let (open, close) = ("<details><summary>", "\n</details>\n");
        let (mut listed, mut shown, mut group, mut is_inside) = (0, 0, None, false);
        // The last position at which the rest can still be counted.
        let mut safe: Option<(usize, usize, bool)> = None;
        let mut is_whole = true;
        for row in rows {
            let mut piece = String::new();
            let folds = page.dialect.details && !is_inside && (folds_all || shown == OPEN_ROWS);
            if folds {
                let left = group_number(number.saturating_sub(listed));
                let summary = if folds_all { format!("<b>{title}</b>") } else { format!("{left} more") };
                piece.push_str(&format!("\n{open}{summary}</summary>\n"));
            }
            if folds || group != Some(row.group) {
                piece.push('\n');
                piece.push_str(groups.get(row.group).map_or("", String::as_str));
            }
            piece.push_str(&row.text);
            let end = if is_inside || folds { close.len() } else { 0 };
            if text.len() + piece.len() + end > room {
                is_whole = false;
                break;
            }
            text.push_str(&piece);
            is_inside |= folds;
            group = Some(row.group);
            listed += row.weight;
            shown += 1;
            if text.len() + end + rest_max <= room {
                safe = Some((text.len(), listed, is_inside));
            }
        }
        if is_whole {
            if is_inside {
                text.push_str(close);
            }
            return text;
        }
        let Some((length, listed, is_inside)) = safe else { return shortest };
        text.truncate(length);
        if is_inside {
            text.push_str(close);
        }
        text.push_str(&rest(listed));
        text
    }
}
