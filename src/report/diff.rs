//! Current and desired state: two lines per person who differs.
//!
//! The diff shows the desired state even if it cannot be reached; a plan shows whether it can.

use std::fmt::Write as _;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use smol_str::SmolStr;
use unicode_width::UnicodeWidthStr;

use super::escape::escape;
use super::format::pluralize;
use super::{TextStyle, Tone};

/// The maximum width of the name column.
const MAX_NAME_WIDTH: usize = 48;

/// All differences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DiffReport {
    /// By tenant.
    pub tenants: Vec<TenantDiffReport>,
}

/// The differences at one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TenantDiffReport {
    /// The tenant.
    pub tenant: SmolStr,
    /// When the tenant was observed.
    pub observed_at: Timestamp,
    /// Whether the observation is complete.
    pub complete: bool,
    /// Everyone who differs, by key.
    pub people: Vec<PersonDiff>,
}

/// The difference of one person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct PersonDiff {
    /// The person's key.
    pub person: SmolStr,
    /// What the person holds.
    pub current: Vec<String>,
    /// What the person should hold.
    pub desired: Vec<String>,
}

impl DiffReport {
    /// Returns whether nobody differs.
    pub fn is_empty(&self) -> bool {
        self.tenants.iter().all(|tenant| tenant.people.is_empty())
    }
}

/// Renders the differences like a unified diff.
pub fn text(diff: &DiffReport, style: TextStyle) -> String {
    let mut text = String::new();
    for tenant in &diff.tenants {
        if tenant.people.is_empty() {
            continue;
        }
        let name = escape(&tenant.tenant).into_owned();
        let partial = if tenant.complete { "" } else { ", incomplete" };
        let before = format!("--- {name}  current at {:.0}{partial}", tenant.observed_at);
        let _ = writeln!(text, "{}", style.paint(Tone::Heading, &before));
        let after = format!("+++ {name}  desired");
        let _ = writeln!(text, "{}", style.paint(Tone::Heading, &after));
        let _ = writeln!(text, "@@ {} @@", pluralize(tenant.people.len(), "person", "people"));
        let shown: Vec<_> = tenant.people.iter().map(|person| escape(&person.person)).collect();
        let width = shown.iter().map(|name| name.width().min(MAX_NAME_WIDTH)).max().unwrap_or(0);
        for (person, name) in tenant.people.iter().zip(shown) {
            let line = |licenses: &[String]| match licenses {
                [] => String::new(),
                some => {
                    let gap = width.saturating_sub(name.width());
                    format!("{name}{:gap$}  {}\n", "", escape(&some.join(", ")))
                }
            };
            // Lines of different people are unrelated, so each person is compared separately.
            for change in TextDiff::from_lines(line(&person.current), line(&person.desired)).iter_all_changes() {
                let (sign, tone) = match change.tag() {
                    ChangeTag::Delete => ('-', Some(Tone::Danger)),
                    ChangeTag::Insert => ('+', Some(Tone::Gain)),
                    ChangeTag::Equal => (' ', None),
                };
                let line = format!("{sign}{}", change.value().trim_end_matches('\n'));
                text.push_str(&tone.map_or_else(|| line.clone(), |tone| style.paint(tone, &line)));
                text.push('\n');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(key: &str, current: &[&str], desired: &[&str]) -> PersonDiff {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        PersonDiff { person: key.into(), current: own(current), desired: own(desired) }
    }

    fn diff(people: Vec<PersonDiff>) -> DiffReport {
        let observed_at = "2026-11-21T10:00:00Z".parse().unwrap();
        DiffReport { tenants: vec![TenantDiffReport { tenant: "phones".into(), observed_at, complete: true, people }] }
    }

    #[test]
    fn person_has_a_current_and_a_desired_line() {
        let diff = diff(vec![
            person("ana@acme.example", &["X2", "fax"], &["X4", "fax"]),
            person("bo@acme.example", &[], &["X2"]),
            person("cynthia@acme.example", &["X2 (pending)"], &[]),
        ]);
        let expected = "\
--- phones  current at 2026-11-21T10:00:00Z
+++ phones  desired
@@ 3 people @@
-ana@acme.example      X2, fax
+ana@acme.example      X4, fax
+bo@acme.example       X2
-cynthia@acme.example  X2 (pending)
";
        assert_eq!(text(&diff, TextStyle::PLAIN), expected);
    }

    #[test]
    fn tenant_without_differences_is_omitted() {
        let diff = diff(Vec::new());
        assert!(diff.is_empty());
        assert_eq!(text(&diff, TextStyle::PLAIN), "");
    }

    #[test]
    fn external_names_stay_on_their_line() {
        let text = text(&diff(vec![person("a\nb@acme.example", &["x\u{1b}[2J"], &["y\n+z"])]), TextStyle::PLAIN);
        assert_eq!(text.lines().count(), 5, "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
