//! What the program writes to reseat: one line of JSON an answer.
//!
//! The types are the protocol: the schema is made from them, and they read every line. What must hold: an unknown key is
//! an error, for a misspelled `origin` would make a license ours that is not; an answer is of the kind that was asked for.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

pub use super::request::RemainingQuota;
use crate::adapter::throttle_headers::MAX_PAUSE;
use crate::adapter::{AdapterError, ErrorKind};
use crate::model::{Account, Pool};

/// The most bytes of a cursor.
pub const CURSOR_MAX_BYTES: usize = 4096;

/// One answer: a line on the program's standard output. It has `id` and exactly one other key: the word of the request,
/// or `error`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 2, "maxProperties" = 2))]
pub struct ResponseLine {
    /// The number of the request.
    pub id: u64,
    /// To `describe`.
    #[serde(default)]
    #[schemars(with = "Description")]
    pub describe: Option<Description>,
    /// To `observe`.
    #[serde(default)]
    #[schemars(with = "AccountPage")]
    pub observe: Option<AccountPage>,
    /// To `account`.
    #[serde(default)]
    #[schemars(with = "AccountResponse")]
    pub account: Option<AccountResponse>,
    /// To `pools`.
    #[serde(default)]
    #[schemars(with = "PoolsResponse")]
    pub pools: Option<PoolsResponse>,
    /// To `execute`.
    #[serde(default)]
    #[schemars(with = "OperationProgress")]
    pub execute: Option<OperationProgress>,
    /// To `poll`.
    #[serde(default)]
    #[schemars(with = "OperationProgress")]
    pub poll: Option<OperationProgress>,
    /// To `busy`.
    #[serde(default)]
    #[schemars(with = "BusyResponse")]
    pub busy: Option<BusyResponse>,
    /// To `health`.
    #[serde(default)]
    #[schemars(with = "HealthResponse")]
    pub health: Option<HealthResponse>,
    /// It cannot be done.
    #[serde(default)]
    #[schemars(with = "ProtocolFailure")]
    pub error: Option<ProtocolFailure>,
}

/// What an answer says.
#[derive(Debug)]
pub enum Response {
    /// To `describe`.
    Description(Description),
    /// To `observe`.
    Observe(AccountPage),
    /// To `account`.
    Account(AccountResponse),
    /// To `pools`.
    Pools(PoolsResponse),
    /// To `execute` and `poll`.
    Progress(OperationProgress),
    /// To `busy`.
    Busy(BusyResponse),
    /// To `health`.
    Health(HealthResponse),
}

impl ResponseLine {
    /// What it says to a request of that word; `writes` says whether the request may have changed something.
    ///
    /// # Errors
    /// What the program reports, or that the answer is none to the request.
    pub fn into_response(self, word: &'static str, writes: bool) -> Result<Response, AdapterError> {
        let Self { id: _, describe, observe, account, pools, execute, poll, busy, health, error } = self;
        let mut given: Vec<(&'static str, Response)> = Vec::with_capacity(1);
        given.extend(describe.map(|said| ("describe", Response::Description(said))));
        given.extend(observe.map(|said| ("observe", Response::Observe(said))));
        given.extend(account.map(|said| ("account", Response::Account(said))));
        given.extend(pools.map(|said| ("pools", Response::Pools(said))));
        given.extend(execute.map(|said| ("execute", Response::Progress(said))));
        given.extend(poll.map(|said| ("poll", Response::Progress(said))));
        given.extend(busy.map(|said| ("busy", Response::Busy(said))));
        given.extend(health.map(|said| ("health", Response::Health(said))));
        match (error, given.pop(), given.is_empty()) {
            (Some(failure), None, _) => Err(failure.into_error(writes)),
            (None, Some((of, said)), true) if of == word => Ok(said),
            _ => {
                let message = format!("the answer to `{word}` has neither `{word}` nor `error` alone beside its `id`");
                Err(AdapterError { maybe_in_effect: writes, ..AdapterError::new(ErrorKind::Malformed, message) })
            }
        }
    }
}

/// Who the program is and what it can do.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The version of the protocol that it chose among those offered.
    pub protocol: u32,
    /// Its name.
    pub name: SmolStr,
    /// Its own version.
    #[serde(default)]
    pub version: Option<SmolStr>,
    /// The vendor that it reaches, as the manifest calls it; where it says one, the tenant has to be of that vendor.
    #[serde(default)]
    pub vendor: Option<SmolStr>,
    /// What it can be asked beside `describe`; `observe` is always among it.
    pub can: Vec<ProtocolAbility>,
    /// How many requests it takes before it answers the first of them; 1 unless it says otherwise.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 64))]
    pub concurrency: u32,
}

fn one() -> u32 {
    1
}

