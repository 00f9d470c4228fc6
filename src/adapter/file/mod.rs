//! The `file` adapter: a tenant that is kept in a state file and behaves as the vendor's simulator does.
//!
//! What must hold: an answer is given only after the file holds what it says; what somebody else writes into the file
//! is seen before the next look or operation, and is never written over.

mod flush;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use self::flush::{FileMemory, LoadedFile};
use super::state::FileVersion;
use super::{
    AdapterDescriptor, AdapterError, AdapterFuture, AdapterKind, BatchFuture, Capabilities, Connection,
    ConnectionConfig, ErrorKind, Execute, Observe, PoolSource, Receipt, WriteMode, state,
};
use crate::diagnostic::Finding;
use crate::env::Clock;
use crate::model::{Account, AdapterSettings, Observation, Operation, Pool, TenantSettings};
use crate::profile::{Rules, Simulator, simulator};

/// A tenant that is kept in a state file.
pub static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "file",
    kind: AdapterKind::File,
    vendor: None,
    summary: "a state file that behaves as the vendor does",
    synthetic: false,
    capabilities: Capabilities {
        write_mode: WriteMode::Direct,
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
    read_credentials: &[],
    write_credentials: &[],
    connect,
};

/// The most operations that one write of the file carries for one request.
const BATCH_MAX: usize = 64;

fn connect(reach: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let AdapterSettings::File { path, delay } = &reach.settings.adapter else { return Err(Vec::new()) };
    let (settings, rules) = (reach.settings.clone(), reach.rules.clone());
    let tenant = Arc::new(FileTenant::new(path.clone(), *delay, settings, rules, reach.access.clock));
    let execute: Arc<dyn Execute> = Arc::<FileTenant>::clone(&tenant);
    Ok(Connection { observe: tenant, execute: Some(execute) })
}

/// A tenant in a state file.
pub struct FileTenant {
    shared: Arc<SharedFile>,
}

/// What the tasks that read and write the file have in common.
struct SharedFile {
    path: PathBuf,
    delay: Duration,
    settings: TenantSettings,
    rules: Rules,
    clock: Clock,
    /// What is in memory; locked for moments only.
    memory: Arc<Mutex<FileMemory>>,
    /// Whose turn it is to write; locked while the disk works.
    write_lock: Arc<Mutex<()>>,
}

impl FileTenant {
    /// The tenant in that file, by those rules; requests take effect `delay` after they are made. Nothing is read yet.
    pub fn new(path: PathBuf, delay: Duration, settings: TenantSettings, rules: Rules, clock: Clock) -> Self {
        let live = Arc::new(Mutex::new(FileMemory::default()));
        let turn = Arc::new(Mutex::new(()));
        Self { shared: Arc::new(SharedFile { path, delay, settings, rules, clock, memory: live, write_lock: turn }) }
    }
}

impl SharedFile {
    /// What is in memory, after the file was read again if somebody changed it.
    async fn current(self: &Arc<Self>) -> Result<OwnedMutexGuard<FileMemory>, AdapterError> {
        let live = Arc::clone(&self.memory).lock_owned().await;
        // While a write of ours is under way, the file is about to change by our own hand.
        let is_fresh = match &live.loaded {
            None => false,
            Some(_) if !live.is_flushed() => true,
            Some(loaded) => FileVersion::read(&self.path).ok().is_some_and(|stamp| stamp == loaded.version),
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
        reading.await.unwrap_or_else(|error| Err(task_error(&error)))
    }

    fn load(&self) -> Result<LoadedFile, AdapterError> {
        // The stamp comes first: a change in between is then noticed at the next look.
        let stamp = FileVersion::read(&self.path);
        let file = state::open(&self.path, &self.settings, &self.rules).map_err(state::to_adapter_error)?;
        let stamp = stamp.map_err(|error| AdapterError::new(ErrorKind::Io, error.to_string()))?;
        let simulator = Simulator::new(self.rules.clone(), self.delay, file.observation);
        Ok(LoadedFile { simulator, encoding: file.encoding, spelling: file.spelling, version: stamp })
    }

    /// Looks at the simulator as it is now.
    async fn read<T>(self: Arc<Self>, look: impl FnOnce(&Simulator) -> T) -> Result<T, AdapterError> {
        let mut live = self.current().await?;
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
            let mut live = self.current().await?;
            let (simulator, now) = (&mut live.loaded()?.simulator, self.clock.time());
            let answers: Vec<_> = operations.iter().map(|operation| simulator.execute(operation, now)).collect();
            let changed = answers
                .iter()
                .any(|answer| matches!(answer, Ok(answer) if *answer != simulator::SimulatorReply::Already));
            (answers, live.ticket(changed))
        };
        let written = self.wait_until_flushed(ticket).await;
        let answer = |answer: Result<_, _>| {
            let receipt = answer.map(to_receipt).map_err(refusal_error)?;
            written.clone()?;
            Ok(receipt)
        };
        Ok(answers.into_iter().map(answer).collect())
    }
}

