//! The `file` adapter: a tenant that is kept in a state file and behaves as the vendor's simulator does.
//!
//! What must hold: an answer is given only after the file holds what it says; what somebody else writes into the file
//! is seen before the next look or operation, and is never written over.

mod commit;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use self::commit::{Live, Loaded};
use super::state::Stamp;
use super::{
    AdapterError, Answer, Answers, Capabilities, Connection, Descriptor, ErrorKind, Execute, Observe, PoolSource,
    Reach, Receipt, Via, Writing, state,
};
use crate::diagnostic::Finding;
use crate::env::Clock;
use crate::model::{Account, AdapterSettings, Observation, Operation, Pool, TenantSettings};
use crate::profile::{Rules, Simulator, simulator};

/// A tenant that is kept in a state file.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "file",
    via: Via::File,
    vendor: None,
    about: "a state file that behaves as the vendor does",
    synthetic: false,
    capabilities: Capabilities {
        writing: Writing::Direct,
        asynchronous: true,
        paged: false,
        pools: PoolSource::Vendor,
        memberships: true,
        batch: true,
        throttles: false,
        cancels: true,
        busy: true,
        credentials: false,
    },
    reading: &[],
    writing: &[],
    connect,
};

/// The most operations that one write of the file carries for one request.
const BATCH: usize = 64;

fn connect(reach: &Reach<'_>) -> Result<Connection, Vec<Finding>> {
    let AdapterSettings::File { path, delay } = &reach.settings.adapter else { return Err(Vec::new()) };
    let (settings, rules) = (reach.settings.clone(), reach.rules.clone());
    let tenant = Arc::new(FileTenant::new(path.clone(), *delay, settings, rules, reach.access.clock));
    let execute: Arc<dyn Execute> = Arc::<FileTenant>::clone(&tenant);
    Ok(Connection { observe: tenant, execute: Some(execute) })
}

/// A tenant in a state file.
pub struct FileTenant {
    shared: Arc<Shared>,
}

/// What the tasks that read and write the file have in common.
struct Shared {
    path: PathBuf,
    delay: Duration,
    settings: TenantSettings,
    rules: Rules,
    clock: Clock,
    /// What is in memory; locked for moments only.
    live: Arc<Mutex<Live>>,
    /// Whose turn it is to write; locked while the disk works.
    turn: Arc<Mutex<()>>,
}

impl FileTenant {
    /// The tenant in that file, by those rules; requests take effect `delay` after they are made. Nothing is read yet.
    pub fn new(path: PathBuf, delay: Duration, settings: TenantSettings, rules: Rules, clock: Clock) -> Self {
        let live = Arc::new(Mutex::new(Live::default()));
        let turn = Arc::new(Mutex::new(()));
        Self { shared: Arc::new(Shared { path, delay, settings, rules, clock, live, turn }) }
    }
}

impl Shared {
    /// What is in memory, after the file was read again if somebody changed it.
    async fn fresh(self: &Arc<Self>) -> Result<OwnedMutexGuard<Live>, AdapterError> {
        let live = Arc::clone(&self.live).lock_owned().await;
        // While a write of ours is under way, the file is about to change by our own hand.
        let is_fresh = match &live.loaded {
            None => false,
            Some(_) if !live.is_settled() => true,
            Some(loaded) => Stamp::of(&self.path).ok().is_some_and(|stamp| stamp == loaded.stamp),
        };
        if is_fresh {
            return Ok(live);
        }
        let shared = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            let mut live = live;
            live.loaded = None;
            live.loaded = Some(shared.load()?);
            Ok(live)
        });
        reading.await.unwrap_or_else(|error| Err(stopped(&error)))
    }

    fn load(&self) -> Result<Loaded, AdapterError> {
        // The stamp comes first: a change in between is then noticed at the next look.
        let stamp = Stamp::of(&self.path);
        let file = state::open(&self.path, &self.settings, &self.rules).map_err(state::unusable)?;
        let stamp = stamp.map_err(|error| AdapterError::new(ErrorKind::Io, error.to_string()))?;
        let simulator = Simulator::new(self.rules.clone(), self.delay, file.observation);
        Ok(Loaded { simulator, form: file.form, spelling: file.spelling, stamp })
    }

    /// Looks at the simulator as it is now.
    async fn look<T>(self: Arc<Self>, look: impl FnOnce(&Simulator) -> T) -> Result<T, AdapterError> {
        let mut live = self.fresh().await?;
        let simulator = &mut live.loaded()?.simulator;
        simulator.advance(self.clock.time());
        Ok(look(simulator))
    }

    /// Changes the simulator by several operations, and writes the file once.
    async fn execute_all(
        self: Arc<Self>,
        operations: &[&Operation],
    ) -> Result<Vec<Result<Receipt, AdapterError>>, AdapterError> {
        let (answers, ticket) = {
            let mut live = self.fresh().await?;
            let (simulator, now) = (&mut live.loaded()?.simulator, self.clock.time());
            let answers: Vec<_> = operations.iter().map(|operation| simulator.execute(operation, now)).collect();
            let changed =
                answers.iter().any(|answer| matches!(answer, Ok(answer) if *answer != simulator::Answer::Already));
            (answers, live.ticket(changed))
        };
        let written = self.written(ticket).await;
        let answer = |answer: Result<_, _>| {
            let receipt = answer.map(receipt).map_err(refused)?;
            written.clone()?;
            Ok(receipt)
        };
        Ok(answers.into_iter().map(answer).collect())
    }
}

