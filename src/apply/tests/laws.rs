//! Convergence: applying a random plan to the simulator leaves nothing to plan.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::scenario::{FakeTenant, NOW, TestStore};
use crate::adapter::Observe as _;
use crate::apply::{EventSink, RunOptions, RunReport, RunRequest, StopSignal};
use crate::env::Clock;
use crate::model::{Observation, Outcome, Plan};
use crate::plan::laws::random_tenant::{RandomTenant, TenantScope, random_tenants};
use crate::profile::simulator::Simulator;
use crate::store::{Store, StoreUrl};

const ODD: TenantScope = TenantScope { odd: true, alternatives: true, over: true, people: 6 };

/// Applies a plan to a simulator. Returns the report, and the state afterwards.
async fn apply(world: &RandomTenant, observation: &Observation, plan: Plan) -> (RunReport, Observation) {
    let folder = tempfile::tempdir().unwrap();
    let url = StoreUrl::default_for(folder.path());
    let simulator = Simulator::new(world.rules(), Duration::ZERO, observation.clone());
    let tenant = Arc::new(FakeTenant::new(simulator, Duration::ZERO, TestStore::File(url.clone())));
    let request = RunRequest {
        plan: Arc::new(plan),
        resumes: None,
        tenants: [("t".into(), tenant.target(&world.settings()))].into(),
        store: Arc::new(Store::open(&url, NOW).await.unwrap()),
        manifest: "seats".to_owned(),
        policy: Arc::default(),
        consents: Vec::new(),
        options: RunOptions {
            seed: 7,
            ..RunOptions::new(Clock::Fixed(NOW), Duration::from_millis(200), EventSink::discard(), StopSignal::new())
        },
    };
    let report = request.run().await.unwrap();
    (report, tenant.observe().await.unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn applied_plan_converges(world in random_tenants(ODD)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let observation = world.observation();
        let plan = world.plan(&observation, 0);
        let (report, after) = runtime.block_on(apply(&world, &observation, plan.clone()));
        let is_applied = report.run.outcomes.iter().all(|one| one.outcome == Outcome::Applied);
        prop_assert!(is_applied, "{:#?}\n{:#?}\n{:#?}", report.run, plan.operations, observation);
        let again = world.plan(&after, 0);
        prop_assert!(again.operations.is_empty(), "first {:#?}\nagain {:#?}", plan.operations, again.operations);
    }
}
