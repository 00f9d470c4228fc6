//! Findings about tenants and policy in a manifest under review that differ from the effective ones.
//!
//! Reviewers read them; the plan does not depend on them.
//! Invariants: every difference is reported or counted; the number and length of messages are limited; of a long value, the part
//! that differs is shown.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use smol_str::SmolStr;

use super::raw::{KeyPath, RawEntry, RawSections, RawValue};
use super::yaml::excerpt;
use crate::diagnostic::catalog::policy as codes;
use crate::diagnostic::{Code, Files, Finding, Location, sort};

/// The maximum number of reported differences; the rest is counted.
const REPORTED_MAX: usize = 200;
/// The maximum number of differences that are collected before the first ones are chosen.
const COLLECTED_MAX: usize = 10_000;
/// The maximum number of characters of a value.
const VALUE_CHARS_MAX: usize = 80;
/// The number of characters before the first difference.
const CONTEXT_CHARS: usize = 12;

/// Returns the differences, sorted by location.
pub(super) fn differences(reviewed: &RawSections, in_force: &RawSections, files: &Files) -> Vec<Finding> {
    let mut collector = DifferenceCollector { files, findings: Vec::new(), more: 0 };
    collector.compare_tenants(reviewed, in_force);
    collector.compare_values(reviewed, in_force);
    let sections: BTreeSet<_> = reviewed.entries.keys().chain(in_force.entries.keys()).collect();
    for section in sections {
        let of = |written: &RawSections| written.entries.get(section).cloned().unwrap_or_default();
        collector.compare_entries(section, of(reviewed), of(in_force));
    }
    let DifferenceCollector { mut findings, more, .. } = collector;
    sort(&mut findings);
    if findings.len() + more > REPORTED_MAX {
        let more = findings.len() + more - REPORTED_MAX;
        findings.truncate(REPORTED_MAX);
        let message = format!("{more} more differences");
        let finding = Finding::warning(&codes::DIFFERENCES_TRUNCATED, message);
        findings.push(finding.help("compare the two folders").value("more", more));
    }
    findings
}

struct DifferenceCollector<'a> {
    files: &'a Files,
    findings: Vec<Finding>,
    /// The number of differences that were not collected.
    more: usize,
}

