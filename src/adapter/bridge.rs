//! What adapters of synthetic contracts have in common: a client of a bridge that a team runs itself, pages counted by
//! the bridge, and observations that pass the checks of a state file.
//!
//! What must hold: a list that moved while it was read is read again, and what could not be read makes the observation
//! incomplete; nothing is taken for absent because a page failed.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;

use super::http::{self, ApiKey, HttpClient, HttpLimits, HttpResponse};
use super::{AccessOptions, AdapterError, ConnectionConfig, ErrorKind, TenantHealth, validate::validate_response};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::model::{Account, AdapterSettings, Observation, TenantSettings};
use crate::profile::Rules;

/// The media type of everything that a bridge says and hears.
pub(super) const JSON: &str = "application/json";
/// The most accounts of one tenant.
const ACCOUNTS_MAX: usize = 4_000_000;
/// How often a list that moves is read.
const READINGS: usize = 3;
/// After so many pages in a row that bring nobody new, a list goes round in circles.
const STALLED_MOST: usize = 3;

/// A bridge to a tenant.
pub(super) struct Bridge {
    pub(super) client: HttpClient,
    pub(super) settings: TenantSettings,
    pub(super) rules: Rules,
    access: AccessOptions,
}

/// A page of a list, as a bridge gives it.
pub(super) struct Page<T> {
    /// How many entries the whole list has.
    pub(super) total: usize,
    /// Entries, each with whose it is.
    pub(super) items: Vec<(SmolStr, T)>,
}

/// A list that is read page by page.
pub(super) struct Reading<T> {
    items: IndexMap<SmolStr, T>,
    /// How many entries came.
    read: usize,
    total: Option<usize>,
    has_moved: bool,
    /// How many pages in a row brought nobody new.
    stalled: usize,
    attempt: usize,
    is_over: bool,
    is_whole: bool,
}

impl<T> Reading<T> {
    /// A list of which nothing was read.
    pub(super) fn new() -> Self {
        Self {
            items: IndexMap::new(),
            read: 0,
            total: None,
            has_moved: false,
            stalled: 0,
            attempt: 1,
            is_over: false,
            is_whole: true,
        }
    }

    /// The entry that the next page begins with; nothing where there is no next page.
    pub(super) fn next(&self) -> Option<usize> {
        (!self.is_over).then_some(self.read)
    }

    /// Takes a page, or what went wrong instead.
    ///
    /// # Errors
    /// When the first page cannot be read, or a later one for a reason that is no gap.
    pub(super) fn take(&mut self, page: Result<Page<T>, AdapterError>) -> Result<(), AdapterError> {
        let Page { total, items } = match page {
            Ok(page) => page,
            Err(error) if self.read > 0 && is_gap(&error) => {
                (self.is_over, self.is_whole) = (true, false);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if total > ACCOUNTS_MAX {
            let message = format!("the bridge counts more than {ACCOUNTS_MAX} accounts");
            return Err(AdapterError::new(ErrorKind::Malformed, message));
        }
        self.has_moved |= self.total.is_some_and(|before| before != total);
        self.total = Some(total);
        let (is_empty, known) = (items.is_empty(), self.items.len());
        self.read += items.len();
        for (id, item) in items {
            self.has_moved |= self.items.insert(id, item).is_some();
        }
        self.stalled = if self.items.len() > known { 0 } else { self.stalled + 1 };
        if is_empty || self.read >= total || self.stalled >= STALLED_MOST {
            self.end(total);
        }
        Ok(())
    }

    /// Ends a reading, or begins another one where the list moved meanwhile.
    fn end(&mut self, total: usize) {
        self.has_moved |= total != self.items.len();
        if self.has_moved && self.attempt < READINGS {
            *self = Self { attempt: self.attempt + 1, ..Self::new() };
        } else {
            (self.is_over, self.is_whole) = (true, !self.has_moved);
        }
    }

    /// What was read, and whether that is all.
    pub(super) fn list(self) -> (impl Iterator<Item = T>, bool) {
        (self.items.into_values(), self.is_whole)
    }
}

/// The shape of a refusal.
#[derive(Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) code: String,
    #[serde(default)]
    pub(super) message: String,
}

impl Bridge {
    /// The bridge of that tenant; nothing is sent yet.
    ///
    /// # Errors
    /// What is wrong with the address or with what belongs to it.
    pub(super) fn new(reach: &ConnectionConfig<'_>) -> Result<Self, Vec<Finding>> {
        let ConnectionConfig { settings, rules, access } = *reach;
        // The registry leads nobody else here.
        let AdapterSettings::Api(api) = &settings.adapter else { return Err(Vec::new()) };
        if api.inventory.is_some() {
            let message = format!("tenant `{}` has an inventory, and its interface tells of pools", settings.name);
            return Err(vec![Finding::error(&codes::INVALID_INVENTORY, message).help("remove `inventory`")]);
        }
        let key = |reference| ApiKey::from_reference("authorization", "Bearer ", reference, access.allow_exec);
        let rates = rules.rates(settings);
        let client = HttpClient::new(http::ClientSettings {
            base_url: &api.base_url,
            ca: api.ca.as_deref(),
            proxy: api.proxy.as_deref(),
            rates: &rates,
            key: api.key.as_ref().map(key),
            write_key: api.write_key.as_ref().filter(|_| access.allow_writes).map(key),
            request_id: None,
            clock: access.clock,
            limits: HttpLimits::default(),
        })?;
        Ok(Self { client, settings: settings.clone(), rules: rules.clone(), access })
    }

