//! `approvals`: approvals of findings.

use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::resolve::resolver::Resolver;
use crate::manifest::schema::ApprovalEntry;
use crate::manifest::yaml::{Located, excerpt};
use crate::model::{Approval, PersonKey};

/// The length of `sha256:` and the digits.
const DIGEST_CHARS: usize = 71;

/// Resolves the approvals; those that are invalid are reported and left out.
pub(in crate::manifest::resolve) fn resolve(
    resolver: &mut Resolver,
    entries: Vec<Located<ApprovalEntry>>,
) -> Vec<Approval> {
    let mut resolved = Vec::new();
    for Located { value: entry, at } in entries {
        let mut findings = Vec::new();
        for digest in entry.findings.into_items() {
            if is_digest(&digest.value) {
                findings.push(digest.value);
            } else {
                let message = format!("invalid digest `{}`", excerpt(&digest.value));
                resolver.error(&codes::VALUE_OUT_OF_RANGE, message, "copy it from the plan: `sha256:...`", digest.at);
            }
        }
        let until = entry.until.get().and_then(|until| resolver.date(until));
        let (Some(by), Some(until)) = (entry.by.into_inner(), until) else { continue };
        if resolver.person_key(&by.value, by.at).is_some() {
            let source = Some(resolver.files.source(at));
            resolved.push(Approval { findings, by: PersonKey::normalize(&by.value), until: Some(until), source });
        }
    }
    resolved
}

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    text.len() == DIGEST_CHARS
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
