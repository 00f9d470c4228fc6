//! Conversion of locations to byte offsets.

use crate::diagnostic::Location;

/// The lines of a text.
pub(super) struct TextLines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> TextLines<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Returns the offset of a line's first byte; lines count from 1.
    pub(super) fn start(&self, line: u32) -> usize {
        let index = (line as usize).saturating_sub(1);
        self.starts.get(index).copied().unwrap_or(self.text.len())
    }

    /// Returns the offset after a line's line break.
    pub(super) fn end(&self, line: u32) -> usize {
        self.start(line.saturating_add(1))
    }

    /// Returns the offset of a location.
    pub(super) fn offset(&self, at: Location) -> Option<usize> {
        let (start, end) = (self.start(at.line), self.end(at.line));
        let line = self.text.get(start..end)?;
        let column = (at.column as usize).checked_sub(1)?;
        line.char_indices().map(|(index, _)| start + index).nth(column)
    }

    /// Returns the length of a location in bytes.
    pub(super) fn bytes(&self, at: Location) -> Option<usize> {
        let rest = self.text.get(self.offset(at)?..)?;
        Some(rest.chars().take(at.length as usize).map(char::len_utf8).sum())
    }

    /// Returns the line at an offset, without its line break.
    pub(super) fn line_at(&self, offset: usize) -> &'a str {
        let index = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let line = u32::try_from(index + 1).unwrap_or(u32::MAX);
        self.text.get(self.start(line)..self.end(line)).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// Returns the indentation of a location that is first on its line, after `mark`.
    pub(super) fn indent(&self, at: Location, mark: &str) -> Option<&'a str> {
        let before = self.text.get(self.start(at.line)..self.offset(at)?)?;
        let indent =
            if mark.is_empty() { before } else { before.trim_end_matches(' ').strip_suffix(mark.trim_end())? };
        indent.bytes().all(|byte| byte == b' ').then_some(indent)
    }

    /// Returns the end of the last line before `before`, or before the end of the text, that is neither blank nor a comment.
    pub(super) fn end_of_content(&self, before: Option<u32>) -> usize {
        let lines = u32::try_from(self.starts.len()).unwrap_or(u32::MAX);
        let mut line = before.map_or(lines, |before| before.saturating_sub(1));
        while line > 0 {
            let text = self.text.get(self.start(line)..self.end(line)).unwrap_or_default().trim();
            if !text.is_empty() && !text.starts_with('#') {
                break;
            }
            line -= 1;
        }
        self.end(line)
    }
}
