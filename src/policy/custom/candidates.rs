//! The candidates of a rule, and the values of their fields.
//!
//! A candidate is a *frame* (an entry, an operation, a pool), which many candidates share, and a person. What depends only on the
//! frame is evaluated once per frame.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use serde_json::Value as Json;
use smol_str::{SmolStr, format_smolstr};

use crate::diagnostic::{Files, Source};
use crate::expression::ExpressionInput;
use crate::model::{CostSummary, Desired, DesiredEntry, Ensure, Operation, PersonId, Plan, PlanPool, PoolCost};

/// The part of a candidate besides the person.
#[derive(Clone, Copy)]
pub(super) enum Frame<'a> {
    /// Nothing besides the person.
    Empty,
    /// A license that an assignment entry may give, with its tenant.
    Entry(&'a SmolStr, EntryLicense<'a>),
    /// An operation, with the pool of its license.
    Operation(&'a Operation, Option<&'a PlanPool>),
    Pool(&'a PlanPool),
    Plan(&'a Plan),
}

/// An entry with its license or one of its alternatives.
#[derive(Clone, Copy)]
pub(super) struct EntryLicense<'a> {
    entry: &'a DesiredEntry,
    /// The license or alternative.
    pub(super) license: &'a SmolStr,
}

impl<'a> EntryLicense<'a> {
    fn primary(entry: &'a DesiredEntry) -> Self {
        Self { entry, license: &entry.license }
    }

    /// Returns the entry with each alternative. An entry with `ensure: absent` has none.
    fn alternatives(entry: &'a DesiredEntry) -> impl Iterator<Item = Self> {
        let all = if entry.ensure == Ensure::Present { entry.alternatives.as_slice() } else { &[] };
        all.iter().map(move |license| Self { entry, license })
    }

    /// Returns whether the license is an alternative; an entry's own license is never among them.
    fn is_alternative(&self) -> bool {
        *self.license != self.entry.license
    }

    /// Describes the smallest change after which the entry does not give the license to a person.
    pub(super) fn smallest_change(&self, tenant: &SmolStr, key: &str) -> String {
        let own = &self.entry.license;
        if self.is_alternative() {
            format!("remove `{tenant}/{}` from the alternatives of the entry for `{tenant}/{own}`", self.license)
        } else {
            format!("remove `{key}` from the entry for `{tenant}/{own}`")
        }
    }
}

/// The frames of one tenant's entries.
struct EntryFrames<'a> {
    tenant: &'a SmolStr,
    /// The index of the frame of the first entry; the others follow.
    first: usize,
    /// The frames of the alternatives by entry, up to the last entry with alternatives.
    alternatives: Vec<Range<usize>>,
}

/// All candidates of a rule.
pub(super) struct Candidates<'a> {
    pub(super) desired: &'a Desired,
    pub(super) frames: Vec<Frame<'a>>,
    /// The frames of entries by tenant, for rules on assignments.
    entry_frames: Vec<EntryFrames<'a>>,
    all_people: bool,
}

/// One candidate: the index of its frame, and the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) frame: u32,
    pub(super) person: Option<PersonId>,
    /// The index of the tenant's claim.
    pub(super) claim: u32,
}

impl<'a> Candidates<'a> {
    fn new(desired: &'a Desired, frames: Vec<Frame<'a>>) -> Self {
        Self { desired, frames, entry_frames: Vec::new(), all_people: false }
    }

    /// Returns all people of the manifest.
    pub(super) fn people(desired: &'a Desired) -> Self {
        Self { all_people: true, ..Self::new(desired, vec![Frame::Empty]) }
    }

