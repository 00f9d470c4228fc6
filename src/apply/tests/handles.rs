//! Vendors that accept an operation with a handle, and process it asynchronously.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use super::scenario::{FakeTenant, InitialState, Scenario, message, outcome_names};
use crate::adapter::{AdapterError, AdapterFuture, Connection, ErrorKind, Execute, Observe, OperationHandle, Receipt};
use crate::apply::Target;
use crate::model::{Account, Observation, Operation, OperationKind, Pool, TenantSettings};

/// A vendor that delays every operation.
pub(super) struct AsyncVendor {
    tenant: Arc<FakeTenant>,
    takes: Duration,
    jobs: Mutex<BTreeMap<String, PendingJob>>,
    polls: Mutex<Vec<Instant>>,
    most_at_work: Mutex<usize>,
    /// Whether every assignment of `editor` fails after the delay.
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

    /// Executes the jobs that are due, in order.
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
async fn asynchronous_operation_holds_its_slot_until_it_is_done() {
    let mut world = Scenario::in_memory(&READERS);
    for person in ["a", "b", "c", "d", "e"] {
        world.plan_move(person, "reader", "editor", &[]);
    }
    let desk = AsyncVendor::in_front_of(&mut world, Duration::from_millis(2_500));
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied"; 10], "{report:?}");
    assert_eq!(*desk.most_at_work.lock().unwrap(), 2, "never more than the vendor's limit");
    assert_eq!(desk.jobs.lock().unwrap().len(), 10);
}

#[tokio::test(start_paused = true)]
async fn polls_start_after_a_second_and_get_rarer() {
    let mut world = Scenario::in_memory(&READERS);
    world.plan(OperationKind::Remove, "a", "reader", &[]);
    let began = Instant::now();
    let desk = AsyncVendor::in_front_of(&mut world, Duration::from_millis(6_500));
    assert_eq!(outcome_names(&world.apply().await), ["applied"]);
    let polls: Vec<u64> = desk.polls.lock().unwrap().iter().map(|at| (*at - began).as_secs()).collect();
    assert_eq!(polls, [1, 3, 7]);
}

#[tokio::test(start_paused = true)]
async fn asynchronous_failure_is_rolled_back() {
    let mut world = Scenario::in_memory(&READERS);
    world.plan_move("a", "reader", "editor", &[]);
    AsyncVendor::in_front_of(&mut world, Duration::from_secs(2)).refuses.store(true, Ordering::SeqCst);
    let report = world.apply().await;
    assert_eq!(outcome_names(&report), ["applied", "failed"]);
    let why = "accepted, and refused later: the vendor says no; rolled back to `reader`";
    assert!(message(&report, 1).starts_with(why), "{}", message(&report, 1));
    assert_eq!(world.tenant.holds("a"), ["reader"]);
}

#[tokio::test(start_paused = true)]
async fn asynchronous_operation_is_pending_when_the_wait_ends() {
    let mut world = Scenario::in_memory(&READERS);
    world.wait = Duration::from_secs(30);
    world.plan(OperationKind::Remove, "a", "reader", &[]);
    let desk = AsyncVendor::in_front_of(&mut world, Duration::from_secs(3_600));
    assert_eq!(outcome_names(&world.apply().await), ["pending"]);
    // The next run polls with the journaled handle, and sends nothing.
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(outcome_names(&world.apply().await), ["already"]);
    assert_eq!(desk.jobs.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn recovery_polls_with_the_journaled_handle() {
    for refuses in [false, true] {
        let mut world = Scenario::in_memory(&READERS);
        world.plan(OperationKind::Assign, "f", "editor", &[]);
        let desk = AsyncVendor::in_front_of(&mut world, Duration::from_secs(20));
        desk.refuses.store(refuses, Ordering::SeqCst);
        let ended = tokio::time::timeout(Duration::from_secs(5), world.apply()).await;
        assert!(ended.is_err(), "the run was to die");
        let began = Instant::now();
        tokio::time::sleep(Duration::from_secs(30)).await;
        let report = world.apply().await;
        assert_eq!(outcome_names(&report), [if refuses { "failed" } else { "already" }], "{report:?}");
        assert_eq!(desk.jobs.lock().unwrap().len(), 1, "nothing was sent again");
        assert!(began.elapsed() < Duration::from_secs(60), "a name is an answer, and nobody waits for more");
    }
}
