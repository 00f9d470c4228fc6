//! Observations: read from state files, or from the tenants themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread;

use smol_str::SmolStr;
use tokio::task::JoinSet;

use super::error::{WorkflowError, WorkflowErrorKind};
use super::manifest::Manifest;
use super::pending;
use super::plan::Observations;
use super::state_files;
use crate::adapter::{
    AccessOptions, AdapterError, Connection, ConnectionConfig, ErrorKind, connect as reach, file::state,
};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Files, Finding};
use crate::model::{AdapterSettings, Observation};
use crate::store::StoreUrl;

/// Larger files are not shown with the line at fault.
const EXCERPT_MAX_BYTES: u64 = 8 << 20;

/// State files that were read, and not yet held against a manifest.
pub struct StateFiles {
    read: Vec<(PathBuf, Result<Observation, Vec<Finding>>)>,
    /// What is wrong with the folders that were named.
    faults: Vec<Finding>,
}

/// Reads state files while `work` goes on, for reading a manifest and a large state takes about as long. A folder stands
/// for the state files in it.
pub fn read_state_files_during<T>(paths: &[PathBuf], work: impl FnOnce() -> T) -> (T, StateFiles) {
    thread::scope(|scope| {
        let files = scope.spawn(|| {
            let (paths, faults) = state_files::expand_paths(paths);
            let read = |path: PathBuf| {
                let read = state::read_any(&path);
                (path, read)
            };
            StateFiles { read: paths.into_iter().map(read).collect(), faults }
        });
        let done = work();
        (done, files.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// What state files say, each of the tenant that it names. No tenant is reached.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn validate_state_files(manifest: &Manifest, files: StateFiles) -> Result<Observations, WorkflowError> {
    let StateFiles { read, faults: mut findings } = files;
    let paths: Vec<PathBuf> = read.iter().map(|(path, _)| path.clone()).collect();
    let mut observations = Observations::new();
    let mut from: BTreeMap<_, &Path> = BTreeMap::new();
    for (path, (_, read)) in paths.iter().zip(read) {
        match read.and_then(|observation| validate_state_file(manifest, path, observation)) {
            Ok(observation) => {
                let tenant = observation.tenant.clone();
                if let Some(first) = from.insert(tenant.clone(), path) {
                    let message = format!("`{}` is the second state file of tenant `{tenant}`", path.display());
                    let help = format!("leave out this one or `{}`", first.display());
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
        Err(WorkflowError::new(WorkflowErrorKind::Input, findings, file_texts(&paths)))
    }
}

fn validate_state_file(
    manifest: &Manifest,
    path: &Path,
    mut observation: Observation,
) -> Result<Observation, Vec<Finding>> {
    let (settings, rules) = manifest.tenant(&observation.tenant).map_err(|problem| {
        let prefix = format!("`{}` is of another manifest: ", path.display());
        let said = problem.findings.into_iter();
        said.map(|finding| Finding { message: format!("{prefix}{}", finding.message), ..finding }).collect::<Vec<_>>()
    })?;
    let (findings, _) = state::validate_file(&mut observation, path, settings, rules);
    if findings.is_empty() { Ok(observation) } else { Err(findings) }
}

/// The texts of state files, so that findings can show their lines.
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

/// The texts of the state files that tenants are kept in.
fn adapter_file_texts(manifest: &Manifest) -> Files {
    let kept = manifest.desired.tenants.values().filter_map(|tenant| match &tenant.settings.adapter {
        AdapterSettings::File { path, .. } => Some(path.clone()),
        AdapterSettings::Runbook(runbook) => runbook.export.clone(),
        AdapterSettings::Api(_) | AdapterSettings::Exec(_) | AdapterSettings::Bridge(_) => None,
    });
    file_texts(&kept.collect::<Vec<_>>())
}

/// Asks those tenants, each once, or all where none is named.
///
/// # Errors
/// The first tenants that cannot be reached, or answer nonsense.
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

/// Asks all tenants, and lays over what earlier runs have in flight there.
///
/// # Errors
/// The first tenants that cannot be reached, or answer nonsense, and a store that cannot be read.
pub async fn observe_for_plan(
    manifest: &Manifest,
    store: &StoreUrl,
    access: AccessOptions,
) -> Result<Observations, WorkflowError> {
    let mut observations = observe_tenants::<&str>(manifest, &[], access).await?;
    pending::overlay(manifest, store, access, &mut observations).await?;
    Ok(observations)
}

/// Asks the tenants of those names.
///
/// # Errors
/// The first tenants that cannot be reached, or answer nonsense.
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
    let mut kinds = Vec::new();
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok((name, Ok(observation))) => drop(observations.insert(name, observation)),
            Ok((name, Err(error))) => {
                // A state file that is missing or wrong is an input, whatever the system calls it.
                kinds.push(if error.findings.is_empty() { error_kind(&error) } else { WorkflowErrorKind::Input });
                findings.extend(error_findings(&name, error));
            }
            Err(error) => {
                kinds.push(WorkflowErrorKind::Internal);
                findings.push(Finding::error(&codes::TENANT_FAILED, format!("reading a tenant broke off: {error}")));
            }
        }
    }
    match kinds.into_iter().min_by_key(|kind| precedence(*kind)) {
        None => Ok(observations),
        Some(kind) => Err(WorkflowError::new(kind, findings, adapter_file_texts(manifest))),
    }
}

/// The way to reach a tenant.
///
/// # Errors
/// When this version cannot reach it that way.
pub(super) fn connect(manifest: &Manifest, name: &str, access: AccessOptions) -> Result<Connection, WorkflowError> {
    let (settings, rules) = manifest.tenant(name)?;
    reach(&ConnectionConfig { settings, rules, access }).map_err(|findings| {
        let at = |finding: Finding| finding.at(manifest.files.source(settings.source));
        let findings = findings.into_iter().map(at).collect();
        WorkflowError::new(WorkflowErrorKind::Input, findings, manifest.files.clone())
    })
}

/// What an adapter's error means for the whole run.
pub(super) fn error_kind(error: &AdapterError) -> WorkflowErrorKind {
    match error.kind {
        ErrorKind::AccessDenied | ErrorKind::Unavailable | ErrorKind::Throttled => WorkflowErrorKind::Unreachable,
        ErrorKind::Busy => WorkflowErrorKind::Busy,
        ErrorKind::Io => WorkflowErrorKind::Internal,
        ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::NoSeat
        | ErrorKind::Forbidden
        | ErrorKind::Unsupported
        | ErrorKind::Malformed => WorkflowErrorKind::Input,
    }
}

/// Which of several kinds counts: the order of the exit codes.
pub(super) fn precedence(kind: WorkflowErrorKind) -> usize {
    use WorkflowErrorKind::{Busy, Denied, Input, Internal, Interrupted, Locked, Stale, Unreachable};
    let order = [Internal, Input, Denied, Unreachable, Locked, Stale, Interrupted, Busy];
    order.iter().position(|other| *other == kind).unwrap_or(order.len())
}

/// An adapter's error as findings: those of the file that it reads, or what it says.
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
