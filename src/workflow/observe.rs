//! `reseat observe`: observations of tenants, read from the tenants or from state files.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use smol_str::SmolStr;
use tokio::task::JoinSet;

use super::connection::{connect, error_exit};
use super::error::WorkflowError;
use super::exit::Exit;
use super::manifest::{self, Manifest};
use super::pending;
use super::session::Session;
use super::state_files::{self, Observations};
use crate::adapter::file::state;
use crate::adapter::{AccessOptions, AdapterError};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Files, Finding};
use crate::env::Now;
use crate::model::{AdapterSettings, Observation};
use crate::report::escape::escape;
use crate::store::StoreUrl;

/// Findings quote lines of files up to this size.
const EXCERPT_MAX_BYTES: u64 = 8 << 20;

/// Prints the current state of a tenant as a state file, or writes one file per tenant to the folder `out`.
///
/// # Errors
/// If the manifest or a tenant cannot be read, or a file cannot be written.
pub async fn observe(
    tenants: &[String],
    out: Option<&Path>,
    trusted: Option<&Path>,
    now: Now,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    let manifest = manifest::load(&session.manifest_path(None)?, trusted, now)?;
    session.print_trusted_differences(&manifest);
    let count = if tenants.is_empty() { manifest.desired.tenants.len() } else { tenants.len() };
    if out.is_none() && count > 1 {
        return Err(WorkflowError::usage(format!("cannot print {count} tenants as one state file"))
            .with_help("name one tenant, or write one file per tenant with `--out DIR`"));
    }
    let observations = observe_tenants(&manifest, tenants, session.read_access()).await?;
    let Some(out) = out else {
        for observation in observations.values() {
            session.ui.print(&state_files::to_text(observation, session.json)?)?;
        }
        return Ok(Exit::Done);
    };
    for path in state_files::write(&observations, out, session.json)? {
        session.ui.info(&format!("wrote {}\n", escape(&path.to_string_lossy())));
    }
    Ok(Exit::Done)
}

/// State files that were read and not validated yet.
pub struct StateFiles {
    read: Vec<(PathBuf, Result<Observation, Vec<Finding>>)>,
    /// Findings about folders.
    findings: Vec<Finding>,
}

