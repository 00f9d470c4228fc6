//! Commands that CI servers execute from a job's log; a hostile name could otherwise hide a value, fold lines or fail a
//! job.
//!
//! GitHub's runner reads `::name …` at the start of a line after blanks, and `##[name …]` anywhere in it; Azure's
//! `##vso[…]` and TeamCity's `##teamcity[…]` have the second form. Wrapping may move any word to the start of a line,
//! so every word counts as one.

/// Returns whether the text may contain a command.
pub(super) fn may_contain_command(text: &str) -> bool {
    text.contains("::") || text.contains("##")
}

/// Returns whether a command starts here, after that character.
pub(super) fn starts_command(before: Option<char>, text: &str) -> bool {
    let is_at_word = before.is_none_or(|character| !character.is_alphanumeric());
    (is_at_word && text.starts_with("::")) || starts_inline_command(text)
}

/// Returns whether a command starts here that is valid anywhere in a line.
pub(super) fn starts_inline_command(text: &str) -> bool {
    let name = |character: char| character.is_ascii_alphanumeric();
    text.strip_prefix("##").is_some_and(|rest| rest.trim_start_matches(name).starts_with('['))
}
