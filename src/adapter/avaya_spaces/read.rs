//! Reading: people with what they hold and what is under way, pools, busy times.

use serde::Deserialize;
use smol_str::SmolStr;

use super::Spaces;
use super::wire::{License, Status, User, Users};
use crate::adapter::AdapterError;
use crate::adapter::bridge::{JSON, Page, Reading, refusal};
use crate::model::{Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus};

/// Entries of a page.
const PAGE: usize = 500;

impl Spaces {
    /// Asks for something that has to be there.
    pub(super) async fn get<T: for<'a> Deserialize<'a>>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, AdapterError> {
        let reply = self.bridge.client.get(path, query, JSON).await?;
        if !reply.is_success() {
            return Err(self.refused(&reply, false));
        }
        reply.json()
    }

    pub(super) async fn status(&self) -> Result<Status, AdapterError> {
        self.get(&["spaces", "status"], &[]).await
    }

    /// Everything there is.
    pub(super) async fn read(&self) -> Result<Observation, AdapterError> {
        let observed_at = self.bridge.now();
        let Status { busy, .. } = self.status().await?;
        let pools = self.raw_pools().await?;
        // A bridge may give smaller pages than were asked for; then its own size counts the pages.
        let mut size = PAGE;
        let mut reading = Reading::new();
        while let Some(from) = reading.next() {
            let (number, entries) = ((from / size + 1).to_string(), size.to_string());
            let users: Result<Users, _> =
                self.get(&["spaces", "users"], &[("page", &number), ("size", &entries)]).await;
            if let (0, Ok(users)) = (from, &users) {
                size = users.size.unwrap_or(users.items.len()).clamp(1, PAGE);
            }
            let own = |user: User| (user.id.clone(), user);
            let page = |users: Users| Page { total: users.total, items: users.items.into_iter().map(own).collect() };
            reading.take(users.map(page))?;
        }
        let (users, mut complete) = reading.list();
        let mut accounts = Vec::new();
        for user in users {
            // Whom we cannot read is not told of, and nobody is taken for absent.
            match self.understood(user) {
                Some(account) => accounts.push(account),
                None => complete = false,
            }
        }
        self.bridge.adopt(Observation { complete, busy, pools, accounts, ..self.bridge.blank(observed_at) })
    }

    /// One person, as the contract tells.
    pub(super) async fn user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        let reply = self.bridge.client.get(&["spaces", "users", id], &[], JSON).await?;
        match reply.status {
            // Only the contract's own word says that somebody is not there: a gateway knows nothing of people.
            404 if refusal(&reply).code == "UNKNOWN_USER" => Ok(None),
            404 => Err(self.bridge.lost(&reply)),
            _ if reply.is_success() => reply.json().map(Some),
            _ => Err(self.refused(&reply, false)),
        }
    }

    pub(super) async fn read_account(&self, id: &str) -> Result<Option<Account>, AdapterError> {
        let Some(user) = self.user(id).await? else { return Ok(None) };
        let status = user.status.clone();
        let Some(account) = self.understood(user) else {
            let message = format!("the status `{status}` of the account `{id}` is not known");
            return Err(AdapterError::new(crate::adapter::ErrorKind::Malformed, message));
        };
        self.bridge.adopt_one(account, id).map(Some)
    }

    async fn raw_pools(&self) -> Result<Vec<Pool>, AdapterError> {
        let licenses: Vec<License> = self.get(&["spaces", "licenses"], &[]).await?;
        let pool = |license: License| {
            let status = match license.status.as_deref() {
                None | Some("ACTIVE") => PoolStatus::Active,
                Some("EXPIRED") => PoolStatus::Expired,
                Some("INACTIVE") => PoolStatus::Inactive,
                // A word that nobody knows is no permission.
                Some(_) => PoolStatus::Suspended,
            };
            let (total, used, expires) = (license.total, license.used, license.expires);
            Pool { license: ours(&license.kind), total, used, expires, status }
        };
        Ok(licenses.into_iter().map(pool).collect())
    }

    pub(super) async fn read_pools(&self) -> Result<Vec<Pool>, AdapterError> {
        let pools = self.raw_pools().await?;
        // What is taken is counted from accounts where the bridge does not say it, and none are here.
        if pools.iter().any(|pool| pool.used.is_none()) {
            return Ok(self.read().await?.counted_pools());
        }
        Ok(self.bridge.adopt(Observation { pools, ..self.bridge.blank(self.bridge.now()) })?.pools)
    }

    /// An account of ours, if the person's status is one that we know.
    fn understood(&self, user: User) -> Option<Account> {
        let mut state = HoldingState::Other(user.status.clone());
        if !self.bridge.rules.normalize_state(&mut state) {
            return None;
        }
        let origin = match (&*user.origin, user.group_dn) {
            ("manual", _) => AccountOrigin::Managed,
            ("ldap-group", group) => AccountOrigin::Group(group.unwrap_or_else(|| SmolStr::new_static("LDAP"))),
            // Also whatever we do not understand: it does not say that it is ours.
            _ => AccountOrigin::VendorLocal,
        };
        let held = Holding {
            license: ours(&user.license),
            state: HoldingState::Active,
            origin: if user.inherited { HoldingOrigin::Auto } else { HoldingOrigin::Direct },
            trial: user.trial,
            expires: user.expires,
            due: None,
        };
        let requested = user.requested.map(|license| ours(&license));
        let asked = |state, license| Holding {
            license,
            state,
            origin: HoldingOrigin::Direct,
            trial: false,
            expires: None,
            due: None,
        };
        let rules = &self.bridge.rules;
        let holdings = match (state, requested) {
            (HoldingState::Pending, Some(license)) if rules.is_floor(&license) => {
                vec![Holding { state: HoldingState::Removing, ..held }]
            }
            (HoldingState::Pending, Some(license)) => {
                // What makes way is on its way out; the floor and a trial stay until the license is there.
                let stays = rules.is_floor(&held.license) || held.trial;
                let state = if stays { HoldingState::Active } else { HoldingState::Removing };
                vec![Holding { state, ..held }, asked(HoldingState::Pending, license)]
            }
            // Something is under way, and nobody says what: no request of ours goes beside it.
            (HoldingState::Pending, None) => vec![Holding { state: HoldingState::Pending, ..held }],
            (state @ (HoldingState::Cancelled | HoldingState::Error), Some(license)) if license != held.license => {
                vec![held, asked(state, license)]
            }
            _ => vec![held],
        };
        Some(Account { id: user.id, email: user.email, login: None, origin, memberships: Vec::new(), holdings })
    }
}

/// Our name of a license: the console writes it with a capital letter.
fn ours(license: &str) -> SmolStr {
    SmolStr::new(license.to_lowercase())
}
