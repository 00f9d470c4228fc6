//! Locations inside a text, such as that of a misspelled name in an expression.

use crate::diagnostic::{Files, Location};
use crate::manifest::yaml::Located;
use smol_str::SmolStr;

/// Returns the location of a character of a text, or of the text if that is unknown, as in a text with escapes.
pub(super) fn locate(files: &Files, text: &Located<SmolStr>, offset: Option<u32>) -> Location {
    offset
        .and_then(|offset| locate_in_line(text, offset).or_else(|| locate_in_block(files, text, offset)))
        .unwrap_or(text.at)
}

/// Locates a character in a text on one line, plain or quoted.
fn locate_in_line(text: &Located<SmolStr>, offset: u32) -> Option<Location> {
    let length = u32::try_from(text.value.chars().count()).ok()?;
    let column = match text.at.length.checked_sub(length)? {
        0 => text.at.column + offset,
        2 => text.at.column + 1 + offset,
        _ => return None,
    };
    (offset <= length && !text.value.contains('\n')).then_some(Location { column, length: 1, ..text.at })
}

/// Locates a character in a block text, whose lines have the same indentation.
fn locate_in_block(files: &Files, text: &Located<SmolStr>, offset: u32) -> Option<Location> {
    let before: String = text.value.chars().take(usize::try_from(offset).ok()?).collect();
    let skipped = before.matches('\n').count();
    let line = text.value.split('\n').nth(skipped)?;
    let column = before.rsplit('\n').next()?.chars().count();
    let first = usize::try_from(text.at.line).ok()?.checked_sub(1)?;
    // The location of a block text is that of its indicator, or of its first line.
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
