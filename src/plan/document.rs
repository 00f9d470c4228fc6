//! The plan as a document: its digests, its bytes, and whether anybody altered it.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::PlanRequest;
use crate::model::{Digest, Inputs, Plan, Summary, canonical_json, canonical_value};

/// A plan without anything in it.
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
        operations: Vec::new(),
        blocked: Vec::new(),
        waiting: Vec::new(),
        held: Vec::new(),
        pools: Vec::new(),
        findings: Vec::new(),
    }
}

/// Puts both digests in.
///
/// # Errors
/// When the plan has no JSON form, which no plan should meet.
pub fn seal(plan: &mut Plan) -> Result<(), serde_json::Error> {
    let mut document = serde_json::to_value(&*plan)?;
    plan.content = content(&document)?;
    if let Value::Object(fields) = &mut document {
        fields.insert("content".to_owned(), Value::String(plan.content.to_string()));
    }
    plan.digest = digest(&mut document)?;
    Ok(())
}

/// The canonical bytes (RFC 8785) of a plan.
///
/// # Errors
/// When the plan has no JSON form, which no plan should meet.
pub fn to_bytes(plan: &Plan) -> Result<Vec<u8>, serde_json::Error> {
    canonical_json(plan)
}

/// The digest of the document without its own field, which is taken out.
fn digest(document: &mut Value) -> Result<Digest, serde_json::Error> {
    if let Value::Object(fields) = document {
        fields.remove("digest");
    }
    canonical_value(document).map(|bytes| Digest::of_bytes(&bytes))
}

/// The digest of what the plan does, without where it is asked for.
fn content(document: &Value) -> Result<Digest, serde_json::Error> {
    let sourceless = |item: &Value| {
        let mut item = item.clone();
        if let Value::Object(fields) = &mut item {
            fields.remove("source");
        }
        item
    };
    let part = |name: &str| {
        let items = document.get(name).and_then(Value::as_array);
        (name.to_owned(), Value::Array(items.into_iter().flatten().map(sourceless).collect()))
    };
    let content: Map<String, Value> = ["operations", "blocked", "waiting", "held"].map(part).into_iter().collect();
    canonical_value(&Value::Object(content)).map(|bytes| Digest::of_bytes(&bytes))
}

/// A plan whose bytes are not those that its digests were made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanIntegrityError {
    /// The document has another digest than it says.
    Digest,
    /// What it does has another digest than it says.
    Content,
    /// The format is not ours.
    Format,
}

impl fmt::Display for PlanIntegrityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Digest => "the plan was altered: its digest does not match",
            Self::Content => "the plan was altered: the digest of its content does not match",
            Self::Format => "the plan's format is not `reseat-plan/1`",
        })
    }
}

/// Checks that nobody altered a plan since it was made.
///
/// # Errors
/// What does not match.
pub fn verify(plan: &Plan) -> Result<(), PlanIntegrityError> {
    if plan.format != Plan::FORMAT {
        return Err(PlanIntegrityError::Format);
    }
    let mut document = serde_json::to_value(plan).map_err(|_| PlanIntegrityError::Format)?;
    let content = content(&document).map_err(|_| PlanIntegrityError::Content)?;
    match digest(&mut document) {
        Ok(found) if found == plan.digest => {}
        Ok(_) | Err(_) => return Err(PlanIntegrityError::Digest),
    }
    if content == plan.content { Ok(()) } else { Err(PlanIntegrityError::Content) }
}
