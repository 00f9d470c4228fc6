//! The section of what a manifest under review says of tenants and policy while those of a trusted folder hold.

use std::fmt::Write as _;

use super::super::escape::escape;
use super::super::places::Places;
use super::super::words::wrap_after;
use super::super::{Look, Tone};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::policy as codes;

/// The codes of differences, in the order of their numbers.
const CODES: [&str; 9] = [
    codes::POLICY_DIFFERS.id,
    codes::TENANT_DIFFERS.id,
    codes::TENANT_IGNORED.id,
    codes::TENANT_STAYS.id,
    codes::WAIVER_IGNORED.id,
    codes::WAIVER_STAYS.id,
    codes::WAIVER_DIFFERS.id,
    codes::APPROVAL_DIFFERS.id,
    codes::MORE_DIFFERENCES.id,
];

/// Whether the finding is about something that is not in force.
pub(super) fn is_difference(finding: &Finding) -> bool {
    CODES.contains(&finding.code.as_str())
}

/// The differences among the findings, one each with both places; nothing where there are none.
pub(super) fn section(findings: &[Finding], places: &Places<'_>, look: Look) -> String {
    let differences: Vec<_> = findings.iter().filter(|finding| is_difference(finding)).collect();
    if differences.is_empty() {
        return String::new();
    }
    let number: u64 = differences.iter().map(|finding| counts(finding)).sum();
    let noun = if number == 1 { "difference" } else { "differences" };
    let name = "Tenants and policy of this manifest are not in force";
    let mut text = format!("{} ({number} {noun})\n", look.paint(Tone::Notice, name));
    for finding in differences {
        let code = escape(&finding.code);
        let place = finding.source.as_ref().map(|source| format!(" ({})", places.column(source)));
        let message = format!("{}{}", escape(&finding.message), place.unwrap_or_default());
        let _ = write!(text, "  {}  ", look.paint(Tone::Notice, &code));
        text.push_str(&wrap_after(&message, 4 + code.len(), 6, look.width));
        for related in &finding.related {
            let place =
                related.source.as_ref().map(|source| format!(": {}", places.column(source))).unwrap_or_default();
            let _ = writeln!(text, "      {}{place}", escape(&related.message));
        }
    }
    text
}

/// For how many differences the finding stands.
fn counts(finding: &Finding) -> u64 {
    finding.values.get("more").and_then(serde_json::Value::as_u64).unwrap_or(1)
}
