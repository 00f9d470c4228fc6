//! What a connection may use.

use crate::env::Clock;
use crate::model::TenantSettings;
use crate::profile::Rules;

/// What a connection may do.
#[derive(Clone, Copy, Debug)]
pub struct AccessOptions {
    /// The clock.
    pub clock: Clock,
    /// Whether programs named in the manifest may run.
    pub allow_exec: bool,
    /// Whether the connection may make changes. Without it, the connection has no executor and never reads the
    /// credential for changes.
    pub allow_writes: bool,
}

impl AccessOptions {
    /// Allows reading, and no programs.
    pub fn read_only(clock: Clock) -> Self {
        Self { clock, allow_exec: false, allow_writes: false }
    }

    /// Allows reading and changes, and no programs.
    pub fn read_write(clock: Clock) -> Self {
        Self { clock, allow_exec: false, allow_writes: true }
    }

    /// Sets whether programs named in the manifest may run.
    #[must_use]
    pub(crate) fn allow_exec(self, allow_exec: bool) -> Self {
        Self { allow_exec, ..self }
    }

    /// Forbids changes.
    #[must_use]
    pub(crate) fn without_writes(self) -> Self {
        Self { allow_writes: false, ..self }
    }
}

/// The inputs of a connection.
#[derive(Clone, Copy)]
pub struct ConnectionConfig<'a> {
    /// The tenant's settings in the manifest.
    pub settings: &'a TenantSettings,
    /// The tenant's rules.
    pub rules: &'a Rules,
    /// What the connection may do.
    pub access: AccessOptions,
}
