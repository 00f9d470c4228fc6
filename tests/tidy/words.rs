//! Words and phrases that are not allowed in the repository.
//!
//! The lists are split into parts so that this file does not break its own rules.

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

/// Phrases that read like a literal translation, each as two parts, with a plain alternative.
const ODD_PHRASES: [(&str, &str, &str); 41] = [
    ("a", "new", "again"),
    ("all in", " all", "leave it out"),
    ("any", "body", "anyone"),
    ("are to", "ld", "name the actor"),
    ("asked ba", "ck", "request again"),
    ("at work", " on", "in progress"),
    ("be", "get", "create"),
    ("bears", "", "accepts"),
    ("becomes", " of", "happens to"),
    ("by hand", "", "manually"),
    ("came", " of", "the result of"),
    ("can be", " had", "is available"),
    ("cannot be", " had", "is not available"),
    ("come", " of", "the result of"),
    ("dear", "er", "more expensive"),
    ("for there", " is", "because"),
    ("for want", " of", "without"),
    ("for who", "ever", "for people who"),
    ("give", " back", "roll back, restore"),
    ("given", " back", "rolled back, restored"),
    ("good", "will", "name the mechanism"),
    ("hither", "to", "so far"),
    ("is no", " more", "no longer exists"),
    ("is s", "aid", "name the actor"),
    ("is to", "ld", "name the actor"),
    ("lack", "ing", "missing"),
    ("le", "st", "so that ... not"),
    ("lets us", " in", "grants access"),
    ("look at", " once", "check"),
    ("makes no", " sense", "invalid"),
    ("mend", "", "fix"),
    ("mends", "", "fixes"),
    ("nobody", " knows", "unknown"),
    ("nou", "ght", "nothing"),
    ("sha", "ll", "must, does"),
    ("some", "body", "someone, a person"),
    ("taken care", " of", "acknowledged, handled"),
    ("the", "rein", "in it"),
    ("what is", " there", "current state"),
    ("whe", "nce", "from where"),
    ("who", "ever", "anyone who"),
];

/// Returns whether `text`, in lower case, contains `phrase` as whole words.
fn contains_words(text: &str, phrase: &str) -> bool {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    text.match_indices(phrase).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(is_word)
            && !text[at + phrase.len()..].chars().next().is_some_and(is_word)
    })
}

#[test]
fn odd_phrases_are_rejected() {
    let phrases: Vec<_> =
        ODD_PHRASES.iter().map(|(first, second, plain)| (first.to_lowercase() + second, plain)).collect();
    let mut breaches = Vec::new();
    for file in files("") {
        if FOREIGN.contains(&file.path.as_str()) || file.path == "tests/tidy/words.rs" {
            continue;
        }
        for (index, line) in file.text.as_deref().unwrap_or_default().lines().enumerate() {
            let line = line.to_lowercase();
            for (phrase, plain) in &phrases {
                if contains_words(&line, phrase) {
                    breaches.push(format!("{}:{}: `{phrase}`; write: {plain}", file.path, index + 1));
                }
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn phrase_is_found_as_whole_words_only() {
    assert!(contains_words("to mend it", "mend") && contains_words("mend", "mend"));
    assert!(!contains_words("recommend a", "mend") && !contains_words("mend_it", "mend"));
}
