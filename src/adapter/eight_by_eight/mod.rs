//! The adapter of 8x8's Administration API.
//!
//! The API shows licenses as an attribute of users and does not list them. Used seats are counted by holder; totals come from
//! the manifest or from an operator's inventory. A change is a PUT of the whole user, which 8x8 accepts first and carries
//! out later. Each PUT is made from a fresh read, and one user is changed by one task at a time.
//!
//! Sources: the vendor's API descriptions `user-api-v1` and `operation-api-v1`, its user-management guide, and its common
//! rules for limits and polling.

mod errors;
mod execute;
mod inventory;
mod listing;
mod membership;
mod names;
mod observe;
mod pending;
#[cfg(test)]
mod tests;
mod update;
mod user;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex as SyncMutex};
use std::time::Duration;

use smol_str::SmolStr;
use tokio::sync::{Mutex, OnceCell};

use self::inventory::Inventory;
use self::names::LicenseNames;
use self::pending::{FIRST_POLL, POLL_SPACING, PendingOperations};
use super::http::{ApiKey, ClientSettings, HttpClient, HttpLimits};
use super::{
    AdapterDescriptor, Capabilities, Connection, ConnectionConfig, CredentialRequirement, Execute, PoolSource,
    WriteMode,
};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::env::Clock;
use crate::model::{AdapterSettings, RateLimit, TenantSettings};
use crate::profile::Rules;

pub(super) static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "8x8",
    key: "api",
    vendor: Some("8x8"),
    capabilities: Capabilities {
        write_mode: WriteMode::Direct,
        asynchronous: true,
        paged: true,
        pools: PoolSource::Operator,
        memberships: true,
        batch: false,
        throttles: true,
        cancels: false,
        busy: false,
        credentials: true,
    },
    read_credentials: &[CredentialRequirement {
        setting: "key",
        privilege: "an API key with the products for user management and admin operations",
    }],
    write_credentials: &[CredentialRequirement {
        setting: "write_key",
        privilege: "an API key with the products for user management and admin operations; defaults to `key`",
    }],
    connect,
};

fn connect(config: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let pacing = RequestPacing {
        limits: HttpLimits::default(),
        rates: config.rules.rates(config.settings),
        first_poll: FIRST_POLL,
        poll_spacing: POLL_SPACING,
    };
    let tenant = Arc::new(EightByEightTenant::new(config, &pacing)?);
    let execute: Arc<dyn Execute> = Arc::<EightByEightTenant>::clone(&tenant);
    Ok(Connection { observe: tenant, execute: Some(execute).filter(|_| config.access.allow_writes) })
}

/// Limits and rates of requests and polls.
struct RequestPacing {
    limits: HttpLimits,
    rates: Vec<RateLimit>,
    first_poll: Duration,
    poll_spacing: Duration,
}

struct EightByEightTenant {
    client: HttpClient,
    settings: TenantSettings,
    rules: Rules,
    clock: Clock,
    inventory_file: Option<PathBuf>,
    inventory: OnceCell<Inventory>,
    /// From the latest list of users; locked while a task reads the list, so that no other task reads it, too.
    licenses: Mutex<Option<Arc<TenantLicenses>>>,
    /// License units that this process assigned or tried to assign.
    assigned_units: SyncMutex<BTreeSet<String>>,
    /// One lock per user that is being changed.
    user_locks: SyncMutex<BTreeMap<SmolStr, Arc<Mutex<()>>>>,
    pending: PendingOperations,
}

/// The licenses in a list of users.
#[derive(Clone, Debug)]
struct TenantLicenses {
    names: LicenseNames,
    /// The ids of license units that users hold.
    held: BTreeSet<SmolStr>,
}

impl EightByEightTenant {
    fn new(config: &ConnectionConfig<'_>, pacing: &RequestPacing) -> Result<Self, Vec<Finding>> {
        let ConnectionConfig { settings, rules, access } = config;
        let AdapterSettings::Api(api) = &settings.adapter else { return Err(Vec::new()) };
        let key = |reference| ApiKey::from_reference("x-api-key", "", reference, access.allow_exec);
        let Some(reading) = &api.key else {
            let message = format!("tenant `{}` has no API key", settings.name);
            return Err(vec![
                Finding::error(&codes::KEY_MISSING, message)
                    .help("add a reference: `key: { env: EIGHTXEIGHT_API_KEY }`"),
            ]);
        };
        let client = HttpClient::new(ClientSettings {
            base_url: &api.base_url,
            ca: api.ca.as_deref(),
            proxy: api.proxy.as_deref(),
            rates: &pacing.rates,
            key: Some(key(reading)),
            write_key: api.write_key.as_ref().filter(|_| access.allow_writes).map(key),
            request_id: Some("x-request-id"),
            clock: access.clock,
            limits: pacing.limits,
        })?;
        Ok(Self {
            client,
            settings: (*settings).clone(),
            rules: (*rules).clone(),
            clock: access.clock,
            inventory_file: api.inventory.clone(),
            inventory: OnceCell::new(),
            licenses: Mutex::new(None),
            assigned_units: SyncMutex::default(),
            user_locks: SyncMutex::default(),
            pending: PendingOperations::new(pacing.first_poll, pacing.poll_spacing),
        })
    }
}
