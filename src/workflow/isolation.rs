//! Which credentials are there that a command does not need: `--isolated`.
//!
//! A pipeline has jobs that read what strangers wrote, and jobs that hold credentials; this is what keeps a mistake in a
//! pipeline's file from making them one. It is a second fence: without it a command still reads no credential that it does
//! not need. What must hold: of a credential only its place is named; nothing that a manifest names is run or opened beyond
//! what tells that it is there.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::env::variable;
use crate::manifest;
use crate::model::{SecretRef, SecretUse};

/// What a command needs credentials for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CredentialNeeds {
    /// Of tenants.
    pub tenants: TenantCredentialNeeds,
    /// Of the store on a server.
    pub store: bool,
    /// Of the forge.
    pub forge: bool,
}

/// What a command needs credentials of tenants for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TenantCredentialNeeds {
    /// For nothing.
    #[default]
    None,
    /// To look at those tenants, or at all where none is named.
    Read(Vec<String>),
    /// To look at all tenants and to change them.
    ReadAndWrite,
}

impl TenantCredentialNeeds {
    fn covers(&self, tenant: &str, wanted: SecretUse) -> bool {
        match self {
            Self::None => false,
            Self::Read(names) => {
                wanted == SecretUse::Read && (names.is_empty() || names.iter().any(|one| one == tenant))
            }
            Self::ReadAndWrite => true,
        }
    }
}

/// A finding for each credential that is there and that `command` does not need. The secrets of tenants are those that
/// the manifests name: the one under review, and the trusted one. `store` is what `--store` says.
pub fn unneeded_credentials(
    command: &str,
    needs: &CredentialNeeds,
    manifests: &[&Path],
    store: Option<&str>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut told: BTreeSet<String> = BTreeSet::new();
    let mut tell = |place: String, what: String| {
        if told.insert(place.clone()) {
            let message = format!("`{command}` does not need what {place} holds: {what}");
            let help = "give it to the job that needs it, and take it out of this one";
            findings.push(Finding::error(&codes::UNNEEDED_CREDENTIAL, message).help(help));
        }
    };
    for name in variable::FORGE_TOKENS.into_iter().filter(|name| !needs.forge && variable::is_set(name)) {
        tell(variable_named(name), "a token of the forge".to_owned());
    }
    for name in variable::IDENTITY_TOKENS.into_iter().filter(|name| variable::is_set(name)) {
        tell(variable_named(name), "leave to ask for tokens of other services".to_owned());
    }
    for name in variable::STORE_PASSWORDS.into_iter().filter(|name| !needs.store && variable::is_set(name)) {
        tell(variable_named(name), "the password of the store".to_owned());
    }
    if !needs.store && store.is_some_and(|url| url.contains('@')) {
        tell("`--store`".to_owned(), "the user or the password of the store".to_owned());
    }
    let tenants: Vec<_> = manifests.iter().map(|path| manifest::load(path).desired.tenants).collect();
    let secrets = tenants.iter().flatten().flat_map(|(name, tenant)| {
        tenant.settings.adapter.secrets().into_iter().map(move |(secret, wanted)| (name, secret, wanted))
    });
    let secrets: Vec<_> = secrets.collect();
    let needed: BTreeSet<&SecretRef> = secrets
        .iter()
        .filter(|(tenant, _, wanted)| needs.tenants.covers(tenant, *wanted))
        .map(|(_, secret, _)| *secret)
        .collect();
    for (tenant, secret, wanted) in &secrets {
        if needed.contains(secret) {
            continue;
        }
        let place = match secret {
            SecretRef::Env(name) if variable::is_set(name) => variable_named(name),
            SecretRef::File(path) if is_readable(path) => format!("the file `{}`", path.display()),
            SecretRef::Env(_) | SecretRef::File(_) | SecretRef::Command(_) => continue,
        };
        let purpose = match wanted {
            SecretUse::Read => "the credential",
            SecretUse::Write => "the credential for changes",
        };
        tell(place, format!("{purpose} of tenant `{tenant}`"));
    }
    findings
}

fn variable_named(name: &str) -> String {
    format!("the environment variable `{name}`")
}

/// Whether a file is there that could be read and is not empty. To open a pipe would wait for a writer.
fn is_readable(path: &Path) -> bool {
    let is_file = path.metadata().is_ok_and(|about| about.is_file() && about.len() > 0);
    is_file && File::open(path).is_ok()
}
