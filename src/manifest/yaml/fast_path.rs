//! The fast lane: long runs of plain list items, one address a line, are taken out before the YAML reader runs.
//!
//! A general YAML reader spends microseconds on an item, and large manifests are mostly lines such as
//! `      - ana@acme.example`. Each such run is replaced by one placeholder item. The reader decides what the
//! placeholder is: only where it comes out as an item of a list, the run's lines are items too, for they have the same
//! indentation and hold nothing that YAML gives a meaning. Where a placeholder comes out otherwise (in a block of text,
//! say), the whole file is read again without the lane. What must hold: with and without it, the same tree.

use super::node::ItemRun;
use crate::diagnostic::Location;

/// Fewest lines that are worth a placeholder.
const RUN_LINES_MIN: u32 = 16;

/// The runs that were taken out of a file.
#[derive(Debug, Default)]
pub(super) struct FastPath {
    runs: Vec<ExtractedRun>,
}

#[derive(Debug)]
struct ExtractedRun {
    start: u32,
    end: u32,
    count: u32,
    /// The placeholder's line in the text that is left, and the first item's line in the file.
    line_left: u32,
    line: u32,
}

impl FastPath {
    /// What placeholders begin with: a character for private use, so that no text has to be escaped.
    pub(super) const MARK: char = '\u{f8ff}';

    /// How many runs there are.
    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }

    /// The run that a placeholder stands for; `at` is where the placeholder is.
    pub(super) fn run(&self, placeholder: &str, at: Location) -> Option<ItemRun> {
        let index: usize = placeholder.strip_prefix(Self::MARK)?.parse().ok()?;
        let taken = self.runs.get(index).filter(|taken| taken.line == at.line)?;
        Some(ItemRun { start: taken.start, end: taken.end, count: taken.count, at })
    }

    /// The line of the file for a line of the text that is left.
    pub(super) fn line(&self, left: u32) -> u32 {
        let before = self.runs.partition_point(|taken| taken.line_left <= left);
        match before.checked_sub(1).and_then(|index| self.runs.get(index)) {
            None => left,
            Some(taken) if taken.line_left == left => taken.line,
            Some(taken) => left - taken.line_left + taken.line + taken.count - 1,
        }
    }

    /// Takes the runs out of a text; `None` where there are none, or where the text cannot have placeholders.
    pub(super) fn extract(text: &str) -> Option<(Self, String)> {
        if text.len() < 512 || u32::try_from(text.len()).is_err() {
            return None;
        }
        let mut lanes = Self::default();
        let mut left = String::new();
        let mut copied = 0;
        let (mut line, mut shift) = (1u32, 0u32);
        let mut offset = 0;
        while offset < text.len() {
            let Some((indent, after)) = item_line(text.as_bytes(), offset) else {
                offset = next_line(text.as_bytes(), offset);
                line += 1;
                continue;
            };
            let (start, mut count) = (offset, 1);
            offset = after;
            while let Some((_, after)) = item_line(text.as_bytes(), offset).filter(|(same, _)| *same == indent) {
                offset = after;
                count += 1;
            }
            if count >= RUN_LINES_MIN {
                left.push_str(&text[copied..start]);
                left.push_str(&text[start..start + indent]);
                left.push_str("- ");
                left.push(Self::MARK);
                left.push_str(&lanes.runs.len().to_string());
                left.push('\n');
                copied = offset;
                let (start, end) = (u32::try_from(start).ok()?, u32::try_from(offset).ok()?);
                lanes.runs.push(ExtractedRun { start, end, count, line_left: line - shift, line });
                shift += count - 1;
            }
            line += count;
        }
        if lanes.runs.is_empty() || text.contains(Self::MARK) {
            return None;
        }
        left.push_str(&text[copied..]);
        Some((lanes, left))
    }
}

/// The offset after the line that holds `offset`.
fn next_line(bytes: &[u8], offset: usize) -> usize {
    bytes[offset..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| offset + length + 1)
}

/// Whether a whole line is `- local@domain` and nothing else: its indentation, and the offset after it.
fn item_line(bytes: &[u8], offset: usize) -> Option<(usize, usize)> {
    let line = bytes.get(offset..)?;
    let indent = line.iter().position(|byte| *byte != b' ')?;
    let item = line[indent..].strip_prefix(b"- ")?;
    if !item.first()?.is_ascii_alphanumeric() {
        return None;
    }
    let plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%' | b'@' | b'\'');
    let length = item.iter().position(|byte| !plain(*byte))?;
    let end = match &item[length..] {
        [b'\n', ..] => length + 1,
        [b'\r', b'\n', ..] => length + 2,
        _ => return None,
    };
    item[..length].contains(&b'@').then_some((indent, offset + indent + 2 + end))
}
