//! The adapter against a mock server.

mod described;
mod hostile;
mod listing;
mod pools;
mod refusals;
mod saga;
pub(super) mod stand_in;

use std::time::Duration;

use serde_json::{Value, json};

use self::stand_in::StandIn;
use super::*;
use crate::adapter::{AccessOptions, ErrorKind, Receipt};
use crate::model::{
    Account, ApiSettings, ChangeId, Effect, Expects, Observation, Operation, OperationId, OperationKind, PoolSettings,
    SecretRef,
};

/// A key that no output may contain.
pub(super) const KEY: &str = "k3y-of-0urs-8008";

fn settings(stand_in: &StandIn) -> TenantSettings {
    let key = Some(SecretRef::File(stand_in.key_file()));
    let api = ApiSettings { key, ..ApiSettings::new(stand_in.url()) };
    let mut settings = TenantSettings {
        vendor: "8x8".into(),
        adapter: AdapterSettings::Api(api),
        ..crate::adapter::file::state::tests::settings("phones")
    };
    let pool = |name: &str| PoolSettings { name: Some(name.into()), country: Some("US".into()), ..Default::default() };
    settings.pools.insert("X2".into(), pool("X2-SKU-US"));
    settings.pools.insert("X4".into(), pool("X4-SKU-US"));
    settings
}

fn with_inventory(mut settings: TenantSettings, path: &std::path::Path) -> TenantSettings {
    if let AdapterSettings::Api(api) = &mut settings.adapter {
        api.inventory = Some(path.to_path_buf());
    }
    settings
}

fn phones_of(settings: &TenantSettings) -> EightByEightTenant {
    let rules = Rules::resolve(settings).unwrap();
    let limits = HttpLimits {
        connect_timeout: Duration::from_millis(300),
        total_timeout: Duration::from_millis(500),
        body_max_bytes: 1 << 20,
        attempts: 2,
        backoff: Duration::from_millis(5),
        pause_max: Duration::from_millis(300),
    };
    let (first_poll, poll_spacing) = (Duration::from_millis(10), Duration::from_millis(10));
    let pace = RequestPacing { limits, rates: Vec::new(), first_poll, poll_spacing };
    let access = AccessOptions::read_write(Clock::System);
    EightByEightTenant::new(&ConnectionConfig { settings, rules: &rules, access }, &pace).unwrap()
}

fn phones(stand_in: &StandIn) -> EightByEightTenant {
    phones_of(&settings(stand_in))
}

fn license(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "country": "US" })
}

/// A user with an extension for the first license.
fn user(id: &str, licenses: &[Value]) -> Value {
    let extensions: Vec<Value> = licenses
        .iter()
        .take(1)
        .map(|one| json!({ "id": format!("x-{id}"), "extensionType": "UC", "licenseId": one["id"], "devices": [] }))
        .collect();
    json!({
        "basicInfo": {
            "userId": id, "customerId": "c-1", "createdTime": "2025-01-01T01:02:03Z",
            "lastUpdatedTime": "2025-01-02T01:02:03Z", "userName": format!("{id}@acme.example"), "firstName": "Ana",
            "lastName": "Poe", "status": "ACTIVE", "primaryEmail": format!("{id}@acme.example"),
            "site": { "id": "s-1", "name": "Headquarters" }, "costCenter": 17,
        },
        "directoryInfo": { "department": "Sales" },
        "serviceInfo": { "licenses": licenses, "extensions": extensions },
        "assignmentInfo": { "ringGroups": [], "ucCallQueues": [] },
    })
}

fn operation(kind: OperationKind, account: &str, license: &str) -> Operation {
    Operation {
        id: OperationId("op-1".into()),
        change: ChangeId("ch-1".into()),
        kind,
        effect: Effect::Move,
        tenant: "phones".into(),
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
        expects: Expects { holdings: crate::model::Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}

/// Renders holders, such as `u-1: X2, UC DID (derived)`.
fn holders(observation: &Observation) -> Vec<String> {
    observation.accounts.iter().map(held).collect()
}

fn held(account: &Account) -> String {
    let words = account.holdings.iter().map(|one| match one.origin {
        crate::model::HoldingOrigin::Direct => one.license.to_string(),
        ref origin => format!("{} ({origin})", one.license),
    });
    format!("{}: {}", account.id, words.collect::<Vec<_>>().join(", "))
}
