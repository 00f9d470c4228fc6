//! Settings of a tenant's adapter, resolved from the manifest. They contain references to secrets, never secrets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A reference to a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretRef {
    /// The environment variable with this name.
    Env(String),
    /// The file at this path, which may be outside the manifest's folder.
    File(PathBuf),
    /// The output of this program, which runs only with `--allow-exec`.
    Command(Vec<String>),
}

/// The purpose of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretUse {
    /// Read the tenant, and change it unless another secret is given for that.
    Read,
    /// Change the tenant.
    Write,
}

/// Adapter settings of a tenant, with resolved paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdapterSettings {
    /// A state file that behaves like the vendor.
    File {
        /// The state file.
        path: PathBuf,
        /// How long a request stays pending.
        delay: Duration,
    },
    /// Written steps for people in the vendor's console.
    Runbook(RunbookSettings),
    /// The vendor's API.
    Api(ApiSettings),
    /// A program that implements the `exec` protocol.
    Exec(ExecSettings),
    /// An HTTP service that speaks our protocol; without `inventory`.
    Bridge(ApiSettings),
}

/// Settings of the `runbook` adapter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunbookSettings {
    /// The console's export.
    pub export: Option<PathBuf>,
    /// Headers of the export's columns, by content. The vendor's profile states the others.
    pub columns: BTreeMap<SmolStr, SmolStr>,
}

/// Settings of an `api` adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// The base URL.
    pub base_url: String,
    /// The key for reading.
    pub key: Option<SecretRef>,
    /// The key for changes, if it differs.
    pub write_key: Option<SecretRef>,
    /// Certificates to trust in addition to those of the system, as PEM.
    pub ca: Option<PathBuf>,
    /// The proxy to use instead of the one in the environment.
    pub proxy: Option<String>,
    /// Purchased license units as CSV, for an API that does not report them.
    pub inventory: Option<PathBuf>,
}

impl ApiSettings {
    /// Returns settings with only a base URL.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), key: None, write_key: None, ca: None, proxy: None, inventory: None }
    }
}

/// Settings of an `exec` adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecSettings {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The folder of the manifest file that names the program: its working directory.
    pub folder: PathBuf,
    /// Secrets to pass as environment variables, by name.
    pub secrets: BTreeMap<SmolStr, SecretRef>,
    /// The timeout of one request.
    pub timeout: Duration,
    /// The memory limit in bytes, where the system supports one.
    pub memory: Option<u64>,
}

impl AdapterSettings {
    /// Returns the adapter's name in the manifest.
    pub fn name(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Runbook(_) => "runbook",
            Self::Api(_) => "api",
            Self::Exec(_) => "exec",
            Self::Bridge(_) => "bridge",
        }
    }

    /// Returns references to its secrets, each with its purpose.
    pub fn secrets(&self) -> Vec<(&SecretRef, SecretUse)> {
        match self {
            Self::File { .. } | Self::Runbook(_) => Vec::new(),
            Self::Api(api) | Self::Bridge(api) => {
                let read = api.key.iter().map(|key| (key, SecretUse::Read));
                read.chain(api.write_key.iter().map(|key| (key, SecretUse::Write))).collect()
            }
            // The program handles both.
            Self::Exec(exec) => exec.secrets.values().map(|secret| (secret, SecretUse::Read)).collect(),
        }
    }

    /// Returns the programs that would run: the adapter's own, and programs that print its secrets.
    pub fn programs(&self) -> Vec<&[String]> {
        let own = if let Self::Exec(exec) = self { Some(&*exec.command) } else { None };
        let print = self.secrets().into_iter().filter_map(|(secret, _)| match secret {
            SecretRef::Command(words) => Some(&**words),
            SecretRef::Env(_) | SecretRef::File(_) => None,
        });
        own.into_iter().chain(print).collect()
    }
}
