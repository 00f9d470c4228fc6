//! The `exec` adapter: a program that speaks the protocol on its standard input and output, one message a line.
//!
//! One process serves a connection; a process that ended is restarted within limits. The program runs only with
//! `--allow-exec`. A write without a response may be in effect.

mod process;
mod program;
mod session;

use self::program::ProgramTransport;
use super::protocol::ProtocolTenant;
use super::{
    AdapterDescriptor, Capabilities, Connection, ConnectionConfig, CredentialRequirement, PoolSource, WriteMode,
};
use crate::diagnostic::Finding;
use crate::model::AdapterSettings;

/// The descriptor of the adapter.
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
    read_credentials: &[CredentialRequirement { setting: "secrets", privilege: "what the program needs to read" }],
    write_credentials: &[CredentialRequirement { setting: "secrets", privilege: "what the program needs to write" }],
    connect,
};

fn connect(config: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let AdapterSettings::Exec(exec) = &config.settings.adapter else { return Err(Vec::new()) };
    let transport = ProgramTransport::new(exec.clone(), config.settings.clone(), config.access);
    Ok(ProtocolTenant::connect(Box::new(transport), config))
}

#[cfg(test)]
mod tests;
