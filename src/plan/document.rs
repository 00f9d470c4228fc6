//! The plan as a document: its digests, its bytes, and whether anybody altered it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use smol_str::SmolStr;

use super::Request;
use crate::model::{Digest, Plan, Summary, canonical_json};

/// A plan without anything in it.
pub(super) fn empty(request: &Request<'_>) -> Plan {
    let unsealed = Digest::of_bytes(b"");
    Plan {
        format: SmolStr::new_static(Plan::FORMAT),
        digest: unsealed.clone(),
        content: unsealed,
        created_at: request.now.time,
        tool: concat!("reseat ", env!("CARGO_PKG_VERSION")).to_owned(),
        at: request.now.day,
        inputs: request.inputs.clone(),
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
    plan.content = content(plan)?;
    plan.digest = digest(plan)?;
    Ok(())
}

/// The canonical bytes (RFC 8785) of a plan.
///
/// # Errors
/// When the plan has no JSON form, which no plan should meet.
pub fn to_bytes(plan: &Plan) -> Result<Vec<u8>, serde_json::Error> {
    canonical_json(plan)
}

/// The digest of the document without its own field.
fn digest(plan: &Plan) -> Result<Digest, serde_json::Error> {
    let mut document = serde_json::to_value(plan)?;
    if let Value::Object(fields) = &mut document {
        fields.remove("digest");
    }
    Digest::of_json(&document)
}

/// What the plan does, without where it is asked for.
#[derive(Serialize)]
struct Content {
    operations: Vec<Value>,
    blocked: Vec<Value>,
    waiting: Vec<Value>,
    held: Vec<Value>,
}

fn content(plan: &Plan) -> Result<Digest, serde_json::Error> {
    Digest::of_json(&Content {
        operations: sourceless(&plan.operations)?,
        blocked: sourceless(&plan.blocked)?,
        waiting: sourceless(&plan.waiting)?,
        held: sourceless(&plan.held)?,
    })
}

fn sourceless<T: Serialize>(items: &[T]) -> Result<Vec<Value>, serde_json::Error> {
    let strip = |item: &T| {
        let mut value = serde_json::to_value(item)?;
        if let Value::Object(fields) = &mut value {
            fields.remove("source");
        }
        Ok(value)
    };
    items.iter().map(strip).collect()
}

/// A plan whose bytes are not those that its digests were made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TamperedPlan {
    /// The document has another digest than it says.
    Digest,
    /// What it does has another digest than it says.
    Content,
    /// The format is not ours.
    Format,
}

impl fmt::Display for TamperedPlan {
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
pub fn verify(plan: &Plan) -> Result<(), TamperedPlan> {
    if plan.format != Plan::FORMAT {
        return Err(TamperedPlan::Format);
    }
    match digest(plan) {
        Ok(found) if found == plan.digest => {}
        Ok(_) | Err(_) => return Err(TamperedPlan::Digest),
    }
    match content(plan) {
        Ok(found) if found == plan.content => Ok(()),
        Ok(_) | Err(_) => Err(TamperedPlan::Content),
    }
}
