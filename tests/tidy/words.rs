//! Words that have no place in the repository.
//!
//! The list is written so that this file does not break its own rule.

use super::assert_none;
use super::tree::files;

/// Files whose text is not ours.
const FOREIGN: [&str; 3] = ["Cargo.lock", "LICENSE-APACHE", "LICENSE-MIT"];

/// What must stand nowhere, with what to do instead.
fn banned() -> Vec<(String, &'static str)> {
    let glue = |parts: &[&str]| parts.concat();
    vec![
        (glue(&["TO", "DO"]), "finish it, or file an issue"),
        (glue(&["FIX", "ME"]), "finish it, or file an issue"),
        (glue(&["XX", "X"]), "finish it, or file an issue"),
        (glue(&["to", "do!("]), "finish it"),
        (glue(&["unimpl", "emented!("]), "finish it"),
        (glue(&["#[", "allow("]), "write `#[expect(..., reason = \"...\")]`"),
        (glue(&["#[", "ignore"]), "a test that does not run proves nothing"),
        (glue(&["dbg", "!("]), "take it out"),
        (glue(&["/ho", "me/"]), "paths are relative"),
        (glue(&["/ro", "ot/"]), "paths are relative"),
        (glue(&["/Us", "ers/"]), "paths are relative"),
        (glue(&["/wo", "rk/"]), "paths are relative"),
    ]
}

/// British words; a mistyped key, which is quoted or has a colon after it, is somebody else's spelling.
fn spellings() -> Vec<(String, &'static str)> {
    let glue = |parts: &[&str]| parts.concat();
    vec![
        (glue(&["lice", "nce"]), "American spelling: license"),
        (glue(&["behav", "iour"]), "American spelling: behavior"),
        (glue(&["col", "our"]), "American spelling: color"),
    ]
}

fn is_quoted(line: &str, word: &str) -> bool {
    line.match_indices(word).all(|(at, _)| line[at + word.len()..].starts_with(['"', '`', ':']))
}

#[test]
fn banned_words_stand_nowhere() {
    let (banned, spellings) = (banned(), spellings());
    let mut breaches = Vec::new();
    for file in files("") {
        if FOREIGN.contains(&file.path.as_str()) {
            continue;
        }
        for (index, line) in file.text.as_deref().unwrap_or_default().lines().enumerate() {
            for (word, instead) in &banned {
                if line.contains(word.as_str()) {
                    breaches.push(format!("{}:{}: `{word}`: {instead}", file.path, index + 1));
                }
            }
            for (word, instead) in &spellings {
                if line.contains(word.as_str()) && !is_quoted(line, word) {
                    breaches.push(format!("{}:{}: `{word}`: {instead}", file.path, index + 1));
                }
            }
        }
    }
    assert_none(&breaches);
}
