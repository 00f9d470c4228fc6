//! The content of a visit, independent of its format.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::RunbookInput;
use super::rich_text::RichText;
use super::seats::{SeatTracker, seat_changes};
use super::visits::{VisitLocation, group_into_visits};
use crate::model::{Effect, Operation, OperationId, OperationKind};
use crate::profile::definition::ConsoleAction;
use crate::report::format::pluralize;

/// One visit to the console.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The title.
    pub title: RichText,
    /// The visits that must be done before, from 1.
    pub requires: Vec<usize>,
    /// Warnings to read before the first step.
    pub warnings: Vec<RichText>,
    /// The steps.
    pub steps: Vec<RichText>,
    /// The number of steps that the previous visit already did.
    pub skipped_steps: usize,
    /// The index of the step that lists the people, if the visit handles several at once.
    pub people_list_step: Option<usize>,
    /// The operations.
    pub items: Vec<VisitItem>,
    /// The seats before and after.
    pub seats: Vec<SeatCount>,
    /// Manual tasks after the visit.
    pub follow_ups: Vec<String>,
}

/// One operation of a visit.
#[derive(Clone, Debug)]
pub struct VisitItem {
    /// The id in the plan.
    pub operation: OperationId,
    /// The person.
    pub person: SmolStr,
    /// The description.
    pub text: RichText,
    /// The removal that this operation follows.
    pub removal: Option<OperationId>,
    /// The steps that roll back the removal if this operation fails.
    pub rollback_steps: Option<Vec<RichText>>,
    /// The operations of this tenant that it waits for.
    pub after: Vec<OperationId>,
}

/// The seats of one license before and after a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatCount {
    /// The name of the license in the console.
    pub license: SmolStr,
    /// Used seats before.
    pub before: u64,
    /// Used seats after.
    pub after: u64,
    /// All seats.
    pub total: u64,
}

/// Returns the visits of a runbook.
pub(super) fn visits(sheet: &RunbookInput<'_>) -> Vec<Visit> {
    let operations = sheet.operations();
    let groups = group_into_visits(&operations, sheet.rules.profile().procedure.visit);
    let mut visit_of: BTreeMap<&OperationId, usize> = BTreeMap::new();
    for (number, group) in groups.iter().enumerate() {
        visit_of.extend(group.operations.iter().map(|at| (&operations[*at].id, number)));
    }
    // The removal of an assignment may have happened in an earlier run.
    let skipped = sheet.plan.operations.iter().map(|operation| (&operation.id, operation)).collect();
    let mut seats = SeatTracker::new(sheet);
    let mut visits = Vec::with_capacity(groups.len());
    let mut last_steps: Vec<RichText> = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let own: Vec<&Operation> = group.operations.iter().map(|at| operations[*at]).collect();
        let writer = VisitWriter { sheet, operations_by_id: &skipped, location: &group.location, operations: &own };
        let before = writer.licenses().filter_map(|license| Some((license, seats.of(license)?))).collect::<Vec<_>>();
        for operation in &own {
            seats.apply(operation);
        }
        let line = |(license, (before, total)): (&SmolStr, (u64, u64))| {
            let (after, _) = seats.of(license)?;
            Some(SeatCount { license: sheet.console_name(license), before, after, total })
        };
        let (steps_here, mut steps) = writer.navigation_steps();
        let skipped = steps_here.iter().zip(&last_steps).take_while(|(now, before)| now == before).count();
        last_steps = steps_here;
        let opens = steps.len();
        let listed_at = writer.push_action_steps(&mut steps);
        let needs: BTreeSet<usize> = own
            .iter()
            .flat_map(|operation| &operation.after)
            .filter_map(|id| visit_of.get(id).copied())
            .filter(|earlier| *earlier != number)
            .map(|earlier| earlier + 1)
            .collect();
        visits.push(Visit {
            title: writer.title(),
            requires: needs.into_iter().collect(),
            warnings: writer.warnings(),
            people_list_step: listed_at.map(|at| opens + at),
            steps,
            skipped_steps: skipped,
            items: own.iter().map(|operation| writer.item(operation)).collect(),
            seats: before.into_iter().filter_map(line).collect(),
            follow_ups: writer.follow_ups(),
        });
    }
    visits
}

/// Writes one visit.
struct VisitWriter<'a> {
    sheet: &'a RunbookInput<'a>,
    operations_by_id: &'a BTreeMap<&'a OperationId, &'a Operation>,
    location: &'a VisitLocation,
    operations: &'a [&'a Operation],
}

