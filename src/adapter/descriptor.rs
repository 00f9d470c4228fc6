//! What an adapter can do, as data: what it needs, and which behaviors one may expect of it.
//!
//! The conformance suite chooses its behaviors by it, `doctor` names the credentials, and the executor learns who works
//! by hand. What must hold: a new adapter is a folder with one [`Descriptor`] and one line in
//! [`ADAPTERS`](super::ADAPTERS).

use super::{Connection, ConnectionConfig};
use crate::diagnostic::Finding;

/// Which of the manifest's words leads to an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdapterKind {
    /// `file`
    File,
    /// `runbook`
    Runbook,
    /// `api`
    Api,
    /// `exec`
    Exec,
}

impl AdapterKind {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Runbook => "runbook",
            Self::Api => "api",
            Self::Exec => "exec",
        }
    }
}

/// One way to reach tenants.
#[derive(Debug)]
pub struct AdapterDescriptor {
    /// Its name among all adapters: the manifest's word, or the vendor's name for an interface.
    pub name: &'static str,
    /// The manifest's word that leads to it.
    pub kind: AdapterKind,
    /// The vendor that it is for; `None`: any.
    pub vendor: Option<&'static str>,
    /// What it is, in a sentence.
    pub summary: &'static str,
    /// Whether the interface is a contract of our own that no vendor publishes, for bridges that teams run themselves.
    pub synthetic: bool,
    /// What can be expected of it.
    pub capabilities: Capabilities,
    /// What reading needs.
    pub read_credentials: &'static [CredentialRequirement],
    /// What changing needs beside that.
    pub write_credentials: &'static [CredentialRequirement],
    /// Makes the connection; nothing is read, sent or run yet.
    pub connect: fn(&ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>>,
}

/// A credential, and the least that it has to allow.
#[derive(Debug)]
pub struct CredentialRequirement {
    /// Where it stands in the manifest, such as `key`.
    pub setting: &'static str,
    /// The least privilege that suffices, in the vendor's words.
    pub privilege: &'static str,
}

/// What can be expected of an adapter.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// How changes are made.
    pub write_mode: WriteMode,
    /// Whether changes are accepted first and carried out later, and whether they can be asked for by a handle.
    pub asynchronous: bool,
    /// Whether a tenant is read in pages.
    pub paged: bool,
    /// Who tells how many seats there are.
    pub pools: PoolSource,
    /// Whether memberships are read and given back.
    pub memberships: bool,
    /// Whether one request carries several operations.
    pub batch: bool,
    /// Whether the other side may ask us to be slower.
    pub throttles: bool,
    /// Whether pending requests can be taken back.
    pub cancels: bool,
    /// Whether it tells when the vendor takes no changes.
    pub busy: bool,
    /// Whether a credential is asked for.
    pub credentials: bool,
}

/// How changes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// By requests.
    Direct,
    /// By people, who follow written steps.
    Manual,
}

/// Who tells how many seats there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolSource {
    /// The vendor.
    Vendor,
    /// Whoever writes the manifest, or exports a list: the interface does not tell.
    Operator,
}
