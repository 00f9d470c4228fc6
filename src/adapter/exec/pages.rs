//! Pages put together to one observation.
//!
//! What must hold: what could not be read makes the observation incomplete or is an error, and never looks like absence; a
//! program that gives pages for ever is stopped.

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

/// What pages say so far.
#[derive(Default)]
pub(super) struct PageCollector {
    accounts: IndexMap<SmolStr, Account, foldhash::fast::RandomState>,
    pools: Vec<Pool>,
    busy: Option<String>,
    seen: BTreeSet<String>,
    /// Why absence proves nothing, if that is so: the first reason.
    gap: Option<AdapterError>,
}

/// All pages together.
pub(super) struct CollectedPages {
    pub(super) accounts: Vec<Account>,
    pub(super) pools: Vec<Pool>,
    pub(super) busy: Option<String>,
    pub(super) gap: Option<AdapterError>,
}

impl PageCollector {
    /// Takes a page; the cursor of the next one, if there is one.
    ///
    /// # Errors
    /// When the pages make no sense.
    pub(super) fn add(&mut self, page: AccountPage) -> Result<Option<String>, AdapterError> {
        let AccountPage { accounts, pools, complete, busy, next } = page;
        if !complete {
            self.mark_incomplete(AdapterError::new(
                ErrorKind::Unavailable,
                "the program could not read a part of a page",
            ));
        }
        self.busy = self.busy.take().or(busy);
        for pool in pools {
            // What every page repeats is said once; what differs is told as two pools of one license.
            if !self.pools.contains(&pool) {
                self.pools.push(pool);
            }
        }
        let before = self.accounts.len();
        for account in accounts {
            match self.accounts.get_full(&account.id) {
                Some((index, ..)) if index >= before => {
                    let message = format!("the account `{}` stands twice on one page", account.id);
                    return Err(AdapterError::new(ErrorKind::Malformed, message));
                }
                Some(_) => {
                    let message = format!("the list of accounts moved while it was read: `{}` came twice", account.id);
                    self.mark_incomplete(AdapterError::new(ErrorKind::Conflict, message));
                }
                None => {}
            }
            // What was read later is nearer to the truth.
            self.accounts.insert(account.id.clone(), account);
        }
        if self.accounts.len() > ACCOUNTS_MAX {
            let message = format!("the program gives more than {ACCOUNTS_MAX} accounts");
            return Err(AdapterError::new(ErrorKind::Malformed, message));
        }
        let Some(next) = next else { return Ok(None) };
        let fault = if next.len() > CURSOR_MAX_BYTES {
            format!("the program gives a cursor of more than {CURSOR_MAX_BYTES} bytes")
        } else if self.seen.len() >= PAGES_MAX {
            format!("the program gives more than {PAGES_MAX} pages")
        } else if !self.seen.insert(next.clone()) {
            "the program gives the same cursor twice: its pages have no end".to_owned()
        } else {
            return Ok(Some(next));
        };
        Err(AdapterError::new(ErrorKind::Malformed, fault))
    }

    /// Leaves out what cannot be read.
    pub(super) fn mark_incomplete(&mut self, gap: AdapterError) {
        self.gap.get_or_insert(gap);
    }

    /// Everything that was read.
    pub(super) fn finish(self) -> CollectedPages {
        let Self { accounts, pools, busy, seen: _, gap } = self;
        CollectedPages { accounts: accounts.into_values().collect(), pools, busy, gap }
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
    fn pages_are_put_together_until_one_has_no_successor() {
        let mut pages = PageCollector::default();
        assert_eq!(pages.add(page(&["1", "2"], Some("b"))).unwrap().as_deref(), Some("b"));
        assert_eq!(pages.add(page(&["3"], None)).unwrap(), None);
        let whole = pages.finish();
        assert_eq!(whole.accounts.iter().map(|account| account.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
        assert!(whole.gap.is_none());
    }

    #[test]
    fn a_cursor_that_comes_twice_is_an_error() {
        let mut pages = PageCollector::default();
        pages.add(page(&["1"], Some("b"))).unwrap();
        let error = pages.add(page(&["2"], Some("b"))).unwrap_err();
        assert!(error.message.contains("same cursor twice"), "{error}");
        assert_eq!(error.kind, ErrorKind::Malformed);
    }

    #[test]
    fn a_list_that_moved_is_not_complete_and_the_later_reading_counts() {
        let mut pages = PageCollector::default();
        pages.add(page(&["1", "2"], Some("b"))).unwrap();
        let mut moved = page(&["2", "3"], None);
        moved.accounts[0].email = "later@b.example".into();
        pages.add(moved).unwrap();
        let whole = pages.finish();
        assert_eq!(whole.accounts.len(), 3);
        assert_eq!(whole.accounts[1].email, "later@b.example");
        assert!(whole.gap.unwrap().message.contains("moved"));
    }

    #[test]
    fn pools_on_every_page_are_said_once() {
        let mut pages = PageCollector::default();
        for next in [Some("b"), None] {
            let mut page = page(&[], next);
            page.pools = serde_json::from_str(r#"[{"license":"reader","total":3}]"#).unwrap();
            pages.add(page).unwrap();
        }
        assert_eq!(pages.finish().pools.len(), 1);
    }

    #[test]
    fn a_part_that_could_not_be_read_makes_all_incomplete() {
        let mut pages = PageCollector::default();
        pages.add(AccountPage { complete: false, ..page(&["1"], None) }).unwrap();
        assert!(pages.finish().gap.is_some());
    }
}
