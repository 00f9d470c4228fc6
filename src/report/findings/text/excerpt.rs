//! Escaped source lines around the locations of a finding.
//!
//! miette would search the whole text for each finding, so it gets only the relevant lines with their numbers.
//! Locations of one finding that are far apart become separate blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::diagnostic::{Files, Source, SourceFile};
use crate::report::escape;
use crate::report::source_path::display_path;

/// The number of lines shown before and after a location.
const CONTEXT_LINES: u32 = 1;
/// Closer locations in one file share a block.
const JOIN_LINES: u32 = 4;
/// Longer lines are truncated around the location.
const MAX_LINE_CHARS: usize = 160;
/// The number of characters kept before the location in a truncated line.
const KEPT_BEFORE: usize = 40;

/// The files of a manifest with cached line offsets.
pub(super) struct FileLines<'a> {
    files: &'a Files,
    known: BTreeMap<Arc<str>, Option<(&'a SourceFile, Vec<usize>)>>,
}

impl<'a> FileLines<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Self { files, known: BTreeMap::new() }
    }

    fn lines_of(&mut self, name: &Arc<str>) -> Option<&(&'a SourceFile, Vec<usize>)> {
        let files = self.files;
        self.known
            .entry(Arc::clone(name))
            .or_insert_with(|| {
                let file = files.by_name(name).filter(|file| !file.text.is_empty())?;
                // A final line feed begins no line.
                let breaks = file.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
                let starts = breaks.filter(|start| *start < file.text.len());
                Some((file, std::iter::once(0).chain(starts).collect()))
            })
            .as_ref()
    }
}

/// Returns one line of a file without its line feed; empty past the last line.
fn nth_line<'t>(text: &'t str, starts: &[usize], number: u32) -> &'t str {
    let index = number.saturating_sub(1) as usize;
    let Some(start) = starts.get(index) else { return "" };
    let end = starts.get(index + 1).copied().unwrap_or(text.len());
    let line = text.get(*start..end).unwrap_or("");
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// A location with its label.
pub(super) struct LabeledSource<'a> {
    pub(super) source: &'a Source,
    pub(super) label: Option<String>,
}

/// Escaped lines of one file.
#[derive(Debug)]
struct Block {
    name: String,
    first: u32,
    last: u32,
    /// The offset of the text among the texts of all blocks.
    offset: usize,
    text: String,
}

/// The blocks and labels that miette renders.
#[derive(Debug, Default)]
pub(super) struct SourceExcerpt {
    blocks: Vec<Block>,
    labels: Vec<LabeledSpan>,
    /// The line and column of each label, from 0.
    label_positions: Vec<(usize, usize)>,
}

impl SourceExcerpt {
    /// Extracts the lines of the locations; ignores files that were not read.
    pub(super) fn new(lines: &mut FileLines<'_>, marks: &[LabeledSource<'_>]) -> Self {
        let mut excerpt = Self::default();
        let mut members: Vec<Vec<&LabeledSource<'_>>> = Vec::new();
        let mut names: Vec<Arc<str>> = Vec::new();
        for mark in marks {
            let at = mark.source.line;
            let Some((file, starts)) = lines.lines_of(&mark.source.file) else { continue };
            let name = display_path(&file.path);
            let last_line = u32::try_from(starts.len()).unwrap_or(u32::MAX);
            let (first, last) = (at.saturating_sub(CONTEXT_LINES).max(1), at.saturating_add(CONTEXT_LINES));
            let last = last.min(last_line).max(at);
            let near = excerpt.blocks.iter().position(|block| {
                block.name == name
                    && first <= block.last.saturating_add(JOIN_LINES)
                    && block.first <= last.saturating_add(JOIN_LINES)
            });
            if let Some(near) = near {
                let block = &mut excerpt.blocks[near];
                (block.first, block.last) = (block.first.min(first), block.last.max(last));
                members[near].push(mark);
            } else {
                excerpt.blocks.push(Block { name, first, last, offset: 0, text: String::new() });
                members.push(vec![mark]);
                names.push(Arc::clone(&mark.source.file));
            }
        }
        let mut offset = 0;
        for ((index, marks), name) in members.iter().enumerate().zip(names) {
            let Some((file, starts)) = lines.lines_of(&name) else { continue };
            let block = &mut excerpt.blocks[index];
            block.offset = offset;
            for number in block.first..=block.last {
                let text = nth_line(&file.text, starts, number);
                let here: Vec<_> = marks.iter().filter(|mark| mark.source.line == number).collect();
                let focus = here.first().map_or(0, |mark| mark.source.column.saturating_sub(1) as usize);
                let shown = DisplayLine::new(text, focus);
                for mark in here {
                    let column = mark.source.column.saturating_sub(1) as usize;
                    let (start, end) = shown.span(text, column);
                    let start_in_all = offset + block.text.len() + start;
                    excerpt.labels.push(LabeledSpan::new(mark.label.clone(), start_in_all, end - start));
                    excerpt.label_positions.push((number.saturating_sub(1) as usize, column));
                }
                block.text.push_str(&shown.text);
                block.text.push('\n');
            }
            offset += block.text.len();
        }
        excerpt
    }

    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.labels.iter().cloned()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }
}

