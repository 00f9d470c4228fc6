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

mod execute;
mod flights;
mod inventory;
mod membership;
mod names;
mod observe;
mod person;
mod refusal;
mod scroll;
#[cfg(test)]
mod tests;
mod update;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex as Latch};
use std::time::Duration;

use smol_str::SmolStr;
use tokio::sync::{Mutex, OnceCell};

use self::flights::{FIRST_POLL, Flights, POLL_SPACING};
use self::inventory::Inventory;
use self::names::Names;
use super::http::{Client, Key, Limits, Settings};
use super::{Capabilities, Connection, Credential, Descriptor, Execute, PoolSource, Reach, Via, Writing};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::env::Clock;
use crate::model::{AdapterSettings, Rate, TenantSettings};
use crate::profile::Rules;

/// 8x8's Administration API.
pub static DESCRIPTOR: Descriptor = Descriptor {
    name: "8x8",
    via: Via::Api,
    vendor: Some("8x8"),
    about: "the 8x8 Administration API, which is a beta with limited access",
    synthetic: false,
    capabilities: Capabilities {
        writing: Writing::Direct,
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
    reading: &[Credential {
        setting: "key",
        privilege: "an API key with the products for user management and admin operations",
    }],
    writing: &[Credential {
        setting: "write_key",
        privilege: "an API key with the products for user management and admin operations; `key` serves where there is none",
    }],
    connect,
};

fn connect(reach: &Reach<'_>) -> Result<Connection, Vec<Finding>> {
    let pace = Pace {
        limits: Limits::default(),
        rates: reach.rules.rates(reach.settings),
        first_poll: FIRST_POLL,
        poll_spacing: POLL_SPACING,
    };
    let phones = Arc::new(Phones::new(reach, &pace)?);
    let execute: Arc<dyn Execute> = Arc::<Phones>::clone(&phones);
    Ok(Connection { observe: phones, execute: Some(execute).filter(|_| reach.access.writes) })
}

/// How fast the vendor is asked.
struct Pace {
    limits: Limits,
    rates: Vec<Rate>,
    first_poll: Duration,
    poll_spacing: Duration,
}

/// A tenant at 8x8.
struct Phones {
    client: Client,
    settings: TenantSettings,
    rules: Rules,
    clock: Clock,
    inventory_file: Option<PathBuf>,
    inventory: OnceCell<Inventory>,
    /// What the last list of users taught; locked while somebody reads one, so that nobody reads a second one.
    known: Mutex<Option<Arc<Known>>>,
    /// Units that were handed out by this process, or refused to it.
    handed_out: Latch<BTreeSet<String>>,
    /// Users that are being put.
    writing: Latch<BTreeMap<SmolStr, Arc<Mutex<()>>>>,
    flights: Flights,
    /// Accounts whose next change has its tokens already.
    ready: Latch<BTreeSet<SmolStr>>,
}

/// What a list of users teaches about licenses.
#[derive(Clone, Debug)]
struct Known {
    names: Names,
    /// The ids of units that somebody has.
    held: BTreeSet<SmolStr>,
}

impl Phones {
    fn new(reach: &Reach<'_>, pace: &Pace) -> Result<Self, Vec<Finding>> {
        let Reach { settings, rules, access } = reach;
        let AdapterSettings::Api(api) = &settings.adapter else { return Err(Vec::new()) };
        let key = |reference| Key::found("x-api-key", "", reference, access.allow_exec);
        let Some(reading) = &api.key else {
            let message = format!("tenant `{}` has no key for the interface", settings.name);
            return Err(vec![
                Finding::error(&codes::NO_KEY, message)
                    .help("write where it is found: `key: { env: EIGHTXEIGHT_API_KEY }`"),
            ]);
        };
        let client = Client::new(Settings {
            base_url: &api.base_url,
            ca: api.ca.as_deref(),
            proxy: api.proxy.as_deref(),
            rates: &pace.rates,
            key: Some(key(reading)),
            write_key: api.write_key.as_ref().filter(|_| access.writes).map(key),
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
            known: Mutex::new(None),
            handed_out: Latch::default(),
            writing: Latch::default(),
            flights: Flights::new(pace.first_poll, pace.poll_spacing),
            ready: Latch::default(),
        })
    }
}