    /// Returns the people of all entries that have not expired, once for each license that an entry may give.
    pub(super) fn assignments(desired: &'a Desired, day: Date) -> Self {
        let (mut frames, mut tenants) = (Vec::new(), Vec::new());
        for (name, tenant) in &desired.tenants {
            let is_over = |entry: &DesiredEntry| entry.expires.is_some_and(|expires| expires <= day);
            let first = frames.len();
            frames.extend(tenant.entries.iter().map(|entry| {
                if is_over(entry) { Frame::Empty } else { Frame::Entry(name, EntryLicense::primary(entry)) }
            }));
            let mut alternatives = Vec::new();
            for (index, entry) in tenant.entries.iter().enumerate().filter(|(_, entry)| !is_over(entry)) {
                let start = frames.len();
                frames.extend(EntryLicense::alternatives(entry).map(|option| Frame::Entry(name, option)));
                if frames.len() > start {
                    alternatives.resize(index, 0..0);
                    alternatives.push(start..frames.len());
                }
            }
            tenants.push(EntryFrames { tenant: name, first, alternatives });
        }
        Self { entry_frames: tenants, ..Self::new(desired, frames) }
    }

    /// Returns the operations of a plan.
    pub(super) fn operations(desired: &'a Desired, plan: &'a Plan) -> Self {
        let pools: BTreeMap<_, _> = plan.pools.iter().map(|pool| ((&pool.tenant, &pool.license), pool)).collect();
        let frame = |operation: &'a Operation| {
            Frame::Operation(operation, pools.get(&(&operation.tenant, &operation.license)).copied())
        };
        Self::new(desired, plan.operations.iter().map(frame).collect())
    }

    /// Returns the pools of a plan.
    pub(super) fn pools(desired: &'a Desired, plan: &'a Plan) -> Self {
        Self::new(desired, plan.pools.iter().map(Frame::Pool).collect())
    }

    /// Returns the plan.
    pub(super) fn plan_field(desired: &'a Desired, plan: &'a Plan) -> Self {
        Self::new(desired, vec![Frame::Plan(plan)])
    }

    /// Returns whether the rule may check most people.
    pub(super) fn covers_all_people(&self) -> bool {
        self.all_people || !self.entry_frames.is_empty()
    }

    /// Calls `each` for every candidate with a wanted frame.
    pub(super) fn for_each(&self, wanted: &[bool], mut each: impl FnMut(Candidate)) {
        let is_wanted = |frame: usize| wanted.get(frame).copied().unwrap_or(false);
        let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        if self.all_people {
            for person in (0..self.desired.people.len()).filter(|_| is_wanted(0)) {
                each(Candidate { frame: 0, person: Some(PersonId(number(person))), claim: 0 });
            }
            return;
        }
        for EntryFrames { tenant, first, alternatives } in &self.entry_frames {
            let claims = self.desired.tenants.get(*tenant).map(|tenant| tenant.claims.as_slice()).unwrap_or_default();
            for (index, claim) in claims.iter().enumerate() {
                let entry = claim.entry as usize;
                let others = alternatives.get(entry).cloned().unwrap_or_default();
                for frame in [first + entry].into_iter().chain(others).filter(|frame| is_wanted(*frame)) {
                    each(Candidate { frame: number(frame), person: Some(claim.person), claim: number(index) });
                }
            }
        }
        if self.entry_frames.is_empty() {
            for (index, frame) in self.frames.iter().enumerate().filter(|(index, _)| is_wanted(*index)) {
                let person = match frame {
                    Frame::Operation(operation, _) => self.desired.people.find(&operation.person),
                    _ => None,
                };
                each(Candidate { frame: number(index), person, claim: 0 });
            }
        }
    }

    /// Returns whether the rule checks candidates with that frame.
    pub(super) fn is_target(&self, frame: usize) -> bool {
        self.all_people || !matches!(self.frames.get(frame), None | Some(Frame::Empty))
    }

    /// Returns the frame with that index.
    pub(super) fn frame(&self, frame: u32) -> Frame<'a> {
        self.frames.get(frame as usize).copied().unwrap_or(Frame::Empty)
    }

    /// Returns the key of a candidate's person.
    pub(super) fn person_key(&self, candidate: Candidate) -> &'a str {
        match (candidate.person, self.frame(candidate.frame)) {
            (Some(person), _) => self.desired.people.key(person).as_str(),
            (None, Frame::Operation(operation, _)) => operation.person.as_str(),
            (None, _) => "",
        }
    }

    /// Returns the location of a candidate in the manifest.
    pub(super) fn source(&self, candidate: Candidate) -> Option<Source> {
        let files: &Files = &self.desired.files;
        match self.frame(candidate.frame) {
            Frame::Empty => {
                let description = self.desired.people.description(candidate.person?)?;
                Some(files.source(description.source?))
            }
            Frame::Entry(tenant, _) => {
                let claim = self.desired.tenants.get(tenant)?.claims.get(candidate.claim as usize)?;
                Some(files.source(claim.source))
            }
            Frame::Operation(operation, _) => operation.location(),
            Frame::Pool(_) | Frame::Plan(_) => None,
        }
    }

    /// Returns the value of a frame's field, or of its variable.
    pub(super) fn frame_value(&self, frame: u32, input: &ExpressionInput) -> Json {
        let frame = self.frame(frame);
        match &input.field {
            Some(field) => field_value(frame, input.variable.name, field),
            None => {
                let fields = input.variable.fields.iter();
                Json::Object(
                    fields
                        .map(|field| (field.name.to_owned(), field_value(frame, input.variable.name, field.name)))
                        .collect(),
                )
            }
        }
    }

    /// Returns the value of a person's field, or of the variable `person`.
    pub(super) fn person_value(&self, candidate: Candidate, input: &ExpressionInput) -> Json {
        let described = candidate.person.and_then(|person| self.desired.people.description(person));
        let email = || Json::from(self.person_key(candidate));
        match input.field.as_deref() {
            Some("email") => email(),
            Some(name) => described.and_then(|person| person.attributes.get(name)).cloned().unwrap_or(Json::Null),
            None => {
                let attributes = described.into_iter().flat_map(|person| &person.attributes);
                let attributes = attributes.map(|(name, value)| (name.to_string(), value.clone()));
                Json::Object(attributes.chain([("email".to_owned(), email())]).collect())
            }
        }
    }
}

