//! What CI servers read in the log of a job and take for a command: whoever can put a name on a line of ours could
//! otherwise hide a value, fold lines away, or mark a job as failed.
//!
//! Source: GitHub's runner reads `::name …` at the start of a line, blanks aside, and `##[name …]` anywhere in it; Azure's
//! `##vso[…]` and TeamCity's `##teamcity[…]` have the second form. A text may come to stand at the start of a line by
//! wrapping, so that every word counts as one.

/// Whether it is worth looking closer.
pub(super) fn may_contain_command(text: &str) -> bool {
    text.contains("::") || text.contains("##")
}

/// Whether a command begins here, after that character.
pub(super) fn starts_command(before: Option<char>, text: &str) -> bool {
    let is_at_word = before.is_none_or(|character| !character.is_alphanumeric());
    (is_at_word && text.starts_with("::")) || starts_inline_command(text)
}

/// Whether a command begins here that is one anywhere in a line.
pub(super) fn starts_inline_command(text: &str) -> bool {
    let name = |character: char| character.is_ascii_alphanumeric();
    text.strip_prefix("##").is_some_and(|rest| rest.trim_start_matches(name).starts_with('['))
}
