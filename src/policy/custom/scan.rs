//! Finds the candidates for which a condition is true.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::candidates::{Candidate, Candidates};
use super::column::{AttributeColumn, AttributeColumns, PersonLookup};
use super::memo::{ConditionResult, ResultCache, ValueIds};
use crate::expression::{EvaluationResult, Expression, ExpressionInput, StepBudget};

/// The result of a scan.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ScanResult {
    /// The candidates for which the condition is true.
    pub(super) matches: Vec<Candidate>,
    /// The candidates for which it cannot be evaluated, each with the index of the reason.
    pub(super) failures: Vec<(Candidate, u32)>,
    /// The reasons.
    pub(super) reasons: Vec<String>,
    /// The number of candidates that were not checked, because the budget was exhausted.
    pub(super) unchecked: u64,
}

/// The source of an input's value.
enum InputSource<'a> {
    /// The frame.
    Frame,
    /// An attribute; for each value number, whether that value alone makes the condition false, once evaluated.
    Attribute(AttributeColumn<'a>, Vec<Option<bool>>),
    /// The person's key, which is unique.
    PersonKey,
    /// The variable `person`.
    Person,
}

/// Returns the candidates for which a condition is true, in their order.
pub(super) fn scan<'a>(
    condition: &Expression,
    candidates: &Candidates<'a>,
    columns: &mut AttributeColumns<'a>,
    budget: &mut StepBudget,
) -> ScanResult {
    let inputs = condition.inputs();
    let (wanted, frames) = select_frames(condition, candidates);
    if !wanted.contains(&true) {
        return ScanResult::default();
    }
    let sources = inputs.iter().map(|input| input_source(input, columns)).collect();
    let mut scan = Scan {
        condition,
        candidates,
        people: columns.person_lookup(candidates.covers_all_people()),
        sources,
        frames,
        memo: ResultCache::default(),
        found: ScanResult::default(),
        key: Vec::new(),
    };
    candidates.for_each(&wanted, |candidate| scan.visit(candidate, budget));
    let Scan { sources, found, .. } = scan;
    for source in sources {
        if let InputSource::Attribute(column, _) = source {
            columns.put(column);
        }
    }
    found
}

fn input_source<'a>(input: &ExpressionInput, columns: &mut AttributeColumns<'a>) -> InputSource<'a> {
    match (input.variable.is_open, &input.field) {
        (false, _) => InputSource::Frame,
        (true, None) => InputSource::Person,
        (true, Some(name)) if input.variable.field(name).is_some() => InputSource::PersonKey,
        (true, Some(name)) => InputSource::Attribute(columns.take(name), Vec::new()),
    }
}

/// The values of a frame, in the order of the inputs, and the number of that combination.
struct FrameValues {
    values: Vec<Json>,
    id: u32,
}

/// Selects the frames whose values do not make the condition false, with these values.
fn select_frames(condition: &Expression, candidates: &Candidates<'_>) -> (Vec<bool>, Vec<Option<FrameValues>>) {
    let mut numbers = ValueIds::default();
    let inputs = condition.inputs();
    let frame = |index: usize| {
        if !candidates.is_target(index) {
            return None;
        }
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let mut values = Vec::with_capacity(inputs.len());
        for (index, input) in inputs.iter().enumerate() {
            let value = if input.is_person() { Json::Null } else { candidates.frame_value(number, input) };
            if !input.is_person() && condition.is_false_for(index, &value) {
                return None;
            }
            values.push(value);
        }
        let all = Json::Array(values);
        let number = numbers.id_of(&all);
        let Json::Array(values) = all else { return None };
        Some(FrameValues { values, id: number })
    };
    let frames: Vec<Option<FrameValues>> = (0..candidates.frames.len()).map(frame).collect();
    (frames.iter().map(Option::is_some).collect(), frames)
}

