//! Which verb needs which credentials: the one table, and what `--isolated` refuses by it.

use std::path::Path;

use super::args::Command;
use super::commands::CommandContext;
use super::error::CliError;
use super::exit::Exit;
use crate::diagnostic::Files;
use crate::workflow::isolation::{CredentialNeeds, TenantCredentialNeeds, unneeded_credentials};

/// What the table says of a verb.
struct CommandNeeds<'a> {
    /// How it is called, as far as it matters for its needs.
    name: &'static str,
    needs: CredentialNeeds,
    /// The manifest beside the verb; nothing for a verb that reads none.
    manifest: Option<Option<&'a Path>>,
    trusted: Option<&'a Path>,
}

impl<'a> CommandNeeds<'a> {
    /// A verb that needs no credential and reads no manifest.
    fn new(name: &'static str) -> Self {
        Self { name, needs: CredentialNeeds::default(), manifest: None, trusted: None }
    }

    fn manifest(self, given: Option<&'a Path>) -> Self {
        Self { manifest: Some(given), ..self }
    }

    fn trusted(self, trusted: Option<&'a Path>) -> Self {
        Self { trusted, ..self }
    }

    fn reads_tenants(mut self, tenants: &[String]) -> Self {
        self.needs.tenants = TenantCredentialNeeds::Read(tenants.to_vec());
        self
    }

    fn changes_tenants(mut self) -> Self {
        self.needs.tenants = TenantCredentialNeeds::ReadAndWrite;
        self
    }

    fn uses_forge(mut self) -> Self {
        self.needs.forge = true;
        self
    }

    fn uses_store(mut self) -> Self {
        self.needs.store = true;
        self
    }

    /// The table. A plan reads what a store on a server remembers, where `--store` names one.
    fn for_command(verb: &'a Command) -> Self {
        match verb {
            Command::Init(_) => Self::new("init"),
            Command::Explain(_) => Self::new("explain"),
            Command::Schema(_) => Self::new("schema"),
            Command::Emulate(_) => Self::new("emulate"),
            Command::Completions(_) => Self::new("completions"),
            Command::Generate(_) => Self::new("generate"),
            Command::Validate(given) => {
                Self::new("validate").manifest(given.path.as_deref()).trusted(given.trust.path())
            }
            Command::Codeowners(given) => Self::new("codeowners").manifest(given.path.as_deref()),
            Command::Policy(given) => Self::new("policy test").manifest(given.path()).trusted(given.trusted()),
            Command::Show(given) => Self::new("show").manifest(None).trusted(given.trust.path()),
            Command::Comment(_) => Self::new("comment").manifest(None).uses_forge(),
            Command::Plan(given) => {
                let row = Self::new("plan --state").manifest(given.path.as_deref()).uses_store();
                let row = row.trusted(given.current_state.trusted());
                if given.current_state.has_state() { row } else { Self { name: "plan", ..row.reads_tenants(&[]) } }
            }
            Command::Graph(given) => {
                let Some(manifest) = given.manifest() else { return Self::new("graph") };
                let row = Self::new("graph --state").manifest(manifest).uses_store();
                let row = row.trusted(given.current_state.trusted());
                if given.current_state.has_state() { row } else { Self { name: "graph", ..row.reads_tenants(&[]) } }
            }
            Command::Diff(given) => {
                let row = Self::new("diff --state").manifest(given.path.as_deref()).uses_store();
                let row = row.trusted(given.current_state.trusted());
                if given.current_state.has_state() { row } else { Self { name: "diff", ..row.reads_tenants(&[]) } }
            }
            Command::Why(given) => {
                let row = Self::new("why --state").manifest(None).uses_store();
                let row = row.trusted(given.current_state.trusted());
                if given.current_state.has_state() { row } else { Self { name: "why", ..row.reads_tenants(&[]) } }
            }
            Command::Import(given) => {
                let row = Self::new("import --state").manifest(None);
                if given.state.is_some() {
                    row
                } else {
                    Self { name: "import", ..row.reads_tenants(std::slice::from_ref(&given.tenant)) }
                }
            }
            Command::Observe(given) => {
                Self::new("observe").manifest(None).trusted(given.trust.path()).reads_tenants(&given.tenants)
            }
            Command::Apply(given) => {
                let row = Self::new("apply").changes_tenants().uses_store().trusted(given.current_state.trusted());
                row.manifest(given.manifest())
            }
            Command::Resume(given) => {
                Self::new("resume").manifest(None).changes_tenants().uses_store().trusted(given.trust.path())
            }
            Command::Undo(given) => {
                Self::new("undo").manifest(None).changes_tenants().uses_store().trusted(given.trust.path())
            }
            Command::Doctor(given) => {
                Self::new("doctor").manifest(None).changes_tenants().uses_store().trusted(given.trust.path())
            }
            Command::History(_) => Self::new("history").manifest(None).uses_store(),
            Command::Audit(_) => Self::new("audit").manifest(None).uses_store(),
        }
    }
}

/// Refuses to begin where the environment holds a credential that the verb does not need.
pub(super) fn check(verb: &Command, context: &CommandContext) -> Result<(), CliError> {
    let row = CommandNeeds::for_command(verb);
    let own = match row.manifest {
        Some(given) => Some(context.manifest_path(given)?),
        None => None,
    };
    let manifests: Vec<&Path> = own.as_deref().into_iter().chain(row.trusted).collect();
    // What a store on a server remembers takes its password; without one there is nothing to remember with.
    let store = context.globals.store.as_deref();
    let on_server = store.is_some_and(|url| url.starts_with("postgres"));
    let needs = CredentialNeeds { store: row.needs.store && on_server, ..row.needs };
    let findings = unneeded_credentials(row.name, &needs, &manifests, store);
    if findings.is_empty() {
        return Ok(());
    }
    Err(CliError::Findings { exit: Exit::Usage, findings, files: Box::<Files>::default() })
}
