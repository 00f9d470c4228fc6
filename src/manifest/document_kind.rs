//! Recognizes observations among manifest files without parsing them.
//!
//! State files are stored next to manifests and can be large, so only their top-level keys are checked.

/// Keys of a manifest that no observation has. A file with one of them is a manifest whatever its `kind`, because one line must not
/// disable a policy.
const SECTIONS: [&str; 6] =
    ["\npolicy:", "\nwaivers:", "\napprovals:", "\nassignments:", "\ntenants:", "\nacknowledgements:"];

/// Returns whether a text has `kind: observation` at its top level, in block style or as JSON.
pub(super) fn is_observation(text: &str) -> bool {
    if text.trim_start().starts_with('{') {
        is_flow_observation(text.as_bytes())
    } else {
        is_block_observation(text) && !SECTIONS.iter().any(|section| text.contains(section))
    }
}

/// Checks block style: a line that starts with the key.
fn is_block_observation(text: &str) -> bool {
    let mut rest = text;
    loop {
        if let Some(value) = kind_value(rest) {
            let value = value.lines().next().unwrap_or_default();
            let value = value.split(" #").next().unwrap_or_default().trim();
            return value.trim_matches(['"', '\'']) == "observation";
        }
        match rest.find("\nkind").or_else(|| rest.find("\n\"kind")) {
            Some(at) => rest = &rest[at + 1..],
            None => return false,
        }
    }
}

fn kind_value(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("kind").or_else(|| line.strip_prefix("\"kind\""))?;
    rest.trim_start_matches(' ').strip_prefix(':')
}

/// Checks JSON and YAML flow style: the key at the first level.
fn is_flow_observation(bytes: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut at = 0;
    let mut last: &[u8] = b"";
    let mut key_is_kind = false;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let start = at + 1;
                at = start;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                last = bytes.get(start..at).unwrap_or_default();
                if depth == 1 && key_is_kind {
                    return last == b"observation";
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 1 => key_is_kind = last == b"kind",
            b',' => {
                if depth == 1 && key_is_kind {
                    return last == b"observation";
                }
                last = b"";
            }
            byte if byte.is_ascii_alphanumeric() => {
                let start = at;
                while at < bytes.len() && bytes[at].is_ascii_alphanumeric() {
                    at += 1;
                }
                last = &bytes[start..at];
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_top_level_kind_makes_an_observation() {
        for text in [
            "apiVersion: reseat/v1\nkind: observation\n",
            "kind: \"observation\" # state\r\n",
            "{\"apiVersion\": \"reseat/v1\", \"kind\": \"observation\", \"accounts\": []}",
            "{ kind: observation, tenant: a }",
        ] {
            assert!(is_observation(text), "{text}");
        }
        for text in [
            "apiVersion: reseat/v1\npeople:\n  a@b:\n    attributes:\n      kind: observation\n",
            "{\"people\": {\"a@b\": {\"attributes\": {\"kind\": \"observation\"}}}}",
            "{\"a\": \"\\\"kind\\\": \\\"observation\\\"\"}",
            "kind: manifest\n",
            "kind: observation\npolicy:\n  protect: [ceo@acme.example]\n",
            "",
        ] {
            assert!(!is_observation(text), "{text}");
        }
    }
}
