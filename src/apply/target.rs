//! A tenant that a run can change.

use std::collections::BTreeMap;
use std::sync::Arc;

use smol_str::SmolStr;

use crate::adapter::{Connection, RequestLimiter};
use crate::apply::manual::executor::ManualExecutor;
use crate::model::TenantSettings;
use crate::profile::{Rules, UnknownVendor};

/// A tenant that operations can be sent to.
#[derive(Clone)]
pub struct Target {
    /// The connection.
    pub connection: Connection,
    /// Its rules.
    pub rules: Arc<Rules>,
    /// The most tasks in flight.
    pub concurrency: u32,
    /// The limiter that each request passes once.
    pub limiter: Arc<RequestLimiter>,
    /// The vendor's names of licenses, where they differ.
    pub names: BTreeMap<SmolStr, SmolStr>,
    /// Whether people perform its operations, and nothing is sent.
    pub is_manual: bool,
    /// Hands the steps over to these people.
    pub manual_executor: Option<Arc<dyn ManualExecutor>>,
}

impl Target {
    /// Creates the target of a tenant.
    ///
    /// # Errors
    /// No profile has the vendor's name.
    pub fn new(connection: Connection, settings: &TenantSettings) -> Result<Self, UnknownVendor> {
        let rules = Rules::resolve(settings)?;
        let limiter = connection.observe.limiter();
        let limiter = limiter.unwrap_or_else(|| Arc::new(RequestLimiter::new(&rules.rates(settings))));
        let named = settings.pools.iter().filter_map(|(license, pool)| Some((license.clone(), pool.name.clone()?)));
        Ok(Self {
            connection,
            limiter,
            concurrency: rules.concurrency(settings),
            rules: Arc::new(rules),
            names: named.collect(),
            is_manual: false,
            manual_executor: None,
        })
    }
}
