//! The reading half.

use std::collections::BTreeMap;
use std::path::Path;
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
use crate::adapter::http::{HttpResponse, RateAllowance};
use crate::adapter::{
    AdapterError, AdapterFuture, ErrorKind, Observe, OperationHandle, Receipt, RequestLimiter, RequestQuota,
    TenantHealth, state,
};
use crate::model::{API_VERSION, Account, Observation, Operation, Pool, PoolStatus, validate_name};

/// The largest single user that is read, in bytes.
const USER_MAX_BYTES: usize = 4 << 20;
/// After so many users in a row who cannot be read, nobody else is asked for.
const FAILURES_MAX: u32 = 5;

/// A user, as it came and as we read it.
pub(super) struct UserReading {
    pub(super) value: Value,
    pub(super) user: UserRecord,
}

impl EightByEightTenant {
    /// Reads one user; `None` where the vendor says that there is none.
    pub(super) async fn read_user(&self, id: &str) -> Result<Option<UserReading>, AdapterError> {
        let reply = self.client.get(&["users", id], &[], USERS).await?;
        if is_absent(&reply) {
            return Ok(None);
        }
        if !reply.is_success() {
            return Err(response_error(&self.rules, &reply, RequestKind::Read));
        }
        self.parse_user(&reply, id).map(Some)
    }

    fn parse_user(&self, reply: &HttpResponse, id: &str) -> Result<UserReading, AdapterError> {
        let wrong = |text: String| reply.error(ErrorKind::Malformed, text);
        if reply.body.len() > USER_MAX_BYTES {
            return Err(wrong(format!("the user is larger than {} MiB", USER_MAX_BYTES >> 20)));
        }
        let value: Value = reply.json()?;
        let mut person =
            UserRecord::read(&reply.body).map_err(|error| wrong(format!("the user makes no sense: {error}")))?;
        if person.id != id {
            return Err(wrong("the answer is about another user".to_owned()));
        }
        // This is the whole user: what it does not tell is not there.
        person.licenses.get_or_insert_default();
        person.memberships.get_or_insert_default();
        Ok(UserReading { value, user: person })
    }

    /// The operator's list of units; empty where there is none.
    pub(super) async fn inventory(&self) -> Result<&Inventory, AdapterError> {
        self.inventory
            .get_or_try_init(|| async {
                let Some(path) = self.inventory_file.clone() else { return Ok(Inventory::default()) };
                let read = tokio::task::spawn_blocking(move || Inventory::read(&path)).await;
                let stopped = |_| AdapterError::new(ErrorKind::Io, "reading the inventory was stopped");
                read.map_err(stopped)?.map_err(|findings| {
                    let message = findings.first().map(|first| first.message.clone()).unwrap_or_default();
                    AdapterError { findings, ..AdapterError::new(ErrorKind::Malformed, message) }
                })
            })
            .await
    }

    /// What the names and units of licenses are, from a list of users; the last one, if there was a whole one.
    pub(super) async fn tenant_licenses(&self) -> Result<Arc<TenantLicenses>, AdapterError> {
        let mut kept = self.licenses.lock().await;
        if let Some(known) = &*kept {
            return Ok(Arc::clone(known));
        }
        let listing = listing::list_users(&self.client, &self.rules).await?;
        let known = Arc::new(self.collect_licenses(&listing, self.inventory().await?));
        if listing.complete {
            *kept = Some(Arc::clone(&known));
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

    /// The account of a single reading. Whoever holds nothing but what the manifest names needs no list of all others.
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
            let message = format!(
                "`{name}` is there in {}, and the pool `{ours}` does not say for which country it is",
                countries.join(" and ")
            );
            let help = format!(
                "write a pool for each, as in `{ours}: {{ name: \"{name}\", country: {} }}`",
                countries.first().unwrap_or(&"US")
            );
            return Err(AdapterError::new(ErrorKind::Malformed, message).help(help));
        }
        let accounts: Vec<Account> = listing.users.values().map(|person| person.account(&known.names)).collect();
        let mut observation = Observation {
            api_version: API_VERSION.into(),
            kind: "observation".into(),
            tenant: self.settings.name.clone(),
            vendor: self.settings.vendor.clone(),
            observed_at,
            complete: listing.complete,
            busy: None,
            pools: pools(&listing, &known, inventory),
            accounts,
        };
        observation.accounts.sort_by(|one, other| one.id.cmp(&other.id));
        self.validate(&mut observation)?;
        if listing.complete {
            *self.licenses.lock().await = Some(Arc::new(known));
        }
        Ok(observation)
    }

