//! A vendor's interface over HTTP, for rehearsals and tests: the simulator of a tenant behind what the vendor's pages say.
//!
//! [`profile::simulator`](crate::profile::simulator) decides what a tenant does; what stands here gives it a wire, with a folder
//! for each vendor, and every way in which a wire fails ([`Knobs`]). Where a vendor publishes no interface for
//! licenses, the contract is ours, and every answer says so in the header `X-Synthetic-Contract`.
//! What must hold: it listens on loopback only; nothing of it is a real tenant; requests are answered one after the
//! other, so that with a seed everything can be repeated.

mod avaya_spaces;
mod chance;
mod control;
mod core;
mod eight_by_eight;
mod front;
mod keep;
pub mod knobs;
mod line;
mod log;
mod made_up;
mod officeseries;
mod rates;
mod registry;
mod service;
mod world;

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

pub use keep::{Kept, load, load_knobs, save};
pub use knobs::{Action, Knobs};
pub use log::Logged;
pub use registry::vendors;

use self::core::Core;
use self::front::Shared;
use self::line::{Hold, Lines};
use self::service::Face;
use self::world::World;
use crate::diagnostic::{FileId, Location};
use crate::env::Clock;
use crate::model::{AdapterSettings, Mode, Observation, TenantSettings};
use crate::profile::Rules;

/// How long connections that are open have to end.
const FAREWELL: Duration = Duration::from_millis(200);

/// What an emulator begins with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The vendor's name in a manifest.
    pub vendor: String,
    /// Where it listens: a loopback address; port 0 takes one that is free.
    pub listen: SocketAddr,
    /// The tenant; a small one that is made up where there is none.
    pub state: Option<Observation>,
    /// How it behaves.
    pub knobs: Knobs,
    /// What its time begins with; it goes on by itself.
    pub clock: Clock,
}

impl Settings {
    /// A made-up tenant of that vendor on a free port, by the vendor's own manners.
    pub fn of(vendor: &str) -> Self {
        Self {
            vendor: vendor.to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            state: None,
            knobs: Knobs::default(),
            clock: Clock::System,
        }
    }
}

/// Why an emulator does not start.
#[derive(Debug)]
pub enum StartError {
    /// There is none of that vendor.
    NoVendor(String),
    /// The address is one that others could reach.
    NotLoopback(SocketAddr),
    /// What is wrong with the knobs.
    Knobs(Vec<String>),
    /// The address cannot be listened on.
    Listen(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoVendor(vendor) => write!(f, "there is no emulator of `{vendor}`"),
            Self::NotLoopback(address) => write!(f, "`{address}` can be reached from elsewhere"),
            Self::Knobs(wrong) => write!(f, "the knobs make no sense: {}", wrong.join("; ")),
            Self::Listen(error) => write!(f, "the emulator cannot listen: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A running emulator; it ends with [`stop`](Self::stop), or when it is dropped.
pub struct Emulator {
    shared: Arc<Shared>,
    face: &'static Face,
    end: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

impl Emulator {
    /// Starts an emulator on the runtime that this is called from.
    ///
    /// # Errors
    /// When there is none of that vendor, or its settings make no sense.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        let Settings { vendor, listen, state, knobs, clock } = settings;
        let face = registry::find(&vendor).ok_or_else(|| StartError::NoVendor(vendor.clone()))?;
        if !listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(listen));
        }
        let wrong = knobs.faults_for(face.manners);
        if !wrong.is_empty() {
            return Err(StartError::Knobs(wrong));
        }
        let state = state.unwrap_or_else(face.starter);
        let tenant = tenant_settings(&state.tenant, face.vendor);
        let rules = Rules::resolve(&tenant).map_err(|_| StartError::NoVendor(vendor))?;
        let listener = TcpListener::bind(listen).await.map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let core = Core::new(face, World::new(tenant, rules, state, knobs, clock.time()));
        let shared = Arc::new(Shared::new(core, format!("http://{address}"), face.prefix));
        let (end, ended) = oneshot::channel();
        let service = front::router(Arc::clone(&shared)).into_make_service_with_connect_info::<Hold>();
        let server = tokio::spawn(async move {
            let serving = axum::serve(Lines(listener), service).with_graceful_shutdown(async {
                // Whoever drops the other end wants the same.
                let _ = ended.await;
            });
            // It ends without an error, for it listens on for as long as nobody ends it.
            let _ = serving.await;
        });
        Ok(Self { shared, face, end: Some(end), server })
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
        self.face.synthetic
    }

    /// The tenant as it is now, whatever is visible of it.
    pub fn state(&self) -> Observation {
        let mut core = self.shared.core();
        core.advance();
        Observation { observed_at: core.world.now(), ..core.world.state().clone() }
    }

    /// How often something changed since the beginning.
    pub fn version(&self) -> u64 {
        let mut core = self.shared.core();
        core.advance();
        core.world.version()
    }

    /// The knobs that are in force.
    pub fn knobs(&self) -> Knobs {
        self.shared.core().world.knobs().clone()
    }

    /// Sets other knobs; all counting begins anew.
    ///
    /// # Errors
    /// Everything that is wrong with them; the old ones are still in force then.
    pub fn set_knobs(&self, knobs: Knobs) -> Result<(), Vec<String>> {
        self.shared.core().turn(knobs)
    }

    /// Lets something happen at the tenant.
    ///
    /// # Errors
    /// The first thing that cannot; those before it have happened.
    pub fn act(&self, actions: &[Action]) -> Result<(), String> {
        self.shared.core().act(actions)
    }

    /// What was asked, the oldest first; the control paths aside.
    pub fn requests(&self) -> Vec<Logged> {
        self.shared.core().log().cloned().collect()
    }

    /// The operator's list of license units, as CSV, where the vendor counts in units.
    pub fn inventory(&self) -> Option<String> {
        self.shared.core().inventory()
    }

    /// Ends it: nothing is answered any more.
    pub async fn stop(mut self) -> Observation {
        drop(self.end.take());
        // Open connections are cut where they do not end by themselves.
        if timeout(FAREWELL, &mut self.server).await.is_err() {
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
fn tenant_settings(tenant: &str, vendor: &str) -> TenantSettings {
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
