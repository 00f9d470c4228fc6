//! The bridge protocol in front of any profile.
//!
//! The simulator decides what every request does; this module only translates its state and its answers.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::api::{Api, ApiError, ApiHandler, ApiReply, ApiRequest};
use super::config::{OperationFailure, RetryHint};
use super::fixtures::sample_tenant;
use super::tenant::{ChangeRequest, EmulatedTenant};
use crate::adapter::protocol::request::{OperationOrder, PROTOCOL_VERSIONS, ProtocolRequest, RequestLine};
use crate::adapter::protocol::response::{
    AccountPage, AccountResponse, BusyResponse, Description, FailureKind, HealthResponse, OperationProgress,
    PoolsResponse, ProgressState, ProtocolAbility, ProtocolFailure, ResponseLine,
};
use crate::model::Account;
use crate::profile::simulator::{RefusalReason, SimulatorRefusal, SimulatorReply};

/// The API.
pub(super) static API: Api = Api {
    adapter: "bridge",
    prefix: "/bridge",
    key_header: "authorization",
    retry_hint: RetryHint::Seconds,
    has_quirks: false,
    is_write: |request| request.segments() == ["execute"],
    sample_tenant,
    open: |_| Box::new(Bridge::default()),
};

const JSON: &str = "application/json";
const ABILITIES: [ProtocolAbility; 7] = [
    ProtocolAbility::Observe,
    ProtocolAbility::Account,
    ProtocolAbility::Pools,
    ProtocolAbility::Execute,
    ProtocolAbility::Poll,
    ProtocolAbility::Busy,
    ProtocolAbility::Health,
];
/// The most accounts of a page.
const PAGE_MAX: usize = 1000;
/// The most operations that `poll` knows.
const OPERATIONS_MAX: usize = 100_000;

/// An operation that takes effect later.
struct BridgeOperation {
    due: Timestamp,
    failure: Option<OperationFailure>,
}

/// The state of the bridge beside the simulator.
#[derive(Default)]
struct Bridge {
    operations: BTreeMap<u64, BridgeOperation>,
    last_number: u64,
}

impl Bridge {
    fn respond(
        &mut self,
        tenant: &mut EmulatedTenant,
        request: ProtocolRequest,
        failure: Option<OperationFailure>,
        line: &mut ResponseLine,
    ) -> Result<(), ProtocolFailure> {
        match request {
            ProtocolRequest::Describe { .. } => line.describe = Some(description()),
            ProtocolRequest::Observe { cursor } => line.observe = Some(page(tenant, cursor.as_deref())),
            ProtocolRequest::Account { account } => {
                line.account = Some(AccountResponse { account: tenant.visible_account(&account).map(published) });
            }
            ProtocolRequest::Pools => {
                line.pools = Some(PoolsResponse { pools: tenant.state().counted_pools() });
            }
            ProtocolRequest::Execute { operation } => {
                line.execute = Some(self.execute(tenant, &operation, failure)?);
            }
            ProtocolRequest::Poll { handle, .. } => line.poll = Some(self.poll(tenant.now(), &handle)?),
            ProtocolRequest::Busy => line.busy = Some(BusyResponse { reason: tenant.state().busy.clone() }),
            ProtocolRequest::Health => {
                let role = if tenant.config().wrong_role { "reader" } else { "administrator" };
                line.health = Some(HealthResponse {
                    time: Some(tenant.now()),
                    role: Some(role.to_owned()),
                    ..HealthResponse::default()
                });
            }
        }
        Ok(())
    }

    fn execute(
        &mut self,
        tenant: &mut EmulatedTenant,
        order: &OperationOrder,
        failure: Option<OperationFailure>,
    ) -> Result<OperationProgress, ProtocolFailure> {
        let limits = tenant.config().operations.clone().unwrap_or_default();
        let now = tenant.now();
        let in_flight = self.operations.values().rev().take(1000).filter(|operation| operation.due > now).count();
        if in_flight >= usize::try_from(limits.in_flight).unwrap_or(usize::MAX) {
            let message = format!("more than {} operations are in flight", limits.in_flight);
            return Err(ProtocolFailure {
                retry_after: Some(1.0),
                ..ProtocolFailure::new(FailureKind::Throttled, message)
            });
        }
        let delay_ms = tenant.random().between(limits.min_ms, limits.max_ms);
        let change = ChangeRequest {
            kind: order.kind,
            account: &order.account,
            license: &order.license,
            to: order.to.as_deref(),
            memberships: &order.memberships,
        };
        let reply = match failure {
            // The simulator never sees an operation that will fail.
            Some(OperationFailure::NoSeat | OperationFailure::Failed | OperationFailure::Stuck) => {
                SimulatorReply::Accepted
            }
            Some(OperationFailure::Unknown | OperationFailure::Forgotten) | None => {
                tenant.execute(change, delay_ms).map_err(refusal)?
            }
        };
        let (state, handle) = match reply {
            SimulatorReply::Done => (ProgressState::Done, None),
            SimulatorReply::Already => (ProgressState::Already, None),
            SimulatorReply::Accepted => {
                self.last_number += 1;
                if self.operations.len() >= OPERATIONS_MAX {
                    self.operations.pop_first();
                }
                let due = tenant.after_ms(delay_ms);
                self.operations.insert(self.last_number, BridgeOperation { due, failure });
                (ProgressState::Accepted, Some(format!("op-{}", self.last_number)))
            }
        };
        Ok(OperationProgress { state, handle })
    }

