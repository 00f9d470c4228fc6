//! A vendor's interface over HTTP, for rehearsals and tests: the simulator of a tenant behind what the vendor's pages say.
//!
//! [`profile::simulator`](crate::profile::simulator) decides what a tenant does; what stands here gives it a wire, with a folder
//! for each vendor, and every way in which a wire fails ([`Knobs`]). Where a vendor publishes no interface for
//! licenses, the contract is ours, and every answer says so in the header `X-Synthetic-Contract`.
//! What must hold: it listens on loopback only; nothing of it is a real tenant; requests are answered one after the
//! other, so that with a seed everything can be repeated.

mod api;
mod avaya_spaces;
pub mod config;
mod connection;
mod control;
mod eight_by_eight;
mod fixtures;
mod gateway;
mod http;
mod officeseries;
mod persist;
mod random;
mod rate_limit;
mod registry;
mod request_log;
mod tenant;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub use config::{EmulatorConfig, TenantAction};
pub use persist::{SavedTenant, load_config, load_tenant, save_tenant};
pub use registry::vendors;
pub use request_log::LoggedRequest;

use self::api::Api;
use self::connection::{ShapedListener, ShapingHandle};
use self::gateway::Gateway;
use self::http::ServerState;
use self::tenant::EmulatedTenant;
use crate::diagnostic::{FileId, Location};
use crate::env::Clock;
use crate::model::{AdapterSettings, Mode, Observation, TenantSettings};
use crate::profile::Rules;

/// How long connections that are open have to end.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(200);

/// What an emulator begins with.
#[derive(Clone, Debug)]
pub struct EmulatorSettings {
    /// The vendor's name in a manifest.
    pub vendor: String,
    /// Where it listens: a loopback address; port 0 takes one that is free.
    pub listen: SocketAddr,
    /// The tenant; a small one that is made up where there is none.
    pub state: Option<Observation>,
    /// How it behaves.
    pub config: EmulatorConfig,
    /// What its time begins with; it goes on by itself.
    pub clock: Clock,
}

impl EmulatorSettings {
    /// A made-up tenant of that vendor on a free port, by the vendor's own manners.
    pub fn for_vendor(vendor: &str) -> Self {
        Self {
            vendor: vendor.to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            state: None,
            config: EmulatorConfig::default(),
            clock: Clock::System,
        }
    }
}

/// Why an emulator does not start.
#[derive(Debug)]
pub enum StartError {
    /// There is none of that vendor.
    UnknownVendor(String),
    /// The address is one that others could reach.
    NotLoopback(SocketAddr),
    /// What is wrong with the knobs.
    InvalidConfig(Vec<String>),
    /// The address cannot be listened on.
    Listen(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVendor(vendor) => write!(f, "there is no emulator of `{vendor}`"),
            Self::NotLoopback(address) => write!(f, "`{address}` can be reached from elsewhere"),
            Self::InvalidConfig(wrong) => write!(f, "the knobs make no sense: {}", wrong.join("; ")),
            Self::Listen(error) => write!(f, "the emulator cannot listen: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A running emulator; it ends with [`stop`](Self::stop), or when it is dropped.
pub struct Emulator {
    shared: Arc<ServerState>,
    api: &'static Api,
    end: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// Starts an emulator on the runtime that this is called from.
    ///
    /// # Errors
    /// When there is none of that vendor, or its settings make no sense.
    pub async fn start(settings: EmulatorSettings) -> Result<Self, StartError> {
        let EmulatorSettings { vendor, listen, state, config: knobs, clock } = settings;
        let face = registry::find_api(&vendor).ok_or_else(|| StartError::UnknownVendor(vendor.clone()))?;
        if !listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(listen));
        }
        let wrong = knobs.problems_for(face.quirks);
        if !wrong.is_empty() {
            return Err(StartError::InvalidConfig(wrong));
        }
        let state = state.unwrap_or_else(face.sample_tenant);
        let tenant = default_tenant_settings(&state.tenant, face.vendor);
        let rules = Rules::resolve(&tenant).map_err(|_| StartError::UnknownVendor(vendor))?;
        let listener = TcpListener::bind(listen).await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let core = Gateway::new(face, EmulatedTenant::new(tenant, rules, state, knobs, clock.time()));
        let shared = Arc::new(ServerState::new(core, format!("http://{address}"), face.prefix));
        let (end, ended) = oneshot::channel();
        let service = http::router(Arc::clone(&shared)).into_make_service_with_connect_info::<ShapingHandle>();
        let server = tokio::spawn(async move {
            let serving = axum::serve(ShapedListener(listener), service).with_graceful_shutdown(async {
                // Whoever drops the other end wants the same.
                let _ = ended.await;
            });
            // It ends without an error, for it listens on for as long as nobody ends it.
            let _ = serving.await;
        });
        Ok(Self { shared, api: face, end: Some(end), server })
    }

    /// What a manifest's `base_url` has to be.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.shared.origin, self.shared.prefix)
    }

    /// Where the control paths begin.
    pub fn control_url(&self) -> String {
        format!("{}{}", self.shared.origin, control::PREFIX)
    }

    /// Whether the contract is ours, because the vendor publishes none.
    pub fn is_synthetic(&self) -> bool {
        self.api.synthetic
    }

    /// The tenant as it is now, whatever is visible of it.
    pub fn state(&self) -> Observation {
        let mut core = self.shared.gateway();
        core.advance();
        Observation { observed_at: core.tenant.now(), ..core.tenant.state().clone() }
    }

    /// How often something changed since the beginning.
    pub fn version(&self) -> u64 {
        let mut core = self.shared.gateway();
        core.advance();
        core.tenant.version()
    }

    /// The knobs that are in force.
    pub fn config(&self) -> EmulatorConfig {
        self.shared.gateway().tenant.config().clone()
    }

    /// Sets other knobs; all counting begins anew.
    ///
    /// # Errors
    /// Everything that is wrong with them; the old ones are still in force then.
    pub fn set_config(&self, knobs: EmulatorConfig) -> Result<(), Vec<String>> {
        self.shared.gateway().set_config(knobs)
    }

    /// Lets something happen at the tenant.
    ///
    /// # Errors
    /// The first thing that cannot; those before it have happened.
    pub fn apply_actions(&self, actions: &[TenantAction]) -> Result<(), String> {
        self.shared.gateway().apply_actions(actions)
    }

    /// What was asked, the oldest first; the control paths aside.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.gateway().log().cloned().collect()
    }

    /// The operator's list of license units, as CSV, where the vendor counts in units.
    pub fn inventory(&self) -> Option<String> {
        self.shared.gateway().inventory()
    }

    /// Ends it: nothing is answered any more.
    pub async fn stop(mut self) -> Observation {
        drop(self.end.take());
        // Open connections are cut where they do not end by themselves.
        if timeout(SHUTDOWN_GRACE, &mut self.server).await.is_err() {
            self.server.abort();
        }
        self.state()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What a manifest that says nothing more says of such a tenant.
fn default_tenant_settings(tenant: &str, vendor: &str) -> TenantSettings {
    TenantSettings {
        name: tenant.into(),
        vendor: vendor.into(),
        mode: Mode::Full,
        concurrency: None,
        rates: Vec::new(),
        own_account: None,
        release_seats: false,
        pools: BTreeMap::new(),
        exclusive: Vec::new(),
        change: None,
        floor: None,
        loses: Vec::new(),
        adapter: AdapterSettings::File { path: PathBuf::new(), delay: Duration::ZERO },
        // No file says it.
        source: Location { file: FileId(0), line: 1, column: 1, length: 0 },
    }
}

#[cfg(test)]
mod tests;
