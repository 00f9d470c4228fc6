//! The list of users, page by page.
//!
//! A page leads to the next by an opaque id, which has to be sent alone and may expire.
//! What must hold: a list is whole only where the vendor said that there is no more, and every user on it could be read;
//! whatever the pages say, the list has an end.

use std::collections::BTreeSet;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use smol_str::SmolStr;
use tracing::warn;

use super::errors::{RequestKind, response_error};
use super::user::UserRecord;
use super::wire::{JsonObject, USERS, UserPage};
use crate::adapter::http::{HttpClient, HttpResponse};
use crate::adapter::{AdapterError, ErrorKind};
use crate::profile::Rules;

/// Users on a page, from the most that the documentation allows to what it gives unasked; a vendor that refuses one is
/// asked for the next.
const PAGE_SIZES: [Option<&str>; 3] = [Some("1000"), Some("100"), None];
/// The most pages of one list.
const PAGES_MAX: u32 = 20_000;
/// The most users of one list.
const USERS_MAX: usize = 2_000_000;
/// How often a list is begun again after its scroll expired.
const RESTARTS_MAX: u32 = 3;
/// The most pages in a row that bring nobody new.
const IDLE_PAGES_MAX: u32 = 3;

/// The users of a tenant.
#[derive(Default)]
pub(super) struct UserListing {
    pub(super) users: IndexMap<SmolStr, UserRecord, RandomState>,
    /// Whether these are all.
    pub(super) complete: bool,
}

/// How a page leads on.
enum NextPage {
    End,
    Page(String),
    /// It should lead on and does not.
    Missing,
}

/// Reads the list.
///
/// # Errors
/// When not even the first page can be read.
pub(super) async fn list_users(client: &HttpClient, rules: &Rules) -> Result<UserListing, AdapterError> {
    let mut best = UserListing::default();
    for _ in 0..=RESTARTS_MAX {
        let first = match first_page(client, rules).await {
            Ok(reply) => reply,
            Err(error) if best.users.is_empty() => return Err(error),
            Err(error) => return Ok(incomplete(best, &error.message)),
        };
        let (listing, expired) = match read_pages(client, &first).await {
            Ok(followed) => followed,
            Err(error) if best.users.is_empty() => return Err(error),
            Err(error) => return Ok(incomplete(best, &error.message)),
        };
        if listing.users.len() >= best.users.len() || listing.complete {
            best = listing;
        }
        if !expired {
            break;
        }
    }
    Ok(best)
}

/// The first page, as large as the vendor gives it.
async fn first_page(client: &HttpClient, rules: &Rules) -> Result<HttpResponse, AdapterError> {
    let mut last = None;
    for size in PAGE_SIZES {
        let query: Vec<(&str, &str)> = size.map(|size| ("pageSize", size)).into_iter().collect();
        let reply = client.get(&["users"], &query, USERS).await?;
        if reply.is_success() {
            return Ok(reply);
        }
        let smaller = reply.status == 400;
        last = Some(response_error(rules, &reply, RequestKind::Read));
        if !smaller {
            break;
        }
    }
    Err(last.unwrap_or_else(|| AdapterError::new(ErrorKind::Malformed, "no page was asked for")))
}

/// All pages from the first on; whether the scroll expired on the way.
async fn read_pages(client: &HttpClient, first: &HttpResponse) -> Result<(UserListing, bool), AdapterError> {
    let mut listing = UserListing { complete: true, ..UserListing::default() };
    let mut next = add_page(&mut listing, first, true)?;
    let mut asked: BTreeSet<String> = BTreeSet::new();
    let mut idle = 0;
    for _ in 0..PAGES_MAX {
        let scroll = match next {
            NextPage::End => return Ok((listing, false)),
            NextPage::Missing => break,
            NextPage::Page(scroll) => scroll,
        };
        let before = listing.users.len();
        // Some vendors lead on with one id for all pages, so that the same id is no circle as long as somebody comes.
        let is_known = !asked.insert(scroll.clone());
        let reply = match client.get(&["users"], &[("scrollId", &scroll)], USERS).await {
            Ok(reply) if reply.is_success() => reply,
            Ok(reply) => {
                let why = format!("a page was answered with {}", reply.status);
                return Ok((incomplete(listing, &why), matches!(reply.status, 400 | 404 | 410)));
            }
            Err(error) => return Ok((incomplete(listing, &error.message), false)),
        };
        next = match add_page(&mut listing, &reply, false) {
            Ok(next) => next,
            Err(error) => return Ok((incomplete(listing, &error.message), false)),
        };
        let brings = listing.users.len() > before;
        idle = if brings { 0 } else { idle + 1 };
        let circles = idle >= IDLE_PAGES_MAX || (is_known && !brings);
        if listing.users.len() > USERS_MAX || (circles && !matches!(next, NextPage::End)) {
            break;
        }
    }
    Ok((incomplete(listing, "the pages lead nowhere, or in a circle"), false))
}

/// The users that were seen, and no word on all others; the log says why.
fn incomplete(listing: UserListing, why: &str) -> UserListing {
    warn!(seen = listing.users.len(), why, "the list of users is incomplete");
    UserListing { complete: false, ..listing }
}

/// Takes the users of a page in. Whoever is on two pages was moved while we read, and counts as seen last.
fn add_page(listing: &mut UserListing, reply: &HttpResponse, first: bool) -> Result<NextPage, AdapterError> {
    let JsonObject(page): JsonObject<UserPage<'_>> = reply.json()?;
    let Some(items) = page.data else {
        if first && page.pagination.is_none() {
            let message = "the answer is no list of users";
            return Err(reply
                .error(ErrorKind::Malformed, message)
                .help("check `base_url`; the vendor's is `https://api.8x8.com/admin-provisioning`"));
        }
        return Ok(NextPage::Missing);
    };
    for item in items.0 {
        match UserRecord::read(item.get().as_bytes()) {
            Ok(person) => drop(listing.users.insert(person.id.clone(), person)),
            // Somebody is there, and nobody knows who.
            Err(_) => {
                warn!("a user on a page makes no sense");
                listing.complete = false;
            }
        }
    }
    let Some(pagination) = page.pagination else { return Ok(NextPage::Missing) };
    let scroll = pagination.next_scroll_id.filter(|scroll| !scroll.is_empty());
    Ok(match (pagination.has_more, scroll) {
        (Some(false), _) => NextPage::End,
        (Some(true) | None, Some(scroll)) => NextPage::Page(scroll),
        (Some(true) | None, None) => NextPage::Missing,
    })
}
