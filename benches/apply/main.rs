//! A run against a vendor that takes its time, beside a bare client that sends the same requests.
//!
//! `cargo bench --bench apply` sends 10,000 operations with 128 in flight to a vendor in a process of its own, which answers
//! after 20 ms. `cargo bench --bench apply -- 100000` sends as many as you like. Each operation is three requests: a
//! look at the account, the change, and a look at what came of it. The bare client sends exactly these, and keeps no
//! journal. Both run in turns, for a machine is never the same for long; the ratio is what counts.
#![expect(clippy::expect_used, reason = "a benchmark that cannot make its world has to stop")]
#![expect(clippy::print_stdout, reason = "the figures are for whoever runs it")]

mod client;
mod figures;
mod vendor;

use std::sync::Arc;
use std::time::{Duration, Instant};

use reseat::adapter::{Connection, Execute, Observe};
use reseat::apply::{EventSink, RunOptions, RunRequest, StopSignal, Target};
use reseat::env::Clock;
use reseat::model::Policy;
use reseat::store::{Store, StoreUrl};

use client::Client;
use figures::{Figures, Usage};

/// Operations in flight.
const IN_FLIGHT: u32 = 128;
/// How long the vendor takes to answer.
const LATENCY: Duration = Duration::from_millis(20);
/// How often both are measured where it is done soon, and how many operations are soon done.
const ROUNDS: usize = 3;
const SOON: usize = 20_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if arguments.first().is_some_and(|word| word == "serve") {
        return vendor::serve(LATENCY);
    }
    let operations = arguments.first().and_then(|word| word.parse().ok()).unwrap_or(10_000);
    let runtime = tokio::runtime::Runtime::new().expect("the runtime starts");
    println!("{operations} operations, {IN_FLIGHT} in flight, a vendor that answers after {} ms", LATENCY.as_millis());
    for _ in 0..if operations > SOON { 1 } else { ROUNDS } {
        let bare = runtime.block_on(bare(operations));
        let whole = runtime.block_on(whole(operations));
        println!("  bare client  {bare}");
        println!("  reseat       {whole}");
        println!(
            "  ratio {:.3}, and {:.0} us more of a processor an operation",
            whole.rate / bare.rate,
            whole.cpu - bare.cpu
        );
    }
}

/// What a client reaches that sends the same requests and does nothing else.
async fn bare(operations: usize) -> Figures {
    let vendor = vendor::start(operations).await;
    let client = Client::new(&vendor.address, operations);
    let (usage, began) = (Usage::now(), Instant::now());
    client.bare(IN_FLIGHT as usize).await;
    Figures::of(operations, began.elapsed(), &usage)
}

/// What a run reaches.
async fn whole(operations: usize) -> Figures {
    let vendor = vendor::start(operations).await;
    let client = Arc::new(Client::new(&vendor.address, operations));
    let (settings, plan) = client::world(operations, IN_FLIGHT);
    let folder = tempfile::tempdir().expect("there is a place for temporary files");
    let url = StoreUrl::default_for(folder.path());
    let clock = Clock::System;
    let (usage, began) = (Usage::now(), Instant::now());
    let store = Arc::new(Store::open(&url, clock.time()).await.expect("the store opens"));
    let connection = Connection {
        observe: Arc::clone(&client) as Arc<dyn Observe>,
        execute: Some(Arc::clone(&client) as Arc<dyn Execute>),
    };
    let target = Target::new(connection, &settings).expect("the vendor is known");
    let request = RunRequest {
        plan: Arc::new(plan),
        resumes: None,
        tenants: [(settings.name.clone(), target)].into(),
        store,
        manifest: "bench".to_owned(),
        policy: Arc::new(Policy::default()),
        consents: Vec::new(),
        options: RunOptions {
            clock,
            wait: Duration::from_secs(60),
            deadline: None,
            seed: 1,
            events: EventSink::discard(),
            stop: StopSignal::new(),
        },
    };
    let conclusion = request.run().await.expect("the run ends");
    let figures = Figures::of(operations, began.elapsed(), &usage);
    assert_eq!(conclusion.run.summary.applied, operations as u64, "{:?}", conclusion.run.summary);
    figures.with_journal(folder.path())
}
