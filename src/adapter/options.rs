//! What a connection may use.

use crate::env::Clock;
use crate::model::TenantSettings;
use crate::profile::Rules;

/// What whoever runs the program lets a connection do.
#[derive(Clone, Copy, Debug)]
pub struct AccessOptions {
    /// The clock.
    pub clock: Clock,
    /// Whether programs named in the manifest may run.
    pub allow_exec: bool,
    /// Whether anything is to be changed: without it a connection has no writing half, and never asks for the
    /// credential that changes need.
    pub allow_writes: bool,
}

impl AccessOptions {
    /// To look, and not to run a program.
    pub fn read_only(clock: Clock) -> Self {
        Self { clock, allow_exec: false, allow_writes: false }
    }

    /// To look and to change, and not to run a program.
    pub fn read_write(clock: Clock) -> Self {
        Self { clock, allow_exec: false, allow_writes: true }
    }

    /// The same, with leave to run the programs that the manifest names, or without.
    #[must_use]
    pub fn allow_exec(self, allow_exec: bool) -> Self {
        Self { allow_exec, ..self }
    }

    /// The same, without leave to change anything.
    #[must_use]
    pub fn without_writes(self) -> Self {
        Self { allow_writes: false, ..self }
    }
}

/// Everything that an adapter is made from.
#[derive(Clone, Copy)]
pub struct ConnectionConfig<'a> {
    /// What the manifest says of the tenant.
    pub settings: &'a TenantSettings,
    /// The rules in force there.
    pub rules: &'a Rules,
    /// What may be done.
    pub access: AccessOptions,
}