/// Reads state files and folders of them in parallel to `work`: reading a manifest takes about as long.
pub fn read_state_files_during<T>(paths: &[PathBuf], work: impl FnOnce() -> T) -> (T, StateFiles) {
    thread::scope(|scope| {
        let files = scope.spawn(|| {
            let (paths, findings) = state_files::expand_paths(paths);
            let read = |path: PathBuf| {
                let read = state::read_any(&path);
                (path, read)
            };
            StateFiles { read: paths.into_iter().map(read).collect(), findings }
        });
        let done = work();
        (done, files.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Validates state files, each as the state of the tenant that it names.
///
/// # Errors
/// If any of them is invalid.
pub fn validate_state_files(manifest: &Manifest, files: StateFiles) -> Result<Observations, WorkflowError> {
    let StateFiles { read, mut findings } = files;
    let paths: Vec<PathBuf> = read.iter().map(|(path, _)| path.clone()).collect();
    let mut observations = Observations::new();
    let mut from: BTreeMap<_, &Path> = BTreeMap::new();
    for (path, (_, read)) in paths.iter().zip(read) {
        match read.and_then(|observation| validate_state_file(manifest, path, observation)) {
            Ok(observation) => {
                let tenant = observation.tenant.clone();
                if let Some(first) = from.insert(tenant.clone(), path) {
                    let message = format!("duplicate state file of tenant `{tenant}`: `{}`", path.display());
                    let help = format!("omit this one or `{}`", first.display());
                    findings.push(Finding::error(&codes::DUPLICATE_STATE, message).help(help));
                }
                observations.insert(tenant, observation);
            }
            Err(found) => findings.extend(found),
        }
    }
    if findings.is_empty() {
        Ok(observations)
    } else {
        Err(WorkflowError::new(Exit::Input, findings, file_texts(&paths)))
    }
}

fn validate_state_file(
    manifest: &Manifest,
    path: &Path,
    mut observation: Observation,
) -> Result<Observation, Vec<Finding>> {
    let (settings, rules) = manifest.tenant(&observation.tenant).map_err(|error| {
        let prefix = format!("`{}` belongs to another manifest: ", path.display());
        let findings = error.into_findings().into_iter();
        findings
            .map(|finding| Finding { message: format!("{prefix}{}", finding.message), ..finding })
            .collect::<Vec<_>>()
    })?;
    let (findings, _) = state::validate_file(&mut observation, path, settings, rules);
    if findings.is_empty() { Ok(observation) } else { Err(findings) }
}

/// Returns the texts of state files, which findings quote.
fn file_texts(paths: &[PathBuf]) -> Files {
    let mut files = Files::default();
    for path in paths {
        let small = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() <= EXCERPT_MAX_BYTES);
        if let Some(text) = small.then(|| std::fs::read_to_string(path).ok()).flatten() {
            files.add(&*path.to_string_lossy(), path, text);
        }
    }
    files
}

/// Returns the texts of the files that adapters read.
fn adapter_file_texts(manifest: &Manifest) -> Files {
    let paths = manifest.desired.tenants.values().filter_map(|tenant| match &tenant.settings.adapter {
        AdapterSettings::File { path, .. } => Some(path.clone()),
        AdapterSettings::Runbook(runbook) => runbook.export.clone(),
        AdapterSettings::Api(_) | AdapterSettings::Exec(_) | AdapterSettings::Bridge(_) => None,
    });
    file_texts(&paths.collect::<Vec<_>>())
}

/// Observes the named tenants, or all of them.
///
/// # Errors
/// If a tenant is unknown or cannot be read.
pub async fn observe_tenants<T: AsRef<str>>(
    manifest: &Manifest,
    only: &[T],
    access: AccessOptions,
) -> Result<Observations, WorkflowError> {
    let mut names = BTreeSet::new();
    for name in only {
        names.insert(manifest.tenant(name.as_ref())?.0.name.clone());
    }
    let all = || manifest.desired.tenants.keys().cloned().collect();
    let names = if only.is_empty() { all() } else { names.into_iter().collect() };
    observe_each(manifest, names, access).await
}

/// Observes all tenants and adds what earlier runs have in flight.
///
/// # Errors
/// If a tenant or the store cannot be read.
pub async fn observe_for_plan(
    manifest: &Manifest,
    store: &StoreUrl,
    access: AccessOptions,
) -> Result<Observations, WorkflowError> {
    let mut observations = observe_tenants::<&str>(manifest, &[], access).await?;
    pending::overlay(manifest, store, access, &mut observations).await?;
    Ok(observations)
}

/// Observes tenants in parallel.
///
/// # Errors
/// If a tenant cannot be read.
pub(super) async fn observe_each(
    manifest: &Manifest,
    names: Vec<SmolStr>,
    access: AccessOptions,
) -> Result<Observations, WorkflowError> {
    let mut tasks = JoinSet::new();
    for name in names {
        let connection = connect(manifest, &name, access.without_writes())?;
        tasks.spawn(async move { (name, connection.observe.observe().await) });
    }
    let mut observations = Observations::new();
    let mut findings = Vec::new();
    let mut exit = Exit::Done;
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok((name, Ok(observation))) => drop(observations.insert(name, observation)),
            Ok((name, Err(error))) => {
                exit = exit.combine(error_exit(&error));
                findings.extend(error_findings(&name, error));
            }
            Err(error) => {
                exit = exit.combine(Exit::Internal);
                findings.push(Finding::error(&codes::TENANT_FAILED, format!("reading a tenant failed: {error}")));
            }
        }
    }
    match exit {
        Exit::Done => Ok(observations),
        exit => Err(WorkflowError::new(exit, findings, adapter_file_texts(manifest))),
    }
}

/// Returns the findings of an adapter's error.
fn error_findings(tenant: &str, error: AdapterError) -> Vec<Finding> {
    if !error.findings.is_empty() {
        return error.findings;
    }
    let finding = Finding::error(&codes::TENANT_FAILED, format!("tenant `{tenant}`: {}", error.message));
    vec![match error.help {
        Some(help) => finding.help(help),
        None => finding,
    }]
}
