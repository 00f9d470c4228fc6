//! What the manifest says of the way to reach a tenant, resolved.
//!
//! It stands apart from the tenant's other settings, for those are what the planner reads, and this is what adapters read.
//! What must hold: no secret, only where it is found.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// Where a secret is found; never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretRef {
    /// The environment variable of that name.
    Env(String),
    /// The file at that path; it may lie outside the manifest's folder.
    File(PathBuf),
    /// What that program prints; it runs only with `--allow-exec`.
    Command(Vec<String>),
}

/// What a secret is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretUse {
    /// To look at the tenant; where no other one is named, to change it as well.
    Read,
    /// To change the tenant.
    Write,
}

/// The way to reach a tenant; paths are resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdapterSettings {
    /// The state is kept in a file that behaves like the vendor.
    File {
        /// The state file.
        path: PathBuf,
        /// How long a request stays pending.
        delay: Duration,
    },
    /// People follow written steps in the vendor's console.
    Runbook(RunbookSettings),
    /// The vendor's interface.
    Api(ApiSettings),
    /// A program that speaks our protocol.
    Exec(ExecSettings),
}

/// What the manifest says of a console that people work in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunbookSettings {
    /// The console's export.
    pub export: Option<PathBuf>,
    /// The header of the export's column, by what it holds; the vendor's profile tells the others.
    pub columns: BTreeMap<SmolStr, SmolStr>,
}

/// What the manifest says of a vendor's interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// Where it answers.
    pub base_url: String,
    /// The key for it.
    pub key: Option<SecretRef>,
    /// The key for changes, where it is not the one for reading.
    pub write_key: Option<SecretRef>,
    /// Certificates to trust beside those of the system, as PEM.
    pub ca: Option<PathBuf>,
    /// The proxy to go through, instead of what the environment says.
    pub proxy: Option<String>,
    /// The units of licenses that were bought, as CSV, where the interface does not tell.
    pub inventory: Option<PathBuf>,
}

impl ApiSettings {
    /// An interface at that address, with nothing else said of it.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), key: None, write_key: None, ca: None, proxy: None, inventory: None }
    }
}

/// What the manifest says of a program that speaks our protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecSettings {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The folder of the file that names it: where it runs, and where a path of the program begins.
    pub folder: PathBuf,
    /// What it gets as environment variables, by name.
    pub secrets: BTreeMap<SmolStr, SecretRef>,
    /// How long one request may take.
    pub timeout: Duration,
    /// The most memory that it may use, in bytes, where the system lets us hold it.
    pub memory: Option<u64>,
}

impl AdapterSettings {
    /// The adapter's name in the manifest.
    pub fn name(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Runbook(_) => "runbook",
            Self::Api(_) => "api",
            Self::Exec(_) => "exec",
        }
    }

    /// Where its secrets are found, each with what it is for.
    pub fn secrets(&self) -> Vec<(&SecretRef, SecretUse)> {
        match self {
            Self::File { .. } | Self::Runbook(_) => Vec::new(),
            Self::Api(api) => {
                let read = api.key.iter().map(|key| (key, SecretUse::Read));
                read.chain(api.write_key.iter().map(|key| (key, SecretUse::Write))).collect()
            }
            // The program is one for both.
            Self::Exec(exec) => exec.secrets.values().map(|secret| (secret, SecretUse::Read)).collect(),
        }
    }

    /// The programs that would run: the adapter's own, and those that print its secrets.
    pub fn programs(&self) -> Vec<&[String]> {
        let own = if let Self::Exec(exec) = self { Some(&*exec.command) } else { None };
        let print = self.secrets().into_iter().filter_map(|(secret, _)| match secret {
            SecretRef::Command(words) => Some(&**words),
            SecretRef::Env(_) | SecretRef::File(_) => None,
        });
        own.into_iter().chain(print).collect()
    }
}