impl VisitWriter<'_> {
    /// Returns the licenses whose seats change, without duplicates.
    fn licenses(&self) -> impl Iterator<Item = &SmolStr> {
        let touched: BTreeSet<&SmolStr> =
            self.operations.iter().flat_map(|operation| seat_changes(operation)).map(|(l, _)| l).collect();
        touched.into_iter()
    }

    fn procedure_for(&self, kind: OperationKind) -> &'static ConsoleAction {
        let procedure = &self.sheet.rules.profile().procedure;
        match kind {
            OperationKind::Cancel => &procedure.cancel,
            OperationKind::Remove => &procedure.remove,
            OperationKind::Change => &procedure.change,
            OperationKind::Assign => &procedure.assign,
            OperationKind::Restore => &procedure.restore,
            OperationKind::Release => &procedure.release,
        }
    }

    /// Returns the steps that open the location.
    fn navigation_steps(&self) -> (Vec<RichText>, Vec<RichText>) {
        let Some(first) = self.operations.first().filter(|_| !matches!(self.location, VisitLocation::Release)) else {
            return (Vec::new(), Vec::new());
        };
        let steps_here = self.sheet.rules.profile().procedure.open;
        let steps: Vec<RichText> = steps_here.iter().map(|step| self.fill_step(step, first)).collect();
        (steps.clone(), steps)
    }

    /// Adds the steps of the operations, and returns the index of the step that lists the people if the visit handles
    /// several at once.
    fn push_action_steps(&self, steps: &mut Vec<RichText>) -> Option<usize> {
        let procedure = &self.sheet.rules.profile().procedure;
        let mut listed_at = None;
        let first = self.operations.first()?;
        if self.location.is_stepwise() {
            for operation in self.operations {
                let deed = self.procedure_for(operation.kind);
                steps.extend(deed.one.iter().map(|step| self.fill_step(step, operation)));
            }
        } else {
            let deed = self.procedure_for(first.kind);
            let together = if self.operations.len() > 1 && !deed.many.is_empty() { deed.many } else { deed.one };
            listed_at =
                together.iter().position(|step| step.contains("{people}")).filter(|_| self.operations.len() > 1);
            steps.extend(together.iter().map(|step| self.fill_step(step, first)));
        }
        let saves = self
            .operations
            .iter()
            .any(|operation| !matches!(operation.kind, OperationKind::Release | OperationKind::Restore));
        if saves {
            steps.extend(procedure.save.iter().chain(procedure.verify).map(|step| self.fill_step(step, first)));
        }
        listed_at
    }

    /// Fills in a step of the profile for an operation.
    fn fill_step(&self, step: &str, operation: &Operation) -> RichText {
        RichText::step(step, |field| self.fill_field(field, operation))
    }

    fn fill_field(&self, field: &str, operation: &Operation) -> RichText {
        let to = operation.to.as_ref().unwrap_or(&operation.license);
        let name = self.sheet.console_name(to);
        let split = name.split_once('/');
        match field {
            "person" => self.person(operation),
            "people" if self.operations.len() == 1 => self.person(operation),
            "people" => RichText::plain(format!("these {} people", self.operations.len())),
            "license" => RichText::default().label(&name),
            "old" => RichText::default().label(&self.sheet.console_name(&operation.license)),
            "subscription" => RichText::default().label(split.map_or(&*name, |(subscription, _)| subscription)),
            "product" => RichText::default().label(split.map_or(&*name, |(_, product)| product)),
            "memberships" => {
                let mut rich = RichText::default();
                for (number, membership) in operation.memberships.iter().enumerate() {
                    rich = rich.text(if number == 0 { "" } else { ", " }).code(membership);
                }
                rich
            }
            "licenses" => self.freed_seats(),
            other => RichText::plain(format!("{{{other}}}")),
        }
    }

    /// Returns the freed seats by license: `2 seats of X2`.
    fn freed_seats(&self) -> RichText {
        let mut counts: BTreeMap<&SmolStr, usize> = BTreeMap::new();
        for operation in self.operations {
            *counts.entry(&operation.license).or_default() += 1;
        }
        let mut rich = RichText::default();
        for (number, (license, seats)) in counts.into_iter().enumerate() {
            let text = format!("{}{} of ", if number == 0 { "" } else { ", " }, pluralize(seats, "seat", "seats"));
            rich = rich.text(&text).label(&self.sheet.console_name(license));
        }
        rich
    }

    /// Returns the person as the console knows them.
    fn person(&self, operation: &Operation) -> RichText {
        let rich = RichText::default().code(&operation.person);
        // An account without an id is identified by its address.
        if operation.account.eq_ignore_ascii_case(&operation.person) {
            rich
        } else {
            rich.text(" (account ").code(&operation.account).text(")")
        }
    }

    fn title(&self) -> RichText {
        let people = pluralize(self.operations.len(), "person", "people");
        match self.location {
            VisitLocation::To(license) => {
                let rich = match self.operations {
                    [one] => RichText::default().code(&one.person),
                    _ => RichText::plain(people),
                };
                let is_loss = self.operations.iter().all(|operation| operation.effect == Effect::Loss);
                rich.text(if is_loss { " back to " } else { " to " }).label(&self.sheet.console_name(license))
            }
            VisitLocation::From(license) => {
                RichText::plain("remove ").label(&self.sheet.console_name(license)).text(&format!(" from {people}"))
            }
            VisitLocation::Cancel => RichText::plain(format!(
                "cancel {}",
                pluralize(self.operations.len(), "pending request", "pending requests")
            )),
            VisitLocation::Release => RichText::plain("stop the billing of ").append(self.freed_seats()),
            VisitLocation::Person { .. } => {
                let Some(first) = self.operations.first() else { return RichText::default() };
                let mut rich = RichText::default().code(&first.person);
                for (number, operation) in self.operations.iter().enumerate() {
                    rich = rich.text(if number == 0 { ": " } else { ", then " }).append(self.describe(operation));
                }
                rich
            }
        }
    }

    /// Describes the effect of an operation.
    fn describe(&self, operation: &Operation) -> RichText {
        let name = |license: &SmolStr| self.sheet.console_name(license);
        let old = &operation.license;
        match (operation.kind, &operation.to) {
            (OperationKind::Cancel, _) => RichText::plain("cancel the request for ").label(&name(old)),
            (OperationKind::Remove, _) => RichText::plain("remove ").label(&name(old)),
            (OperationKind::Change, Some(to)) => RichText::default().label(&name(old)).text(" → ").label(&name(to)),
            (OperationKind::Change | OperationKind::Assign, _) => RichText::plain("assign ").label(&name(old)),
            (OperationKind::Restore, _) => RichText::plain("restore memberships"),
            (OperationKind::Release, _) => RichText::plain("a seat of ").label(&name(old)),
        }
    }

    fn item(&self, operation: &Operation) -> VisitItem {
        let what = match operation.kind {
            OperationKind::Change if matches!(self.location, VisitLocation::To(_)) => {
                // Only a trial changes to the same license.
                let is_trial = operation.to.as_ref() == Some(&operation.license);
                RichText::plain(if is_trial { "from a trial of " } else { "from " })
                    .label(&self.sheet.console_name(&operation.license))
            }
            _ => self.describe(operation),
        };
        let mut text = self.person(operation).text(": ").append(what);
        if operation.parked {
            text = text.text("; goes first to free a seat for the others");
        }
        VisitItem {
            operation: operation.id.clone(),
            person: operation.person.clone(),
            text,
            removal: self.removal(operation).map(|removal| removal.id.clone()),
            rollback_steps: self.rollback_steps(operation),
            after: operation.after.clone(),
        }
    }

    /// Returns the removal of the person's old license that an assignment follows.
    fn removal(&self, operation: &Operation) -> Option<&Operation> {
        operation.on_failure?;
        let before = operation.after.iter().filter_map(|id| self.operations_by_id.get(id));
        before.copied().find(|removal| removal.kind == OperationKind::Remove && removal.account == operation.account)
    }

    /// Returns the steps that assign the old license again.
    fn rollback_steps(&self, operation: &Operation) -> Option<Vec<RichText>> {
        let removal = self.removal(operation)?;
        let procedure = &self.sheet.rules.profile().procedure;
        let old = Operation { kind: OperationKind::Assign, to: None, ..removal.clone() };
        let steps = procedure.open.iter().chain(procedure.assign.one).chain(procedure.save);
        Some(steps.map(|step| self.fill_step(step, &old)).collect())
    }

    /// Returns what is destroyed, with the acknowledgements.
    fn warnings(&self) -> Vec<RichText> {
        let mut losses: BTreeMap<(&[String], &[String]), Vec<&Operation>> = BTreeMap::new();
        for operation in self.operations.iter().filter(|operation| !operation.loses.is_empty()) {
            losses.entry((&operation.loses, &operation.keeps)).or_default().push(operation);
        }
        let mut warnings = Vec::new();
        for ((loses, keeps), operations) in losses {
            let whose = match &operations[..] {
                [one] => RichText::default().code(&one.person),
                many if many.len() == self.operations.len() => RichText::plain("everyone here"),
                many => RichText::plain(pluralize(many.len(), "person", "people")),
            };
            let mut warning = RichText::plain("This permanently deletes data of ").append(whose).text(": ");
            for (number, loss) in loses.iter().enumerate() {
                warning = warning.text(if number == 0 { "" } else { ", " }).label(loss);
            }
            warning = warning.text(".");
            if !keeps.is_empty() {
                warning = warning.text(" It keeps: ").label(&keeps.join(", ")).text(".");
            }
            warnings.push(warning);
            for operation in operations {
                warnings.push(match self.sheet.notes.get(&operation.person) {
                    Some(note) => RichText::default().code(&operation.person).text(": acknowledged: ").label(note),
                    None => RichText::plain("First export the data that ").code(&operation.person).text(" needs."),
                });
            }
        }
        warnings
    }

    /// Returns the manual tasks, without duplicates.
    fn follow_ups(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for follow_up in self.operations.iter().flat_map(|operation| &operation.follow_ups) {
            if !all.contains(follow_up) {
                all.push(follow_up.clone());
            }
        }
        all
    }
}