impl DifferenceCollector<'_> {
    fn push(&mut self, code: &'static Code, message: String, here: Option<Location>, in_force: Option<Location>) {
        if self.findings.len() >= COLLECTED_MAX {
            self.more += 1;
            return;
        }
        let place = |at: Location| self.files.source(at);
        let finding = Finding::warning(code, message).at(here.or(in_force).map(place));
        let beside = here.and(in_force);
        self.findings.push(match beside {
            Some(at) => finding.related("the effective value", place(at)),
            None => finding,
        });
    }

    fn compare_tenants(&mut self, reviewed: &RawSections, in_force: &RawSections) {
        for (name, at) in &reviewed.tenants {
            if !in_force.tenants.contains_key(name) {
                let message = format!("the tenant `{}` is only in this manifest and is ignored", excerpt(name));
                self.push(&codes::TENANT_IGNORED, message, Some(*at), None);
            }
        }
        for (name, at) in &in_force.tenants {
            if !reviewed.tenants.contains_key(name) {
                let message = format!("the tenant `{}` is not in this manifest and stays effective", excerpt(name));
                self.push(&codes::TENANT_REMOVAL_IGNORED, message, None, Some(*at));
            }
        }
    }

    fn compare_values(&mut self, reviewed: &RawSections, in_force: &RawSections) {
        let both = |tenant: &SmolStr| reviewed.tenants.contains_key(tenant) && in_force.tenants.contains_key(tenant);
        let paths: BTreeSet<&KeyPath> = reviewed.values.keys().chain(in_force.values.keys()).collect();
        for path in paths {
            let code = match path.as_slice() {
                [section, tenant, ..] if section == "tenants" => {
                    if !both(tenant) {
                        continue;
                    }
                    &codes::TENANT_DIFFERS
                }
                _ => &codes::POLICY_DIFFERS,
            };
            self.compare_value(code, "", path, reviewed.values.get(path), in_force.values.get(path));
        }
    }

    fn compare_value(
        &mut self,
        code: &'static Code,
        prefix: &str,
        path: &KeyPath,
        here: Option<&(RawValue, Location)>,
        in_force: Option<&(RawValue, Location)>,
    ) {
        let key: Vec<_> = path.iter().map(|key| excerpt(key)).collect();
        let key = format!("{prefix}{}", key.join("."));
        let message = match (here.map(|(leaf, _)| leaf), in_force.map(|(leaf, _)| leaf)) {
            (Some(RawValue::List(here)), Some(RawValue::List(in_force))) => {
                match describe_list_difference(here, in_force) {
                    Some(said) => format!("`{key}` {said}"),
                    None => return,
                }
            }
            (Some(here), Some(in_force)) if here == in_force && *here != RawValue::Redacted => return,
            (Some(here), Some(in_force)) => {
                let (here, in_force) = display_both(here, in_force);
                format!("`{key}` is {here} here; {in_force} is effective")
            }
            (Some(here), None) => format!("`{key}` is {} here; it is effectively not set", display_value(here, 0)),
            (None, Some(in_force)) => format!("`{key}` is not set here; {} is effective", display_value(in_force, 0)),
            (None, None) => return,
        };
        self.push(code, message, here.map(|(_, at)| *at), in_force.map(|(_, at)| *at));
    }

    /// Compares list entries without names: pairs identical ones first, then those with the same label.
    fn compare_entries(&mut self, section: &str, mut reviewed: Vec<RawEntry>, mut in_force: Vec<RawEntry>) {
        let codes = if section == "waivers" {
            [&codes::WAIVER_IGNORED, &codes::WAIVER_REMOVAL_IGNORED, &codes::WAIVER_DIFFERS]
        } else {
            [&codes::APPROVAL_DIFFERS; 3]
        };
        let what = if section == "waivers" { "waiver" } else { "approval" };
        let mut same = count_common(reviewed.iter().map(|entry| &entry.line), in_force.iter().map(|entry| &entry.line));
        let mut simulator = same.clone();
        reviewed.retain(|entry| !consume(&mut same, &entry.line));
        in_force.retain(|entry| !consume(&mut simulator, &entry.line));
        let mut by_label: BTreeMap<String, VecDeque<RawEntry>> = BTreeMap::new();
        for entry in in_force {
            by_label.entry(entry.label.clone()).or_default().push_back(entry);
        }
        for entry in reviewed {
            let label = excerpt(&entry.label);
            let Some(other) = by_label.get_mut(&entry.label).and_then(VecDeque::pop_front) else {
                let line = display_value(&RawValue::Scalar(entry.line), 0);
                let message = format!("the {what} {line} is only in this manifest and is ignored");
                self.push(codes[0], message, Some(entry.location), None);
                continue;
            };
            let prefix = format!("{section}[{label}].");
            let paths: BTreeSet<&KeyPath> = entry.values.keys().chain(other.values.keys()).collect();
            for path in paths {
                self.compare_value(codes[2], &prefix, path, entry.values.get(path), other.values.get(path));
            }
        }
        for entry in by_label.into_values().flatten() {
            let line = display_value(&RawValue::Scalar(entry.line), 0);
            let message = format!("the {what} {line} is not in this manifest and stays effective");
            self.push(codes[1], message, None, Some(entry.location));
        }
    }
}

/// Counts how often each text is on both sides.
fn count_common<'a>(
    here: impl Iterator<Item = &'a String>,
    in_force: impl Iterator<Item = &'a String>,
) -> BTreeMap<String, usize> {
    let mut times: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    here.for_each(|text| times.entry(text).or_default().0 += 1);
    in_force.for_each(|text| times.entry(text).or_default().1 += 1);
    times.into_iter().map(|(text, (here, in_force))| (text.to_owned(), here.min(in_force))).collect()
}

/// Consumes one occurrence of a text, if any is left.
fn consume(left: &mut BTreeMap<String, usize>, text: &str) -> bool {
    left.get_mut(text).is_some_and(|times| {
        let some = *times > 0;
        *times -= usize::from(some);
        some
    })
}

/// Describes how two lists differ.
fn describe_list_difference(here: &[String], in_force: &[String]) -> Option<String> {
    if here == in_force {
        return None;
    }
    let without = |all: &[String], others: &[String]| {
        let mut same = count_common(all.iter(), others.iter());
        let more: Vec<String> = all.iter().filter(|item| !consume(&mut same, item)).cloned().collect();
        (!more.is_empty()).then(|| display_value(&RawValue::List(more), 0))
    };
    Some(match (without(here, in_force), without(in_force, here)) {
        (None, None) => "has a different order here".to_owned(),
        (Some(more), None) => format!("additionally has {more} here"),
        (None, Some(less)) => format!("does not have {less} here, which is effective"),
        (Some(more), Some(less)) => format!("has {more} here; {less} is effective"),
    })
}

