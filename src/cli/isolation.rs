//! Which verb needs which credentials: the one table, and what `--isolated` refuses by it.

use std::path::Path;

use super::args::Verb;
use super::commands::Context;
use super::exit::Exit;
use super::failure::Failure;
use crate::diagnostic::Files;
use crate::workflow::isolation::{Needs, TenantNeeds, unneeded};

/// What the table says of a verb.
struct Row<'a> {
    /// How it is called, as far as it matters for its needs.
    name: &'static str,
    needs: Needs,
    /// The manifest beside the verb; nothing for a verb that reads none.
    manifest: Option<Option<&'a Path>>,
    trusted: Option<&'a Path>,
}

impl<'a> Row<'a> {
    /// A verb that needs no credential and reads no manifest.
    fn alone(name: &'static str) -> Self {
        Self { name, needs: Needs::default(), manifest: None, trusted: None }
    }

    fn manifest(self, given: Option<&'a Path>) -> Self {
        Self { manifest: Some(given), ..self }
    }

    fn trusted(self, trusted: Option<&'a Path>) -> Self {
        Self { trusted, ..self }
    }

    fn looks(mut self, tenants: &[String]) -> Self {
        self.needs.tenants = TenantNeeds::Read(tenants.to_vec());
        self
    }

    fn changes(mut self) -> Self {
        self.needs.tenants = TenantNeeds::ReadAndWrite;
        self
    }

    fn comments(mut self) -> Self {
        self.needs.forge = true;
        self
    }

    fn remembers(mut self) -> Self {
        self.needs.store = true;
        self
    }

    /// The table. A plan reads what a store on a server remembers, where `--store` names one.
    fn of(verb: &'a Verb) -> Self {
        match verb {
            Verb::Init(_) => Self::alone("init"),
            Verb::Explain(_) => Self::alone("explain"),
            Verb::Schema(_) => Self::alone("schema"),
            Verb::Emulate(_) => Self::alone("emulate"),
            Verb::Completions(_) => Self::alone("completions"),
            Verb::Generate(_) => Self::alone("generate"),
            Verb::Validate(given) => {
                Self::alone("validate").manifest(given.path.as_deref()).trusted(given.trust.path())
            }
            Verb::Codeowners(given) => Self::alone("codeowners").manifest(given.path.as_deref()),
            Verb::Policy(given) => Self::alone("policy test").manifest(given.path()).trusted(given.trusted()),
            Verb::Show(given) => Self::alone("show").manifest(None).trusted(given.trust.path()),
            Verb::Comment(_) => Self::alone("comment").manifest(None).comments(),
            Verb::Plan(given) => {
                let row = Self::alone("plan --state").manifest(given.path.as_deref()).remembers();
                let row = row.trusted(given.current.trusted());
                if given.current.has_state() { row } else { Self { name: "plan", ..row.looks(&[]) } }
            }
            Verb::Graph(given) => {
                let Some(manifest) = given.manifest() else { return Self::alone("graph") };
                let row = Self::alone("graph --state").manifest(manifest).remembers();
                let row = row.trusted(given.current.trusted());
                if given.current.has_state() { row } else { Self { name: "graph", ..row.looks(&[]) } }
            }
            Verb::Diff(given) => {
                let row = Self::alone("diff --state").manifest(given.path.as_deref()).remembers();
                let row = row.trusted(given.current.trusted());
                if given.current.has_state() { row } else { Self { name: "diff", ..row.looks(&[]) } }
            }
            Verb::Why(given) => {
                let row = Self::alone("why --state").manifest(None).remembers();
                let row = row.trusted(given.current.trusted());
                if given.current.has_state() { row } else { Self { name: "why", ..row.looks(&[]) } }
            }
            Verb::Import(given) => {
                let row = Self::alone("import --state").manifest(None);
                if given.state.is_some() {
                    row
                } else {
                    Self { name: "import", ..row.looks(std::slice::from_ref(&given.tenant)) }
                }
            }
            Verb::Observe(given) => {
                Self::alone("observe").manifest(None).trusted(given.trust.path()).looks(&given.tenants)
            }
            Verb::Apply(given) => {
                let row = Self::alone("apply").changes().remembers().trusted(given.current.trusted());
                row.manifest(given.manifest())
            }
            Verb::Resume(given) => {
                Self::alone("resume").manifest(None).changes().remembers().trusted(given.trust.path())
            }
            Verb::Undo(given) => Self::alone("undo").manifest(None).changes().remembers().trusted(given.trust.path()),
            Verb::Doctor(given) => {
                Self::alone("doctor").manifest(None).changes().remembers().trusted(given.trust.path())
            }
            Verb::History(_) => Self::alone("history").manifest(None).remembers(),
            Verb::Audit(_) => Self::alone("audit").manifest(None).remembers(),
        }
    }
}

/// Refuses to begin where the environment holds a credential that the verb does not need.
pub(super) fn check(verb: &Verb, context: &Context) -> Result<(), Failure> {
    let row = Row::of(verb);
    let own = match row.manifest {
        Some(given) => Some(context.manifest(given)?),
        None => None,
    };
    let manifests: Vec<&Path> = own.as_deref().into_iter().chain(row.trusted).collect();
    // What a store on a server remembers takes its password; without one there is nothing to remember with.
    let store = context.globals.store.as_deref();
    let on_server = store.is_some_and(|url| url.starts_with("postgres"));
    let needs = Needs { store: row.needs.store && on_server, ..row.needs };
    let findings = unneeded(row.name, &needs, &manifests, store);
    if findings.is_empty() {
        return Ok(());
    }
    Err(Failure::Findings { exit: Exit::Usage, findings, files: Box::<Files>::default() })
}
