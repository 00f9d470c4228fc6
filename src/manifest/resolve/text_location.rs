//! Places inside a text of a manifest, such as the misspelled name in an expression.

use crate::diagnostic::{Files, Location};
use crate::manifest::yaml::Located;
use smol_str::SmolStr;

/// The place of a character of a text; that of the text where it cannot be told, as in one with escapes.
pub(super) fn locate(files: &Files, text: &Located<SmolStr>, offset: Option<u32>) -> Location {
    offset
        .and_then(|offset| locate_in_line(text, offset).or_else(|| locate_in_block(files, text, offset)))
        .unwrap_or(text.at)
}

/// In a text that stands on one line as it is, plain or in quotes.
fn locate_in_line(text: &Located<SmolStr>, offset: u32) -> Option<Location> {
    let length = u32::try_from(text.value.chars().count()).ok()?;
    let column = match text.at.length.checked_sub(length)? {
        0 => text.at.column + offset,
        2 => text.at.column + 1 + offset,
        _ => return None,
    };
    (offset <= length && !text.value.contains('\n')).then_some(Location { column, length: 1, ..text.at })
}

/// In a text whose lines stand below its key as they are, each after the same blanks.
fn locate_in_block(files: &Files, text: &Located<SmolStr>, offset: u32) -> Option<Location> {
    let before: String = text.value.chars().take(usize::try_from(offset).ok()?).collect();
    let skipped = before.matches('\n').count();
    let line = text.value.split('\n').nth(skipped)?;
    let column = before.rsplit('\n').next()?.chars().count();
    let first = usize::try_from(text.at.line).ok()?.checked_sub(1)?;
    // The place of such a text is that of its mark, or of its first line.
    let source = &files.get(text.at.file)?.text;
    (first..=first + 1).find_map(|start| {
        let written = source.lines().nth(start + skipped)?;
        let indent = written.strip_suffix(line)?;
        (!line.is_empty() && indent.bytes().all(|byte| byte == b' ')).then_some(Location {
            line: u32::try_from(start + skipped + 1).ok()?,
            column: u32::try_from(indent.len() + column + 1).ok()?,
            length: 1,
            ..text.at
        })
    })
}
