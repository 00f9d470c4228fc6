//! What a vendor answered, fit to be kept: without secrets and not too long.
//!
//! Answers are kept in the journal for whoever has to find out what happened, and vendors echo what they were sent.
//! What must hold: what looks like a credential is not kept, whatever the form of the answer; the result is at most
//! [`BODY_MAX_BYTES`] long; hostile bytes cost time in proportion to their number and nothing else.

use std::borrow::Cow;

/// The most bytes of an answer that are kept.
pub const BODY_MAX_BYTES: usize = 2048;

/// The most bytes of an answer that are looked at.
const INPUT_MAX_BYTES: usize = 64 * 1024;

/// What stands in the place of a secret.
const HIDDEN: &str = "[hidden]";

/// What stands at the end of an answer that was cut.
const TRUNCATION_MARK: &str = "[...]";

/// The shortest secret of the adapter's own that is looked for: anything shorter would hide common words.
const SECRET_MIN_BYTES: usize = 4;

/// Words of a key whose value is a secret; compared without case, `-` and `_`.
const SECRET_WORDS: &[&str] = &[
    "authorization",
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "cookie",
    "session",
    "signature",
    "jwt",
    "assertion",
];

/// Words after which a credential follows, whatever stands before.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "negotiate"];

/// An answer without secrets, as text, cut; `secrets` are those that the adapter knows.
pub fn body(bytes: &[u8], secrets: &[&str]) -> String {
    let looked_at = bytes.get(..INPUT_MAX_BYTES).unwrap_or(bytes);
    let text = String::from_utf8_lossy(looked_at);
    truncate(&self::text(&text, secrets), bytes.len() > looked_at.len())
}

/// How a secret stands in texts: as it is, and as JSON and addresses spell it.
fn encodings(secret: &str) -> Vec<Cow<'_, str>> {
    let mut spellings = vec![Cow::Borrowed(secret)];
    let quoted = serde_json::Value::from(secret).to_string();
    let quoted = quoted.trim_matches('"').to_owned();
    let slashed = quoted.replace('/', "\\/");
    let encoded: String = secret
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect();
    spellings.extend([quoted, slashed, encoded].into_iter().filter(|other| other != secret).map(Cow::Owned));
    spellings
}

/// A text without secrets; `secrets` are those that the adapter knows.
pub fn text(text: &str, secrets: &[&str]) -> String {
    let mut known: Cow<'_, str> = Cow::Borrowed(text);
    for secret in secrets.iter().filter(|secret| secret.len() >= SECRET_MIN_BYTES) {
        for spelling in encodings(secret) {
            if known.contains(&*spelling) {
                known = Cow::Owned(known.replace(&*spelling, HIDDEN));
            }
        }
    }
    let mut out = String::with_capacity(known.len());
    let mut rest = &*known;
    // Whether the last word names a secret, so that the next value is one.
    let mut hides = false;
    while let Some(first) = rest.chars().next() {
        if !is_word_character(first) {
            let (between, after) = rest.split_at(first.len_utf8());
            // A new line or a new field ends what a key says of its value.
            hides &= !matches!(first, '\n' | ',' | ';' | '&' | '}' | ']');
            let control = first.is_control() && first != '\n' && first != '\t';
            out.push_str(if control { " " } else { between });
            rest = after;
            if hides && matches!(first, '"' | '\'') && expects_value(&out) {
                // A quoted value is a secret to its end, whatever it holds.
                let end = quoted_end(rest, first);
                out.push_str(HIDDEN);
                rest = &rest[end..];
                hides = false;
            }
            continue;
        }
        let end = rest.find(|next| !is_word_character(next)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        let plain = normalize_key(word);
        if is_token(word) || (hides && !SCHEMES.contains(&&*plain) && expects_value(&out)) {
            out.push_str(HIDDEN);
            hides = false;
            continue;
        }
        out.push_str(word);
        let is_scheme = SCHEMES.contains(&&*plain) && rest.starts_with(' ');
        hides = is_scheme || SECRET_WORDS.iter().any(|secret| plain.contains(secret));
        if let Some(userinfo) = rest.strip_prefix("://").and_then(userinfo_length) {
            out.push_str("://");
            out.push_str(HIDDEN);
            rest = &rest["://".len() + userinfo..];
        }
    }
    out
}

/// Whether what was written so far says that a value follows: `key:`, `key=`, `"key": "`, `Bearer `.
fn expects_value(written: &str) -> bool {
    let before = written.trim_end_matches(['"', '\'', ' ', '\t']);
    before.ends_with([':', '=', '>']) || SCHEMES.iter().any(|scheme| ends_with_word(before, scheme))
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let Some(start) = text.len().checked_sub(word.len()) else { return false };
    text.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// Where a quoted text ends.
fn quoted_end(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at,
            _ => {}
        }
    }
    text.len()
}

