//! The `file` adapter: a tenant in a state file, which behaves like the vendor's simulator.
//!
//! It answers an operation only after the file contains the effect. It reads the file again after another process changed
//! it, and never overwrites such a change.

mod flush;
pub mod state;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use self::flush::{FileMemory, LoadedFile};
use self::state::FileVersion;
use super::{
    AdapterDescriptor, AdapterError, AdapterFuture, BatchFuture, Capabilities, Connection, ConnectionConfig, ErrorKind,
    Execute, Observe, PoolSource, Receipt, WriteMode,
};
use crate::diagnostic::Finding;
use crate::env::Clock;
use crate::model::{Account, AdapterSettings, Observation, Operation, Pool, TenantSettings};
use crate::profile::simulator::{RefusalReason, SimulatorRefusal, SimulatorReply};
use crate::profile::{Rules, Simulator};

pub(super) static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "file",
    key: "file",
    vendor: None,
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

/// The most operations of one batch.
const BATCH_MAX: usize = 64;

fn connect(config: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let AdapterSettings::File { path, delay } = &config.settings.adapter else { return Err(Vec::new()) };
    let (settings, rules) = (config.settings.clone(), config.rules.clone());
    let tenant = Arc::new(FileTenant::new(path.clone(), *delay, settings, rules, config.access.clock));
    let execute: Arc<dyn Execute> = Arc::<FileTenant>::clone(&tenant);
    Ok(Connection { observe: tenant, execute: Some(execute) })
}

struct FileTenant {
    shared: Arc<SharedFile>,
}

/// The state that the tasks of a tenant share.
struct SharedFile {
    path: PathBuf,
    delay: Duration,
    settings: TenantSettings,
    rules: Rules,
    clock: Clock,
    /// Never locked during a write.
    memory: Arc<Mutex<FileMemory>>,
    /// Locked during a write.
    write_lock: Arc<Mutex<()>>,
}

impl FileTenant {
    /// Creates a tenant whose requests take effect after `delay`. It reads nothing yet.
    fn new(path: PathBuf, delay: Duration, settings: TenantSettings, rules: Rules, clock: Clock) -> Self {
        let (memory, write_lock) = (Arc::default(), Arc::default());
        Self { shared: Arc::new(SharedFile { path, delay, settings, rules, clock, memory, write_lock }) }
    }
}

impl SharedFile {
    /// Locks the memory, and reads the file first if another process changed it.
    async fn current(self: &Arc<Self>) -> Result<OwnedMutexGuard<FileMemory>, AdapterError> {
        let mut memory = Arc::clone(&self.memory).lock_owned().await;
        let is_current = match &memory.loaded {
            None => false,
            // A running write is about to change the file's version.
            Some(_) if !memory.is_flushed() => true,
            Some(loaded) => FileVersion::read(&self.path).ok().is_some_and(|version| version == loaded.version),
        };
        if is_current {
            return Ok(memory);
        }
        let shared = Arc::clone(self);
        let reading = tokio::task::spawn_blocking(move || {
            memory.loaded = None;
            memory.loaded = Some(shared.load()?);
            Ok(memory)
        });
        reading.await.unwrap_or_else(|error| Err(task_error(&error)))
    }

    fn load(&self) -> Result<LoadedFile, AdapterError> {
        // Read the version first, so that a change in between is noticed.
        let version = FileVersion::read(&self.path);
        let file = state::open(&self.path, &self.settings, &self.rules).map_err(state::to_adapter_error)?;
        let version = version.map_err(|error| AdapterError::new(ErrorKind::Io, error.to_string()))?;
        let simulator = Simulator::new(self.rules.clone(), self.delay, file.observation);
        Ok(LoadedFile { simulator, encoding: file.encoding, spelling: file.spelling, version })
    }

    /// Reads from the simulator, advanced to the current time.
    async fn read<T>(self: Arc<Self>, read: impl FnOnce(&Simulator) -> T) -> Result<T, AdapterError> {
        let mut memory = self.current().await?;
        let simulator = &mut memory.loaded()?.simulator;
        simulator.advance(self.clock.time());
        Ok(read(simulator))
    }

    /// Changes the simulator by several operations, and waits until the file contains the changes.
    async fn execute(
        self: Arc<Self>,
        operations: &[&Operation],
    ) -> Result<Vec<Result<Receipt, AdapterError>>, AdapterError> {
        let (replies, ticket) = {
            let mut memory = self.current().await?;
            let (simulator, now) = (&mut memory.loaded()?.simulator, self.clock.time());
            let replies: Vec<_> = operations.iter().map(|operation| simulator.execute(operation, now)).collect();
            let changed = replies.iter().flatten().any(|reply| *reply != SimulatorReply::Already);
            (replies, memory.ticket(changed))
        };
        let flushed = self.wait_until_flushed(ticket).await;
        let receipt = |reply: Result<_, _>| {
            let receipt = reply.map(to_receipt).map_err(refusal_error)?;
            flushed.clone().map(|()| receipt)
        };
        Ok(replies.into_iter().map(receipt).collect())
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
                let message = format!("the state file is incomplete and does not contain the account `{id}`");
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
        true
    }
}

impl Execute for FileTenant {
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            let receipt = shared.execute(&[operation]).await?.pop();
            receipt.unwrap_or_else(|| Err(AdapterError::new(ErrorKind::Io, "the simulator did not reply")))
        })
    }

    fn batch_size(&self) -> usize {
        BATCH_MAX
    }

    fn execute_batch<'a>(&'a self, operations: &'a [&'a Operation]) -> BatchFuture<'a, Receipt> {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move {
            match shared.execute(operations).await {
                Ok(receipts) => receipts,
                Err(error) => operations.iter().map(|_| Err(error.clone())).collect(),
            }
        })
    }
}

fn to_receipt(reply: SimulatorReply) -> Receipt {
    match reply {
        SimulatorReply::Done => Receipt::Done,
        SimulatorReply::Accepted => Receipt::Accepted(None),
        SimulatorReply::Already => Receipt::Already,
    }
}

fn refusal_error(refusal: SimulatorRefusal) -> AdapterError {
    let kind = match refusal.reason {
        RefusalReason::UnknownAccount => ErrorKind::NotFound,
        RefusalReason::Conflict => ErrorKind::Conflict,
        RefusalReason::NoSeat => ErrorKind::NoSeat,
        RefusalReason::Forbidden => ErrorKind::Forbidden,
        RefusalReason::Busy => ErrorKind::Busy,
    };
    AdapterError { help: refusal.help, ..AdapterError::new(kind, refusal.message) }
}

/// Converts the error of a task that the runtime canceled, as it does when the process ends.
fn task_error(error: &tokio::task::JoinError) -> AdapterError {
    let message = format!("reading or writing was canceled: {error}");
    AdapterError { maybe_in_effect: true, ..AdapterError::new(ErrorKind::Io, message) }
}

#[cfg(test)]
mod tests;