impl SourceCode for SourceExcerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let holds = |block: &&Block| {
            block.offset <= span.offset() && span.offset() + span.len() < block.offset + block.text.len()
        };
        let block = self.blocks.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let whole = SourceSpan::from((block.offset, block.text.len()));
        let first = block.first.saturating_sub(1) as usize;
        let place = self.labels.iter().zip(&self.label_positions).find(|(label, _)| label.inner() == span);
        // miette requests the location without context to show it in the header.
        let (span, line, column) = match place {
            Some((_, (line, column))) if context_lines_before == 0 => (*span, *line, *column),
            _ => (whole, first, 0),
        };
        let count = block.text.lines().count();
        Ok(Box::new(MietteSpanContents::new_named(
            block.name.clone(),
            block.text.as_bytes(),
            span,
            line,
            column,
            count,
        )))
    }
}

/// One escaped line with the offset of each character.
struct DisplayLine {
    text: String,
    /// The index of the first shown character, and the offset of each character in `text` from there on.
    first: usize,
    offsets: Vec<usize>,
}

impl DisplayLine {
    fn new(line: &str, focus: usize) -> Self {
        let long = line.chars().nth(MAX_LINE_CHARS).is_some();
        let first = if long { focus.saturating_sub(KEPT_BEFORE) } else { 0 };
        let mut text = String::with_capacity(line.len().min(2 * MAX_LINE_CHARS));
        let mut offsets = Vec::new();
        if first > 0 {
            text.push('…');
        }
        let mut rest = line.chars().skip(first);
        for character in rest.by_ref().take(MAX_LINE_CHARS) {
            offsets.push(text.len());
            escape::push_escaped(&mut text, character);
        }
        offsets.push(text.len());
        if rest.next().is_some() {
            text.push('…');
        }
        Self { text, first, offsets }
    }

    /// Returns the start and end of the word at a column in the shown text.
    fn span(&self, line: &str, column: usize) -> (usize, usize) {
        let shown = |column: usize| {
            let index = column.saturating_sub(self.first).min(self.offsets.len().saturating_sub(1));
            self.offsets.get(index).copied().unwrap_or(0)
        };
        (shown(column), shown(column + word_length(line, column)))
    }
}

/// Returns the length of the value or key that starts at a column.
fn word_length(line: &str, column: usize) -> usize {
    let mut rest = line.chars().skip(column);
    let Some(first) = rest.next() else { return 0 };
    let length = match first {
        '"' | '\'' => rest.take_while(|character| *character != first).count() + 2,
        '{' | '[' => 1,
        _ => {
            // A colon ends a key only before a blank or the end: `group:sales` is one word.
            let mut rest = rest.peekable();
            let mut length = 1;
            while let Some(character) = rest.next() {
                let ends = match character {
                    ',' | ']' | '}' | ' ' | '\t' => true,
                    ':' => rest.peek().is_none_or(|next| next.is_whitespace()),
                    _ => false,
                };
                if ends {
                    break;
                }
                length += 1;
            }
            length
        }
    };
    length.min(line.chars().count() - column)
}

#[cfg(test)]
mod tests {
    use super::word_length;

    #[test]
    fn word_ends_where_yaml_ends_it() {
        let cases =
            [("sales: {", 5), ("group:sale]", 10), ("a b", 1), ("\"a b\": c", 5), ("{ a: b }", 1), ("a#b, c", 3)];
        for (line, length) in cases {
            assert_eq!(word_length(line, 0), length, "{line}");
        }
    }
}
