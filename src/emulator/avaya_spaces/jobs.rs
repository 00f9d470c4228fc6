//! Jobs: a row for each person, one after the other.
//!
//! What must hold: a cancel is for the whole job; rows that are done stay done, and rows that cannot be cancelled go
//! on; after a cancel the person holds what they held.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::answer::{ok, wrong};
use super::manners;
use crate::emulator::api::{ApiReply, ApiRequest};
use crate::emulator::tenant::{ChangeRequest, EmulatedTenant};
use crate::model::{Account, Holding, HoldingOrigin, HoldingState, OperationKind};
use crate::profile::simulator::{RefusalReason, SimulatorReply};

/// The most rows of a job.
const ROWS_MAX: usize = 10_000;
/// The most jobs that are remembered.
const JOBS_MAX: usize = 10_000;

/// How a row stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    /// It is in the queue until it is done.
    Open,
    Done,
    Failed(&'static str, String),
    Cancelled,
}

/// One person of a job.
struct Row {
    user: SmolStr,
    begins: Timestamp,
    due: Timestamp,
    standing: Standing,
}

/// One job.
struct Job {
    rows: Vec<Row>,
    is_cancelled: bool,
}

/// All jobs and audits.
#[derive(Default)]
pub(super) struct Jobs {
    all: BTreeMap<u64, Job>,
    begun: u64,
    /// The job that a person's open request is of.
    of: BTreeMap<SmolStr, u64>,
    audits: BTreeMap<u64, Timestamp>,
    /// Whether an audit is wanted after a cancel.
    is_audit_due: bool,
}

impl Jobs {
    /// Closes rows whose time has come.
    pub(super) fn advance(&mut self, world: &EmulatedTenant) {
        let now = world.now();
        for job in self.all.values_mut().rev().take(100) {
            for row in job.rows.iter_mut().filter(|row| row.standing == Standing::Open && row.due <= now) {
                row.standing = Standing::Done;
                self.of.remove(&row.user);
            }
        }
        if self.audits.values().any(|done| *done <= now) {
            self.is_audit_due = false;
            self.audits.retain(|_, done| *done > now);
        }
    }

    /// The job that the person's open request is of.
    pub(super) fn of(&self, user: &str) -> Option<String> {
        self.of.get(user).map(|number| format!("job-{number}"))
    }

    /// Whether the person's row is the one that is worked on.
    pub(super) fn is_begun(&self, world: &EmulatedTenant, user: &str) -> bool {
        let row = self.of.get(user).and_then(|number| self.all.get(number)?.rows.iter().find(|row| row.user == user));
        row.is_none_or(|row| row.begins <= world.now())
    }

    fn is_running(&self) -> bool {
        self.all.values().rev().take(100).any(|job| job.rows.iter().any(|row| row.standing == Standing::Open))
    }

