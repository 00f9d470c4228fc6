//! Rule `data-loss`: destroyed data must be acknowledged, also in a move.
//!
//! Some vendors delete voicemail, history or drafts together with a license, and their consoles do not say so before it happens.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use smol_str::SmolStr;

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::env::clock::day_of;
use crate::model::{Acknowledgement, Desired, Operation};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "data-loss",
    codes: &[&code::DATA_LOSS, &code::ACKNOWLEDGEMENT_ENDING],
    level: Some(Level::Deny),
    stage: Stage::Plan,
    checks: "Every person whose data an operation destroys has a valid acknowledgement, also for a move.",
    rationale: "The vendor deletes voicemail, history or drafts with the license, and its console does not warn.",
    remedy: "Export what is needed, then add the person to `acknowledgements` with the tenant and a note.",
    example: "data_loss: deny | approve | warn",
};

/// The valid acknowledgements by tenant and person.
#[derive(Debug, Default)]
struct AcknowledgementIndex<'a> {
    by_person: BTreeMap<(&'a SmolStr, &'a SmolStr), &'a Acknowledgement>,
}

impl<'a> AcknowledgementIndex<'a> {
    /// Indexes the acknowledgements that are valid on a day.
    fn new(desired: &'a Desired, day: Date) -> Self {
        let mut by_person = BTreeMap::<_, &Acknowledgement>::new();
        for one in desired.acknowledgements.iter().filter(|one| one.until.is_none_or(|until| day <= until)) {
            for person in &one.people {
                let slot = by_person.entry((&one.tenant, desired.people.key(*person))).or_insert(one);
                // Of several, keep the one that ends last.
                if slot.until.is_some_and(|until| one.until.is_none_or(|other| other > until)) {
                    *slot = one;
                }
            }
        }
        Self { by_person }
    }
}

/// Reports unacknowledged data loss, and used acknowledgements that are about to end.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    // A plan for a day in the past does not revive an expired acknowledgement.
    let (desired, day) = (facts.desired, facts.now.day.max(day_of(facts.now.time)));
    let acknowledged = AcknowledgementIndex::new(desired, day);
    let mut ending = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (operation, account) in facts.operations().filter(|(operation, _)| !operation.loses.is_empty()) {
        let layer = facts.policy.layer_of(&operation.tenant);
        if let Some(one) = acknowledged.by_person.get(&(&operation.tenant, &operation.person)) {
            let near = |until: &Date| is_ending_soon(*until, day, layer.expiring.days);
            ending.extend(one.until.filter(near).map(|until| (one.source, until)));
            continue;
        }
        if !seen.insert((&operation.tenant, &operation.person, &operation.license)) {
            continue;
        }
        let message = format!(
            "`{}` loses {}{}",
            operation.person,
            join_texts(&operation.loses),
            message_suffix(&operation.tenant, &operation.license)
        );
        let entry = format!("`{{ tenant: {}, people: [{}], note: ... }}`", operation.tenant, operation.person);
        let finding = Finding::error(&code::DATA_LOSS, message)
            .help(format!("export what is needed, then add {entry} to `acknowledgements`"))
            .at(operation.location())
            .people([operation.person.clone()])
            // An approval does not cover another account with the same address.
            .value("account", operation.account.as_str())
            .value("loses", operation.loses.clone())
            .smallest_change(format!("add {entry} to `acknowledgements`"));
        let teams = facts.policy.teams.iter();
        let own =
            teams.filter(|team| team.people.find_by_any_name(&operation.person, &operation.tenant, account).is_some());
        let level = own.map(|team| team.layer.data_loss).chain([layer.data_loss]).max().unwrap_or(Level::Deny);
        violations.push(Violation::new(&RULE, level, finding).scoped_to(&operation.tenant, &operation.license));
    }
    for (at, until) in ending {
        let finding = Finding::warning(
            &code::ACKNOWLEDGEMENT_ENDING,
            format!("an acknowledgement that this plan uses ends on {until}"),
        )
        .help("apply the plan before that day, or set a later `until`")
        .at(desired.files.source(at));
        violations.push(Violation::new(&RULE, Level::Warn, finding));
    }
}

/// Returns whether a finding of this rule is about the data that an operation destroys.
pub fn is_unacknowledged(finding: &Finding, operation: &Operation) -> bool {
    // Names can contain any text, so the message is compared, not parsed.
    finding.code == code::DATA_LOSS.id
        && finding.people.contains(&operation.person)
        && finding.message.ends_with(&message_suffix(&operation.tenant, &operation.license))
}

/// Returns the end of the finding's message.
fn message_suffix(tenant: &str, license: &str) -> String {
    format!(" with `{tenant}/{license}`, not acknowledged")
}

/// Returns whether a day is within the warning period.
fn is_ending_soon(until: Date, day: Date, days: u32) -> bool {
    until.since(day).is_ok_and(|span| i64::from(span.get_days()) <= i64::from(days))
}

/// Joins texts for a message.
fn join_texts(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
