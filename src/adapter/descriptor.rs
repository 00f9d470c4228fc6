//! What an adapter needs and can do, as data.
//!
//! The conformance suite selects its tests by it, `doctor` names the credentials, and the executor learns where people
//! make the changes. A new adapter is a folder with one [`AdapterDescriptor`] and one line in
//! [`ADAPTERS`](super::ADAPTERS).

use super::{Connection, ConnectionConfig};
use crate::diagnostic::Finding;

/// One adapter.
#[derive(Debug)]
pub struct AdapterDescriptor {
    /// Its unique name: the manifest's key, or the vendor's name for an API.
    pub name: &'static str,
    /// The key below `adapter` in the manifest: `file`, `runbook`, `api` or `exec`.
    pub key: &'static str,
    /// The vendor that it serves; `None` means any.
    pub vendor: Option<&'static str>,
    /// What it supports.
    pub capabilities: Capabilities,
    /// The credentials that reading needs.
    pub read_credentials: &'static [CredentialRequirement],
    /// The credentials that changes need in addition.
    pub write_credentials: &'static [CredentialRequirement],
    /// Creates the connection. It reads, sends and runs nothing yet.
    pub connect: fn(&ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>>,
}

/// A credential and the least privilege that it needs.
#[derive(Debug)]
pub struct CredentialRequirement {
    /// Its key in the manifest, such as `key`.
    pub setting: &'static str,
    /// The least privilege that suffices, in the vendor's terms.
    pub privilege: &'static str,
}

/// What an adapter supports.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// Who makes the changes.
    pub write_mode: WriteMode,
    /// Whether the vendor accepts a change first and carries it out later.
    pub asynchronous: bool,
    /// Whether a tenant is read in pages.
    pub paged: bool,
    /// Who reports how many seats a pool has.
    pub pools: PoolSource,
    /// Whether memberships are read and restored.
    pub memberships: bool,
    /// Whether one request carries several operations.
    pub batch: bool,
    /// Whether the vendor limits the request rate.
    pub throttles: bool,
    /// Whether pending requests can be canceled.
    pub cancels: bool,
    /// Whether it reports that the vendor currently refuses changes.
    pub busy: bool,
    /// Whether it needs a credential.
    pub credentials: bool,
}

/// Who makes the changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// The adapter, by requests.
    Direct,
    /// People, who follow written steps.
    Manual,
}

/// Who reports how many seats a pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolSource {
    /// The vendor.
    Vendor,
    /// The operator, in the manifest or an exported list, because the API does not report it.
    Operator,
}
