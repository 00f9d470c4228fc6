//! What a visit says, before it is known whether it is read on paper or on a terminal.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::Sheet;
use super::rich::Rich;
use super::seats::{Seats, moves};
use super::visits::{Place, arrange};
use crate::model::{Effect, Operation, OperationId, OperationKind};
use crate::profile::profile::Deed;
use crate::report::words::count;

/// One visit to the console.
#[derive(Clone, Debug)]
pub struct Visit {
    /// What it is for.
    pub title: Rich,
    /// The visits, from 1, that have to be done before.
    pub needs: Vec<usize>,
    /// What to think of before the first click.
    pub warnings: Vec<Rich>,
    /// What to do, one step after the other.
    pub steps: Vec<Rich>,
    /// How many of the steps are done already by whoever comes from the visit before.
    pub known: usize,
    /// The step, from 0, that the people are listed at, where they are served together.
    pub listed_at: Option<usize>,
    /// Its operations.
    pub items: Vec<Item>,
    /// The seats before and after.
    pub seats: Vec<SeatLine>,
    /// What people should do afterwards.
    pub follow_ups: Vec<String>,
}

/// One operation of a visit.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its name in the plan.
    pub operation: OperationId,
    /// The person.
    pub person: SmolStr,
    /// What it does to them.
    pub text: Rich,
    /// For what follows a removal: that removal.
    pub removal: Option<OperationId>,
    /// For what follows a removal: what gives the old license back, should it not succeed.
    pub give_back: Option<Vec<Rich>>,
    /// The operations of this tenant that it waits for.
    pub after: Vec<OperationId>,
}

/// The seats of one license before and after a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatLine {
    /// What the console calls the license.
    pub license: SmolStr,
    /// Seats taken before.
    pub before: u64,
    /// Seats taken after.
    pub after: u64,
    /// Seats there are.
    pub total: u64,
}

/// The visits of a sheet.
pub(super) fn visits(sheet: &Sheet<'_>) -> Vec<Visit> {
    let operations = sheet.operations();
    let groups = arrange(&operations, sheet.rules.profile().procedure.visit);
    let mut visit_of: BTreeMap<&OperationId, usize> = BTreeMap::new();
    for (number, group) in groups.iter().enumerate() {
        visit_of.extend(group.operations.iter().map(|at| (&operations[*at].id, number)));
    }
    // Whoever is to get something may have given something up in an earlier run.
    let known = sheet.plan.operations.iter().map(|operation| (&operation.id, operation)).collect();
    let mut seats = Seats::new(sheet);
    let mut visits = Vec::with_capacity(groups.len());
    let mut opened: Vec<Rich> = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let own: Vec<&Operation> = group.operations.iter().map(|at| operations[*at]).collect();
        let writer = Writer { sheet, known: &known, place: &group.place, own: &own };
        let before = writer.licenses().filter_map(|license| Some((license, seats.of(license)?))).collect::<Vec<_>>();
        for operation in &own {
            seats.carry_out(operation);
        }
        let line = |(license, (before, total)): (&SmolStr, (u64, u64))| {
            let (after, _) = seats.of(license)?;
            Some(SeatLine { license: sheet.name(license), before, after, total })
        };
        let (open, mut steps) = writer.open();
        let known = open.iter().zip(&opened).take_while(|(now, before)| now == before).count();
        opened = open;
        let opens = steps.len();
        let listed_at = writer.work(&mut steps);
        let needs: BTreeSet<usize> = own
            .iter()
            .flat_map(|operation| &operation.after)
            .filter_map(|id| visit_of.get(id).copied())
            .filter(|earlier| *earlier != number)
            .map(|earlier| earlier + 1)
            .collect();
        visits.push(Visit {
            title: writer.title(),
            needs: needs.into_iter().collect(),
            warnings: writer.warnings(),
            listed_at: listed_at.map(|at| opens + at),
            steps,
            known,
            items: own.iter().map(|operation| writer.item(operation)).collect(),
            seats: before.into_iter().filter_map(line).collect(),
            follow_ups: writer.follow_ups(),
        });
    }
    visits
}

/// Writes one visit.
struct Writer<'a> {
    sheet: &'a Sheet<'a>,
    known: &'a BTreeMap<&'a OperationId, &'a Operation>,
    place: &'a Place,
    own: &'a [&'a Operation],
}

