//! Vendors that accept an operation, give it a name, and are at work on it for a while.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::scenario::{FakeTenant, InitialState, Scenario, message, outcome_names};
use crate::adapter::{AdapterError, AdapterFuture, Connection, ErrorKind, Execute, Observe, OperationHandle, Receipt};
use crate::apply::Target;
use crate::model::{Account, Observation, Operation, OperationKind, Pool, TenantSettings};

/// A desk in front of a tenant: whatever is asked for lies there for a while.
pub(super) struct AsyncVendor {
    tenant: Arc<FakeTenant>,
    takes: Duration,
    jobs: Mutex<BTreeMap<String, PendingJob>>,
    polls: Mutex<Vec<Instant>>,
    most_at_work: Mutex<usize>,
    /// Whether nobody gets `editor`, as one learns when the time has come.
    refuses: AtomicBool,
}

struct PendingJob {
    operation: Operation,
    due: Instant,
    came: Option<Result<Receipt, AdapterError>>,
}

impl AsyncVendor {
    fn in_front_of(world: &mut Scenario, takes: Duration) -> Arc<Self> {
        let desk = Arc::new(Self {
            tenant: Arc::clone(&world.tenant),
            takes,
            jobs: Mutex::default(),
            polls: Mutex::default(),
            most_at_work: Mutex::default(),
            refuses: AtomicBool::new(false),
        });
        world.desk = Some(Arc::clone(&desk));
        desk
    }

    pub(super) fn target(self: &Arc<Self>, settings: &TenantSettings) -> Target {
        let observe: Arc<dyn Observe> = Arc::<Self>::clone(self);
        let execute: Arc<dyn Execute> = Arc::<Self>::clone(self);
        Target::new(Connection { observe, execute: Some(execute) }, settings).unwrap()
    }

    /// Carries out what is due, in the order of its coming.
    fn work(&self) {
        loop {
            let next = {
                let jobs = self.jobs.lock().unwrap();
                let due = jobs.iter().find(|(_, job)| job.came.is_none() && job.due <= Instant::now());
                due.map(|(name, job)| (name.clone(), job.operation.clone()))
            };
            let Some((name, operation)) = next else { return };
            let came = match self.refuses.load(Ordering::SeqCst) && operation.license == "editor" {
                true => Err(AdapterError::new(ErrorKind::Conflict, "the vendor says no")),
                false => self.tenant.simulator_does(&operation),
            };
            self.jobs.lock().unwrap().get_mut(&name).unwrap().came = Some(came);
        }
    }
}

impl Observe for AsyncVendor {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        self.tenant.observe()
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        Box::pin(async move {
            self.work();
            self.tenant.account(id).await
        })
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        self.tenant.busy()
    }

    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        self.tenant.pools()
    }

    fn poll<'a>(&'a self, _: &'a Operation, handle: &'a OperationHandle) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            self.polls.lock().unwrap().push(Instant::now());
            self.work();
            let jobs = self.jobs.lock().unwrap();
            let job = jobs.get(handle.as_str()).expect("the name is one of ours");
            match &job.came {
                None => Ok(Receipt::Accepted(Some(handle.clone()))),
                Some(Ok(_)) => Ok(Receipt::Done),
                Some(Err(error)) => Err(error.clone()),
            }
        })
    }
}

impl Execute for AsyncVendor {
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            let mut jobs = self.jobs.lock().unwrap();
            let name = format!("job-{}", jobs.len() + 1);
            let due = Instant::now() + self.takes;
            jobs.insert(name.clone(), PendingJob { operation: operation.clone(), due, came: None });
            let at_work = jobs.values().filter(|job| job.due > Instant::now()).count();
            let mut most = self.most_at_work.lock().unwrap();
            *most = at_work.max(*most);
            Ok(Receipt::Accepted(OperationHandle::new(&name)))
        })
    }
}