    /// Reads those users alone of whom the list does not tell enough.
    async fn complete_listing(&self, listing: &mut UserListing) {
        // A list that tells of one user's ring groups would tell of all, and so with call queues.
        let list_tells = listing.users.values().fold([false; 2], |known, person| {
            [known[0] || person.listed_memberships[0], known[1] || person.listed_memberships[1]]
        });
        let lacks = |person: &UserRecord| match &person.licenses {
            None => true,
            Some(_) => {
                let is_told = (0..2).all(|kind| person.listed_memberships[kind] || list_tells[kind]);
                !is_told && person.assignable_licenses().next().is_some()
            }
        };
        let thin: Vec<SmolStr> =
            listing.users.values().filter(|person| lacks(person)).map(|person| person.id.clone()).collect();
        let mut unanswered = 0;
        for id in thin {
            let read = self.read_user(&id).await;
            unanswered = if read.is_ok() { 0 } else { unanswered + 1 };
            match read {
                Ok(Some(reading)) => drop(listing.users.insert(id, reading.user)),
                // Gone since the list was made.
                Ok(None) => drop(listing.users.shift_remove(&id)),
                Err(error) => {
                    warn!(why = error.message, "a user of whom the list tells too little cannot be read");
                    listing.complete = false;
                    let told = listing.users.get(&id).is_some_and(|person| person.licenses.is_some());
                    if !told {
                        // Somebody of whom nobody knows what they hold was not seen.
                        listing.users.shift_remove(&id);
                    }
                    let is_hopeless = matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::Throttled);
                    if is_hopeless || unanswered >= FAILURES_MAX {
                        listing.users.retain(|_, person| person.licenses.is_some());
                        break;
                    }
                }
            }
        }
    }

    /// What an answer tells of the vendor's clock and limits.
    pub(super) fn health_of(&self, reply: &HttpResponse) -> Result<TenantHealth, AdapterError> {
        if !reply.is_success() {
            return Err(response_error(&self.rules, reply, RequestKind::Read));
        }
        let signs = self.client.rate_headers();
        let quota = signs.allowance.map(|RateAllowance { left, of, resets }| RequestQuota {
            remaining: left,
            limit: of,
            resets_at: resets,
        });
        Ok(TenantHealth { server_time: signs.server_time, quota, ..TenantHealth::default() })
    }

    /// Holds the observation against the tenant, as a file would be.
    fn validate(&self, observation: &mut Observation) -> Result<(), AdapterError> {
        let place = format!("what `{}` answers", self.settings.name);
        let mut findings = state::validate(observation, Path::new(&place), &self.settings, &self.rules);
        let Some(first) = findings.first() else { return Ok(()) };
        let message = first.message.clone();
        for finding in &mut findings {
            // There is no file to look into.
            finding.source = None;
            finding.related.clear();
        }
        Err(AdapterError { findings, ..AdapterError::new(ErrorKind::Malformed, message) })
    }
}

/// A pool for each license that anybody has or that was bought. Numbers have none: they come and go with phone numbers.
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
        // Who was not seen may hold one.
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
            let names_are_fine = account.holdings.iter().all(|held| validate_name(&held.license).is_ok());
            if !names_are_fine {
                return Err(AdapterError::new(ErrorKind::Malformed, "a license has a name that cannot be one"));
            }
            Ok(Some(account))
        })
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        // The interface does not tell.
        Box::pin(async { Ok(None) })
    }

    fn poll<'a>(&'a self, _: &'a Operation, handle: &'a OperationHandle) -> AdapterFuture<'a, Receipt> {
        Box::pin(self.poll_operation(handle))
    }

    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async move {
            let reply = self.client.get_once(&["users"], &[("pageSize", "1")], USERS).await?;
            self.health_of(&reply)
        })
    }

    fn limiter(&self) -> Option<Arc<RequestLimiter>> {
        Some(self.client.limiter())
    }
}
