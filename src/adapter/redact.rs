//! Redaction of secrets in vendors' responses, before the journal stores them.
//!
//! Vendors echo requests, so everything that is like a credential is hidden, in any format. The result is at most
//! [`BODY_MAX_BYTES`] long, and takes linear time.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The largest stored response, in bytes.
pub(super) const BODY_MAX_BYTES: usize = 2048;

/// How many bytes of a response are scanned.
const INPUT_MAX_BYTES: usize = 64 * 1024;

/// What URLs encode.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What replaces a secret.
const HIDDEN: &str = "[hidden]";

/// The end of a truncated response.
const TRUNCATION_MARK: &str = "[...]";

/// The shortest known secret that is hidden; a shorter one would hide common words.
const SECRET_MIN_BYTES: usize = 4;

/// Words in the key of a secret value, compared without case, `-` and `_`.
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

/// Authentication schemes, which a credential follows.
const SCHEMES: &[&str] = &["bearer", "basic", "digest", "negotiate"];

/// Returns a response as truncated text, without `secrets` and anything that is like one.
pub(crate) fn body(bytes: &[u8], secrets: &[&str]) -> String {
    let scanned = bytes.get(..INPUT_MAX_BYTES).unwrap_or(bytes);
    let text = String::from_utf8_lossy(scanned);
    truncate(&self::text(&text, secrets), bytes.len() > scanned.len())
}

/// Returns a secret as plain text, in JSON, and percent-encoded.
fn encodings(secret: &str) -> Vec<Cow<'_, str>> {
    let mut encodings = vec![Cow::Borrowed(secret)];
    let quoted = serde_json::Value::from(secret).to_string();
    let quoted = quoted.trim_matches('"').to_owned();
    let slashed = quoted.replace('/', "\\/");
    let encoded = utf8_percent_encode(secret, RESERVED).to_string();
    encodings.extend([quoted, slashed, encoded].into_iter().filter(|other| other != secret).map(Cow::Owned));
    encodings
}

/// Returns a text without `secrets` and anything that is like one.
pub(crate) fn text(text: &str, secrets: &[&str]) -> String {
    let mut known: Cow<'_, str> = Cow::Borrowed(text);
    for secret in secrets.iter().filter(|secret| secret.len() >= SECRET_MIN_BYTES) {
        for encoding in encodings(secret) {
            if known.contains(&*encoding) {
                known = Cow::Owned(known.replace(&*encoding, HIDDEN));
            }
        }
    }
    let mut out = String::with_capacity(known.len());
    let mut rest = &*known;
    // Whether the previous word names a secret, so that the next value is one.
    let mut hides = false;
    while let Some(first) = rest.chars().next() {
        if !is_word_character(first) {
            let (between, after) = rest.split_at(first.len_utf8());
            // A new line or field ends the effect of a key.
            hides &= !matches!(first, '\n' | ',' | ';' | '&' | '}' | ']');
            let control = first.is_control() && first != '\n' && first != '\t';
            out.push_str(if control { " " } else { between });
            rest = after;
            if hides && matches!(first, '"' | '\'') && expects_value(&out) {
                // Hide a quoted value completely.
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

/// Whether a value follows: after `key:`, `key=`, `"key": "` or `Bearer `.
fn expects_value(written: &str) -> bool {
    let before = written.trim_end_matches(['"', '\'', ' ', '\t']);
    before.ends_with([':', '=', '>']) || SCHEMES.iter().any(|scheme| ends_with_word(before, scheme))
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let Some(start) = text.len().checked_sub(word.len()) else { return false };
    text.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(word))
}

/// Returns the end of a quoted text.
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

/// Returns the length of the user information at the start of an authority.
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

/// Whether a word is like a credential: a JSON Web Token, or a key with a common prefix.
fn is_token(word: &str) -> bool {
    const PREFIXES: &[&str] = &["sk_", "sk-", "pk_", "rk_", "ghp_", "gho_", "ghs_", "xoxb-", "xoxp-", "AKIA", "ya29."];
    (word.starts_with("eyJ") && word.matches('.').count() >= 1)
        || (word.len() >= 16 && PREFIXES.iter().any(|prefix| word.starts_with(prefix)))
}

/// Truncates a text to [`BODY_MAX_BYTES`].
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
    fn values_of_secret_keys_are_hidden() {
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
    fn known_secrets_are_hidden_everywhere() {
        assert_eq!(
            text("you sent k3y-0f-0urs twice: k3y-0f-0urs", &["k3y-0f-0urs", ""]),
            "you sent [hidden] twice: [hidden]"
        );
    }

    #[test]
    fn long_response_is_truncated_with_a_mark() {
        let long = body("ä".repeat(100_000).as_bytes(), &[]);
        assert!(long.len() <= BODY_MAX_BYTES && long.ends_with(TRUNCATION_MARK), "{}", long.len());
        assert_eq!(body(b"short\x07\xff", &[]), "short \u{fffd}");
    }

    proptest! {
        #[test]
        fn secret_in_json_is_always_hidden(before in "[a-z ,:{}\"]{0,20}", secret in "[A-Za-z0-9]{12,40}") {
            let answer = format!("{before}\n{{\"x\": 1, \"password\": \"{secret}\"}}");
            let kept = body(answer.as_bytes(), &[]);
            prop_assert!(!kept.contains(&secret), "{kept}");
        }

        #[test]
        fn result_has_bounded_length(bytes in prop::collection::vec(any::<u8>(), 0..5000)) {
            prop_assert!(body(&bytes, &[]).len() <= BODY_MAX_BYTES);
        }
    }
}
