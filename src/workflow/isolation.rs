//! `--isolated`: refuses to start if credentials are present that the command does not need.
//!
//! Pipelines have jobs that read untrusted manifests, and jobs with credentials. This check detects a pipeline that mixes
//! them. It is a second line of defense: a command never reads a credential that it does not need. Findings name the
//! location of a credential, and nothing that a manifest names is executed or read.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use super::error::WorkflowError;
use super::exit::Exit;
use super::session::Session;
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Files, Finding};
use crate::env::variable;
use crate::manifest;
use crate::model::{SecretRef, SecretUse};

/// The credentials that a command needs.
#[derive(Clone, Debug)]
pub struct CommandNeeds<'a> {
    command: &'static str,
    /// The manifest argument; the outer `None` if the command reads no manifest.
    manifest: Option<Option<&'a Path>>,
    trusted: Option<&'a Path>,
    tenants: TenantNeeds<'a>,
    store: bool,
    forge: bool,
}

/// The tenants whose credentials a command needs.
#[derive(Clone, Copy, Debug)]
enum TenantNeeds<'a> {
    None,
    /// Read credentials of these tenants; of all tenants if the list is empty.
    Read(&'a [String]),
    ReadAndWrite,
}

impl<'a> CommandNeeds<'a> {
    /// Returns a command without credentials that reads no manifest.
    pub fn new(command: &'static str) -> Self {
        Self { command, manifest: None, trusted: None, tenants: TenantNeeds::None, store: false, forge: false }
    }

    /// The command reads the manifest of its argument.
    #[must_use]
    pub fn manifest(self, argument: Option<&'a Path>) -> Self {
        Self { manifest: Some(argument), ..self }
    }

    /// The command reads the manifest of `--trusted`.
    #[must_use]
    pub fn trusted(self, trusted: Option<&'a Path>) -> Self {
        Self { trusted, ..self }
    }

    /// The command reads tenants; all of them if the list is empty.
    #[must_use]
    pub fn reads_tenants(self, tenants: &'a [String]) -> Self {
        Self { tenants: TenantNeeds::Read(tenants), ..self }
    }

    /// The command changes tenants.
    #[must_use]
    pub fn changes_tenants(self) -> Self {
        Self { tenants: TenantNeeds::ReadAndWrite, ..self }
    }

    /// The command reads or writes the store.
    #[must_use]
    pub fn uses_store(self) -> Self {
        Self { store: true, ..self }
    }

    /// The command posts to the forge.
    #[must_use]
    pub fn uses_forge(self) -> Self {
        Self { forge: true, ..self }
    }

    fn includes(&self, tenant: &str, purpose: SecretUse) -> bool {
        match self.tenants {
            TenantNeeds::None => false,
            TenantNeeds::Read(names) => {
                purpose == SecretUse::Read && (names.is_empty() || names.iter().any(|name| name == tenant))
            }
            TenantNeeds::ReadAndWrite => true,
        }
    }
}

/// Refuses a command if the environment or a file contains a credential that it does not need.
///
/// # Errors
/// If there is such a credential.
pub fn check(needs: &CommandNeeds<'_>, session: &Session<'_>) -> Result<(), WorkflowError> {
    let own = needs.manifest.map(|argument| session.manifest_path(argument)).transpose()?;
    let manifests: Vec<&Path> = own.as_deref().into_iter().chain(needs.trusted).collect();
    let findings = unneeded_credentials(needs, &manifests, session.store.as_deref());
    if findings.is_empty() { Ok(()) } else { Err(WorkflowError::new(Exit::Usage, findings, Files::default())) }
}

/// Returns one finding for each credential that the command does not need.
fn unneeded_credentials(needs: &CommandNeeds<'_>, manifests: &[&Path], store: Option<&str>) -> Vec<Finding> {
    // Only a store on a server has a password.
    let needs_store = needs.store && store.is_some_and(|url| url.starts_with("postgres"));
    let mut findings = Vec::new();
    let mut reported: BTreeSet<String> = BTreeSet::new();
    let mut report = |location: String, content: String| {
        if reported.insert(location.clone()) {
            let message = format!("`{}` does not need {content} in {location}", needs.command);
            let help = "remove it from this job, and pass it to the job that needs it";
            findings.push(Finding::error(&codes::UNNEEDED_CREDENTIAL, message).help(help));
        }
    };
    for name in variable::FORGE_TOKENS.into_iter().filter(|name| !needs.forge && variable::is_set(name)) {
        report(variable_named(name), "the forge token".to_owned());
    }
    for name in variable::IDENTITY_TOKENS.into_iter().filter(|name| variable::is_set(name)) {
        report(variable_named(name), "the permission to request identity tokens".to_owned());
    }
    for name in variable::STORE_PASSWORDS.into_iter().filter(|name| !needs_store && variable::is_set(name)) {
        report(variable_named(name), "the password of the store".to_owned());
    }
    if !needs_store && store.is_some_and(|url| url.contains('@')) {
        report("`--store`".to_owned(), "the user or password of the store".to_owned());
    }
    let tenants: Vec<_> = manifests.iter().map(|path| manifest::load(path).desired.tenants).collect();
    let secrets = tenants.iter().flatten().flat_map(|(name, tenant)| {
        tenant.settings.adapter.secrets().into_iter().map(move |(secret, purpose)| (name, secret, purpose))
    });
    let secrets: Vec<_> = secrets.collect();
    let needed: BTreeSet<&SecretRef> = secrets
        .iter()
        .filter(|(tenant, _, purpose)| needs.includes(tenant, *purpose))
        .map(|(_, secret, _)| *secret)
        .collect();
    for (tenant, secret, purpose) in &secrets {
        if needed.contains(secret) {
            continue;
        }
        let location = match secret {
            SecretRef::Env(name) if variable::is_set(name) => variable_named(name),
            SecretRef::File(path) if is_readable(path) => format!("the file `{}`", path.display()),
            SecretRef::Env(_) | SecretRef::File(_) | SecretRef::Command(_) => continue,
        };
        let kind = match purpose {
            SecretUse::Read => "credential",
            SecretUse::Write => "write credential",
        };
        report(location, format!("the {kind} of tenant `{tenant}`"));
    }
    findings
}

fn variable_named(name: &str) -> String {
    format!("the environment variable `{name}`")
}

/// Returns whether a path is a readable file that is not empty. Opening a pipe would wait for a writer.
fn is_readable(path: &Path) -> bool {
    let is_file = path.metadata().is_ok_and(|about| about.is_file() && about.len() > 0);
    is_file && File::open(path).is_ok()
}
