//! A run against a slow vendor, compared with a bare client that sends the same requests.
//!
//! `cargo bench --bench apply` sends 10,000 operations with 128 in flight to a separate vendor process, which answers
//! after 20 ms; `cargo bench --bench apply -- 100000` sends 100,000. An operation consists of three requests: a check of the
//! account, the change, and a read-back. The bare client sends the same requests without a journal. Both run in turns,
//! because machines vary over time; compare the ratio.
#![expect(clippy::expect_used, reason = "a benchmark without its setup has to stop")]
#![expect(clippy::print_stdout, reason = "the results go to stdout")]

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
/// The vendor's response time.
const LATENCY: Duration = Duration::from_millis(20);
/// How often both are measured, up to how many operations.
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
        println!("  ratio {:.3}, and {:.0} us more CPU per operation", whole.rate / bare.rate, whole.cpu - bare.cpu);
    }
}

/// Measures a client that only sends the same requests.
async fn bare(operations: usize) -> Figures {
    let vendor = vendor::start(operations).await;
    let client = Client::new(&vendor.address, operations);
    let (usage, began) = (Usage::now(), Instant::now());
    client.bare(IN_FLIGHT as usize).await;
    Figures::of(operations, began.elapsed(), &usage)
}

/// Measures a run.
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
