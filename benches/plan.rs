//! What a plan costs, stage by stage and whole, for 10,000 and 100,000 people.
//!
//! `cargo bench` makes its worlds with the generator behind `reseat generate`. A million people take too long for a
//! benchmark that runs a stage many times; the README says how to measure the whole process at that size.
#![expect(clippy::expect_used, reason = "a benchmark that cannot make its world has to stop")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use reseat::adapter::file::state;
use reseat::cli::generate::SyntheticTenant;
use reseat::env::Now;
use reseat::manifest::{self, LoadedManifest};
use reseat::model::{Digest, Inputs, Observation, ObservationInput, Policy, UsageHistory};
use reseat::plan::{self, PlanRequest};
use reseat::policy::ApprovalContext;
use reseat::profile::Rules;
use smol_str::SmolStr;

fn main() {
    divan::main();
}

const PEOPLE: [u64; 2] = [10_000, 100_000];

/// The folder of a world, made once.
fn world(people: u64, files: u64, rules: bool) -> PathBuf {
    let name = format!("world-{people}-{files}{}", if rules { "-rules" } else { "" });
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !folder.join("state.json").exists() {
        let _ = std::fs::remove_dir_all(&folder);
        SyntheticTenant { people, files, changes: 10, rules }.write(&folder).expect("the world can be written");
    }
    folder
}

struct BenchmarkInput {
    loaded: LoadedManifest,
    policy: Policy,
    rules: BTreeMap<SmolStr, Rules>,
    observations: BTreeMap<SmolStr, Observation>,
    inputs: Inputs,
}

fn prepare(people: u64, rules: bool) -> BenchmarkInput {
    let folder = world(people, 1, rules);
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
    BenchmarkInput {
        policy: loaded.policy.clone(),
        rules: BTreeMap::from([(SmolStr::new("suite"), rules)]),
        observations: BTreeMap::from([(SmolStr::new("suite"), observation)]),
        inputs,
        loaded,
    }
}

#[divan::bench(args = PEOPLE, sample_count = 10)]
fn read_manifest_in_one_file(bencher: divan::Bencher<'_, '_>, people: u64) {
    let folder = world(people, 1, false).join("manifest");
    bencher.bench(|| manifest::load(&folder));
}

#[divan::bench(args = PEOPLE, sample_count = 10)]
fn read_manifest_in_a_hundred_files(bencher: divan::Bencher<'_, '_>, people: u64) {
    let folder = world(people, 100, false).join("manifest");
    bencher.bench(|| manifest::load(&folder));
}

#[divan::bench(args = PEOPLE, sample_count = 10)]
fn read_state(bencher: divan::Bencher<'_, '_>, people: u64) {
    let ready = prepare(people, false);
    let path = world(people, 1, false).join("state.json");
    let settings = &ready.loaded.desired.tenants["suite"].settings;
    bencher.bench(|| state::read(&path, settings, &ready.rules["suite"]));
}

#[divan::bench(args = PEOPLE, sample_count = 10)]
fn make_plan(bencher: divan::Bencher<'_, '_>, people: u64) {
    plan_of(bencher, &prepare(people, false));
}

/// The two that follow differ by ten rules and nothing else: the rules are to add at most a quarter.
#[divan::bench(args = PEOPLE, sample_count = 10)]
fn make_plan_for_people_with_attributes(bencher: divan::Bencher<'_, '_>, people: u64) {
    let mut ready = prepare(people, true);
    ready.policy.rules.clear();
    plan_of(bencher, &ready);
}

#[divan::bench(args = PEOPLE, sample_count = 10)]
fn make_plan_with_rules(bencher: divan::Bencher<'_, '_>, people: u64) {
    plan_of(bencher, &prepare(people, true));
}

fn plan_of(bencher: divan::Bencher<'_, '_>, ready: &BenchmarkInput) {
    let (past, consent) = (UsageHistory::default(), ApprovalContext::default());
    bencher.bench(|| {
        let request = PlanRequest {
            desired: &ready.loaded.desired,
            manifest: &ready.loaded.desired,
            rules: &ready.rules,
            observations: &ready.observations,
            policy: &ready.policy,
            usage_history: &past,
            consent: &consent,
            allow_removals: None,
            unlimited: false,
            differences: &[],
            now: Now::at(Timestamp::UNIX_EPOCH),
        };
        plan::make(&request, || Ok(ready.inputs.clone()))
    });
}
