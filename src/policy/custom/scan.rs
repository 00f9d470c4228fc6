//! Finding the things for which a condition is true.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::column::{Column, Columns, Descriptions};
use super::memo::{Memo, Numbers, Verdict};
use super::subject::{Subjects, Thing};
use crate::expression::{Budget, Expression, Outcome, Slot};

/// What a scan found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found {
    /// For which the condition is true.
    pub(super) things: Vec<Thing>,
    /// For which it cannot be evaluated, each with the number of the reason.
    pub(super) faults: Vec<(Thing, u32)>,
    /// The reasons.
    pub(super) reasons: Vec<String>,
    /// How many were not looked at, for the budget was spent.
    pub(super) unseen: u64,
}

/// Where the value of a slot comes from.
enum Origin<'a> {
    /// The frame.
    Frame,
    /// An attribute, by its number; for each number, whether it makes the condition false, once that was asked.
    Attribute(Column<'a>, Vec<Option<bool>>),
    /// The person's key, everybody another one.
    Key,
    /// The person as a whole.
    Person,
}

/// The things for which a condition is true, in the order of the subjects.
pub(super) fn scan<'a>(
    condition: &Expression,
    subjects: &Subjects<'a>,
    columns: &mut Columns<'a>,
    budget: &mut Budget,
) -> Found {
    let slots = condition.slots();
    let (wanted, frames) = frames(condition, subjects);
    if !wanted.contains(&true) {
        return Found::default();
    }
    let origins = slots.iter().map(|slot| origin(slot, columns)).collect();
    let mut scan = Scan {
        condition,
        subjects,
        descriptions: columns.descriptions(subjects.is_wide()),
        origins,
        frames,
        memo: Memo::default(),
        found: Found::default(),
        key: Vec::new(),
    };
    subjects.each(&wanted, |thing| scan.look(thing, budget));
    let Scan { origins, found, .. } = scan;
    for origin in origins {
        if let Origin::Attribute(column, _) = origin {
            columns.put(column);
        }
    }
    found
}

fn origin<'a>(slot: &Slot, columns: &mut Columns<'a>) -> Origin<'a> {
    match (slot.record.open, &slot.field) {
        (false, _) => Origin::Frame,
        (true, None) => Origin::Person,
        (true, Some(name)) if slot.record.field(name).is_some() => Origin::Key,
        (true, Some(name)) => Origin::Attribute(columns.take(name), Vec::new()),
    }
}

/// The values that come from a frame, in the order of the slots, and the number that stands for all of them.
struct Framed {
    values: Vec<Json>,
    number: u32,
}

/// Which frames are to be looked at, and their values; those that make the condition false are not.
fn frames(condition: &Expression, subjects: &Subjects<'_>) -> (Vec<bool>, Vec<Option<Framed>>) {
    let mut numbers = Numbers::default();
    let slots = condition.slots();
    let frame = |index: usize| {
        if !subjects.counts(index) {
            return None;
        }
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let mut values = Vec::with_capacity(slots.len());
        for (place, slot) in slots.iter().enumerate() {
            let value = if slot.is_personal() { Json::Null } else { subjects.framed(number, slot) };
            if !slot.is_personal() && condition.refused_by(place, &value) {
                return None;
            }
            values.push(value);
        }
        let all = Json::Array(values);
        let number = numbers.of(&all);
        let Json::Array(values) = all else { return None };
        Some(Framed { values, number })
    };
    let frames: Vec<Option<Framed>> = (0..subjects.frames.len()).map(frame).collect();
    (frames.iter().map(Option::is_some).collect(), frames)
}

struct Scan<'s, 'a> {
    condition: &'s Expression,
    subjects: &'s Subjects<'a>,
    descriptions: &'s Descriptions<'a>,
    origins: Vec<Origin<'a>>,
    frames: Vec<Option<Framed>>,
    memo: Memo,
    found: Found,
    key: Vec<u32>,
}

impl Scan<'_, '_> {
    fn look(&mut self, thing: Thing, budget: &mut Budget) {
        let Some(Some(framed)) = self.frames.get(thing.frame as usize) else { return };
        self.key.clear();
        self.key.push(framed.number);
        let mut remembered = true;
        for (place, origin) in self.origins.iter_mut().enumerate() {
            match origin {
                Origin::Frame => {}
                Origin::Key => {
                    remembered = false;
                    if self.condition.refused_by_text(place, self.subjects.key(thing)) {
                        return;
                    }
                }
                Origin::Person => remembered = false,
                Origin::Attribute(column, refused) => {
                    let number = column.of(self.descriptions, thing.person);
                    let index = number as usize;
                    if refused.len() <= index {
                        refused.resize(index + 1, None);
                    }
                    let condition = self.condition;
                    let asked = || condition.refused_by(place, column.value(number));
                    if *refused[index].get_or_insert_with(asked) {
                        return;
                    }
                    self.key.push(number);
                }
            }
        }
        let known = if remembered { self.memo.get(&self.key) } else { None };
        let verdict = match known {
            Some(verdict) => verdict,
            None => match self.ask(thing, budget) {
                Some(verdict) => {
                    if remembered {
                        self.memo.insert(&self.key, verdict);
                    }
                    verdict
                }
                None => {
                    self.found.unseen += 1;
                    return;
                }
            },
        };
        match verdict {
            Verdict::Holds => self.found.things.push(thing),
            Verdict::Fails => {}
            Verdict::Fault(reason) => self.found.faults.push((thing, reason)),
        }
    }

    /// What the condition says; nothing when the budget is spent.
    fn ask(&mut self, thing: Thing, budget: &mut Budget) -> Option<Verdict> {
        let framed = self.frames.get(thing.frame as usize)?.as_ref()?;
        let mut values: Vec<Cow<'_, Json>> = Vec::with_capacity(self.origins.len());
        let mut numbers = self.key.iter().skip(1);
        for ((origin, slot), value) in self.origins.iter().zip(self.condition.slots()).zip(&framed.values) {
            values.push(match origin {
                Origin::Frame => Cow::Borrowed(value),
                Origin::Key | Origin::Person => Cow::Owned(self.subjects.personal(thing, slot)),
                Origin::Attribute(column, _) => {
                    Cow::Borrowed(column.value(numbers.next().copied().unwrap_or_default()))
                }
            });
        }
        if let Some(told) = self.condition.told(&values) {
            return Some(if told { Verdict::Holds } else { Verdict::Fails });
        }
        let reason = match self.condition.evaluate(&values, budget) {
            Outcome::Truth(true) => return Some(Verdict::Holds),
            Outcome::Truth(false) => return Some(Verdict::Fails),
            Outcome::Spent => return None,
            Outcome::Text(_) => "it gives a text, not true or false".to_owned(),
            Outcome::Fault(reason) => reason,
        };
        let reasons = &mut self.found.reasons;
        let number = reasons.iter().position(|known| *known == reason).or_else(|| {
            // Reasons that differ by a value are told as the first ones.
            (reasons.len() < REASONS_MAX).then(|| {
                reasons.push(reason);
                reasons.len() - 1
            })
        });
        Some(Verdict::Fault(u32::try_from(number.unwrap_or_default()).unwrap_or_default()))
    }
}

/// Most different reasons that are kept.
const REASONS_MAX: usize = 10;