    /// What the bridge calls the license.
    pub(super) fn theirs<'a>(&'a self, license: &'a SmolStr) -> &'a SmolStr {
        self.settings.pools.get(license).and_then(|pool| pool.name.as_ref()).unwrap_or(license)
    }

    /// An observation that says nothing yet.
    pub(super) fn blank(&self, observed_at: Timestamp) -> Observation {
        Observation::empty(&self.settings.name, &self.settings.vendor, observed_at)
    }

    /// The time by our clock.
    pub(super) fn now(&self) -> Timestamp {
        self.access.clock.time()
    }

    /// Validates what the bridge returned.
    pub(super) fn adopt(&self, observation: Observation) -> Result<Observation, AdapterError> {
        let origin = format!("the bridge of tenant `{}`", self.settings.name);
        validate_response(observation, &self.settings, &self.rules, &origin)
    }

    /// One account, checked as a state file is.
    ///
    /// # Errors
    /// Everything that cannot be; also an account that was not asked for.
    pub(super) fn adopt_one(&self, account: Account, id: &str) -> Result<Account, AdapterError> {
        if account.id != id {
            let message = format!("asked for the account `{id}`, the bridge gave `{}`", account.id);
            return Err(AdapterError::new(ErrorKind::Malformed, message));
        }
        let observation = self.adopt(Observation { accounts: vec![account], ..self.blank(self.now()) })?;
        let account = observation.accounts.into_iter().next();
        account.ok_or_else(|| AdapterError::new(ErrorKind::Malformed, "the bridge gave no account"))
    }

    /// How the bridge is.
    pub(super) fn health(&self, role: Option<String>, may_write: bool) -> TenantHealth {
        let signs = self.client.rate_headers();
        let mut notes = Vec::new();
        if !may_write {
            notes.push(self.denied("the key's role may not change licenses"));
        }
        TenantHealth { server_time: signs.server_time, quota: signs.quota, role, version: None, notes }
    }

    /// Somebody who may not do this, with the vendor's own remedies.
    pub(super) fn denied(&self, message: impl Into<String>) -> AdapterError {
        let administrator = &self.rules.profile().administrator;
        let roles = administrator.roles.join("`, `");
        let help = format!("the key's account needs one of `{roles}`; {}", administrator.remedy.join("; "));
        AdapterError::new(ErrorKind::AccessDenied, message).help(help)
    }

    /// The error that an answer is which speaks of nothing that the contract knows.
    pub(super) fn lost(&self, reply: &HttpResponse) -> AdapterError {
        let message = format!("the bridge of tenant `{}` does not know the path", self.settings.name);
        reply.error(ErrorKind::Malformed, message).help("check `base_url`, and that the bridge speaks the contract")
    }

    /// The error that such an answer to a change is, where its own code says nothing better.
    pub(super) fn refused(&self, reply: &HttpResponse, write: bool) -> AdapterError {
        let error = http::classify(reply, write);
        if reply.status == 403 { AdapterError { help: self.denied("").help, ..error } } else { error }
    }
}

/// What a refusal says of itself; nothing where it says nothing.
pub(super) fn refusal(reply: &HttpResponse) -> Refusal {
    reply.maybe_json().unwrap_or(Refusal { code: String::new(), message: String::new() })
}

/// Whether what could not be read leaves a gap and says nothing against the rest.
fn is_gap(error: &AdapterError) -> bool {
    matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Throttled | ErrorKind::Busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(total: usize, ids: &[&str]) -> Result<Page<()>, AdapterError> {
        Ok(Page { total, items: ids.iter().map(|id| (SmolStr::new(id), ())).collect() })
    }

    fn read(pages: Vec<Result<Page<()>, AdapterError>>) -> (usize, bool) {
        let mut reading = Reading::new();
        for page in pages {
            assert!(reading.next().is_some());
            reading.take(page).unwrap();
        }
        assert_eq!(reading.next(), None, "the list is over");
        let (items, is_whole) = reading.list();
        (items.count(), is_whole)
    }

    #[test]
    fn list_is_read_to_its_end() {
        assert_eq!(read(vec![page(3, &["a", "b"]), page(3, &["c"])]), (3, true));
        assert_eq!(read(vec![page(0, &[])]), (0, true));
    }

    #[test]
    fn list_that_moves_is_read_again_and_in_the_end_not_believed() {
        let moves = || [page(3, &["a", "b"]), page(2, &["c"])];
        let calm = [page(2, &["a", "c"])];
        assert_eq!(read(moves().into_iter().chain(calm).collect()), (2, true));
        assert_eq!(read(moves().into_iter().chain(moves()).chain(moves()).collect()), (3, false));
        let twice = || [page(3, &["a", "b"]), page(3, &["b"])];
        assert_eq!(read(twice().into_iter().chain(twice()).chain(twice()).collect()), (2, false));
    }

    #[test]
    fn page_that_fails_leaves_a_gap_and_the_first_one_an_error() {
        let failed = || Err(AdapterError::new(ErrorKind::Unavailable, "no answer"));
        assert_eq!(read(vec![page(3, &["a", "b"]), failed()]), (2, false));
        assert!(Reading::<()>::new().take(failed()).is_err());
        let mut denied = Reading::new();
        denied.take(page(3, &["a"])).unwrap();
        assert!(denied.take(Err(AdapterError::new(ErrorKind::AccessDenied, "no"))).is_err());
        assert!(Reading::<()>::new().take(page(ACCOUNTS_MAX + 1, &[])).is_err());
    }
}
