//! Accounts, operations and plans for tests.

use std::collections::BTreeMap;

use jiff::Timestamp;
use smol_str::SmolStr;

use crate::model::{
    Account, AccountOrigin, ChangeId, Digest, Effect, Expects, Holding, HoldingOrigin, HoldingState, Inputs, Operation,
    OperationId, OperationKind, Plan, Summary,
};
use crate::plan::consistency::tests::add_changes;

/// 2026-11-21T10:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::constant(1_795_255_200, 0);

pub(crate) fn account(id: &str, holdings: Vec<Holding>) -> Account {
    Account {
        id: id.into(),
        email: format!("{id}@acme.example").into(),
        login: None,
        origin: AccountOrigin::Managed,
        memberships: Vec::new(),
        holdings,
    }
}

pub(crate) fn holding(license: &str) -> Holding {
    Holding {
        license: license.into(),
        state: HoldingState::Active,
        origin: HoldingOrigin::Direct,
        trial: false,
        expires: None,
        due: None,
    }
}

pub(crate) fn operation(id: &str, kind: OperationKind, account: &str, license: &str) -> Operation {
    Operation {
        id: OperationId(SmolStr::new(id)),
        change: ChangeId(SmolStr::default()),
        kind,
        effect: if kind == OperationKind::Remove { Effect::Loss } else { Effect::Gain },
        tenant: "wiki".into(),
        person: format!("{account}@acme.example").into(),
        account: account.into(),
        license: license.into(),
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

/// Returns a sealed plan with these operations.
pub(crate) fn document(operations: Vec<Operation>) -> Plan {
    let mut plan = Plan {
        format: Plan::FORMAT.into(),
        digest: Digest::of_bytes(b""),
        content: Digest::of_bytes(b"content"),
        created_at: NOW,
        tool: "reseat".to_owned(),
        at: "2026-11-21".parse().unwrap(),
        inputs: Inputs {
            manifest: Digest::of_bytes(b"manifest"),
            policy: Digest::of_bytes(b"policy"),
            allow_removals: None,
            author: None,
            undoes: None,
            observations: BTreeMap::new(),
        },
        summary: Summary::default(),
        changes: Vec::new(),
        operations,
        blocked: Vec::new(),
        waiting: Vec::new(),
        held: Vec::new(),
        pools: Vec::new(),
        findings: Vec::new(),
    };
    add_changes(&mut plan);
    sealed(plan)
}

/// Seals a plan with the digests of its content.
pub(crate) fn sealed(mut plan: Plan) -> Plan {
    crate::plan::seal(&mut plan).unwrap();
    plan
}