    fn poll(&self, now: Timestamp, handle: &str) -> Result<OperationProgress, ProtocolFailure> {
        let number = handle.strip_prefix("op-").and_then(|number| number.parse::<u64>().ok());
        let operation = number.and_then(|number| self.operations.get(&number));
        let not_found = || ProtocolFailure::new(FailureKind::NotFound, format!("unknown operation `{handle}`"));
        let BridgeOperation { due, failure } = operation.ok_or_else(not_found)?;
        let state = match failure {
            Some(OperationFailure::Forgotten) => return Err(not_found()),
            Some(OperationFailure::Stuck) => ProgressState::Accepted,
            _ if *due > now => ProgressState::Accepted,
            Some(OperationFailure::NoSeat) => return Err(ProtocolFailure::new(FailureKind::NoSeat, "no seat is free")),
            Some(OperationFailure::Failed) => {
                return Err(ProtocolFailure::new(FailureKind::Conflict, "the operation failed for an unknown reason"));
            }
            Some(OperationFailure::Unknown) => {
                return Err(ProtocolFailure::new(FailureKind::Unavailable, "the result of the operation is unknown"));
            }
            None => ProgressState::Done,
        };
        Ok(OperationProgress { state, handle: None })
    }
}

impl ApiHandler for Bridge {
    fn handle(&mut self, tenant: &mut EmulatedTenant, request: &ApiRequest) -> ApiReply {
        let RequestLine { id, request: message } = match serde_json::from_slice(&request.body) {
            Ok(line) => line,
            Err(error) => {
                return self.error_reply(tenant, request, &ApiError::new(400, format!("invalid request: {error}")));
            }
        };
        if request.method != "POST" || request.segments() != [message.name()] {
            let text = format!("send `{0}` as a POST to `{0}`", message.name());
            return self.error_reply(tenant, request, &ApiError::new(404, text));
        }
        let mut line = ResponseLine { id, ..ResponseLine::default() };
        if let Err(failure) = self.respond(tenant, message, request.failure, &mut line) {
            line.error = Some(failure);
        }
        ApiReply::json(200, JSON, &line)
    }

    fn error_reply(&self, _: &EmulatedTenant, request: &ApiRequest, error: &ApiError) -> ApiReply {
        let status = error.status;
        let kind = match status {
            401 | 403 => FailureKind::Denied,
            404 => FailureKind::NotFound,
            400 | 409 => FailureKind::Conflict,
            429 => FailureKind::Throttled,
            501 => FailureKind::Unsupported,
            _ => FailureKind::Unavailable,
        };
        let id = serde_json::from_slice::<RequestLine>(&request.body).map_or(0, |line| line.id);
        let failure = Some(ProtocolFailure::new(kind, error.message.clone()));
        ApiReply::json(status, JSON, &ResponseLine { id, error: failure, ..ResponseLine::default() })
    }
}

fn description() -> Description {
    Description {
        protocol: PROTOCOL_VERSIONS[0],
        name: "reseat-emulator".into(),
        version: Some(env!("CARGO_PKG_VERSION").into()),
        vendor: None,
        can: ABILITIES.to_vec(),
        concurrency: 64,
    }
}

/// Returns the accounts after the one with the id `cursor`, in the order of ids, so that changes in between neither
/// repeat nor skip an account.
fn page(tenant: &EmulatedTenant, cursor: Option<&str>) -> AccountPage {
    let configured = tenant.config().page_size.map_or(PAGE_MAX, |size| usize::try_from(size).unwrap_or(PAGE_MAX));
    let size = configured.min(PAGE_MAX);
    let mut accounts: Vec<&Account> =
        tenant.visible_accounts().filter(|account| cursor.is_none_or(|cursor| *account.id > *cursor)).collect();
    let has_more = accounts.len() > size;
    if has_more {
        accounts.select_nth_unstable_by(size, |one, other| one.id.cmp(&other.id));
        accounts.truncate(size);
    }
    accounts.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    let next = accounts.last().filter(|_| has_more).map(|account| account.id.to_string());
    let pools = if cursor.is_none() { tenant.state().counted_pools() } else { Vec::new() };
    let accounts = accounts.into_iter().map(published).collect();
    AccountPage { accounts, pools, complete: true, busy: tenant.state().busy.clone(), next }
}

/// Returns an account as a vendor shows it: without the time at which a request takes effect.
fn published(account: &Account) -> Account {
    let mut account = account.clone();
    account.holdings.iter_mut().for_each(|holding| holding.due = None);
    account
}

fn refusal(refusal: SimulatorRefusal) -> ProtocolFailure {
    let kind = match refusal.reason {
        RefusalReason::UnknownAccount => FailureKind::NotFound,
        RefusalReason::Conflict => FailureKind::Conflict,
        RefusalReason::NoSeat => FailureKind::NoSeat,
        RefusalReason::Forbidden => FailureKind::Forbidden,
        RefusalReason::Busy => FailureKind::Busy,
    };
    ProtocolFailure { help: refusal.help, ..ProtocolFailure::new(kind, refusal.message) }
}
