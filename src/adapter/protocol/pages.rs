//! Collection of observation pages.
//!
//! Whatever could not be read makes the observation incomplete or is an error; it never looks like absence. A peer that
//! returns pages without end is stopped.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::response::{AccountPage, CURSOR_MAX_BYTES};
use crate::adapter::{AdapterError, ErrorKind};
use crate::model::{Account, Pool};

/// The most pages of one observation.
const PAGES_MAX: usize = 50_000;
/// The most accounts of one observation.
const ACCOUNTS_MAX: usize = 4_000_000;

/// The pages read so far.
#[derive(Default)]
pub(super) struct PageCollector {
    accounts: IndexMap<SmolStr, Account, foldhash::fast::RandomState>,
    pools: Vec<Pool>,
    busy: Option<String>,
    cursors: BTreeSet<String>,
    incomplete_reason: Option<AdapterError>,
}

/// The content of all pages.
pub(super) struct CollectedPages {
    pub(super) accounts: Vec<Account>,
    pub(super) pools: Vec<Pool>,
    pub(super) busy: Option<String>,
    /// The first reason why absence proves nothing.
    pub(super) incomplete_reason: Option<AdapterError>,
}

impl PageCollector {
    /// Adds a page and returns the cursor of the next one.
    ///
    /// # Errors
    /// If the page is invalid or a limit is exceeded.
    pub(super) fn add(&mut self, page: AccountPage) -> Result<Option<String>, AdapterError> {
        let AccountPage { accounts, pools, complete, busy, next } = page;
        if !complete {
            self.mark_incomplete(AdapterError::new(ErrorKind::Unavailable, "part of a page could not be read"));
        }
        self.busy = self.busy.take().or(busy);
        for pool in pools {
            // Pages may repeat a pool; two different pools of one license are an error later.
            if !self.pools.contains(&pool) {
                self.pools.push(pool);
            }
        }
        let malformed = |message: String| Err(AdapterError::new(ErrorKind::Malformed, message));
        let before = self.accounts.len();
        for account in accounts {
            match self.accounts.get_full(&account.id) {
                Some((index, ..)) if index >= before => {
                    return malformed(format!("account `{}` is listed twice on one page", account.id));
                }
                Some(_) => {
                    let message =
                        format!("the list of accounts changed during reading: `{}` appeared twice", account.id);
                    self.mark_incomplete(AdapterError::new(ErrorKind::Conflict, message));
                }
                None => {}
            }
            // The later reading is more recent.
            self.accounts.insert(account.id.clone(), account);
        }
        if self.accounts.len() > ACCOUNTS_MAX {
            return malformed(format!("more than {ACCOUNTS_MAX} accounts"));
        }
        let Some(next) = next else { return Ok(None) };
        if next.len() > CURSOR_MAX_BYTES {
            return malformed(format!("a cursor of more than {CURSOR_MAX_BYTES} bytes"));
        }
        if self.cursors.len() >= PAGES_MAX {
            return malformed(format!("more than {PAGES_MAX} pages"));
        }
        if !self.cursors.insert(next.clone()) {
            return malformed("the same cursor twice: the pages have no end".to_owned());
        }
        Ok(Some(next))
    }

    /// Records why the observation is incomplete.
    pub(super) fn mark_incomplete(&mut self, reason: AdapterError) {
        self.incomplete_reason.get_or_insert(reason);
    }

    /// Returns the content of all pages.
    pub(super) fn finish(self) -> CollectedPages {
        let Self { accounts, pools, busy, cursors: _, incomplete_reason } = self;
        CollectedPages { accounts: accounts.into_values().collect(), pools, busy, incomplete_reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: &[&str], next: Option<&str>) -> AccountPage {
        let text = serde_json::json!({
            "accounts": ids.iter().map(|id| serde_json::json!({ "id": id, "email": "a@b.example" })).collect::<Vec<_>>(),
            "next": next,
        });
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn pages_are_collected_until_the_last_one() {
        let mut pages = PageCollector::default();
        assert_eq!(pages.add(page(&["1", "2"], Some("b"))).unwrap().as_deref(), Some("b"));
        assert_eq!(pages.add(page(&["3"], None)).unwrap(), None);
        let whole = pages.finish();
        assert_eq!(whole.accounts.iter().map(|account| account.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
        assert!(whole.incomplete_reason.is_none());
    }

    #[test]
    fn repeated_cursor_is_an_error() {
        let mut pages = PageCollector::default();
        pages.add(page(&["1"], Some("b"))).unwrap();
        let error = pages.add(page(&["2"], Some("b"))).unwrap_err();
        assert!(error.message.contains("same cursor twice"), "{error}");
        assert_eq!(error.kind, ErrorKind::Malformed);
    }

    #[test]
    fn changed_list_is_incomplete_and_the_later_reading_wins() {
        let mut pages = PageCollector::default();
        pages.add(page(&["1", "2"], Some("b"))).unwrap();
        let mut moved = page(&["2", "3"], None);
        moved.accounts[0].email = "later@b.example".into();
        pages.add(moved).unwrap();
        let whole = pages.finish();
        assert_eq!(whole.accounts.len(), 3);
        assert_eq!(whole.accounts[1].email, "later@b.example");
        assert!(whole.incomplete_reason.unwrap().message.contains("changed"));
    }

    #[test]
    fn repeated_pools_are_collected_once() {
        let mut pages = PageCollector::default();
        for next in [Some("b"), None] {
            let mut page = page(&[], next);
            page.pools = serde_json::from_str(r#"[{"license":"reader","total":3}]"#).unwrap();
            pages.add(page).unwrap();
        }
        assert_eq!(pages.finish().pools.len(), 1);
    }

    #[test]
    fn incomplete_page_makes_the_observation_incomplete() {
        let mut pages = PageCollector::default();
        pages.add(AccountPage { complete: false, ..page(&["1"], None) }).unwrap();
        assert!(pages.finish().incomplete_reason.is_some());
    }
}
