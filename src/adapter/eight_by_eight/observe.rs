//! Reads users, licenses and pools.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use smol_str::SmolStr;
use tracing::warn;

use super::errors::{RequestKind, is_absent, response_error};
use super::inventory::Inventory;
use super::listing::{self, UserListing};
use super::names::{LicenseNames, is_number_license};
use super::user::UserRecord;
use super::wire::USERS;
use super::{EightByEightTenant, TenantLicenses};
use crate::adapter::http::{HttpResponse, RateHeaders};
use crate::adapter::{
    AdapterError, AdapterFuture, ErrorKind, Observe, OperationHandle, Receipt, RequestLimiter, TenantHealth,
    validate::validate_response,
};
use crate::model::{Account, Observation, Operation, Pool, PoolStatus, validate_name};

/// The largest user, in bytes.
const USER_MAX_BYTES: usize = 4 << 20;
/// After that many failed reads in a row, no further users are read one by one.
const FAILURES_MAX: u32 = 5;

/// A user as received and as parsed.
pub(super) struct UserReading {
    pub(super) value: Value,
    pub(super) user: UserRecord,
}

impl EightByEightTenant {
    /// Reads one user; `None` if the vendor clearly reports that the user does not exist.
    pub(super) async fn read_user(&self, id: &str) -> Result<Option<UserReading>, AdapterError> {
        let response = self.client.get(&["users", id], &[], USERS).await?;
        if is_absent(&response) {
            return Ok(None);
        }
        if !response.is_success() {
            return Err(response_error(&self.rules, &response, RequestKind::Read));
        }
        self.parse_user(&response, id).map(Some)
    }

    fn parse_user(&self, response: &HttpResponse, id: &str) -> Result<UserReading, AdapterError> {
        let malformed = |text: String| response.error(ErrorKind::Malformed, text);
        if response.body.len() > USER_MAX_BYTES {
            return Err(malformed(format!("the user is larger than {} MiB", USER_MAX_BYTES >> 20)));
        }
        let value: Value = response.json()?;
        let mut person =
            UserRecord::read(&response.body).map_err(|error| malformed(format!("invalid user: {error}")))?;
        if person.id != id {
            return Err(malformed("the response is about another user".to_owned()));
        }
        // This is the whole user, so a missing list is empty.
        person.licenses.get_or_insert_default();
        person.memberships.get_or_insert_default();
        Ok(UserReading { value, user: person })
    }

    /// Returns the operator's inventory; empty without one.
    pub(super) async fn inventory(&self) -> Result<&Inventory, AdapterError> {
        self.inventory
            .get_or_try_init(|| async {
                let Some(path) = self.inventory_file.clone() else { return Ok(Inventory::default()) };
                let read = tokio::task::spawn_blocking(move || Inventory::read(&path)).await;
                let stopped = |_| AdapterError::new(ErrorKind::Io, "reading the inventory was canceled");
                read.map_err(stopped)?.map_err(|findings| {
                    let message = findings.first().map(|first| first.message.clone()).unwrap_or_default();
                    AdapterError { findings, ..AdapterError::new(ErrorKind::Malformed, message) }
                })
            })
            .await
    }

    /// Returns the licenses in the latest complete list of users, or reads one.
    pub(super) async fn tenant_licenses(&self) -> Result<Arc<TenantLicenses>, AdapterError> {
        let mut cached = self.licenses.lock().await;
        if let Some(known) = &*cached {
            return Ok(Arc::clone(known));
        }
        let listing = listing::list_users(&self.client, &self.rules).await?;
        let known = Arc::new(self.collect_licenses(&listing, self.inventory().await?));
        if listing.complete {
            *cached = Some(Arc::clone(&known));
        }
        Ok(known)
    }

    fn collect_licenses(&self, listing: &UserListing, inventory: &Inventory) -> TenantLicenses {
        let mut known =
            TenantLicenses { names: LicenseNames::new(&self.settings), held: std::collections::BTreeSet::new() };
        for unit in &inventory.units {
            known.names.record(&unit.license);
        }
        for license in listing.users.values().flat_map(|person| person.licenses.iter().flatten()) {
            known.names.record(license);
            known.held.extend(license.id.as_deref().map(SmolStr::new));
        }
        known
    }

    /// Converts a single user. The list of all users is needed only for licenses that the manifest does not name.
    pub(super) async fn account_of(&self, person: &UserRecord) -> Result<Account, AdapterError> {
        let own = LicenseNames::new(&self.settings);
        if person.licenses.iter().flatten().all(|license| own.is_certain(license)) {
            return Ok(person.account(&own));
        }
        let mut names = self.tenant_licenses().await?.names.clone();
        for license in person.licenses.iter().flatten() {
            names.record(license);
        }
        Ok(person.account(&names))
    }

