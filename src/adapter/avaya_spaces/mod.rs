//! Avaya Spaces through a bridge that a team runs itself: the contract is reseat's own, for the vendor publishes none.
//!
//! `reseat emulate avaya-spaces` serves the same contract. Changes are jobs with a row for each person, which are asked
//! for by their id until the row is done.
//! What must hold: accepted is not done; a cancel is for a whole job, so whoever is in it and was not meant is queued
//! again at once.

mod cancel;
mod jobs;
mod read;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use super::bridge::{Bridge, refusal};
use super::http::HttpResponse;
use super::{
    AdapterDescriptor, AdapterError, AdapterFuture, BatchFuture, Capabilities, Connection, ConnectionConfig,
    CredentialRequirement, ErrorKind, Execute, Observe, OperationHandle, PoolSource, Receipt, RequestLimiter,
    TenantHealth, WriteMode,
};
use crate::diagnostic::Finding;
use crate::model::{Account, Observation, Operation, Pool};

/// The most people of one job.
const BATCH: usize = 100;
/// How soon to come back where another job is not done yet.
const JOB_PAUSE: Duration = Duration::from_secs(1);

/// What the adapter is.
pub static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "avaya-spaces",
    key: "api",
    vendor: Some("avaya-spaces"),
    capabilities: Capabilities {
        write_mode: WriteMode::Direct,
        asynchronous: true,
        paged: true,
        pools: PoolSource::Vendor,
        memberships: false,
        batch: true,
        throttles: true,
        cancels: true,
        busy: true,
        credentials: true,
    },
    read_credentials: &[CredentialRequirement { setting: "key", privilege: "may view users and licenses" }],
    write_credentials: &[CredentialRequirement {
        setting: "write_key",
        privilege: "may update users' licenses and start an audit",
    }],
    connect,
};

fn connect(reach: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let tenant = Arc::new(Spaces { bridge: Bridge::new(reach)? });
    let execute: Arc<dyn Execute> = Arc::<Spaces>::clone(&tenant);
    Ok(Connection { observe: tenant, execute: Some(execute) })
}

/// The tenant behind a bridge.
struct Spaces {
    bridge: Bridge,
}

impl Spaces {
    /// The error that such an answer is.
    fn refused(&self, reply: &HttpResponse, write: bool) -> AdapterError {
        let said = refusal(reply);
        match (reply.status, &*said.code) {
            (409, "SYNC_IN_PROGRESS") => {
                let message = format!("the vendor takes no changes just now: {}", said.message);
                reply.error(ErrorKind::Busy, message).help("try again when it is over")
            }
            (409, "JOB_RUNNING") => {
                let error = reply.error(ErrorKind::Throttled, "another job is not done yet");
                error.with_retry_after(Some(reply.pause.unwrap_or(JOB_PAUSE)))
            }
            (409, "NOTHING_TO_CANCEL") => {
                reply.error(ErrorKind::Forbidden, "the request cannot be cancelled").help("wait until it is done")
            }
            _ => self.bridge.refused(reply, write),
        }
    }

    /// The error that a row of a job tells.
    fn failed(&self, reply: &HttpResponse, code: &str, message: &str) -> AdapterError {
        let kind = match code {
            "NO_LICENSE_AVAILABLE" => ErrorKind::NoSeat,
            "NOT_ALLOWED" => ErrorKind::Forbidden,
            "UNKNOWN_USER" | "UNKNOWN_LICENSE" => ErrorKind::NotFound,
            "SYNC_IN_PROGRESS" => ErrorKind::Busy,
            _ => ErrorKind::Conflict,
        };
        let text = if message.is_empty() { "the vendor's job failed for this person" } else { message };
        let error = reply.error(kind, text);
        if kind == ErrorKind::NoSeat { error.help(self.bridge.rules.profile().no_seat_help) } else { error }
    }
}

impl Observe for Spaces {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(self.read())
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        Box::pin(self.read_account(id))
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        Box::pin(async { Ok(self.status().await?.busy) })
    }

    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(self.read_pools())
    }

    fn poll<'a>(&'a self, operation: &'a Operation, handle: &'a OperationHandle) -> AdapterFuture<'a, Receipt> {
        Box::pin(self.ask_for(operation, handle))
    }

    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async {
            let role = self.status().await?.role;
            let may_write = role.as_deref().is_none_or(|role| role == "ADMINISTRATOR");
            Ok(self.bridge.health(role, may_write))
        })
    }

    fn limiter(&self) -> Option<Arc<RequestLimiter>> {
        Some(self.bridge.client.limiter())
    }
}

impl Execute for Spaces {
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        Box::pin(async move {
            let answer = self.change(&[operation]).await.pop();
            answer.unwrap_or_else(|| Err(AdapterError::new(ErrorKind::Unsupported, "nothing was asked for")))
        })
    }

    fn batch_size(&self) -> usize {
        BATCH
    }

    fn execute_batch<'a>(&'a self, operations: &'a [&'a Operation]) -> BatchFuture<'a, Receipt> {
        Box::pin(self.change(operations))
    }
}