impl Observe for FileTenant {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        let shared = Arc::clone(&self.shared);
        let observed_at = shared.clock.time();
        Box::pin(shared.read(move |simulator| Observation { observed_at, ..simulator.state().clone() }))
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let (account, complete) =
                shared.read(|simulator| (simulator.account(id).cloned(), simulator.state().complete)).await?;
            if account.is_none() && !complete {
                let message = format!("the state file is incomplete and does not tell of the account `{id}`");
                return Err(AdapterError::new(ErrorKind::Unavailable, message));
            }
            Ok(account)
        })
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        Box::pin(Arc::clone(&self.shared).read(|simulator| simulator.state().busy.clone()))
    }

    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(Arc::clone(&self.shared).read(|simulator| simulator.state().counted_pools()))
    }

    fn is_immediate(&self) -> bool {
        // Whoever wrote the file is dead, and what is pending stands in it.
        true
    }
}

impl Execute for FileTenant {
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let (receipt, ticket) = {
                let mut live = shared.current().await?;
                let answer = live.loaded()?.simulator.execute(operation, shared.clock.time()).map_err(refusal_error)?;
                (to_receipt(answer), live.ticket(answer != simulator::SimulatorReply::Already))
            };
            shared.wait_until_flushed(ticket).await?;
            Ok(receipt)
        })
    }

    fn batch_size(&self) -> usize {
        BATCH_MAX
    }

    fn execute_batch<'a>(&'a self, operations: &'a [&'a Operation]) -> BatchFuture<'a, Receipt> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            match shared.execute_all(operations).await {
                Ok(answers) => answers,
                Err(error) => operations.iter().map(|_| Err(error.clone())).collect(),
            }
        })
    }
}

fn to_receipt(answer: simulator::SimulatorReply) -> Receipt {
    match answer {
        simulator::SimulatorReply::Done => Receipt::Done,
        simulator::SimulatorReply::Accepted => Receipt::Accepted(None),
        simulator::SimulatorReply::Already => Receipt::Already,
    }
}

fn refusal_error(refused: simulator::SimulatorRefusal) -> AdapterError {
    let kind = match refused.reason {
        simulator::RefusalReason::UnknownAccount => ErrorKind::NotFound,
        simulator::RefusalReason::Conflict => ErrorKind::Conflict,
        simulator::RefusalReason::NoSeat => ErrorKind::NoSeat,
        simulator::RefusalReason::Forbidden => ErrorKind::Forbidden,
        simulator::RefusalReason::Busy => ErrorKind::Busy,
    };
    let error = AdapterError::new(kind, refused.message);
    match refused.help {
        Some(help) => error.help(help),
        None => error,
    }
}

/// The runtime gave up a task of ours, as it does when the program ends.
fn task_error(error: &tokio::task::JoinError) -> AdapterError {
    AdapterError {
        maybe_in_effect: true,
        ..AdapterError::new(ErrorKind::Io, format!("reading or writing was stopped: {error}"))
    }
}

#[cfg(test)]
mod tests;
