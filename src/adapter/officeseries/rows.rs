//! Reading: subscriptions, their products, and who has them.

use indexmap::IndexMap;
use serde::Deserialize;
use smol_str::SmolStr;

use super::Office;
use super::wire::{Product, Row, Rows, Subscription};
use crate::adapter::bridge::{JSON, Page, Reading, refusal};
use crate::adapter::{AdapterError, ErrorKind};
use crate::model::{Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus};

/// Entries of a page.
const PAGE: usize = 500;
/// The most subscriptions.
const SUBSCRIPTIONS_MAX: usize = 1000;

impl Office {
    /// Asks for something that has to be there.
    async fn get<T: for<'a> Deserialize<'a>>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<T, AdapterError> {
        let reply = self.bridge.client.get(path, query, JSON).await?;
        if !reply.is_success() {
            return Err(self.bridge.refused(&reply, false));
        }
        reply.json()
    }

    async fn subscriptions(&self) -> Result<Vec<Subscription>, AdapterError> {
        let found: Vec<Subscription> = self.get(&["subscriptions"], &[]).await?;
        if found.len() > SUBSCRIPTIONS_MAX {
            let message = format!("the bridge gives more than {SUBSCRIPTIONS_MAX} subscriptions");
            return Err(AdapterError::new(ErrorKind::Malformed, message));
        }
        Ok(found)
    }

    async fn pools_of(&self, subscription: &Subscription) -> Result<Vec<Pool>, AdapterError> {
        let products: Vec<Product> = self.get(&["subscriptions", &subscription.id, "products"], &[]).await?;
        let status = status(&subscription.status);
        let pool = |product: Product| Pool {
            license: license(&subscription.id, &product.product_id),
            total: product.total,
            used: product.assigned,
            expires: product.expires,
            status,
        };
        Ok(products.into_iter().map(pool).collect())
    }

    /// Everything there is.
    pub(super) async fn read(&self) -> Result<Observation, AdapterError> {
        let observed_at = self.bridge.now();
        let (mut pools, mut complete) = (Vec::new(), true);
        let mut accounts: IndexMap<SmolStr, Account> = IndexMap::new();
        for subscription in self.subscriptions().await? {
            pools.extend(self.pools_of(&subscription).await?);
            let path = ["subscriptions", &*subscription.id, "license-assignments"];
            let mut reading = Reading::new();
            while let Some(from) = reading.next() {
                let (skip, take) = (from.to_string(), PAGE.to_string());
                let rows: Result<Rows, _> = self.get(&path, &[("skip", &skip), ("take", &take)]).await;
                let own = |row: Row| (row.user_id.clone(), row);
                let page = |rows: Rows| Page { total: rows.total, items: rows.items.into_iter().map(own).collect() };
                reading.take(rows.map(page))?;
            }
            let (rows, is_whole) = reading.list();
            complete &= is_whole;
            for row in rows {
                add(&mut accounts, &subscription.id, row);
            }
        }
        let accounts = accounts.into_values().collect();
        self.bridge.adopt(Observation { complete, pools, accounts, ..self.bridge.blank(observed_at) })
    }

    /// One account, put together from all subscriptions.
    pub(super) async fn read_account(&self, id: &str) -> Result<Option<Account>, AdapterError> {
        let mut accounts = IndexMap::new();
        for subscription in self.subscriptions().await? {
            let path = ["subscriptions", &*subscription.id, "license-assignments", id];
            let reply = self.bridge.client.get(&path, &[], JSON).await?;
            match reply.status {
                // Only the contract's own word says that somebody is not there: a gateway knows nothing of people.
                404 if refusal(&reply).code == "UnknownUser" => {}
                404 => return Err(self.bridge.lost(&reply)),
                _ if reply.is_success() => add(&mut accounts, &subscription.id, reply.json()?),
                _ => return Err(self.bridge.refused(&reply, false)),
            }
        }
        accounts.into_values().next().map(|account| self.bridge.adopt_one(account, id)).transpose()
    }

    pub(super) async fn read_pools(&self) -> Result<Vec<Pool>, AdapterError> {
        let mut pools = Vec::new();
        for subscription in self.subscriptions().await? {
            pools.extend(self.pools_of(&subscription).await?);
        }
        // What is taken is counted from accounts where the bridge does not say it, and none are here.
        if pools.iter().any(|pool| pool.used.is_none()) {
            return Ok(self.read().await?.counted_pools());
        }
        Ok(self.bridge.adopt(Observation { pools, ..self.bridge.blank(self.bridge.now()) })?.pools)
    }
}

fn license(subscription: &str, product: &str) -> SmolStr {
    SmolStr::new(format!("{subscription}/{product}"))
}

/// Whether a subscription's seats are handed out. A word that nobody knows is no permission.
fn status(word: &str) -> PoolStatus {
    match word {
        "Active" => PoolStatus::Active,
        "Expired" => PoolStatus::Expired,
        "Inactive" => PoolStatus::Inactive,
        _ => PoolStatus::Suspended,
    }
}

/// Adds what a person has in one subscription to what they have in others.
fn add(accounts: &mut IndexMap<SmolStr, Account>, subscription: &str, row: Row) {
    let Row { user_id, email, products, inherited, origin, etag: _ } = row;
    let origin = match origin {
        None => AccountOrigin::Managed,
        // Whoever says something that we do not understand does not say that it is ours.
        Some(word) => AccountOrigin::parse(&word).unwrap_or(AccountOrigin::VendorLocal),
    };
    let account = accounts.entry(user_id.clone()).or_insert_with(|| Account {
        id: user_id,
        email,
        login: None,
        origin,
        memberships: Vec::new(),
        holdings: Vec::new(),
    });
    account.holdings.extend(products.iter().map(|product| Holding {
        license: license(subscription, product),
        state: HoldingState::Active,
        origin: if inherited.contains(product) { HoldingOrigin::Auto } else { HoldingOrigin::Direct },
        trial: false,
        expires: None,
        due: None,
    }));
}
