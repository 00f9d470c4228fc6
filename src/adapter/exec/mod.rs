//! The `exec` adapter: a program of whoever runs reseat, asked over a line protocol of JSON.
//!
//! With it a team bridges a partner's interface or a tool of its own; `docs/exec-protocol.md` is the page for them. One
//! process serves a connection; one that ended is started again, within limits.
//! What must hold: the program runs only where programs may run; a write whose answer was lost may be in effect; what the
//! program says passes the same checks as a state file, and holds no secret of ours.

mod pages;
mod process;
mod redaction;
pub mod request;
pub mod response;
mod session;
mod tenant;

use std::sync::Arc;

use self::tenant::ExecTenant;
use super::{
    AdapterDescriptor, Capabilities, Connection, ConnectionConfig, CredentialRequirement, PoolSource, WriteMode,
};
use crate::diagnostic::Finding;
use crate::model::AdapterSettings;

/// What the adapter is.
pub static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "exec",
    key: "exec",
    vendor: None,
    capabilities: Capabilities {
        write_mode: WriteMode::Direct,
        asynchronous: true,
        paged: true,
        pools: PoolSource::Vendor,
        memberships: true,
        batch: false,
        throttles: true,
        cancels: true,
        busy: true,
        credentials: true,
    },
    read_credentials: &[CredentialRequirement { setting: "secrets", privilege: "whatever the program needs to look" }],
    write_credentials: &[CredentialRequirement {
        setting: "secrets",
        privilege: "whatever the program needs to make the changes",
    }],
    connect,
};

fn connect(reach: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let AdapterSettings::Exec(exec) = &reach.settings.adapter else { return Err(Vec::new()) };
    let tenant = Arc::new(ExecTenant::new(exec.clone(), reach.settings.clone(), reach.rules.clone(), reach.access));
    let execute: Arc<dyn super::Execute> = Arc::<ExecTenant>::clone(&tenant);
    Ok(Connection { observe: tenant, execute: Some(execute) })
}

#[cfg(test)]
mod tests;