const READERS: InitialState = InitialState {
    accounts: &[
        ("a", &["reader"]),
        ("b", &["reader"]),
        ("c", &["reader"]),
        ("d", &["reader"]),
        ("e", &["reader"]),
        ("f", &[]),
    ],
    pools: &[("reader", 9), ("editor", 5)],
    delay: Duration::ZERO,
    latency: Duration::ZERO,
    concurrency: 2,
};

#[tokio::test(start_paused = true)]
async fn what_a_vendor_is_at_work_on_holds_its_place_until_it_is_done() {
    let mut world = Scenario::in_memory(&READERS);
    for person in ["a", "b", "c", "d", "e"] {
        world.plan_move(person, "reader", "editor", &[]);
    }
    let desk = AsyncVendor::in_front_of(&mut world, Duration::from_millis(2_500));
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied"; 10], "{conclusion:?}");
    assert_eq!(*desk.most_at_work.lock().unwrap(), 2, "never more than the vendor bears");
    assert_eq!(desk.jobs.lock().unwrap().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn a_vendor_is_asked_after_a_second_and_then_less_and_less_often() {
    let mut world = Scenario::in_memory(&READERS);
    world.plan(OperationKind::Remove, "a", "reader", &[]);
    let began = Instant::now();
    let desk = AsyncVendor::in_front_of(&mut world, Duration::from_millis(6_500));
    assert_eq!(outcome_names(&world.apply().await), ["applied"]);
    let polls: Vec<u64> = desk.polls.lock().unwrap().iter().map(|at| (*at - began).as_secs()).collect();
    assert_eq!(polls, [1, 3, 7]);
}

#[tokio::test(start_paused = true)]
async fn what_fails_while_the_vendor_is_at_work_has_failed_and_the_old_license_comes_back() {
    let mut world = Scenario::in_memory(&READERS);
    world.plan_move("a", "reader", "editor", &[]);
    AsyncVendor::in_front_of(&mut world, Duration::from_secs(2)).refuses.store(true, Ordering::SeqCst);
    let conclusion = world.apply().await;
    assert_eq!(outcome_names(&conclusion), ["applied", "failed"]);
    let why = "accepted, and refused later: the vendor says no; rolled back to `reader`";
    assert!(message(&conclusion, 1).starts_with(why), "{}", message(&conclusion, 1));
    assert_eq!(world.tenant.holds("a"), ["reader"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_never_ends_is_pending_when_the_wait_is_over() {
    let mut world = Scenario::in_memory(&READERS);
    world.wait = Duration::from_secs(30);
    world.plan(OperationKind::Remove, "a", "reader", &[]);
    let desk = AsyncVendor::in_front_of(&mut world, Duration::from_secs(3_600));
    assert_eq!(outcome_names(&world.apply().await), ["pending"]);
    // Whoever goes on with the plan asks by the name that the journal kept, and sends nothing.
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(outcome_names(&world.apply().await), ["already"]);
    assert_eq!(desk.jobs.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_after_a_crash_asks_by_the_name_in_the_journal() {
    for refuses in [false, true] {
        let mut world = Scenario::in_memory(&READERS);
        world.plan(OperationKind::Assign, "f", "editor", &[]);
        let desk = AsyncVendor::in_front_of(&mut world, Duration::from_secs(20));
        desk.refuses.store(refuses, Ordering::SeqCst);
        let ended = tokio::time::timeout(Duration::from_secs(5), world.apply()).await;
        assert!(ended.is_err(), "the run was to die");
        let began = Instant::now();
        tokio::time::sleep(Duration::from_secs(30)).await;
        let conclusion = world.apply().await;
        assert_eq!(outcome_names(&conclusion), [if refuses { "failed" } else { "already" }], "{conclusion:?}");
        assert_eq!(desk.jobs.lock().unwrap().len(), 1, "nothing was sent again");
        assert!(began.elapsed() < Duration::from_secs(60), "a name is an answer, and nobody waits for more");
    }
}