    async fn observe_all(&self) -> Result<Observation, AdapterError> {
        let observed_at = self.clock.time();
        let inventory = self.inventory().await?;
        let mut listing = listing::list_users(&self.client, &self.rules).await?;
        self.complete_listing(&mut listing).await;
        let known = self.collect_licenses(&listing, inventory);
        if let Some((ours, name, countries)) = known.names.ambiguous_pools().next() {
            let countries: Vec<&str> = countries.iter().map(|country| &***country).collect();
            let message =
                format!("`{name}` exists in {}, but the pool `{ours}` names no country", countries.join(" and "));
            let help = format!(
                "declare a pool for each, as in `{ours}: {{ name: \"{name}\", country: {} }}`",
                countries.first().unwrap_or(&"US")
            );
            return Err(AdapterError::new(ErrorKind::Malformed, message).help(help));
        }
        let accounts: Vec<Account> = listing.users.values().map(|person| person.account(&known.names)).collect();
        let mut observation = Observation {
            complete: listing.complete,
            pools: pools(&listing, &known, inventory),
            accounts,
            ..Observation::empty(&self.settings.name, &self.settings.vendor, observed_at)
        };
        observation.accounts.sort_by(|one, other| one.id.cmp(&other.id));
        let origin = format!("tenant `{}`", self.settings.name);
        let observation = validate_response(observation, &self.settings, &self.rules, &origin)?;
        if listing.complete {
            *self.licenses.lock().await = Some(Arc::new(known));
        }
        Ok(observation)
    }

    /// Reads the users one by one whose entries in the list are incomplete.
    async fn complete_listing(&self, listing: &mut UserListing) {
        // A list that includes one user's ring groups or call queues includes those of all users.
        let list_includes = listing.users.values().fold([false; 2], |known, person| {
            [known[0] || person.listed_memberships[0], known[1] || person.listed_memberships[1]]
        });
        let is_partial = |person: &UserRecord| match &person.licenses {
            None => true,
            Some(_) => {
                let is_listed = (0..2).all(|kind| person.listed_memberships[kind] || list_includes[kind]);
                !is_listed && person.assignable_licenses().next().is_some()
            }
        };
        let partial: Vec<SmolStr> =
            listing.users.values().filter(|person| is_partial(person)).map(|person| person.id.clone()).collect();
        let mut failures = 0;
        for id in partial {
            let read = self.read_user(&id).await;
            failures = if read.is_ok() { 0 } else { failures + 1 };
            match read {
                Ok(Some(reading)) => drop(listing.users.insert(id, reading.user)),
                // Deleted since the list was read.
                Ok(None) => drop(listing.users.shift_remove(&id)),
                Err(error) => {
                    warn!(why = error.message, "a user that the list shows only in part cannot be read");
                    listing.complete = false;
                    let has_licenses = listing.users.get(&id).is_some_and(|person| person.licenses.is_some());
                    if !has_licenses {
                        // A user with unknown licenses counts as not observed.
                        listing.users.shift_remove(&id);
                    }
                    let is_hopeless = matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::Throttled);
                    if is_hopeless || failures >= FAILURES_MAX {
                        listing.users.retain(|_, person| person.licenses.is_some());
                        break;
                    }
                }
            }
        }
    }

    /// Returns the vendor's clock and rate limit from the latest response.
    pub(super) fn health_of(&self, response: &HttpResponse) -> Result<TenantHealth, AdapterError> {
        if !response.is_success() {
            return Err(response_error(&self.rules, response, RequestKind::Read));
        }
        let RateHeaders { server_time, quota } = self.client.rate_headers();
        Ok(TenantHealth { server_time, quota, ..TenantHealth::default() })
    }
}

/// Returns a pool for each held or purchased license, except number licenses.
fn pools(listing: &UserListing, known: &TenantLicenses, inventory: &Inventory) -> Vec<Pool> {
    let mut used: BTreeMap<SmolStr, u64> = BTreeMap::new();
    let given =
        listing.users.values().flat_map(UserRecord::assignable_licenses).filter(|license| !is_number_license(license));
    for name in given.filter_map(|license| known.names.manifest_name(license)) {
        *used.entry(name).or_default() += 1;
    }
    let totals: BTreeMap<SmolStr, u64> = inventory.totals(&known.names, &known.held).into_iter().collect();
    for name in totals.keys() {
        used.entry(name.clone()).or_default();
    }
    let pool = |(license, used): (SmolStr, u64)| Pool {
        total: totals.get(&license).copied(),
        // Users that were not observed may hold seats.
        used: listing.complete.then_some(used),
        license,
        expires: None,
        status: PoolStatus::Active,
    };
    used.into_iter().map(pool).collect()
}

impl Observe for EightByEightTenant {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(self.observe_all())
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        Box::pin(async move {
            let Some(reading) = self.read_user(id).await? else { return Ok(None) };
            let account = self.account_of(&reading.user).await?;
            let names_are_valid = account.holdings.iter().all(|held| validate_name(&held.license).is_ok());
            if !names_are_valid {
                return Err(AdapterError::new(ErrorKind::Malformed, "invalid license name"));
            }
            Ok(Some(account))
        })
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        // The API does not report it.
        Box::pin(async { Ok(None) })
    }

    fn poll<'a>(&'a self, _: &'a Operation, handle: &'a OperationHandle) -> AdapterFuture<'a, Receipt> {
        Box::pin(self.poll_operation(handle))
    }

    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async move {
            let response = self.client.get_once(&["users"], &[("pageSize", "1")], USERS).await?;
            self.health_of(&response)
        })
    }

    fn limiter(&self) -> Option<Arc<RequestLimiter>> {
        Some(self.client.limiter())
    }
}