    pub(super) fn post(&mut self, world: &mut EmulatedTenant, request: &ApiRequest) -> ApiReply {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let changes = body["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let read =
            |change: &Value| Some((SmolStr::new(change["userId"].as_str()?), change["to"].as_str()?.to_lowercase()));
        let changes: Option<Vec<(SmolStr, String)>> = changes.iter().map(read).collect();
        match changes {
            Some(changes) if !changes.is_empty() && changes.len() <= ROWS_MAX => self.begin(world, changes),
            Some(_) | None => wrong(400, "BAD_REQUEST", "`changes` is a list of `userId` and `to`, 1 to 10000 of them"),
        }
    }

    pub(super) fn deallocate(&mut self, world: &mut EmulatedTenant, request: &ApiRequest) -> ApiReply {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let users = body["userIds"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(floor) = world.rules().floor(&world.rules().family("")).cloned() else {
            return wrong(400, "BAD_REQUEST", "there is no license to fall back to");
        };
        let read = |user: &Value| Some((SmolStr::new(user.as_str()?), floor.to_string()));
        let changes: Option<Vec<_>> = users.iter().map(read).collect();
        match changes {
            Some(changes) if !changes.is_empty() && changes.len() <= ROWS_MAX => self.begin(world, changes),
            Some(_) | None => wrong(400, "BAD_REQUEST", "`userIds` is a list of texts, 1 to 10000 of them"),
        }
    }

    /// Begins a job.
    fn begin(&mut self, world: &mut EmulatedTenant, changes: Vec<(SmolStr, String)>) -> ApiReply {
        let manners = manners(world);
        if manners.one_at_a_time && self.is_running() {
            return wrong(409, "JOB_RUNNING", "another job is not done yet");
        }
        self.begun += 1;
        let number = self.begun;
        let mut rows = Vec::with_capacity(changes.len());
        let mut at = 0;
        for (user, to) in changes {
            let (begins, wait) =
                (world.after_ms(manners.row_ms.saturating_mul(at)), manners.row_ms.saturating_mul(at + 1));
            let standing = request(world, &user, &to, wait);
            if standing == Standing::Open {
                at += 1;
                self.of.insert(user.clone(), number);
            }
            let due = if standing == Standing::Open { world.after_ms(wait) } else { begins };
            rows.push(Row { user, begins, due, standing });
        }
        if self.all.len() >= JOBS_MAX {
            self.all.pop_first();
        }
        self.all.insert(number, Job { rows, is_cancelled: false });
        self.advance(world);
        ok(world, 202, json!({ "jobId": format!("job-{number}") }))
    }

    fn find(&self, id: &str) -> Option<u64> {
        id.strip_prefix("job-")?.parse().ok().filter(|number| self.all.contains_key(number))
    }

    pub(super) fn show(&self, world: &EmulatedTenant, id: &str) -> ApiReply {
        let Some(job) = self.find(id).and_then(|number| self.all.get(&number)) else {
            return wrong(404, "UNKNOWN_JOB", "there is no such job");
        };
        let now = world.now();
        let rows: Vec<Value> = job
            .rows
            .iter()
            .map(|row| match &row.standing {
                Standing::Open if row.begins > now => json!({ "userId": row.user, "status": "TO_BE_PROCESSED" }),
                Standing::Open => json!({ "userId": row.user, "status": "IN_PROGRESS" }),
                Standing::Done => json!({ "userId": row.user, "status": "ACTIVE" }),
                Standing::Failed(code, message) => {
                    json!({ "userId": row.user, "status": "FAILED", "code": code, "message": message })
                }
                Standing::Cancelled => json!({ "userId": row.user, "status": "CANCELLED" }),
            })
            .collect();
        let state = match (job.rows.iter().any(|row| row.standing == Standing::Open), job.is_cancelled) {
            (true, _) if world.config().unknown_words => "SIMMERING",
            (true, _) => "RUNNING",
            (false, true) => "CANCELLED",
            (false, false) => "DONE",
        };
        ok(world, 200, json!({ "jobId": id, "state": state, "rows": rows }))
    }

    pub(super) fn cancel(&mut self, world: &mut EmulatedTenant, id: &str) -> ApiReply {
        let Some(job) = self.find(id).and_then(|number| self.all.get_mut(&number)) else {
            return wrong(404, "UNKNOWN_JOB", "there is no such job");
        };
        let open = job.rows.iter_mut().filter(|row| row.standing == Standing::Open);
        let mut count = 0;
        for row in open {
            let asked = world.account(&row.user).and_then(requested).map(|holding| holding.license.clone());
            let Some(license) = asked else { continue };
            let wish = ChangeRequest { kind: OperationKind::Cancel, account: &row.user, license: &license, to: None };
            if world.execute(wish, 0).is_err() {
                continue;
            }
            count += 1;
            row.standing = Standing::Cancelled;
            self.of.remove(&row.user);
            world.edit(&row.user, |account| {
                account.holdings.push(Holding { state: HoldingState::Cancelled, ..bare(&license) });
            });
        }
        if count == 0 {
            return wrong(409, "NOTHING_TO_CANCEL", "no row of the job can be cancelled any more");
        }
        job.is_cancelled = true;
        self.is_audit_due = manners(world).audit_after_cancel;
        ok(world, 202, json!({ "jobId": id, "cancelled": count }))
    }

    pub(super) fn confirm(&mut self, world: &mut EmulatedTenant, user: &str) -> ApiReply {
        if let Err(reply) = self.cancelled(world, user) {
            return reply;
        }
        world.edit(user, |account| account.holdings.retain(|holding| holding.state != HoldingState::Cancelled));
        ok(world, 202, json!({ "userId": user }))
    }

    pub(super) fn resume(&mut self, world: &mut EmulatedTenant, user: &str) -> ApiReply {
        match self.cancelled(world, user) {
            Ok(license) => self.begin(world, vec![(SmolStr::new(user), license.to_string())]),
            Err(reply) => reply,
        }
    }

    /// The license whose request was cancelled.
    fn cancelled(&self, world: &EmulatedTenant, user: &str) -> Result<SmolStr, ApiReply> {
        let account = world.account(user).ok_or_else(|| wrong(404, "UNKNOWN_USER", "there is no such user"))?;
        let found = account.holdings.iter().find(|holding| holding.state == HoldingState::Cancelled);
        let holding = found.ok_or_else(|| wrong(409, "NOT_CANCELLED", "no request of this user was cancelled"))?;
        if self.is_audit_due {
            return Err(wrong(409, "AUDIT_REQUIRED", "an audit has to be made after a cancel"));
        }
        Ok(holding.license.clone())
    }

    pub(super) fn audit(&mut self, world: &mut EmulatedTenant) -> ApiReply {
        if self.is_running() {
            return wrong(409, "JOB_RUNNING", "an audit cannot go beside a job");
        }
        let ms = manners(world).audit_ms;
        world.set_busy(Some(("Avaya Spaces user audit".to_owned(), Some(ms))));
        self.begun += 1;
        let done = world.now().saturating_add(SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX)));
        self.audits.insert(self.begun, done.unwrap_or(Timestamp::MAX));
        ok(world, 202, json!({ "auditId": format!("audit-{}", self.begun) }))
    }