impl Observe for FileTenant {
    fn observe(&self) -> Answer<'_, Observation> {
        let shared = Arc::clone(&self.shared);
        let observed_at = shared.clock.time();
        Box::pin(shared.look(move |simulator| Observation { observed_at, ..simulator.state().clone() }))
    }

    fn account<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Account>> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let (account, complete) =
                shared.look(|simulator| (simulator.account(id).cloned(), simulator.state().complete)).await?;
            if account.is_none() && !complete {
                let message = format!("the state file is incomplete and does not tell of the account `{id}`");
                return Err(AdapterError::new(ErrorKind::Unavailable, message));
            }
            Ok(account)
        })
    }

    fn busy(&self) -> Answer<'_, Option<String>> {
        Box::pin(Arc::clone(&self.shared).look(|simulator| simulator.state().busy.clone()))
    }

    fn pools(&self) -> Answer<'_, Vec<Pool>> {
        Box::pin(Arc::clone(&self.shared).look(|simulator| simulator.state().counted_pools()))
    }

    fn is_settled(&self) -> bool {
        // Whoever wrote the file is dead, and what is pending stands in it.
        true
    }
}

impl Execute for FileTenant {
    fn execute<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Receipt> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let (receipt, ticket) = {
                let mut live = shared.fresh().await?;
                let answer = live.loaded()?.simulator.execute(operation, shared.clock.time()).map_err(refused)?;
                (receipt(answer), live.ticket(answer != simulator::Answer::Already))
            };
            shared.written(ticket).await?;
            Ok(receipt)
        })
    }

    fn batch(&self) -> usize {
        BATCH
    }

    fn execute_all<'a>(&'a self, operations: &'a [&'a Operation]) -> Answers<'a, Receipt> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            match shared.execute_all(operations).await {
                Ok(answers) => answers,
                Err(error) => operations.iter().map(|_| Err(error.clone())).collect(),
            }
        })
    }
}

fn receipt(answer: simulator::Answer) -> Receipt {
    match answer {
        simulator::Answer::Done => Receipt::Done,
        simulator::Answer::Accepted => Receipt::Accepted(None),
        simulator::Answer::Already => Receipt::Already,
    }
}

fn refused(refused: simulator::Refused) -> AdapterError {
    let kind = match refused.reason {
        simulator::Reason::UnknownAccount => ErrorKind::NotFound,
        simulator::Reason::Conflict => ErrorKind::Conflict,
        simulator::Reason::NoSeat => ErrorKind::NoSeat,
        simulator::Reason::Forbidden => ErrorKind::Forbidden,
        simulator::Reason::Busy => ErrorKind::Busy,
    };
    let error = AdapterError::new(kind, refused.message);
    match refused.help {
        Some(help) => error.help(help),
        None => error,
    }
}

/// The runtime gave up a task of ours, as it does when the program ends.
fn stopped(error: &tokio::task::JoinError) -> AdapterError {
    AdapterError {
        maybe_in_effect: true,
        ..AdapterError::new(ErrorKind::Io, format!("reading or writing was stopped: {error}"))
    }
}

#[cfg(test)]
mod tests;
