//! Destroyed data must be acknowledged, also in a move.
//!
//! Some vendors delete voicemail, history or drafts together with a license. Nobody sees that in an admin console
//! before it has happened, so somebody has to write down for whom it was taken care of.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use smol_str::SmolStr;

use super::settings::Policy;
use crate::diagnostic::{Finding, Source, catalog::policy as code};
use crate::model::{Acknowledgement, Desired, Operation};

/// Who has taken care of whose data.
#[derive(Debug, Default)]
pub struct Acknowledged<'a> {
    by_person: BTreeMap<(&'a SmolStr, &'a SmolStr), &'a Acknowledgement>,
}

impl<'a> Acknowledged<'a> {
    /// The acknowledgements that count on `day`.
    pub fn new(desired: &'a Desired, day: Date) -> Self {
        let mut by_person = BTreeMap::<_, &Acknowledgement>::new();
        for one in desired.acknowledgements.iter().filter(|one| one.until.is_none_or(|until| day <= until)) {
            for person in &one.people {
                let slot = by_person.entry((&one.tenant, desired.people.key(*person))).or_insert(one);
                // Of several, the one that counts longest.
                if slot.until.is_some_and(|until| one.until.is_none_or(|other| other > until)) {
                    *slot = one;
                }
            }
        }
        Self { by_person }
    }
}

/// A finding for everybody whose data would be destroyed although nobody has taken care of it, and for
/// acknowledgements in use that end soon.
pub fn check(
    policy: &Policy,
    desired: &Desired,
    acknowledged: &Acknowledged<'_>,
    operations: &[Operation],
    day: Date,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut ending = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for operation in operations.iter().filter(|operation| !operation.loses.is_empty()) {
        if let Some(one) = acknowledged.by_person.get(&(&operation.tenant, &operation.person)) {
            ending.extend(one.until.filter(|until| is_near(*until, day, policy)).map(|until| (one.source, until)));
            continue;
        }
        if !seen.insert((&operation.tenant, &operation.person, &operation.license)) {
            continue;
        }
        let message = format!(
            "`{}` loses {} with `{}/{}`, and nobody has acknowledged that",
            operation.person,
            list(&operation.loses),
            operation.tenant,
            operation.license
        );
        let help = format!(
            "export what is needed, then add `{{ tenant: {}, people: [{}], note: ... }}` to `acknowledgements`",
            operation.tenant, operation.person
        );
        let source: Option<Source> = operation.source.clone();
        findings.push(Finding::new(&code::DATA_LOSS, policy.data_loss.severity(), message).help(help).at(source));
    }
    for (at, until) in ending {
        findings.push(
            Finding::warning(
                &code::ACKNOWLEDGEMENT_ENDING,
                format!("an acknowledgement that this plan relies on ends on {until}"),
            )
            .help("apply the plan before, or give it a later `until`")
            .at(desired.files.source(at)),
        );
    }
    findings
}

/// Whether a day is within the warning time.
fn is_near(until: Date, day: Date, policy: &Policy) -> bool {
    until.since(day).is_ok_and(|span| i64::from(span.get_days()) <= i64::from(policy.expiring_days))
}

/// Texts as a sentence lists them.
fn list(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
