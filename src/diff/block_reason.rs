//! Reasons for blocked changes, with their messages.

use smol_str::SmolStr;

use super::pools::{ClosedReason, PoolState};
use crate::diagnostic::Code;
use crate::diagnostic::catalog::plan as code;
use crate::model::{AccountOrigin, HoldingOrigin, Mode};

/// Why a change is blocked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockReason {
    /// The finding code.
    pub code: &'static Code,
    /// The message, in lower case.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

impl BlockReason {
    fn new(code: &'static Code, message: String, help: impl Into<String>) -> Self {
        Self { code, message, help: Some(help.into()) }
    }

    /// The person has no account at the tenant.
    pub fn no_account(tenant: &str, complete: bool) -> Self {
        if complete {
            Self::new(
                &code::NO_ACCOUNT,
                format!("has no account at `{tenant}`"),
                "create the account at the vendor, or add its address as an alias, or its id or login under `accounts`",
            )
        } else {
            Self::new(
                &code::INCOMPLETE,
                format!("was not seen at `{tenant}`, and the observation is incomplete"),
                "observe again until the observation is complete",
            )
        }
    }

    /// The account has a foreign origin; message and help come from the vendor profile.
    pub fn foreign_account(origin: &AccountOrigin, message: &str, help: &str) -> Self {
        Self::new(&code::FOREIGN_ACCOUNT, format!("{message} (origin `{origin}`)"), help)
    }

    /// The pool assigns no seats.
    pub fn pool_closed(pool: &PoolState, closed: &ClosedReason) -> Self {
        let license = &pool.license;
        let message = match closed {
            ClosedReason::Expired(Some(day)) => format!("`{license}` expired on {day}"),
            ClosedReason::Expired(None) => format!("`{license}` is expired"),
            ClosedReason::Status(status) => format!("`{license}` is {}", status.as_str()),
        };
        Self::new(&code::POOL_CLOSED, message, format!("renew `{license}`, or name another license"))
    }

    /// A holding of another origin excludes the assignment, or would have to be removed.
    pub fn inherited_holding(license: &str, origin: &HoldingOrigin) -> Self {
        let help = match origin {
            HoldingOrigin::Group(group) => format!("change the group `{group}` instead"),
            HoldingOrigin::Auto => "change the vendor's rule instead".to_owned(),
            HoldingOrigin::Derived => "take away what it follows, such as the phone number".to_owned(),
            HoldingOrigin::Direct => "plan again".to_owned(),
        };
        Self::new(
            &code::BLOCKED_BY_INHERITED,
            format!("holds `{license}` with origin `{origin}`, which reseat does not change"),
            help,
        )
    }

    /// A pending request cannot be cancelled.
    pub fn pending_request(license: &str) -> Self {
        Self::new(
            &code::BLOCKED_BY_PENDING,
            format!("a request for `{license}` is pending and cannot be cancelled"),
            "wait until it is done and plan again",
        )
    }

    /// A removal is in progress.
    pub fn removal_in_progress(license: &str) -> Self {
        Self::new(
            &code::REMOVAL_IN_PROGRESS,
            format!("the removal of `{license}` is still going on"),
            "wait until it is done and plan again",
        )
    }

    /// The vendor forbids the transition; message and help come from its profile.
    pub fn forbidden_transition(message: &str, help: &str) -> Self {
        Self::new(&code::FORBIDDEN_TRANSITION, message.to_owned(), help)
    }

    /// The mode forbids the transition.
    pub fn mode_forbids(license: &str, mode: Mode, giving: bool) -> Self {
        let verb = if giving { "giving" } else { "taking away" };
        Self::new(
            &code::MODE_FORBIDS,
            format!("mode `{}` forbids {verb} `{license}`", mode.as_str()),
            "change `manage` of the tenant or of the pool if this is meant to happen",
        )
    }

    /// A loss would follow from an incomplete observation.
    pub fn incomplete_observation(license: &str) -> Self {
        Self::new(
            &code::INCOMPLETE,
            format!("nobody loses `{license}` while the observation is incomplete"),
            "observe again until the observation is complete",
        )
    }

    /// A gain needs figures that an incomplete observation does not state.
    pub fn no_figures(license: &str) -> Self {
        Self::new(
            &code::POOL_COUNTS_MISSING,
            format!("the observation is incomplete and does not say how many seats of `{license}` are taken"),
            "observe again until the observation is complete",
        )
    }

    /// The person has several accounts.
    pub fn two_accounts(first: &SmolStr, second: &SmolStr) -> Self {
        Self::new(
            &code::AMBIGUOUS_ACCOUNT,
            format!("the accounts `{first}` and `{second}` are both this person's"),
            "say under `accounts` which id is meant, and drop the alias of the other",
        )
    }
}