impl Writer<'_> {
    /// The licenses whose seats change, each once.
    fn licenses(&self) -> impl Iterator<Item = &SmolStr> {
        let touched: BTreeSet<&SmolStr> =
            self.own.iter().flat_map(|operation| moves(operation)).map(|(l, _)| l).collect();
        touched.into_iter()
    }

    fn deed(&self, kind: OperationKind) -> &'static Deed {
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

    /// How to come there: to be compared with the visit before, and as the first steps.
    fn open(&self) -> (Vec<Rich>, Vec<Rich>) {
        let Some(first) = self.own.first().filter(|_| !matches!(self.place, Place::Release)) else {
            return (Vec::new(), Vec::new());
        };
        let open = self.sheet.rules.profile().procedure.open;
        let steps: Vec<Rich> = open.iter().map(|step| self.fill(step, first)).collect();
        (steps.clone(), steps)
    }

    /// What is to be done there; the step at which the people are to be listed, where they are served together.
    fn work(&self, steps: &mut Vec<Rich>) -> Option<usize> {
        let procedure = &self.sheet.rules.profile().procedure;
        let mut listed_at = None;
        let first = self.own.first()?;
        if self.place.is_stepwise() {
            for operation in self.own {
                let deed = self.deed(operation.kind);
                steps.extend(deed.one.iter().map(|step| self.fill(step, operation)));
            }
        } else {
            let deed = self.deed(first.kind);
            let together = if self.own.len() > 1 && !deed.many.is_empty() { deed.many } else { deed.one };
            listed_at = together.iter().position(|step| step.contains("{people}")).filter(|_| self.own.len() > 1);
            steps.extend(together.iter().map(|step| self.fill(step, first)));
        }
        let saves =
            self.own.iter().any(|operation| !matches!(operation.kind, OperationKind::Release | OperationKind::Restore));
        if saves {
            steps.extend(procedure.save.iter().chain(procedure.verify).map(|step| self.fill(step, first)));
        }
        listed_at
    }

    /// A step of the profile for an operation.
    fn fill(&self, step: &str, operation: &Operation) -> Rich {
        Rich::step(step, |field| self.field(field, operation))
    }

    fn field(&self, field: &str, operation: &Operation) -> Rich {
        let to = operation.to.as_ref().unwrap_or(&operation.license);
        let name = self.sheet.name(to);
        let split = name.split_once('/');
        match field {
            "person" => self.person(operation),
            "people" if self.own.len() == 1 => self.person(operation),
            "people" => Rich::plain(format!("these {} people", self.own.len())),
            "license" => Rich::default().label(&name),
            "old" => Rich::default().label(&self.sheet.name(&operation.license)),
            "subscription" => Rich::default().label(split.map_or(&*name, |(subscription, _)| subscription)),
            "product" => Rich::default().label(split.map_or(&*name, |(_, product)| product)),
            "memberships" => {
                let mut rich = Rich::default();
                for (number, membership) in operation.memberships.iter().enumerate() {
                    rich = rich.text(if number == 0 { "" } else { ", " }).code(membership);
                }
                rich
            }
            "licenses" => self.freed(),
            other => Rich::plain(format!("{{{other}}}")),
        }
    }

    /// How many seats of which license are freed: `2 of X2`.
    fn freed(&self) -> Rich {
        let mut counts: BTreeMap<&SmolStr, usize> = BTreeMap::new();
        for operation in self.own {
            *counts.entry(&operation.license).or_default() += 1;
        }
        let mut rich = Rich::default();
        for (number, (license, seats)) in counts.into_iter().enumerate() {
            let text = format!("{}{} of ", if number == 0 { "" } else { ", " }, count(seats, "seat", "seats"));
            rich = rich.text(&text).label(&self.sheet.name(license));
        }
        rich
    }

    /// Who it is, as the console knows them.
    fn person(&self, operation: &Operation) -> Rich {
        let rich = Rich::default().code(&operation.person);
        // An account without an id of its own is known by its address.
        if operation.account.eq_ignore_ascii_case(&operation.person) {
            rich
        } else {
            rich.text(" (account ").code(&operation.account).text(")")
        }
    }

    fn title(&self) -> Rich {
        let people = count(self.own.len(), "person", "people");
        match self.place {
            Place::To(license) => {
                let rich = match self.own {
                    [one] => Rich::default().code(&one.person),
                    _ => Rich::plain(people),
                };
                let falls = self.own.iter().all(|operation| operation.effect == Effect::Loss);
                rich.text(if falls { " back to " } else { " to " }).label(&self.sheet.name(license))
            }
            Place::From(license) => {
                Rich::plain("take ").label(&self.sheet.name(license)).text(&format!(" away from {people}"))
            }
            Place::Cancel => {
                Rich::plain(format!("cancel {}", count(self.own.len(), "pending request", "pending requests")))
            }
            Place::Release => Rich::plain("stop paying for ").and(self.freed()),
            Place::Person { .. } => {
                let Some(first) = self.own.first() else { return Rich::default() };
                let mut rich = Rich::default().code(&first.person);
                for (number, operation) in self.own.iter().enumerate() {
                    rich = rich.text(if number == 0 { ": " } else { ", then " }).and(self.deed_of(operation));
                }
                rich
            }
        }
    }

    /// What an operation does to its person.
    fn deed_of(&self, operation: &Operation) -> Rich {
        let name = |license: &SmolStr| self.sheet.name(license);
        let old = &operation.license;
        match (operation.kind, &operation.to) {
            (OperationKind::Cancel, _) => Rich::plain("take back the request for ").label(&name(old)),
            (OperationKind::Remove, _) => Rich::plain("take away ").label(&name(old)),
            (OperationKind::Change, Some(to)) => Rich::default().label(&name(old)).text(" → ").label(&name(to)),
            (OperationKind::Change | OperationKind::Assign, _) => Rich::plain("give ").label(&name(old)),
            (OperationKind::Restore, _) => Rich::plain("give memberships back"),
            (OperationKind::Release, _) => Rich::plain("a seat of ").label(&name(old)),
        }
    }

    fn item(&self, operation: &Operation) -> Item {
        let what = match operation.kind {
            OperationKind::Change if matches!(self.place, Place::To(_)) => {
                // Only a trial is exchanged for the same license.
                let is_trial = operation.to.as_ref() == Some(&operation.license);
                Rich::plain(if is_trial { "from a trial of " } else { "from " })
                    .label(&self.sheet.name(&operation.license))
            }
            _ => self.deed_of(operation),
        };
        let mut text = self.person(operation).text(": ").and(what);
        if operation.parked {
            text = text.text("; goes first, so that the others have room");
        }
        Item {
            operation: operation.id.clone(),
            person: operation.person.clone(),
            text,
            removal: self.removal(operation).map(|removal| removal.id.clone()),
            give_back: self.give_back(operation),
            after: operation.after.clone(),
        }
    }

    /// What took the old license of the person for whom an operation gives a new one.
    fn removal(&self, operation: &Operation) -> Option<&Operation> {
        operation.on_failure?;
        let before = operation.after.iter().filter_map(|id| self.known.get(id));
        before.copied().find(|removal| removal.kind == OperationKind::Remove && removal.account == operation.account)
    }

    /// The steps that give somebody the old license back.
    fn give_back(&self, operation: &Operation) -> Option<Vec<Rich>> {
        let removal = self.removal(operation)?;
        let procedure = &self.sheet.rules.profile().procedure;
        let old = Operation { kind: OperationKind::Assign, to: None, ..removal.clone() };
        let steps = procedure.open.iter().chain(procedure.assign.one).chain(procedure.save);
        Some(steps.map(|step| self.fill(step, &old)).collect())
    }

    /// What is destroyed, and what was noted of it.
    fn warnings(&self) -> Vec<Rich> {
        let mut losses: BTreeMap<(&[String], &[String]), Vec<&Operation>> = BTreeMap::new();
        for operation in self.own.iter().filter(|operation| !operation.loses.is_empty()) {
            losses.entry((&operation.loses, &operation.keeps)).or_default().push(operation);
        }
        let mut warnings = Vec::new();
        for ((loses, keeps), operations) in losses {
            let whose = match &operations[..] {
                [one] => Rich::default().code(&one.person),
                many if many.len() == self.own.len() => Rich::plain("everybody here"),
                many => Rich::plain(count(many.len(), "person", "people")),
            };
            let mut warning = Rich::plain("This deletes, for good, what ").and(whose).text(" has of: ");
            for (number, loss) in loses.iter().enumerate() {
                warning = warning.text(if number == 0 { "" } else { ", " }).label(loss);
            }
            warning = warning.text(".");
            if !keeps.is_empty() {
                warning = warning.text(" It leaves: ").label(&keeps.join(", ")).text(".");
            }
            warnings.push(warning);
            for operation in operations {
                warnings.push(match self.sheet.notes.get(&operation.person) {
                    Some(note) => {
                        Rich::default().code(&operation.person).text(": noted as taken care of: ").label(note)
                    }
                    None => Rich::plain("Copy or export what ").code(&operation.person).text(" needs of it first."),
                });
            }
        }
        warnings
    }

    /// What people should do afterwards, each thing once.
    fn follow_ups(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for follow_up in self.own.iter().flat_map(|operation| &operation.follow_ups) {
            if !all.contains(follow_up) {
                all.push(follow_up.clone());
            }
        }
        all
    }
}