impl Description {
    /// Whether it can be asked that.
    pub fn can(&self, ability: ProtocolAbility) -> bool {
        self.can.contains(&ability)
    }
}

/// Something that a program can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProtocolAbility {
    /// Pages of everything there is; every program can.
    Observe,
    /// One account as it is now. Without it, everything is read for each.
    Account,
    /// The bought quantities as they are now. Without it, everything is read.
    Pools,
    /// One operation. Without it, the tenant can only be looked at.
    Execute,
    /// How far something is that was accepted with a handle. Without it, the account is read until it shows.
    Poll,
    /// Whether the vendor refuses changes just now. Without it, it never does.
    Busy,
    /// How it is.
    Health,
}

/// A page of everything there is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountPage {
    /// Accounts, each on one page.
    #[serde(default)]
    pub accounts: Vec<Account>,
    /// Bought quantities; on any page, each once.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// False when something of this page could not be read, so that absence proves nothing.
    #[serde(default = "yes")]
    pub complete: bool,
    /// Why the vendor refuses changes just now, if it does.
    #[serde(default)]
    pub busy: Option<String>,
    /// The cursor of the next page; null or missing on the last. No cursor comes twice.
    #[serde(default)]
    pub next: Option<String>,
}

fn yes() -> bool {
    true
}

/// One account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountResponse {
    /// The account; null where there is surely none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub account: Option<Account>,
}

/// The bought quantities.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolsResponse {
    /// All of them.
    pub pools: Vec<Pool>,
}

/// How far an operation is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationProgress {
    /// How far.
    pub state: ProgressState,
    /// With `accepted`: what `poll` will ask for.
    #[serde(default)]
    #[schemars(length(min = 1, max = 512))]
    pub handle: Option<String>,
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProgressState {
    /// Done; it is read back.
    Done,
    /// Accepted, or still under way; the effect comes later.
    Accepted,
    /// There was nothing to do.
    Already,
}

/// Whether the vendor refuses changes just now.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusyResponse {
    /// Why, such as `directory synchronization`; null when it takes changes.
    #[serde(deserialize_with = "Option::deserialize")]
    pub reason: Option<String>,
}

/// How the program and its vendor are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthResponse {
    /// The vendor's time.
    #[serde(default)]
    pub time: Option<Timestamp>,
    /// The role that the credentials have.
    #[serde(default)]
    pub role: Option<String>,
    /// How many requests may still be sent.
    #[serde(default)]
    pub quota: Option<RemainingQuota>,
    /// What an administrator should know, a sentence each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProtocolFailure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// One sentence.
    pub message: String,
    /// How to mend it.
    #[serde(default)]
    pub help: Option<String>,
    /// To `execute`: whether it may have taken effect all the same. Where it is missing, that is so for `unavailable`.
    #[serde(default)]
    pub maybe_in_effect: Option<bool>,
    /// For how many seconds nothing should be sent.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub retry_after: Option<f64>,
    /// The status of the vendor's answer, where it speaks HTTP.
    #[serde(default)]
    pub status: Option<u16>,
}

/// The kinds of failures; closed, so that whoever handles them handles all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// There is no such account or license.
    NotFound,
    /// The person or pool is not as expected.
    Conflict,
    /// No seat is free.
    NoSeat,
    /// The vendor does not allow this change for this person, now or ever.
    Forbidden,
    /// The credentials are missing, wrong or not allowed to do this.
    Denied,
    /// The vendor takes no changes just now.
    Busy,
    /// Too many requests.
    Throttled,
    /// The vendor, or this program, cannot do this.
    Unsupported,
    /// The vendor could not be reached, or did not answer in time.
    Unavailable,
}

impl ProtocolFailure {
    fn into_error(self, writes: bool) -> AdapterError {
        let kind = match self.kind {
            FailureKind::NotFound => ErrorKind::NotFound,
            FailureKind::Conflict => ErrorKind::Conflict,
            FailureKind::NoSeat => ErrorKind::NoSeat,
            FailureKind::Forbidden => ErrorKind::Forbidden,
            FailureKind::Denied => ErrorKind::AccessDenied,
            FailureKind::Busy => ErrorKind::Busy,
            FailureKind::Throttled => ErrorKind::Throttled,
            FailureKind::Unsupported => ErrorKind::Unsupported,
            FailureKind::Unavailable => ErrorKind::Unavailable,
        };
        let pause = self.retry_after.filter(|seconds| *seconds > 0.0);
        let pause = pause.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(MAX_PAUSE).min(MAX_PAUSE));
        AdapterError {
            help: self.help,
            maybe_in_effect: writes && self.maybe_in_effect.unwrap_or(kind == ErrorKind::Unavailable),
            retry_after: pause,
            status: self.status,
            ..AdapterError::new(kind, self.message)
        }
    }
}
