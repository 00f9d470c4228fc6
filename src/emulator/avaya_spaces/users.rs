//! People as the contract shows them: one license each, and what is requested.

use serde_json::{Value, json};

use super::answer::{ok, wrong};
use super::{Spaces, manners, theirs};
use crate::emulator::api::{ApiReply, ApiRequest};
use crate::emulator::tenant::EmulatedTenant;
use crate::model::{Account, AccountOrigin, Holding, HoldingOrigin, HoldingState};

/// Entries of a page where nothing is said, and the most.
const PAGE: usize = 200;
const PAGE_MAX: usize = 1000;

impl Spaces {
    pub(super) fn list(&self, world: &EmulatedTenant, request: &ApiRequest) -> ApiReply {
        let number = |name: &str, default: usize| match request.parameter(name) {
            None | Some("") => Some(default),
            Some(text) => text.parse::<usize>().ok().filter(|number| *number > 0),
        };
        let (Some(page), Some(size)) = (number("page", 1), number("size", PAGE)) else {
            return wrong(400, "BAD_REQUEST", "`page` and `size` are numbers from 1");
        };
        let cap = world.config().page_size.map_or(PAGE_MAX, |size| usize::try_from(size).unwrap_or(PAGE_MAX));
        let size = size.min(PAGE_MAX).min(cap);
        let all = world.visible_accounts();
        let total = all.len();
        let items: Vec<Value> =
            all.skip((page - 1).saturating_mul(size)).take(size).map(|account| self.user(world, account)).collect();
        ok(world, 200, json!({ "total": total, "page": page, "size": size, "items": items }))
    }

    /// One person.
    pub(super) fn user(&self, world: &EmulatedTenant, account: &Account) -> Value {
        let (origin, group) = match &account.origin {
            AccountOrigin::Managed => ("manual", None),
            AccountOrigin::Group(group) => ("ldap-group", Some(group)),
            AccountOrigin::VendorLocal => ("spaces-local", None),
        };
        let held = account.holdings.iter().find(|holding| {
            matches!(holding.state, HoldingState::Active | HoldingState::Removing | HoldingState::Suspended)
        });
        let open = account
            .holdings
            .iter()
            .find(|holding| !matches!(holding.state, HoldingState::Active | HoldingState::Suspended));
        let floor = world.rules().floor(&world.rules().family("")).map_or("", |floor| floor.as_str());
        let (status, requested) = match open {
            None => ("ACTIVE", None),
            Some(holding) => self.open(world, account, holding, floor),
        };
        let status = if status == "ACTIVE" && world.config().unknown_words { "HIBERNATING" } else { status };
        json!({
            "id": account.id, "email": account.email, "license": theirs(held.map_or(floor, |holding| &holding.license)),
            "trial": held.is_some_and(|holding| holding.trial), "expires": held.and_then(|holding| holding.expires),
            "inherited": held.is_some_and(|holding| holding.origin != HoldingOrigin::Direct),
            "status": status, "requested": requested.map(|license| theirs(&license)), "jobId": self.jobs.of(&account.id),
            "origin": origin, "groupDn": group,
        })
    }

    /// The state of somebody whose request is not done, and what was requested.
    fn open(
        &self,
        world: &EmulatedTenant,
        account: &Account,
        holding: &Holding,
        floor: &str,
    ) -> (&'static str, Option<String>) {
        let asked = account
            .holdings
            .iter()
            .find(|holding| matches!(holding.state, HoldingState::Pending | HoldingState::Waiting))
            .map(|holding| holding.license.to_string());
        let words = match holding.state {
            HoldingState::Cancelled if manners(world).misspelled => "UDPATE_CANCELLED",
            HoldingState::Cancelled => "UPDATE_CANCELLED",
            HoldingState::Error => "FAILED",
            _ if self.jobs.is_begun(world, &account.id) => "IN_PROGRESS",
            _ => "TO_BE_PROCESSED",
        };
        let requested = match holding.state {
            HoldingState::Cancelled | HoldingState::Error => Some(holding.license.to_string()),
            _ => asked.or_else(|| Some(floor.to_owned())),
        };
        (words, requested)
    }
}
