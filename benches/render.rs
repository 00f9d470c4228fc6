//! What it costs to show a plan of 50,000 operations, beside what it costs to make it.
//!
//! `cargo bench --bench render` prints the best of several runs, and each rendering as a part of planning alone: reading the
//! manifest and the state, which every `reseat plan` does as well, are not counted. Each is to stay below a quarter.
#![expect(clippy::expect_used, reason = "a benchmark that cannot make its world has to stop")]
#![expect(clippy::print_stdout, reason = "the benchmark prints its figures")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use reseat::adapter::file::state;
use reseat::cli::generate::SyntheticTenant;
use reseat::env::Now;
use reseat::manifest;
use reseat::model::{Digest, Inputs, ObservationInput, Plan, UsageHistory};
use reseat::plan::{self, PlanRequest};
use reseat::policy::ApprovalContext;
use reseat::profile::Rules;
use reseat::report::plan::markdown::{MarkdownLimit, MarkdownTarget, markdown};
use reseat::report::review::Review;
use reseat::report::{TextStyle, json, plan as text};
use smol_str::SmolStr;

/// How often each is done; the best counts.
const RUNS: usize = 5;

fn main() {
    let (plan, planning) = planned(100_000, 50);
    println!("{} operations, planned in {planning:.0?}", plan.operations.len());
    let files = reseat::diagnostic::Files::default();
    show("text", planning, || text::text(&plan, &files, TextStyle::PLAIN).len());
    show("json", planning, || json::pretty(&plan).expect("a plan has a JSON form").len());
    show("review", planning, || Review::new(&plan).count(reseat::report::review::ReviewTopic::Moves));
    for (name, limit) in MarkdownLimit::PRESETS {
        let reader = MarkdownTarget { limit, ..MarkdownTarget::default() };
        show(&format!("markdown for {name}"), planning, || markdown(&Review::new(&plan), &reader).len());
    }
    let reader = MarkdownTarget {
        limit: MarkdownLimit { bytes: usize::MAX / 2, ..MarkdownLimit::GITHUB },
        ..MarkdownTarget::default()
    };
    show("markdown without a limit", planning, || markdown(&Review::new(&plan), &reader).len());
}

fn show(name: &str, planning: Duration, work: impl Fn() -> usize) {
    let (time, size) = best(&work);
    let part = time.as_secs_f64() / planning.as_secs_f64();
    println!("  {name:26} {time:8.1?}  {:5.1} % of planning  {size:9}", part * 100.0);
}

fn best<T>(work: impl Fn() -> T) -> (Duration, T) {
    let runs = (0..RUNS).map(|_| {
        let began = Instant::now();
        let made = black_box(work());
        (began.elapsed(), made)
    });
    runs.min_by_key(|(time, _)| *time).expect("it ran at least once")
}

/// A plan for so many people of whom so many in a hundred differ, and how long it took to make.
fn planned(people: u64, changes: u64) -> (Plan, Duration) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shown-{people}-{changes}"));
    if !folder.join("state.json").exists() {
        let _ = std::fs::remove_dir_all(&folder);
        SyntheticTenant { people, files: 1, changes, rules: false }.write(&folder).expect("the world can be written");
    }
    let loaded = manifest::load(&folder.join("manifest"));
    let settings = &loaded.desired.tenants["suite"].settings;
    let rules = Rules::resolve(settings).expect("the vendor is known");
    let observation = state::read(&folder.join("state.json"), settings, &rules).expect("the state is sound");
    let digest = Digest::of_bytes(b"");
    let input = ObservationInput { digest: digest.clone(), observed_at: observation.observed_at, complete: true };
    let inputs = Inputs {
        manifest: digest.clone(),
        policy: digest,
        allow_removals: None,
        author: None,
        undoes: None,
        observations: BTreeMap::from([(SmolStr::new("suite"), input)]),
    };
    let policy = loaded.policy.clone();
    let rules = BTreeMap::from([(SmolStr::new("suite"), rules)]);
    let observations = BTreeMap::from([(SmolStr::new("suite"), observation)]);
    let (time, plan) = best(|| {
        let request = PlanRequest {
            desired: &loaded.desired,
            manifest: &loaded.desired,
            rules: &rules,
            observations: &observations,
            policy: &policy,
            usage_history: &UsageHistory::default(),
            consent: &ApprovalContext::default(),
            allow_removals: None,
            unlimited: true,
            differences: &[],
            now: Now::at(Timestamp::UNIX_EPOCH),
        };
        plan::make(&request, || Ok(inputs.clone())).expect("it can be planned")
    });
    (plan, time)
}
