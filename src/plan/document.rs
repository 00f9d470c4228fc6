//! The plan as a document: digests, canonical bytes, and integrity.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::{PlanRequest, consistency};
use crate::model::{Digest, Effect, Inputs, OperationKind, Plan, Summary, canonical_json, canonical_value};

/// Returns a plan without changes.
pub(super) fn empty(request: &PlanRequest<'_>) -> Plan {
    let unsealed = Digest::of_bytes(b"");
    Plan {
        format: SmolStr::new_static(Plan::FORMAT),
        digest: unsealed.clone(),
        content: unsealed.clone(),
        created_at: request.now.time,
        tool: concat!("reseat ", env!("CARGO_PKG_VERSION")).to_owned(),
        at: request.now.day,
        inputs: Inputs {
            manifest: unsealed.clone(),
            policy: unsealed,
            allow_removals: None,
            author: None,
            undoes: None,
            observations: BTreeMap::new(),
        },
        summary: Summary::default(),
        changes: Vec::new(),
        operations: Vec::new(),
        blocked: Vec::new(),
        waiting: Vec::new(),
        held: Vec::new(),
        pools: Vec::new(),
        findings: Vec::new(),
    }
}

/// Counts changes, operations, and what is left out.
pub(super) fn count(plan: &mut Plan) {
    let Plan { summary, changes, operations, blocked, waiting, held, .. } = plan;
    for change in changes {
        match change.effect {
            Effect::Gain => summary.gains += 1,
            Effect::Move => summary.moves += 1,
            Effect::Loss => summary.losses += 1,
            Effect::Cancel => {}
        }
    }
    for operation in operations {
        summary.parked += u64::from(operation.parked);
        *match operation.kind {
            OperationKind::Cancel => &mut summary.cancel,
            OperationKind::Remove => &mut summary.remove,
            OperationKind::Change => &mut summary.change,
            OperationKind::Assign => &mut summary.assign,
            OperationKind::Restore => &mut summary.restore,
            OperationKind::Release => &mut summary.release,
        } += 1;
    }
    summary.blocked = blocked.len() as u64;
    summary.waiting = waiting.len() as u64;
    summary.held = held.len() as u64;
}

/// Sets both digests.
///
/// # Errors
/// If the plan cannot be serialized, which is a bug.
pub fn seal(plan: &mut Plan) -> Result<(), serde_json::Error> {
    let mut document = serde_json::to_value(&*plan)?;
    plan.content = content(&document)?;
    if let Value::Object(fields) = &mut document {
        fields.insert("content".to_owned(), Value::String(plan.content.to_string()));
    }
    plan.digest = digest(&mut document)?;
    Ok(())
}

/// Returns the canonical bytes (RFC 8785) of a plan.
///
/// # Errors
/// If the plan cannot be serialized, which is a bug.
pub fn to_bytes(plan: &Plan) -> Result<Vec<u8>, serde_json::Error> {
    canonical_json(plan)
}

/// Removes the field `digest` and returns the digest of the rest.
fn digest(document: &mut Value) -> Result<Digest, serde_json::Error> {
    if let Value::Object(fields) = document {
        fields.remove("digest");
    }
    canonical_value(document).map(|bytes| Digest::of_bytes(&bytes))
}

/// Returns the digest of what the plan does, regardless of when and from which files it was made.
fn content(document: &Value) -> Result<Digest, serde_json::Error> {
    let strip = |item: &Value| {
        let mut item = item.clone();
        if let Value::Object(fields) = &mut item {
            fields.remove("source");
            fields.remove("address");
        }
        item
    };
    let section = |name: &str| {
        let items = document.get(name).and_then(Value::as_array);
        (name.to_owned(), Value::Array(items.into_iter().flatten().map(strip).collect()))
    };
    let content: Map<String, Value> =
        ["changes", "operations", "blocked", "waiting", "held"].map(section).into_iter().collect();
    canonical_value(&Value::Object(content)).map(|bytes| Digest::of_bytes(&bytes))
}

/// Why a plan document cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanIntegrityError {
    /// The digest of the document differs from the stated one.
    #[error("the plan was altered: its digest does not match")]
    Digest,
    /// The digest of its content differs from the stated one.
    #[error("the plan was altered: the digest of its content does not match")]
    Content,
    /// Another format.
    #[error("the plan's format is not `reseat-plan/1`")]
    Format,
    /// Its parts contradict each other.
    #[error("{0}")]
    Inconsistent(String),
}

/// Checks that a plan was not altered since it was made, and that it is consistent.
///
/// # Errors
/// The first problem.
pub fn verify(plan: &Plan) -> Result<(), PlanIntegrityError> {
    if plan.format != Plan::FORMAT {
        return Err(PlanIntegrityError::Format);
    }
    let mut document = serde_json::to_value(plan).map_err(|_| PlanIntegrityError::Format)?;
    let content = content(&document).map_err(|_| PlanIntegrityError::Content)?;
    if !digest(&mut document).is_ok_and(|found| found == plan.digest) {
        return Err(PlanIntegrityError::Digest);
    }
    if content != plan.content {
        return Err(PlanIntegrityError::Content);
    }
    consistency::check(plan).map_err(PlanIntegrityError::Inconsistent)
}