/// Returns the value of a declared field.
fn field_value(frame: Frame<'_>, record: &str, field: &str) -> Json {
    let found = match (frame, record) {
        (Frame::Entry(tenant, option), "assignment") => assignment_field(tenant, option, field),
        (Frame::Operation(operation, _), "operation") => operation_field(operation, field),
        (Frame::Operation(_, Some(one)) | Frame::Pool(one), "pool") => pool_field(one, field),
        (Frame::Operation(operation, None), "pool") => unknown_pool_field(operation, field),
        (Frame::Plan(one), "plan") => plan(one, field),
        _ => None,
    };
    found.unwrap_or(Json::Null)
}

fn license_json(tenant: &str, license: &str) -> Json {
    Json::from(format_smolstr!("{tenant}/{license}").as_str())
}

fn text_list<'t>(texts: impl IntoIterator<Item = &'t String>) -> Json {
    Json::Array(texts.into_iter().map(|text| Json::from(text.as_str())).collect())
}

fn assignment_field(tenant: &str, option: EntryLicense<'_>, field: &str) -> Option<Json> {
    let entry = option.entry;
    let day = |day: Option<Date>| day.map_or(Json::Null, |day| Json::from(day.to_string()));
    Some(match field {
        "license" => license_json(tenant, option.license),
        "tenant" => Json::from(tenant),
        "name" => Json::from(option.license.as_str()),
        "alternative" => Json::from(option.is_alternative()),
        "ensure" => Json::from(match entry.ensure {
            Ensure::Present => "present",
            Ensure::Absent => "absent",
        }),
        "reason" => entry.reason.as_deref().map_or(Json::Null, Json::from),
        "priority" => Json::from(entry.priority),
        "starts" => day(entry.starts),
        "expires" => day(entry.expires),
        "alternatives" => Json::Array(entry.alternatives.iter().map(|name| license_json(tenant, name)).collect()),
        _ => return None,
    })
}

