//! Finding the things for which a condition is true.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::candidates::{Candidate, Candidates};
use super::column::{AttributeColumn, AttributeColumns, PersonLookup};
use super::memo::{ConditionResult, ResultCache, ValueIds};
use crate::expression::{EvaluationResult, Expression, ExpressionInput, StepBudget};

/// What a scan found.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ScanResult {
    /// For which the condition is true.
    pub(super) matches: Vec<Candidate>,
    /// For which it cannot be evaluated, each with the number of the reason.
    pub(super) failures: Vec<(Candidate, u32)>,
    /// The reasons.
    pub(super) reasons: Vec<String>,
    /// How many were not looked at, for the budget was spent.
    pub(super) unchecked: u64,
}

/// Where the value of a slot comes from.
enum SlotSource<'a> {
    /// The frame.
    Frame,
    /// An attribute, by its number; for each number, whether it makes the condition false, once that was asked.
    Attribute(AttributeColumn<'a>, Vec<Option<bool>>),
    /// The person's key, everybody another one.
    PersonKey,
    /// The person as a whole.
    Person,
}

/// The things for which a condition is true, in the order of the subjects.
pub(super) fn scan<'a>(
    condition: &Expression,
    subjects: &Candidates<'a>,
    columns: &mut AttributeColumns<'a>,
    budget: &mut StepBudget,
) -> ScanResult {
    let slots = condition.inputs();
    let (wanted, frames) = select_frames(condition, subjects);
    if !wanted.contains(&true) {
        return ScanResult::default();
    }
    let origins = slots.iter().map(|slot| slot_source(slot, columns)).collect();
    let mut scan = Scan {
        condition,
        subjects,
        descriptions: columns.person_lookup(subjects.covers_all_people()),
        origins,
        frames,
        memo: ResultCache::default(),
        found: ScanResult::default(),
        key: Vec::new(),
    };
    subjects.for_each(&wanted, |thing| scan.visit(thing, budget));
    let Scan { origins, found, .. } = scan;
    for origin in origins {
        if let SlotSource::Attribute(column, _) = origin {
            columns.put(column);
        }
    }
    found
}

fn slot_source<'a>(slot: &ExpressionInput, columns: &mut AttributeColumns<'a>) -> SlotSource<'a> {
    match (slot.variable.is_open, &slot.field) {
        (false, _) => SlotSource::Frame,
        (true, None) => SlotSource::Person,
        (true, Some(name)) if slot.variable.field(name).is_some() => SlotSource::PersonKey,
        (true, Some(name)) => SlotSource::Attribute(columns.take(name), Vec::new()),
    }
}

/// The values that come from a frame, in the order of the slots, and the number that stands for all of them.
struct FrameValues {
    values: Vec<Json>,
    id: u32,
}

/// Which frames are to be looked at, and their values; those that make the condition false are not.
fn select_frames(condition: &Expression, subjects: &Candidates<'_>) -> (Vec<bool>, Vec<Option<FrameValues>>) {
    let mut numbers = ValueIds::default();
    let slots = condition.inputs();
    let frame = |index: usize| {
        if !subjects.is_target(index) {
            return None;
        }
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let mut values = Vec::with_capacity(slots.len());
        for (place, slot) in slots.iter().enumerate() {
            let value = if slot.is_person() { Json::Null } else { subjects.frame_value(number, slot) };
            if !slot.is_person() && condition.is_false_for(place, &value) {
                return None;
            }
            values.push(value);
        }
        let all = Json::Array(values);
        let number = numbers.id_of(&all);
        let Json::Array(values) = all else { return None };
        Some(FrameValues { values, id: number })
    };
    let frames: Vec<Option<FrameValues>> = (0..subjects.frames.len()).map(frame).collect();
    (frames.iter().map(Option::is_some).collect(), frames)
}

struct Scan<'s, 'a> {
    condition: &'s Expression,
    subjects: &'s Candidates<'a>,
    descriptions: &'s PersonLookup<'a>,
    origins: Vec<SlotSource<'a>>,
    frames: Vec<Option<FrameValues>>,
    memo: ResultCache,
    found: ScanResult,
    key: Vec<u32>,
}

impl Scan<'_, '_> {
    fn visit(&mut self, thing: Candidate, budget: &mut StepBudget) {
        let Some(Some(framed)) = self.frames.get(thing.frame as usize) else { return };
        self.key.clear();
        self.key.push(framed.id);
        let mut remembered = true;
        for (place, origin) in self.origins.iter_mut().enumerate() {
            match origin {
                SlotSource::Frame => {}
                SlotSource::PersonKey => {
                    remembered = false;
                    if self.condition.is_false_for_text(place, self.subjects.person_key(thing)) {
                        return;
                    }
                }
                SlotSource::Person => remembered = false,
                SlotSource::Attribute(column, refused) => {
                    let number = column.value_id(self.descriptions, thing.person);
                    let index = number as usize;
                    if refused.len() <= index {
                        refused.resize(index + 1, None);
                    }
                    let condition = self.condition;
                    let asked = || condition.is_false_for(place, column.value(number));
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
            None => match self.evaluate(thing, budget) {
                Some(verdict) => {
                    if remembered {
                        self.memo.insert(&self.key, verdict);
                    }
                    verdict
                }
                None => {
                    self.found.unchecked += 1;
                    return;
                }
            },
        };
        match verdict {
            ConditionResult::True => self.found.matches.push(thing),
            ConditionResult::False => {}
            ConditionResult::Error(reason) => self.found.failures.push((thing, reason)),
        }
    }

    /// What the condition says; nothing when the budget is spent.
    fn evaluate(&mut self, thing: Candidate, budget: &mut StepBudget) -> Option<ConditionResult> {
        let framed = self.frames.get(thing.frame as usize)?.as_ref()?;
        let mut values: Vec<Cow<'_, Json>> = Vec::with_capacity(self.origins.len());
        let mut numbers = self.key.iter().skip(1);
        for ((origin, slot), value) in self.origins.iter().zip(self.condition.inputs()).zip(&framed.values) {
            values.push(match origin {
                SlotSource::Frame => Cow::Borrowed(value),
                SlotSource::PersonKey | SlotSource::Person => Cow::Owned(self.subjects.person_value(thing, slot)),
                SlotSource::Attribute(column, _) => {
                    Cow::Borrowed(column.value(numbers.next().copied().unwrap_or_default()))
                }
            });
        }
        if let Some(told) = self.condition.evaluate_guards(&values) {
            return Some(if told { ConditionResult::True } else { ConditionResult::False });
        }
        let reason = match self.condition.evaluate(&values, budget) {
            EvaluationResult::Bool(true) => return Some(ConditionResult::True),
            EvaluationResult::Bool(false) => return Some(ConditionResult::False),
            EvaluationResult::BudgetExhausted => return None,
            EvaluationResult::Text(_) => "it gives a text, not true or false".to_owned(),
            EvaluationResult::Error(reason) => reason,
        };
        let reasons = &mut self.found.reasons;
        let number = reasons.iter().position(|known| *known == reason).or_else(|| {
            // Reasons that differ by a value are told as the first ones.
            (reasons.len() < REASONS_MAX).then(|| {
                reasons.push(reason);
                reasons.len() - 1
            })
        });
        Some(ConditionResult::Error(u32::try_from(number.unwrap_or_default()).unwrap_or_default()))
    }
}

/// Most different reasons that are kept.
const REASONS_MAX: usize = 10;