    pub(super) fn show_audit(&self, world: &EmulatedTenant, id: &str) -> ApiReply {
        let number: Option<u64> = id.strip_prefix("audit-").and_then(|number| number.parse().ok());
        match number.filter(|number| (1..=self.begun).contains(number)) {
            None => wrong(404, "NOT_FOUND", "there is no such audit"),
            Some(number) => {
                let state = if self.audits.contains_key(&number) { "RUNNING" } else { "DONE" };
                ok(world, 200, json!({ "auditId": id, "state": state }))
            }
        }
    }
}

/// Asks the vendor for a license in place of what the person holds.
fn request(world: &mut EmulatedTenant, user: &str, to: &str, wait: u64) -> Standing {
    let Some(account) = world.account(user) else {
        return Standing::Failed("UNKNOWN_USER", "there is no such user".to_owned());
    };
    let is_known = world.rules().known_licenses().is_none_or(|known| known.iter().any(|license| license == to));
    if !is_known {
        return Standing::Failed("UNKNOWN_LICENSE", format!("there is no license `{to}`"));
    }
    let held = account
        .holdings
        .iter()
        .find(|holding| holding.origin == HoldingOrigin::Direct && holding.state.is_held())
        .map(|holding| (holding.license.clone(), holding.trial));
    if account.holdings.iter().any(|holding| holding.state == HoldingState::Cancelled) {
        world.edit(user, |account| account.holdings.retain(|holding| holding.state != HoldingState::Cancelled));
    }
    let wish = match &held {
        // A trial of the license that is asked for stands beside the request until that is done.
        Some((license, false)) => ChangeRequest { kind: OperationKind::Change, account: user, license, to: Some(to) },
        Some((license, true)) if world.rules().is_floor(to) => {
            ChangeRequest { kind: OperationKind::Change, account: user, license, to: Some(to) }
        }
        Some((_, true)) | None => ChangeRequest { kind: OperationKind::Assign, account: user, license: to, to: None },
    };
    match world.execute(wish, wait) {
        Ok(SimulatorReply::Accepted) => Standing::Open,
        Ok(SimulatorReply::Done | SimulatorReply::Already) => Standing::Done,
        Err(refused) => {
            let code = match refused.reason {
                RefusalReason::UnknownAccount => "UNKNOWN_USER",
                RefusalReason::Conflict => "CONFLICT",
                RefusalReason::NoSeat => "NO_LICENSE_AVAILABLE",
                RefusalReason::Forbidden => "NOT_ALLOWED",
                RefusalReason::Busy => "SYNC_IN_PROGRESS",
            };
            Standing::Failed(code, refused.message)
        }
    }
}

/// What the person requested and does not hold yet.
fn requested(account: &Account) -> Option<&Holding> {
    account.holdings.iter().find(|holding| matches!(holding.state, HoldingState::Pending | HoldingState::Waiting))
}

fn bare(license: &str) -> Holding {
    crate::emulator::fixtures::direct(license)
}
