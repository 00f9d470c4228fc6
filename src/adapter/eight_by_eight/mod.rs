//! 8x8 through its Administration API: users, and the operations that change them.
//!
//! The interface shows licenses as an attribute of users and has no list of them: seats are counted by who holds them, and
//! how many there are is what the manifest or an operator's inventory says. A change is a PUT of the whole user, which
//! is accepted first and carried out later. From one license to another it is two of them, and the second one is sent
//! only after the first is done; the planner makes them so.
//! What must hold: a PUT is made from a reading of a moment ago, and one user is put by one task at a time; nothing that could not be
//! read is taken for absent.
//!
//! Sources: the vendor's descriptions `user-api-v1` and `operation-api-v1`, its user-management guide, and "suite
//! common" for limits and polling.

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
use std::sync::{Arc, Mutex as Latch};
use std::time::Duration;

use smol_str::SmolStr;
use tokio::sync::{Mutex, OnceCell};

use self::inventory::Inventory;
use self::names::LicenseNames;
use self::pending::{FIRST_POLL, POLL_SPACING, PendingOperations};
use super::http::{ApiKey, ClientSettings, HttpClient, HttpLimits};
use super::{
    AdapterDescriptor, AdapterKind, Capabilities, Connection, ConnectionConfig, CredentialRequirement, Execute,
    PoolSource, WriteMode,
};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::env::Clock;
use crate::model::{AdapterSettings, RateLimit, TenantSettings};
use crate::profile::Rules;

/// 8x8's Administration API.
pub static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "8x8",
    kind: AdapterKind::Api,
    vendor: Some("8x8"),
    summary: "the 8x8 Administration API, which is a beta with limited access",
    synthetic: false,
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
        privilege: "an API key with the products for user management and admin operations; `key` serves where there is none",
    }],
    connect,
};

fn connect(reach: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let pace = RequestPacing {
        limits: HttpLimits::default(),
        rates: reach.rules.rates(reach.settings),
        first_poll: FIRST_POLL,
        poll_spacing: POLL_SPACING,
    };
    let phones = Arc::new(EightByEightTenant::new(reach, &pace)?);
    let execute: Arc<dyn Execute> = Arc::<EightByEightTenant>::clone(&phones);
    Ok(Connection { observe: phones, execute: Some(execute).filter(|_| reach.access.allow_writes) })
}

/// How fast the vendor is asked.
struct RequestPacing {
    limits: HttpLimits,
    rates: Vec<RateLimit>,
    first_poll: Duration,
    poll_spacing: Duration,
}

/// A tenant at 8x8.
struct EightByEightTenant {
    client: HttpClient,
    settings: TenantSettings,
    rules: Rules,
    clock: Clock,
    inventory_file: Option<PathBuf>,
    inventory: OnceCell<Inventory>,
    /// What the last list of users taught; locked while somebody reads one, so that nobody reads a second one.
    licenses: Mutex<Option<Arc<TenantLicenses>>>,
    /// Units that were handed out by this process, or refused to it.
    assigned_units: Latch<BTreeSet<String>>,
    /// Users that are being put.
    user_locks: Latch<BTreeMap<SmolStr, Arc<Mutex<()>>>>,
    pending: PendingOperations,
}

/// What a list of users teaches about licenses.
#[derive(Clone, Debug)]
struct TenantLicenses {
    names: LicenseNames,
    /// The ids of units that somebody has.
    held: BTreeSet<SmolStr>,
}

impl EightByEightTenant {
    fn new(reach: &ConnectionConfig<'_>, pace: &RequestPacing) -> Result<Self, Vec<Finding>> {
        let ConnectionConfig { settings, rules, access } = reach;
        let AdapterSettings::Api(api) = &settings.adapter else { return Err(Vec::new()) };
        let key = |reference| ApiKey::from_reference("x-api-key", "", reference, access.allow_exec);
        let Some(reading) = &api.key else {
            let message = format!("tenant `{}` has no key for the interface", settings.name);
            return Err(vec![
                Finding::error(&codes::KEY_MISSING, message)
                    .help("write where it is found: `key: { env: EIGHTXEIGHT_API_KEY }`"),
            ]);
        };
        let client = HttpClient::new(ClientSettings {
            base_url: &api.base_url,
            ca: api.ca.as_deref(),
            proxy: api.proxy.as_deref(),
            rates: &pace.rates,
            key: Some(key(reading)),
            write_key: api.write_key.as_ref().filter(|_| access.allow_writes).map(key),
            request_id: Some("x-request-id"),
            clock: access.clock,
            limits: pace.limits,
        })?;
        Ok(Self {
            client,
            settings: (*settings).clone(),
            rules: (*rules).clone(),
            clock: access.clock,
            inventory_file: api.inventory.clone(),
            inventory: OnceCell::new(),
            licenses: Mutex::new(None),
            assigned_units: Latch::default(),
            user_locks: Latch::default(),
            pending: PendingOperations::new(pace.first_poll, pace.poll_spacing),
        })
    }
}