fn operation_field(operation: &Operation, field: &str) -> Option<Json> {
    Some(match field {
        "kind" => Json::from(operation.kind.as_str()),
        "effect" => Json::from(operation.effect.as_str()),
        "tenant" => Json::from(operation.tenant.as_str()),
        "license" => license_json(&operation.tenant, &operation.license),
        "to" => operation.to.as_ref().map_or(Json::Null, |to| license_json(&operation.tenant, to)),
        "parked" => Json::from(operation.parked),
        "loses" => text_list(&operation.loses),
        "keeps" => text_list(&operation.keeps),
        "account" => Json::from(operation.account.as_str()),
        "why" => Json::from(operation.why.as_str()),
        _ => return None,
    })
}

fn pool_field(pool: &PlanPool, field: &str) -> Option<Json> {
    let cost = |part: fn(&PoolCost) -> Option<&SmolStr>| {
        pool.cost.as_ref().and_then(part).map_or(Json::Null, |cost| Json::from(cost.as_str()))
    };
    Some(match field {
        "tenant" => Json::from(pool.tenant.as_str()),
        "license" => license_json(&pool.tenant, &pool.license),
        "name" => Json::from(pool.license.as_str()),
        "total" => pool.total.map_or(Json::Null, count_json),
        "reserve" => count_json(pool.reserve),
        "used_before" => count_json(pool.used_before),
        "used_after" => count_json(pool.used_after),
        "missing" => count_json(pool.missing),
        "unused" => pool.unused.map_or(Json::Null, count_json),
        "currency" => pool.cost_per_seat.as_ref().map_or(Json::Null, |cost| Json::from(cost.currency.as_str())),
        "cost_before" => cost(|cost| Some(&cost.before)),
        "cost_after" => cost(|cost| Some(&cost.after)),
        "cost_delta" => cost(|cost| Some(&cost.delta)),
        "cost_unused" => cost(|cost| cost.unused.as_ref()),
        _ => return None,
    })
}

/// Returns the field of a pool that the plan does not contain.
fn unknown_pool_field(operation: &Operation, field: &str) -> Option<Json> {
    Some(match field {
        "tenant" => Json::from(operation.tenant.as_str()),
        "license" => license_json(&operation.tenant, &operation.license),
        "name" => Json::from(operation.license.as_str()),
        "total" | "unused" | "currency" | "cost_before" | "cost_after" | "cost_delta" | "cost_unused" => Json::Null,
        "reserve" | "used_before" | "used_after" | "missing" => count_json(0),
        _ => return None,
    })
}

fn plan(plan: &Plan, field: &str) -> Option<Json> {
    let summary = &plan.summary;
    let cost = |part: fn(&CostSummary) -> &SmolStr| {
        let entry = |(currency, cost)| (SmolStr::to_string(currency), Json::from(part(cost).as_str()));
        Json::Object(summary.cost.iter().map(entry).collect())
    };
    Some(match field {
        "at" => Json::from(plan.at.to_string()),
        "operations" => count_json(plan.operations.len() as u64),
        "cancel" => count_json(summary.cancel),
        "remove" => count_json(summary.remove),
        "change" => count_json(summary.change),
        "assign" => count_json(summary.assign),
        "release" => count_json(summary.release),
        "restore" => count_json(summary.restore),
        "gains" => count_json(summary.gains),
        "moves" => count_json(summary.moves),
        "losses" => count_json(summary.losses),
        "blocked" => count_json(summary.blocked),
        "waiting" => count_json(summary.waiting),
        "held" => count_json(summary.held),
        "parked" => count_json(summary.parked),
        "unmanaged" => count_json(summary.unmanaged),
        "cost_before" => cost(|cost| &cost.before),
        "cost_after" => cost(|cost| &cost.after),
        "cost_delta" => cost(|cost| &cost.delta),
        "cost_unused" => cost(|cost| &cost.unused),
        _ => return None,
    })
}

/// Converts a count; saturates at the largest CEL integer.
fn count_json(number: u64) -> Json {
    Json::from(i64::try_from(number).unwrap_or(i64::MAX))
}