struct Scan<'s, 'a> {
    condition: &'s Expression,
    candidates: &'s Candidates<'a>,
    people: &'s PersonLookup<'a>,
    sources: Vec<InputSource<'a>>,
    frames: Vec<Option<FrameValues>>,
    memo: ResultCache,
    found: ScanResult,
    key: Vec<u32>,
}

impl Scan<'_, '_> {
    fn visit(&mut self, candidate: Candidate, budget: &mut StepBudget) {
        let Some(Some(values_of_frame)) = self.frames.get(candidate.frame as usize) else { return };
        self.key.clear();
        self.key.push(values_of_frame.id);
        let mut is_cacheable = true;
        for (index, source) in self.sources.iter_mut().enumerate() {
            match source {
                InputSource::Frame => {}
                InputSource::PersonKey => {
                    is_cacheable = false;
                    if self.condition.is_false_for_text(index, self.candidates.person_key(candidate)) {
                        return;
                    }
                }
                InputSource::Person => is_cacheable = false,
                InputSource::Attribute(column, refused) => {
                    let number = column.value_id(self.people, candidate.person);
                    let slot = number as usize;
                    if refused.len() <= slot {
                        refused.resize(slot + 1, None);
                    }
                    let condition = self.condition;
                    let is_false = || condition.is_false_for(index, column.value(number));
                    if *refused[slot].get_or_insert_with(is_false) {
                        return;
                    }
                    self.key.push(number);
                }
            }
        }
        let cached = if is_cacheable { self.memo.get(&self.key) } else { None };
        let result = match cached {
            Some(result) => result,
            None => match self.evaluate(candidate, budget) {
                Some(result) => {
                    if is_cacheable {
                        self.memo.insert(&self.key, result);
                    }
                    result
                }
                None => {
                    self.found.unchecked += 1;
                    return;
                }
            },
        };
        match result {
            ConditionResult::True => self.found.matches.push(candidate),
            ConditionResult::False => {}
            ConditionResult::Error(reason) => self.found.failures.push((candidate, reason)),
        }
    }

    /// Evaluates the condition; returns `None` if the budget is exhausted.
    fn evaluate(&mut self, candidate: Candidate, budget: &mut StepBudget) -> Option<ConditionResult> {
        let values_of_frame = self.frames.get(candidate.frame as usize)?.as_ref()?;
        let mut values: Vec<Cow<'_, Json>> = Vec::with_capacity(self.sources.len());
        let mut numbers = self.key.iter().skip(1);
        for ((source, input), value) in self.sources.iter().zip(self.condition.inputs()).zip(&values_of_frame.values) {
            values.push(match source {
                InputSource::Frame => Cow::Borrowed(value),
                InputSource::PersonKey | InputSource::Person => {
                    Cow::Owned(self.candidates.person_value(candidate, input))
                }
                InputSource::Attribute(column, _) => {
                    Cow::Borrowed(column.value(numbers.next().copied().unwrap_or_default()))
                }
            });
        }
        if let Some(result) = self.condition.evaluate_guards(&values) {
            return Some(if result { ConditionResult::True } else { ConditionResult::False });
        }
        let reason = match self.condition.evaluate(&values, budget) {
            EvaluationResult::Bool(true) => return Some(ConditionResult::True),
            EvaluationResult::Bool(false) => return Some(ConditionResult::False),
            EvaluationResult::BudgetExhausted => return None,
            EvaluationResult::Text(_) => "the result is a text, not true or false".to_owned(),
            EvaluationResult::Error(reason) => reason,
        };
        let reasons = &mut self.found.reasons;
        let number = reasons.iter().position(|one| *one == reason).or_else(|| {
            // Further reasons, which differ only by a value, count as the first one.
            (reasons.len() < REASONS_MAX).then(|| {
                reasons.push(reason);
                reasons.len() - 1
            })
        });
        Some(ConditionResult::Error(u32::try_from(number.unwrap_or_default()).unwrap_or_default()))
    }
}

/// The maximum number of distinct reasons.
const REASONS_MAX: usize = 10;
