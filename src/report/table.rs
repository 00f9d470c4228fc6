//! Text tables, aligned by display width.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::format::wrap;
use super::{TextStyle, Tone};

/// The maximum column width, so that one long name does not widen the table.
const MAX_COLUMN_WIDTH: usize = 48;

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alignment {
    Left,
    Right,
}

/// One cell with escaped text.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextCell {
    text: String,
    tone: Option<Tone>,
}

impl TextCell {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: None }
    }

    #[must_use]
    pub(crate) fn with_tone(mut self, tone: Tone) -> Self {
        self.tone = Some(tone);
        self
    }
}

/// A table.
#[derive(Debug)]
pub(crate) struct TextTable {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<TextCell>>,
}

impl TextTable {
    pub(crate) fn new(sides: impl Into<Vec<Alignment>>) -> Self {
        Self { alignments: sides.into(), rows: Vec::new() }
    }

    pub(crate) fn add_row(&mut self, cells: impl Into<Vec<TextCell>>) {
        self.rows.push(cells.into());
    }

    /// Renders one line per row. If the table is too wide, the cells from column `foldable` on move to a second line.
    pub(crate) fn render(&self, indent: usize, foldable: usize, style: TextStyle) -> String {
        let widths = self.widths();
        let used = |widths: &[usize]| widths.iter().filter(|width| **width > 0).map(|width| width + 2).sum::<usize>();
        let fold = indent + used(&widths) > style.width + 2 && foldable < widths.len();
        let mut text = String::new();
        for row in &self.rows {
            if fold {
                self.render_line(&mut text, row, &widths, 0..foldable, indent, style);
                if row.iter().skip(foldable).any(|cell| !cell.text.is_empty()) {
                    self.render_folded(&mut text, row, &widths, foldable, indent + 4, style);
                }
            } else {
                self.render_line(&mut text, row, &widths, 0..widths.len(), indent, style);
            }
        }
        text
    }

    /// Renders the second line of a row, wrapped if it is too wide.
    fn render_folded(
        &self,
        text: &mut String,
        row: &[TextCell],
        widths: &[usize],
        from: usize,
        indent: usize,
        style: TextStyle,
    ) {
        let cells = &row[from.min(row.len())..];
        let used: usize = cells.iter().map(|cell| cell.text.width() + 2).sum();
        if indent + used <= style.width + 2 {
            self.render_line(text, row, widths, from..widths.len(), indent, style);
            return;
        }
        let all: Vec<_> = cells.iter().map(|cell| cell.text.as_str()).collect();
        text.push_str(&wrap(&all.join(" "), indent, style.width));
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.alignments.len()];
        let last = self.alignments.len().saturating_sub(1);
        for row in &self.rows {
            for (column, (width, cell)) in widths.iter_mut().zip(row).enumerate() {
                // The last column may have any width.
                let most = if column == last { usize::MAX } else { MAX_COLUMN_WIDTH };
                *width = cell.text.width().min(most).max(*width);
            }
        }
        widths
    }

    fn render_line(
        &self,
        text: &mut String,
        row: &[TextCell],
        widths: &[usize],
        columns: std::ops::Range<usize>,
        indent: usize,
        style: TextStyle,
    ) {
        let _ = write!(text, "{:indent$}", "");
        for column in columns.filter(|column| widths[*column] > 0) {
            let Some(cell) = row.get(column) else { break };
            let is_last = column + 1 == widths.len() && self.alignments[column] == Alignment::Left;
            let gap = if is_last { 0 } else { widths[column].saturating_sub(cell.text.width()) };
            let shown = cell.tone.map_or_else(|| cell.text.clone(), |tone| style.paint(tone, &cell.text));
            // Writing to a string cannot fail.
            let _ = match self.alignments[column] {
                Alignment::Left => write!(text, "{shown}{:gap$}  ", ""),
                Alignment::Right => write!(text, "{:gap$}{shown}  ", ""),
            };
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[&str; 3]]) -> TextTable {
        let mut table = TextTable::new([Alignment::Left, Alignment::Right, Alignment::Left]);
        for row in rows {
            table.add_row(row.map(TextCell::new));
        }
        table
    }

    #[test]
    fn columns_are_aligned_by_display_width() {
        let text = table(&[["日本", "1", "a"], ["abcdef", "200", "b"]]).render(2, 3, TextStyle::PLAIN);
        assert_eq!(text, "  日本      1  a\n  abcdef  200  b\n");
    }

    #[test]
    fn empty_column_is_omitted() {
        assert_eq!(table(&[["a", "", "b"], ["c", "", "d"]]).render(0, 3, TextStyle::PLAIN), "a  b\nc  d\n");
    }

    #[test]
    fn second_line_is_wrapped() {
        let style = TextStyle { color: false, width: 16 };
        let text = table(&[["person", "1", "remove after op-1  a/file.yaml:3"]]).render(0, 2, style);
        assert_eq!(text, "person  1\n    remove after\n    op-1\n    a/file.yaml:3\n");
    }

    #[test]
    fn rows_that_do_not_fit_continue_on_a_second_line() {
        let style = TextStyle { color: false, width: 12 };
        let text = table(&[["person", "1", "operations"]]).render(0, 2, style);
        assert_eq!(text, "person  1\n    operations\n");
    }
}
