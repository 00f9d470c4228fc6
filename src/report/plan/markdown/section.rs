//! A section as long as there is room: its rows, and what is left of them counted.

use super::context::{PageContext, group_number, pluralize_grouped};

/// So many rows are open; the rest is folded where the site can.
const OPEN_ROWS: usize = 20;

/// One row of a table, or one item of a list.
pub(super) struct SectionRow {
    /// The place of its group among the groups.
    pub(super) group: usize,
    /// Its text with the line feed.
    pub(super) text: String,
    /// For how many of what the section counts it stands.
    pub(super) weight: usize,
}

/// A section before anybody knows how much room there is.
pub(super) struct MarkdownSection<'a> {
    /// What it is called, with its number.
    pub(super) title: String,
    /// What it counts: `person`, `people`.
    pub(super) noun: (&'static str, &'static str),
    /// How many of them there are.
    pub(super) number: usize,
    /// What stands before the rows of each group: a sentence, the head of a table.
    pub(super) groups: Vec<String>,
    /// Its rows, made one by one, for of 50,000 few are shown.
    pub(super) rows: Box<dyn Iterator<Item = SectionRow> + 'a>,
    /// What there is by kind, for when not all of it is listed; empty where there is one kind only.
    pub(super) kinds: String,
    /// Whether the rows are folded from the first on.
    pub(super) folded: bool,
}

impl MarkdownSection<'_> {
    /// The least that is said: the title, how many there are, and where they are listed.
    pub(super) fn minimal_text(&self, page: &PageContext) -> String {
        let Self { title, noun: (one, many), number, .. } = self;
        format!(
            "\n### {title}\n\n{}: not listed here, see {}\n",
            pluralize_grouped(*number, one, many),
            page.full_report
        )
    }

    /// As many rows as there is room for, and the rest counted; at the least what is said in any case.
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
        // The last place at which what is left can still be counted.
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
