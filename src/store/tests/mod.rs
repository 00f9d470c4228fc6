//! Tests of the store.

mod audit;
mod files;
mod inspect;
mod lock;
mod memory;
mod pending;
mod runs;
mod server;
mod storage;
mod usage;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use smol_str::SmolStr;

use super::{Store, StoreUrl};
use crate::model::{ChangeId, Digest, Effect, Expects, Inputs, Operation, OperationId, OperationKind, Plan, Summary};

fn now() -> Timestamp {
    "2026-11-22T02:11:40Z".parse().unwrap()
}

fn operation(id: &str) -> Operation {
    Operation {
        id: OperationId(SmolStr::new(id)),
        change: ChangeId("ch-1".into()),
        kind: OperationKind::Remove,
        effect: Effect::Loss,
        tenant: "phones".into(),
        person: "ana@acme.example".into(),
        account: "u-1".into(),
        license: "X2".into(),
        to: None,
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: Expects { holdings: Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}

fn plan(content: &str) -> Arc<Plan> {
    Arc::new(Plan {
        format: Plan::FORMAT.into(),
        digest: Digest::of_bytes(content.as_bytes()),
        content: Digest::of_bytes(content.as_bytes()),
        created_at: now(),
        tool: "reseat".to_owned(),
        at: "2026-11-22".parse().unwrap(),
        inputs: Inputs {
            allow_removals: None,
            author: None,
            undoes: None,
            manifest: Digest::of_bytes(b"m"),
            policy: Digest::of_bytes(b"p"),
            observations: Default::default(),
        },
        summary: Summary::default(),
        changes: Vec::new(),
        operations: (1..=10).map(|number| operation(&format!("op-{number}"))).collect(),
        blocked: Vec::new(),
        waiting: Vec::new(),
        held: Vec::new(),
        pools: Vec::new(),
        findings: Vec::new(),
    })
}

async fn open(folder: &Path) -> Arc<Store> {
    Arc::new(Store::open(&StoreUrl::default_for(folder), now()).await.unwrap())
}
