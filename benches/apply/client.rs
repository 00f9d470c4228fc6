//! The client's side: an adapter of a few lines, and the same requests without anything around them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use reseat::adapter::{AdapterError, AdapterFuture, ErrorKind, Execute, Observe, Receipt};
use reseat::diagnostic::{FileId, Location};
use reseat::model::{
    Account, AdapterSettings, Change, ChangeId, Digest, Effect, Inputs, Mode, Observation, Operation, OperationId,
    OperationKind, Plan, RunbookSettings, Summary, TenantSettings,
};
use reseat::plan;
use reseat::profile::Rules;
use smol_str::format_smolstr;

/// A client of the vendor.
pub(crate) struct Client {
    http: reqwest::Client,
    address: String,
    accounts: usize,
}

impl Client {
    pub(crate) fn new(address: &str, accounts: usize) -> Self {
        let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().expect("the client is sound");
        Self { http, address: address.to_owned(), accounts }
    }

    /// Sends what a run sends, with so many operations in flight.
    pub(crate) async fn bare(self, in_flight: usize) {
        let (client, next) = (Arc::new(self), Arc::new(AtomicUsize::new(0)));
        let workers: Vec<_> = (0..in_flight)
            .map(|_| {
                let (client, next) = (Arc::clone(&client), Arc::clone(&next));
                tokio::spawn(async move {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= client.accounts {
                            break;
                        }
                        let number = number.to_string();
                        assert!(client.read(&number).await.expect("it answers").holdings.is_empty());
                        client.write(&number, "reader").await.expect("it answers");
                        assert!(!client.read(&number).await.expect("it answers").holdings.is_empty());
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.expect("a worker ends");
        }
    }

    async fn read(&self, number: &str) -> Result<Account, reqwest::Error> {
        self.http.get(format!("{}/accounts/{number}", self.address)).send().await?.json().await
    }

    async fn write(&self, number: &str, license: &str) -> Result<(), reqwest::Error> {
        let request = self.http.post(format!("{}/accounts/{number}", self.address));
        let answer = request.body(format!(r#"{{ "license": "{license}" }}"#)).send().await?;
        answer.json::<serde_json::Value>().await.map(|_| ())
    }
}

fn failed(error: &reqwest::Error) -> AdapterError {
    AdapterError::new(ErrorKind::Unavailable, error.to_string())
}

impl Observe for Client {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(async { Err(AdapterError::new(ErrorKind::Unsupported, "nobody asks for it here")) })
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        Box::pin(async move { self.read(id).await.map(Some).map_err(|error| failed(&error)) })
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        Box::pin(async { Ok(None) })
    }
}

impl Execute for Client {
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            match self.write(&operation.account, &operation.license).await {
                Ok(()) => Ok(Receipt::Done),
                Err(error) => Err(AdapterError { maybe_in_effect: true, ..failed(&error) }),
            }
        })
    }
}

/// A tenant, and a plan that gives everybody of it a license.
pub(crate) fn world(operations: usize, in_flight: u32) -> (TenantSettings, Plan) {
    let settings = TenantSettings {
        name: "wiki".into(),
        vendor: "generic".into(),
        mode: Mode::Full,
        concurrency: Some(in_flight),
        rates: Vec::new(),
        own_account: None,
        release_seats: false,
        pools: BTreeMap::new(),
        exclusive: Vec::new(),
        change: None,
        floor: None,
        loses: Vec::new(),
        adapter: AdapterSettings::Runbook(RunbookSettings::default()),
        source: Location { file: FileId(0), line: 1, column: 1, length: 0 },
    };
    let rules = Rules::resolve(&settings).expect("the vendor is known");
    let operation = |number: usize| Operation {
        id: OperationId(format_smolstr!("op-{}", number + 1)),
        change: ChangeId(format_smolstr!("ch-{}", number + 1)),
        kind: OperationKind::Assign,
        effect: Effect::Gain,
        tenant: "wiki".into(),
        person: format_smolstr!("p{number}@example.com"),
        account: format_smolstr!("{number}"),
        license: "reader".into(),
        to: None,
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: rules.expects(&[], "reader"),
        on_failure: None,
        why: "named for `reader`".to_owned(),
        source: None,
    };
    let digest = Digest::of_bytes(b"");
    let mut plan = Plan {
        format: Plan::FORMAT.into(),
        digest: digest.clone(),
        content: digest.clone(),
        created_at: jiff::Timestamp::UNIX_EPOCH,
        tool: "bench".to_owned(),
        at: jiff::civil::date(2026, 11, 22),
        inputs: Inputs {
            manifest: digest.clone(),
            policy: digest,
            allow_removals: None,
            author: None,
            undoes: None,
            observations: BTreeMap::new(),
        },
        summary: Summary::default(),
        changes: Vec::new(),
        operations: (0..operations).map(operation).collect(),
        blocked: Vec::new(),
        waiting: Vec::new(),
        held: Vec::new(),
        pools: Vec::new(),
        findings: Vec::new(),
    };
    let change = |operation: &Operation| Change {
        id: operation.change.clone(),
        tenant: operation.tenant.clone(),
        person: operation.person.clone(),
        account: operation.account.clone(),
        address: operation.person.clone(),
        from: None,
        to: Some(operation.license.clone()),
        effect: operation.effect,
        source: None,
    };
    plan.changes = plan.operations.iter().map(change).collect();
    plan::seal(&mut plan).expect("a plan has a JSON form");
    (settings, plan)
}
