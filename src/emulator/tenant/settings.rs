//! The tenant settings that an emulator assumes in place of a manifest.

use std::path::PathBuf;
use std::time::Duration;

use crate::diagnostic::{FileId, Location};
use crate::emulator::config::EmulatorConfig;
use crate::model::{AdapterSettings, Mode, PoolSettings, TenantSettings};

/// Returns the settings of a tenant: those of the configuration, defaults otherwise.
pub(in crate::emulator) fn tenant_settings(tenant: &str, vendor: &str, config: &EmulatorConfig) -> TenantSettings {
    let add_on = || PoolSettings { add_on: true, ..PoolSettings::default() };
    TenantSettings {
        name: tenant.into(),
        vendor: vendor.into(),
        mode: Mode::Full,
        concurrency: None,
        rates: Vec::new(),
        own_account: None,
        release_seats: false,
        pools: config.add_ons.iter().map(|license| (license.clone(), add_on())).collect(),
        exclusive: config.exclusive.clone(),
        change: config.change,
        floor: config.floor.clone(),
        loses: Vec::new(),
        adapter: AdapterSettings::File { path: PathBuf::new(), delay: Duration::ZERO },
        // No file contains them.
        source: Location { file: FileId(0), line: 1, column: 1, length: 0 },
    }
}
