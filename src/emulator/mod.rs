//! Emulators: a simulated tenant behind a vendor's API or behind the bridge protocol, for rehearsals and tests.
//!
//! The [simulator](crate::profile::simulator) decides what a tenant does. This module serves it over HTTP, on loopback
//! only, and injects faults ([`EmulatorConfig`]). Requests are handled one at a time, so that a seed reproduces a run.

mod api;
mod bridge;
pub mod config;
mod connection;
mod control;
mod eight_by_eight;
mod fixtures;
mod gateway;
mod http;
mod persist;
mod random;
mod rate_limit;
mod registry;
mod request_log;
mod server;
mod tenant;
#[cfg(test)]
mod tests;

pub use config::{EmulatorConfig, TenantAction};
pub use persist::{SavedTenant, load_config, load_tenant, save_tenant};
pub use registry::vendors;
pub use request_log::LoggedRequest;
pub use server::{Emulator, EmulatorSettings, StartError};