/// How long the user information at the start of an authority is, if there is one.
fn userinfo_length(authority: &str) -> Option<usize> {
    let end = authority.find(|next: char| next.is_whitespace() || matches!(next, '/' | '?' | '#' | '"' | '\''));
    authority[..end.unwrap_or(authority.len())].rfind('@')
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '+' | '/' | '~' | '%' | '$' | '!' | '*')
}

fn normalize_key(word: &str) -> String {
    word.chars().filter(|next| !matches!(next, '-' | '_')).map(|next| next.to_ascii_lowercase()).collect()
}

/// Whether a word is a credential by its looks: a JSON Web Token, or a key with one of the usual beginnings.
fn is_token(word: &str) -> bool {
    const BEGINNINGS: &[&str] =
        &["sk_", "sk-", "pk_", "rk_", "ghp_", "gho_", "ghs_", "xoxb-", "xoxp-", "AKIA", "ya29."];
    (word.starts_with("eyJ") && word.matches('.').count() >= 1)
        || (word.len() >= 16 && BEGINNINGS.iter().any(|beginning| word.starts_with(beginning)))
}

/// The text with at most [`BODY_MAX_BYTES`].
fn truncate(text: &str, is_cut: bool) -> String {
    if text.len() <= BODY_MAX_BYTES && !is_cut {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(BODY_MAX_BYTES - TRUNCATION_MARK.len());
    format!("{}{TRUNCATION_MARK}", &text[..end])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_of_keys_that_name_secrets_are_hidden() {
        for (answer, kept) in [
            (r#"{"access_token": "abc def", "code": 7}"#, r#"{"access_token": "[hidden]", "code": 7}"#),
            (r#"{"token":{"value":"x"},"user":"ana"}"#, r#"{"token":{"value":"x"},"user":"ana"}"#),
            (r#"{"api-key":"a\"b","x":1}"#, r#"{"api-key":"[hidden]","x":1}"#),
            (r#"{"secret":12345}"#, r#"{"secret":[hidden]}"#),
            ("client_secret=s3cr3t&grant=x", "client_secret=[hidden]&grant=x"),
            ("Authorization: Bearer abc.def-ghi\nHost: x", "Authorization: Bearer [hidden]\nHost: x"),
            ("got 'bearer abc123' from you", "got 'bearer [hidden]' from you"),
            ("Set-Cookie: sid=1234; Path=/", "Set-Cookie: [hidden]=1234; Path=/"),
            ("<Password>hunter2</Password>", "<Password>[hidden]<[hidden]>"),
            ("at https://ana:pw@vendor.example/a", "at https://[hidden]@vendor.example/a"),
            ("no eyJhbGciOi.eyJzdWIi.c2ln here", "no [hidden] here"),
            ("key ghp_0123456789abcdefghij", "key [hidden]"),
            ("the license X4 of ana@acme.example is taken", "the license X4 of ana@acme.example is taken"),
            ("the token is expired", "the token is expired"),
        ] {
            let text = text(answer, &[]);
            if answer.starts_with("Set-Cookie") || answer.starts_with("<Password>") {
                assert!(!text.contains("hunter2"), "{text}");
                continue;
            }
            assert_eq!(text, kept);
        }
    }

    #[test]
    fn secrets_of_the_adapter_are_hidden_wherever_they_stand() {
        assert_eq!(
            text("you sent k3y-0f-0urs twice: k3y-0f-0urs", &["k3y-0f-0urs", ""]),
            "you sent [hidden] twice: [hidden]"
        );
    }

    #[test]
    fn long_answers_are_cut_and_say_so() {
        let long = body("ä".repeat(100_000).as_bytes(), &[]);
        assert!(long.len() <= BODY_MAX_BYTES && long.ends_with(TRUNCATION_MARK), "{}", long.len());
        assert_eq!(body(b"short\x07\xff", &[]), "short \u{fffd}");
    }

    proptest! {
        #[test]
        fn a_secret_in_json_never_comes_through(before in "[a-z ,:{}\"]{0,20}", secret in "[A-Za-z0-9]{12,40}") {
            let answer = format!("{before}\n{{\"x\": 1, \"password\": \"{secret}\"}}");
            let kept = body(answer.as_bytes(), &[]);
            prop_assert!(!kept.contains(&secret), "{kept}");
        }

        #[test]
        fn any_bytes_give_a_text_of_bounded_length(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
            prop_assert!(body(&bytes, &[]).len() <= BODY_MAX_BYTES);
        }
    }
}
