//! Fast path for long runs of plain list items, one address per line.
//!
//! A general YAML reader spends microseconds on an item, and large manifests consist mostly of lines such as
//! `      - ana@acme.example`. Each run is replaced by one placeholder item before the YAML reader runs. If the reader returns
//! the placeholder as an item of a list, the run's lines are items, too, because they have the same indentation and no
//! characters with a meaning in YAML. Otherwise, for example in a block scalar, the file is read again without the fast
//! path. The tree is the same with and without it.

use super::node::ItemRun;
use crate::diagnostic::Location;

/// The fewest lines that are worth a placeholder.
const RUN_LINES_MIN: u32 = 16;

/// The runs that were extracted from a file.
#[derive(Debug, Default)]
pub(super) struct FastPath {
    runs: Vec<ExtractedRun>,
}

#[derive(Debug)]
struct ExtractedRun {
    start: u32,
    end: u32,
    count: u32,
    /// The placeholder's line in the remaining text, and the first item's line in the file.
    line_in_rest: u32,
    line: u32,
}

impl FastPath {
    /// The first character of placeholders: a private-use character, so that no text needs escaping.
    pub(super) const MARK: char = '\u{f8ff}';

    /// Returns the number of runs.
    pub(super) fn len(&self) -> usize {
        self.runs.len()
    }

    /// Returns the run of a placeholder at a location.
    pub(super) fn run(&self, placeholder: &str, at: Location) -> Option<ItemRun> {
        let index: usize = placeholder.strip_prefix(Self::MARK)?.parse().ok()?;
        let run = self.runs.get(index).filter(|run| run.line == at.line)?;
        Some(ItemRun { start: run.start, end: run.end, count: run.count, at })
    }

    /// Converts a line of the remaining text to a line of the file.
    pub(super) fn line(&self, line: u32) -> u32 {
        let before = self.runs.partition_point(|run| run.line_in_rest <= line);
        match before.checked_sub(1).and_then(|index| self.runs.get(index)) {
            None => line,
            Some(run) if run.line_in_rest == line => run.line,
            Some(run) => line - run.line_in_rest + run.line + run.count - 1,
        }
    }

    /// Extracts the runs of a text, and returns the remaining text; `None` if there are no runs or the text contains
    /// [`MARK`](Self::MARK).
    pub(super) fn extract(text: &str) -> Option<(Self, String)> {
        if text.len() < 512 || u32::try_from(text.len()).is_err() {
            return None;
        }
        let mut fast_path = Self::default();
        let mut rest = String::new();
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
                rest.push_str(&text[copied..start]);
                rest.push_str(&text[start..start + indent]);
                rest.push_str("- ");
                rest.push(Self::MARK);
                rest.push_str(&fast_path.runs.len().to_string());
                rest.push('\n');
                copied = offset;
                let (start, end) = (u32::try_from(start).ok()?, u32::try_from(offset).ok()?);
                fast_path.runs.push(ExtractedRun { start, end, count, line_in_rest: line - shift, line });
                shift += count - 1;
            }
            line += count;
        }
        if fast_path.runs.is_empty() || text.contains(Self::MARK) {
            return None;
        }
        rest.push_str(&text[copied..]);
        Some((fast_path, rest))
    }
}

/// Returns the offset of the next line.
fn next_line(bytes: &[u8], offset: usize) -> usize {
    bytes[offset..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| offset + length + 1)
}

/// Parses a line `- local@domain`: its indentation, and the offset of the next line.
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
