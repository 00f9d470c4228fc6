//! The paginated list of users.
//!
//! A page contains an opaque scroll id of the next page, which may expire. The list is complete only if the vendor reports its
//! end and every user on it is valid. It ends whatever the pages contain.

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

/// Page sizes, from the documented maximum to the vendor's default. If the vendor refuses one, the next is tried.
const PAGE_SIZES: [Option<&str>; 3] = [Some("1000"), Some("100"), None];
/// The most pages of one list.
const PAGES_MAX: u32 = 20_000;
/// The most users of one list.
const USERS_MAX: usize = 2_000_000;
/// How often a list is restarted after its scroll expired.
const RESTARTS_MAX: u32 = 3;
/// The most pages in a row without a new user.
const IDLE_PAGES_MAX: u32 = 3;

/// The users of a tenant.
#[derive(Default)]
pub(super) struct UserListing {
    pub(super) users: IndexMap<SmolStr, UserRecord, RandomState>,
    pub(super) complete: bool,
}

/// What follows a page.
enum NextPage {
    End,
    Page(String),
    /// The page should have a successor but names none.
    Missing,
}

/// Reads all users.
///
/// # Errors
/// Fails if not even the first page can be read.
pub(super) async fn list_users(client: &HttpClient, rules: &Rules) -> Result<UserListing, AdapterError> {
    let mut best = UserListing::default();
    for _ in 0..=RESTARTS_MAX {
        let first = match first_page(client, rules).await {
            Ok(response) => response,
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

/// Reads the first page, of the largest size that the vendor accepts.
async fn first_page(client: &HttpClient, rules: &Rules) -> Result<HttpResponse, AdapterError> {
    let mut last = None;
    for size in PAGE_SIZES {
        let query: Vec<(&str, &str)> = size.map(|size| ("pageSize", size)).into_iter().collect();
        let response = client.get(&["users"], &query, USERS).await?;
        if response.is_success() {
            return Ok(response);
        }
        let smaller = response.status == 400;
        last = Some(response_error(rules, &response, RequestKind::Read));
        if !smaller {
            break;
        }
    }
    Err(last.unwrap_or_else(|| AdapterError::new(ErrorKind::Malformed, "no page was requested")))
}

/// Reads the pages after the first; also returns whether the scroll expired.
async fn read_pages(client: &HttpClient, first: &HttpResponse) -> Result<(UserListing, bool), AdapterError> {
    let mut listing = UserListing { complete: true, ..UserListing::default() };
    let mut next = add_page(&mut listing, first, true)?;
    let mut requested: BTreeSet<String> = BTreeSet::new();
    let mut idle = 0;
    for _ in 0..PAGES_MAX {
        let scroll = match next {
            NextPage::End => return Ok((listing, false)),
            NextPage::Missing => break,
            NextPage::Page(scroll) => scroll,
        };
        let before = listing.users.len();
        // Some vendors use one id for all pages, so a repeated id is a cycle only without a new user.
        let is_known = !requested.insert(scroll.clone());
        let response = match client.get(&["users"], &[("scrollId", &scroll)], USERS).await {
            Ok(response) if response.is_success() => response,
            Ok(response) => {
                let why = format!("a page returned status {}", response.status);
                return Ok((incomplete(listing, &why), matches!(response.status, 400 | 404 | 410)));
            }
            Err(error) => return Ok((incomplete(listing, &error.message), false)),
        };
        next = match add_page(&mut listing, &response, false) {
            Ok(next) => next,
            Err(error) => return Ok((incomplete(listing, &error.message), false)),
        };
        let has_new = listing.users.len() > before;
        idle = if has_new { 0 } else { idle + 1 };
        let is_cycle = idle >= IDLE_PAGES_MAX || (is_known && !has_new);
        if listing.users.len() > USERS_MAX || (is_cycle && !matches!(next, NextPage::End)) {
            break;
        }
    }
    Ok((incomplete(listing, "the pages do not end"), false))
}

/// Marks a list as incomplete, and logs why.
fn incomplete(listing: UserListing, why: &str) -> UserListing {
    warn!(seen = listing.users.len(), why, "the list of users is incomplete");
    UserListing { complete: false, ..listing }
}

/// Adds the users of a page. A user on two pages moved meanwhile; the later one counts.
fn add_page(listing: &mut UserListing, response: &HttpResponse, first: bool) -> Result<NextPage, AdapterError> {
    let JsonObject(page): JsonObject<UserPage<'_>> = response.json()?;
    let Some(items) = page.data else {
        if first && page.pagination.is_none() {
            let message = "the response is not a list of users";
            return Err(response
                .error(ErrorKind::Malformed, message)
                .help("check `base_url`; the vendor's is `https://api.8x8.com/admin-provisioning`"));
        }
        return Ok(NextPage::Missing);
    };
    for item in items.0 {
        match UserRecord::read(item.get().as_bytes()) {
            Ok(person) => drop(listing.users.insert(person.id.clone(), person)),
            Err(_) => {
                warn!("a user on a page is invalid");
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
