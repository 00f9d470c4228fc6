//! What the journal costs: three records an operation, from 128 writers at once.
//!
//! `cargo bench --bench journal` writes 100,000 operations as fast as it can, and then at the pace of a vendor that answers
//! after 20 ms; `-- 20000` as many as you like. Each operation waits until it is durably written down that it is sent; the
//! answer and the outcome are handed in. With `RESEAT_TEST_POSTGRES` the same goes to that server.
#![expect(clippy::expect_used, reason = "a benchmark that cannot make its world has to stop")]
#![expect(clippy::print_stdout, reason = "the benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "the address of a server comes from outside")]

#[path = "apply/figures.rs"]
mod figures;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use figures::{Figures, Usage};
use reseat::env::Clock;
use reseat::model::{
    ChangeId, Digest, Effect, Expects, Inputs, LimitUsage, Operation, OperationId, OperationKind, Outcome,
    OutcomeSummary, Plan, RecordedReply, RunState, Summary,
};
use reseat::store::{JournalEntry, LicenseUsage, RunJournal, Store, StoreUrl};
use smol_str::{SmolStr, format_smolstr};

/// Operations under way at the same time.
const WRITERS: usize = 128;
/// How long a vendor takes to answer.
const LATENCY: Duration = Duration::from_millis(20);

fn main() {
    let operations = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Runtime::new().expect("the runtime starts");
    let plan = Arc::new(plan(operations));
    println!("{operations} operations, 3 records each, {WRITERS} at the same time");
    for latency in [Duration::ZERO, LATENCY] {
        let wait = latency.as_millis();
        let idle = runtime.block_on(idle(operations, latency));
        println!("  waiting {wait:2} ms  no journal  {idle}");
        let folder = tempfile::tempdir().expect("there is a place for temporary files");
        let figures = runtime.block_on(written(&StoreUrl::default_for(folder.path()), &plan, latency));
        println!("  waiting {wait:2} ms  SQLite      {}", figures.with_journal(folder.path()));
        if let Ok(server) = std::env::var("RESEAT_TEST_POSTGRES") {
            let url = StoreUrl::parse(&server).expect("the address of a server");
            println!("  waiting {wait:2} ms  PostgreSQL  {}", runtime.block_on(written(&url, &plan, latency)));
        }
    }
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    runtime.block_on(read(folder.path(), &plan));
}

/// The same tasks without a journal: what they cost by themselves.
async fn idle(operations: usize, latency: Duration) -> Figures {
    let (usage, began) = (Usage::now(), Instant::now());
    let next = Arc::new(AtomicUsize::new(0));
    let writers = (0..WRITERS).map(|_| {
        let next = Arc::clone(&next);
        tokio::spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < operations {
                pause(latency).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("a writer ends");
    }
    Figures::of(operations, began.elapsed(), &usage)
}

async fn pause(latency: Duration) {
    if latency.is_zero() { tokio::task::yield_now().await } else { tokio::time::sleep(latency).await }
}

async fn written(url: &StoreUrl, plan: &Arc<Plan>, latency: Duration) -> Figures {
    let clock = Clock::System;
    let (usage, began) = (Usage::now(), Instant::now());
    let store = Arc::new(Store::open(url, clock.time()).await.expect("the store opens"));
    let journal = store.begin(plan, "bench", &[], None, clock.time()).await.expect("a run begins");
    let journal = Arc::new(journal);
    let next = Arc::new(AtomicUsize::new(0));
    let writers = (0..WRITERS).map(|_| {
        let (journal, next, plan) = (Arc::clone(&journal), Arc::clone(&next), Arc::clone(plan));
        tokio::spawn(async move {
            while let Some(operation) = plan.operations.get(next.fetch_add(1, Ordering::Relaxed)) {
                write(&journal, operation, latency, clock).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("a writer ends");
    }
    let applied = u64::try_from(plan.operations.len()).unwrap_or(u64::MAX);
    let summary = OutcomeSummary { applied, ..OutcomeSummary::default() };
    journal.finish(RunState::Complete, &summary, clock.time()).await.expect("the run ends");
    store.close().await.expect("the store closes");
    Figures::of(plan.operations.len(), began.elapsed(), &usage)
}

/// What a run writes of one operation that goes well.
async fn write(journal: &RunJournal, operation: &Operation, latency: Duration, clock: Clock) {
    journal.record(JournalEntry::Sent(operation), clock.time()).await.expect("it is written down");
    pause(latency).await;
    let id = &operation.id;
    let answered = JournalEntry::Answered {
        operation: id,
        reply: RecordedReply::Accepted,
        status: Some(200),
        message: None,
        body: None,
        handle: None,
    };
    journal.enqueue(answered, clock.time()).expect("it is taken");
    let touched = LimitUsage { losses: 0, changes: 1 };
    let usage =
        [LicenseUsage { tenant: operation.tenant.clone(), license: operation.license.clone(), counts: touched }];
    let outcome = JournalEntry::Outcome { operation: id, outcome: Outcome::Applied, message: None, usage: &usage };
    journal.enqueue(outcome, clock.time()).expect("it is taken");
}

/// What it takes to read a run back.
async fn read(folder: &Path, plan: &Arc<Plan>) {
    let url = StoreUrl::default_for(folder);
    written(&url, plan, Duration::ZERO).await;
    let store = Store::open_existing(&url).await.expect("the store opens").expect("there is a store");
    let began = Instant::now();
    let run = store.runs(1).await.expect("it is read").remove(0).run;
    println!("  the history of {} operations is read in {:.0?}", run.outcomes.len(), began.elapsed());
    let began = Instant::now();
    let records = store.records(&run.run).await.expect("it is read").len();
    println!("  {records} records with all their names are read in {:.0?}", began.elapsed());
    let began = Instant::now();
    store.verify(None).await.expect("it is read").expect("it is whole");
    println!("  and verified in {:.0?}", began.elapsed());
}

fn plan(operations: usize) -> Plan {
    let operations: Vec<_> = (1..=operations).map(operation).collect();
    let digest = Digest::of_json(&operations).expect("operations are JSON");
    Plan {
        format: Plan::FORMAT.into(),
        digest: digest.clone(),
        content: digest,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        tool: "reseat".to_owned(),
        at: jiff::civil::Date::constant(2026, 11, 22),
        inputs: Inputs {
            allow_removals: None,
            author: None,
            undoes: None,
            manifest: Digest::of_bytes(b"m"),
            policy: Digest::of_bytes(b"p"),
            observations: std::collections::BTreeMap::new(),
        },
        summary: Summary::default(),
        changes: Vec::new(),
        operations,
        blocked: Vec::new(),
        waiting: Vec::new(),
        held: Vec::new(),
        pools: Vec::new(),
        findings: Vec::new(),
    }
}

fn operation(number: usize) -> Operation {
    let person = format_smolstr!("given.family{number}@acme.example");
    Operation {
        id: OperationId(format_smolstr!("op-{number}")),
        change: ChangeId(format_smolstr!("ch-{number}")),
        kind: OperationKind::Assign,
        effect: Effect::Gain,
        tenant: SmolStr::new_static("phones"),
        account: format_smolstr!("account-{}", number * 7919 % 1_000_003),
        license: format_smolstr!("X{}", number % 8),
        to: None,
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: Expects { holdings: Digest::of_bytes(person.as_bytes()) },
        on_failure: None,
        why: format!("`{person}` is named in line {number}"),
        source: None,
        person,
    }
}
