//! A running emulator.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::api::Api;
use super::config::{EmulatorConfig, TenantAction};
use super::connection::{ShapedListener, ShapingHandle};
use super::gateway::Gateway;
use super::http::{self, ServerState};
use super::request_log::LoggedRequest;
use super::tenant::EmulatedTenant;
use super::{control, registry};
use crate::env::Clock;
use crate::model::Observation;

/// How long open connections may take to end at shutdown.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(200);

/// The settings that an emulator starts with.
#[derive(Clone, Debug)]
pub struct EmulatorSettings {
    /// The vendor's name in a manifest.
    pub vendor: String,
    /// The loopback address to listen on; port 0 selects a free port.
    pub listen: SocketAddr,
    /// The tenant; a small sample by default.
    pub state: Option<Observation>,
    /// The behavior.
    pub config: EmulatorConfig,
    /// The clock to start from.
    pub clock: Clock,
}

impl EmulatorSettings {
    /// Returns the default settings: a sample tenant on a free port.
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
    /// No profile has that name.
    UnknownVendor(String),
    /// Other machines could reach the address.
    NotLoopback(SocketAddr),
    /// The problems of the configuration.
    InvalidConfig(Vec<String>),
    /// The system refuses to listen on the address.
    Listen(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVendor(vendor) => write!(f, "unknown vendor `{vendor}`"),
            Self::NotLoopback(address) => write!(f, "`{address}` is not a loopback address"),
            Self::InvalidConfig(problems) => write!(f, "invalid knobs: {}", problems.join("; ")),
            Self::Listen(error) => write!(f, "cannot listen: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A running emulator; it ends with [`stop`](Self::stop) or when it is dropped.
pub struct Emulator {
    shared: Arc<ServerState>,
    api: &'static Api,
    shutdown: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// Starts an emulator on the current runtime.
    ///
    /// # Errors
    /// If the settings are invalid or the address is not available.
    pub async fn start(settings: EmulatorSettings) -> Result<Self, StartError> {
        let EmulatorSettings { vendor, listen, state, config, clock } = settings;
        let (api, profile) = registry::find(&vendor).ok_or_else(|| StartError::UnknownVendor(vendor.clone()))?;
        if !listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(listen));
        }
        let problems = config.problems_for(api.has_quirks);
        if !problems.is_empty() {
            return Err(StartError::InvalidConfig(problems));
        }
        let state = state.unwrap_or_else(|| (api.sample_tenant)(profile));
        let tenant =
            EmulatedTenant::new(profile, state, config, clock.time()).map_err(|_| StartError::UnknownVendor(vendor))?;
        let listener = TcpListener::bind(listen).await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let shared = Arc::new(ServerState::new(Gateway::new(api, tenant), format!("http://{address}"), api.prefix));
        let (shutdown, ended) = oneshot::channel();
        let service = http::router(Arc::clone(&shared)).into_make_service_with_connect_info::<ShapingHandle>();
        let server = tokio::spawn(async move {
            let serving = axum::serve(ShapedListener(listener), service).with_graceful_shutdown(async {
                // A dropped sender means the same.
                let _ = ended.await;
            });
            // Accepting connections never fails here.
            let _ = serving.await;
        });
        Ok(Self { shared, api, shutdown: Some(shutdown), server })
    }

    /// Returns the `base_url` or `url` for a manifest.
    pub fn base_url(&self) -> String {
        format!("{}{}", self.shared.origin, self.shared.prefix)
    }

    /// Returns the URL of the control API.
    pub fn control_url(&self) -> String {
        format!("{}{}", self.shared.origin, control::PREFIX)
    }

    /// Returns the adapter that reaches it, as a manifest names it: `api` or `bridge`.
    pub fn adapter(&self) -> &'static str {
        self.api.adapter
    }

    /// Returns the current state of the tenant, including changes that are not visible yet.
    pub fn state(&self) -> Observation {
        let mut gateway = self.shared.gateway();
        gateway.advance();
        Observation { observed_at: gateway.tenant.now(), ..gateway.tenant.state().clone() }
    }

    /// Returns how often the tenant changed.
    pub fn version(&self) -> u64 {
        let mut gateway = self.shared.gateway();
        gateway.advance();
        gateway.tenant.version()
    }

    /// Returns the current configuration.
    pub fn config(&self) -> EmulatorConfig {
        self.shared.gateway().tenant.config().clone()
    }

    /// Replaces the configuration and resets all counters.
    ///
    /// # Errors
    /// All problems of the new configuration; the old one stays in force then.
    pub fn set_config(&self, config: EmulatorConfig) -> Result<(), Vec<String>> {
        self.shared.gateway().set_config(config)
    }

    /// Applies actions to the tenant.
    ///
    /// # Errors
    /// If an action is impossible; the actions before it are applied.
    pub fn apply_actions(&self, actions: &[TenantAction]) -> Result<(), String> {
        self.shared.gateway().apply_actions(actions)
    }

    /// Returns the logged requests, the oldest first, without those to the control API.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.shared.gateway().log().cloned().collect()
    }

    /// Returns the license units as CSV, as an operator exports them, if the vendor counts units.
    pub fn inventory(&self) -> Option<String> {
        self.shared.gateway().inventory()
    }

    /// Stops the emulator and returns the tenant.
    pub async fn stop(mut self) -> Observation {
        drop(self.shutdown.take());
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