/// Displays two values from their first difference.
fn display_both(here: &RawValue, in_force: &RawValue) -> (String, String) {
    let line = |leaf: &RawValue| match leaf {
        RawValue::Scalar(text) => text.clone(),
        RawValue::List(items) => items.join(", "),
        RawValue::Redacted => String::new(),
    };
    let (a, b) = (line(here), line(in_force));
    let common = a.chars().zip(b.chars()).take_while(|(a, b)| a == b).count();
    let longest = a.chars().count().max(b.chars().count());
    let from = if longest > VALUE_CHARS_MAX { common.saturating_sub(CONTEXT_CHARS) } else { 0 };
    (display_value(here, from), display_value(in_force, from))
}

/// Displays a value from that character.
fn display_value(leaf: &RawValue, from: usize) -> String {
    let (text, brackets) = match leaf {
        RawValue::Redacted => return "`...` (invalid)".to_owned(),
        RawValue::Scalar(text) => (text.clone(), ["", ""]),
        RawValue::List(items) => (items.join(", "), ["[", "]"]),
    };
    if contains_credentials(&text) {
        return "`...` (a URL with a user)".to_owned();
    }
    let (length, [open, close]) = (text.chars().count(), brackets);
    // A backtick would end the quotation, and the rest would look like part of the message.
    let part: String = text.chars().skip(from).take(VALUE_CHARS_MAX).map(|c| if c == '`' { '\'' } else { c }).collect();
    let before = if from > 0 { "..." } else { "" };
    if from + VALUE_CHARS_MAX < length {
        return format!("`{open}{before}{part}...` ({length} characters)");
    }
    format!("`{open}{before}{part}{close}`")
}

/// Returns whether a URL in the text contains a user name or password.
fn contains_credentials(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| rest.split(['/', '?', '#', ' ', ',']).next().unwrap_or_default().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::super::raw::RawValues;
    use super::*;

    fn value(text: &str) -> RawValue {
        RawValue::Scalar(text.to_owned())
    }

    #[test]
    fn long_values_are_shown_where_they_differ() {
        let (long, longer) = ("a".repeat(5_000), "a".repeat(4_999) + "b");
        let (here, in_force) = display_both(&value(&long), &value(&longer));
        assert_ne!(here, in_force);
        assert!(here.len() < 200 && in_force.len() < 200, "{here} {in_force}");
        assert!(display_value(&value(&long), 0).ends_with("(5000 characters)"));
    }

    #[test]
    fn approval_in_a_pull_request_is_reported() {
        let at = Location { file: crate::diagnostic::FileId(0), line: 1, column: 1, length: 0 };
        let entry = |line: &str| RawEntry {
            label: String::new(),
            line: line.to_owned(),
            values: RawValues::new(),
            location: at,
        };
        let with = |lines: &[&str]| {
            let entries = lines.iter().map(|line| entry(line)).collect();
            RawSections { entries: [(SmolStr::new_static("approvals"), entries)].into(), ..RawSections::default() }
        };
        let found = differences(&with(&["{by: me}", "{by: boss}"]), &with(&["{by: boss}"]), &Files::default());
        assert_eq!(found.len(), 1);
        assert_eq!(
            (&*found[0].code, found[0].severity),
            (codes::APPROVAL_DIFFERS.id, crate::diagnostic::Severity::Warning)
        );
        assert_eq!(found[0].message, "the approval `{by: me}` is only in this manifest and is ignored");
    }

    #[test]
    fn backtick_in_a_value_does_not_end_the_quotation() {
        assert_eq!(display_value(&value("90` here; `25"), 0), "`90' here; '25`");
    }

    #[test]
    fn user_in_a_url_is_not_shown() {
        assert!(!display_value(&value("https://me:pass@api.example.com/v1"), 0).contains("pass"));
        assert!(
            !display_value(&RawValue::List(vec!["curl".to_owned(), "http://me:pass@x".to_owned()]), 0).contains("pass")
        );
        assert_eq!(display_value(&value("https://api.example.com/@me"), 0), "`https://api.example.com/@me`");
    }

    #[test]
    fn list_difference_names_added_and_removed_items() {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        let said = |a: &[&str], b: &[&str]| describe_list_difference(&list(a), &list(b));
        assert_eq!(said(&["a", "b"], &["a", "b"]), None);
        assert_eq!(said(&["b", "a"], &["a", "b"]).unwrap(), "has a different order here");
        assert_eq!(said(&["a"], &["a", "b"]).unwrap(), "does not have `[b]` here, which is effective");
        assert_eq!(said(&["a", "a"], &["a"]).unwrap(), "additionally has `[a]` here");
        assert_eq!(said(&["c"], &["a"]).unwrap(), "has `[c]` here; `[a]` is effective");
    }
}
