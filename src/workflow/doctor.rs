//! `reseat doctor`: diagnoses the store and the tenants without changing anything.
//!
//! All checks run in parallel, and a failing tenant does not hide another one. Every problem has a remedy, quoted from the
//! vendor's documentation where possible.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use smol_str::SmolStr;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::connection::error_exit;
use super::error::WorkflowError;
use super::exit::Exit;
use super::manifest::{self, Manifest};
use super::session::Session;
use crate::adapter::{
    AccessOptions, AdapterDescriptor, AdapterError, AdapterFuture, ConnectionConfig, CredentialRequirement, ErrorKind,
    TenantHealth, WriteMode, connect, find_adapter,
};
use crate::diagnostic::Finding;
use crate::env::Now;
use crate::model::{Mode, TenantSettings};
use crate::profile::Rules;
use crate::report::doctor::{self as report, CheckStatus, CheckTopic, Diagnosis, DiagnosisTarget, HealthCheck};
use crate::store::{StoreUrl, inspect};

/// Longest time for a small request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest time for a complete observation.
const OBSERVE_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// Harmless difference between clocks.
const CLOCK_SKEW_MAX_SECONDS: i64 = 30;

/// Prints a diagnosis of the store, and of one tenant or all.
///
/// # Errors
/// If the manifest is invalid or has no such tenant.
pub async fn doctor(
    tenant: Option<&str>,
    trusted: Option<&Path>,
    now: Now,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    let path = session.manifest_path(None)?;
    let manifest = manifest::load(&path, trusted, now)?;
    session.print_trusted_differences(&manifest);
    let names: Vec<SmolStr> = match tenant {
        Some(name) => vec![manifest.tenant(name)?.0.name.clone()],
        None => manifest.desired.tenants.keys().cloned().collect(),
    };
    let (diagnosis, exit) = diagnose(&manifest, &names, session.store(&path), session.write_access()).await?;
    session.print_document(&diagnosis, report::text)?;
    Ok(exit)
}

/// Examines the store and the tenants. The exit code is that of the worst problem.
async fn diagnose(
    manifest: &Manifest,
    names: &[SmolStr],
    store: Result<StoreUrl, WorkflowError>,
    access: AccessOptions,
) -> Result<(Diagnosis, Exit), WorkflowError> {
    let mut tasks = JoinSet::new();
    for (index, name) in names.iter().enumerate() {
        let (settings, rules) = manifest.tenant(name)?;
        let (settings, rules) = (settings.clone(), rules.clone());
        tasks.spawn(async move { (index, examine_tenant(settings, rules, access).await) });
    }
    let (store, mut exit) = examine_store(store, access.clock.time()).await;
    let mut tenants = Vec::with_capacity(names.len());
    while let Some(result) = tasks.join_next().await {
        match result {
            Ok((index, (examined, tenant_exit))) => {
                exit = exit.combine(tenant_exit);
                tenants.push((index, examined));
            }
            // A panic is an internal error; the other tenants are still reported.
            Err(_) => exit = exit.combine(Exit::Internal),
        }
    }
    tenants.sort_by_key(|(index, _)| *index);
    let tool = format!("reseat {}", env!("CARGO_PKG_VERSION"));
    let tenants = tenants.into_iter().map(|(_, examined)| examined).collect();
    Ok((Diagnosis { tool, store, tenants }, exit))
}

async fn examine_store(url: Result<StoreUrl, WorkflowError>, now: Timestamp) -> (DiagnosisTarget, Exit) {
    let mut checks = Checks::default();
    let mut place = String::new();
    let status = match url {
        Ok(url) => {
            place = url.to_string();
            inspect(&url, now).await.map_err(WorkflowError::from)
        }
        Err(error) => Err(error),
    };
    match status {
        Err(error) => checks.fail(CheckTopic::Reading, error.exit(), error.into_findings()),
        Ok(status) => {
            match status.version {
                Some(version) => {
                    checks.add(CheckTopic::Version, CheckStatus::Ok, format!("schema version {version}"));
                }
                None => {
                    checks.add(CheckTopic::Version, CheckStatus::Note, "no store yet; the first `apply` creates it");
                }
            }
            if let Some(error) = status.write_error {
                checks.fail(CheckTopic::Writing, Exit::Internal, [error.finding()]);
            }
            if let Some(error) = status.lock_error {
                // A run in progress is not a problem.
                let finding = error.finding();
                let check = HealthCheck::new(CheckTopic::Lock, CheckStatus::Note, finding.message);
                checks.list.push(check.with_remedy(finding.help));
            }
        }
    }
    (DiagnosisTarget { name: SmolStr::new_static("store"), place, checks: checks.list }, checks.exit)
}

/// Checks and the exit code of the worst problem.
#[derive(Default)]
struct Checks {
    list: Vec<HealthCheck>,
    exit: Exit,
}

impl Checks {
    fn add(&mut self, topic: CheckTopic, status: CheckStatus, message: impl Into<String>) {
        self.list.push(HealthCheck::new(topic, status, message));
    }

    fn warn(&mut self, topic: CheckTopic, message: String, remedy: &str) {
        self.list.push(HealthCheck::new(topic, CheckStatus::Warning, message).with_remedy(remedy.to_owned()));
    }

    fn fail(&mut self, topic: CheckTopic, exit: Exit, findings: impl IntoIterator<Item = Finding>) {
        self.exit = self.exit.combine(exit);
        let check =
            |finding: Finding| HealthCheck::new(topic, CheckStatus::Error, finding.message).with_remedy(finding.help);
        self.list.extend(findings.into_iter().map(check));
    }
}

/// The examination of one tenant.
struct TenantExamination {
    settings: TenantSettings,
    rules: Rules,
    access: AccessOptions,
    adapter: Option<&'static AdapterDescriptor>,
    checks: Checks,
}

async fn examine_tenant(settings: TenantSettings, rules: Rules, access: AccessOptions) -> (DiagnosisTarget, Exit) {
    let adapter = find_adapter(&settings);
    let name = settings.name.clone();
    let place = format!("{} through {}", settings.vendor, settings.adapter.name());
    let mut examination = TenantExamination { settings, rules, access, adapter, checks: Checks::default() };
    examination.examine().await;
    let Checks { list, exit } = examination.checks;
    (DiagnosisTarget { name, place, checks: list }, exit)
}

/// Limits the time of an adapter's answer.
async fn with_timeout<T>(time: Duration, answer: AdapterFuture<'_, T>) -> Result<T, AdapterError> {
    let late = || AdapterError::new(ErrorKind::Unavailable, format!("no answer within {} s", time.as_secs()));
    timeout(time, answer).await.unwrap_or_else(|_| Err(late()))
}

impl TenantExamination {
    async fn examine(&mut self) {
        let access = self.access;
        let connection =
            |access: AccessOptions| connect(&ConnectionConfig { settings: &self.settings, rules: &self.rules, access });
        let (reading, writing) = (connection(access.without_writes()), connection(access));
        let reading = match reading {
            Ok(connection) => connection.observe,
            Err(findings) => return self.checks.fail(CheckTopic::Reading, Exit::Input, findings),
        };
        match with_timeout(REQUEST_TIMEOUT, reading.health()).await {
            Ok(health) => self.add_health(health),
            Err(error) => return self.add_failure(CheckTopic::Reading, &error),
        }
        match with_timeout(OBSERVE_TIMEOUT, reading.observe()).await {
            Ok(observation) => {
                let (accounts, pools) = (observation.accounts.len(), observation.pools.len());
                self.checks.add(CheckTopic::Reading, CheckStatus::Ok, format!("accounts: {accounts}, pools: {pools}"));
                if let Some(reason) = observation.busy {
                    let message = format!("the vendor refuses changes: {reason}");
                    self.checks.warn(CheckTopic::Busy, message, "try again later; `apply --wait` waits for the vendor");
                }
                if !observation.complete {
                    let message = "incomplete: not everything could be read".to_owned();
                    let remedy = "an incomplete state removes no license; try again later";
                    self.checks.warn(CheckTopic::Complete, message, remedy);
                    // Some adapters report what is missing only after an observation.
                    if let Ok(health) = with_timeout(REQUEST_TIMEOUT, reading.health()).await {
                        self.add_notes(health.notes);
                    }
                }
            }
            Err(error) => self.add_failure(CheckTopic::Reading, &error),
        }
        let note = |text: &str| HealthCheck::new(CheckTopic::Writing, CheckStatus::Note, text);
        if self.settings.mode == Mode::Observe {
            return self.checks.list.push(note("not needed: the tenant has `manage: observe`"));
        }
        if self.adapter.is_some_and(|adapter| adapter.capabilities.write_mode == WriteMode::Manual) {
            return self.checks.list.push(note("manual: people follow a runbook"));
        }
        match writing.map(|connection| connection.execute) {
            Ok(Some(execute)) => match with_timeout(REQUEST_TIMEOUT, execute.health()).await {
                Ok(health) => {
                    let before = self.checks.list.len();
                    self.add_notes(health.notes);
                    if self.checks.list.len() == before {
                        let message = "works, as far as can be checked without a change";
                        self.checks.add(CheckTopic::Writing, CheckStatus::Ok, message);
                    }
                }
                Err(error) => self.add_failure(CheckTopic::Writing, &error),
            },
            Ok(None) => self.checks.list.push(note("the adapter is read-only")),
            Err(findings) => self.checks.fail(CheckTopic::Writing, Exit::Input, findings),
        }
    }

    /// Adds what the tenant reports about itself.
    fn add_health(&mut self, health: TenantHealth) {
        let TenantHealth { server_time, quota, role, version, notes } = health;
        if let Some(version) = version {
            self.checks.add(CheckTopic::Version, CheckStatus::Ok, version);
        }
        if let Some(role) = role {
            self.checks.add(CheckTopic::Role, CheckStatus::Ok, role);
        }
        if let Some(time) = server_time {
            let seconds = time.duration_since(self.access.clock.time()).as_secs();
            if seconds.abs() <= CLOCK_SKEW_MAX_SECONDS {
                self.checks.add(CheckTopic::Clock, CheckStatus::Ok, format!("{} s apart", seconds.abs()));
            } else {
                let side = if seconds > 0 { "ahead of" } else { "behind" };
                let message = format!("the vendor's clock is {} s {side} this machine's", seconds.abs());
                let remedy = "synchronize this machine's clock: dates and freeze windows depend on it";
                self.checks.warn(CheckTopic::Clock, message, remedy);
            }
        }
        if let Some(quota) = quota {
            let of = quota.limit.map_or_else(String::new, |of| format!(" of {of}"));
            let resets = quota.resets_at.map_or_else(String::new, |resets| format!(", until {resets}"));
            let message = format!("{}{of} requests left{resets}", quota.remaining);
            match quota.remaining {
                0 => self.checks.warn(CheckTopic::Quota, message, "wait until the quota resets"),
                _ => self.checks.add(CheckTopic::Quota, CheckStatus::Ok, message),
            }
        }
        self.add_notes(notes);
    }

    fn add_notes(&mut self, notes: Vec<AdapterError>) {
        for note in notes {
            let check = HealthCheck::new(CheckTopic::Note, CheckStatus::Warning, note.message).with_remedy(note.help);
            if !self.checks.list.contains(&check) {
                self.checks.list.push(check);
            }
        }
    }

    /// Adds a failure with the required privileges and the vendor's advice.
    fn add_failure(&mut self, topic: CheckTopic, error: &AdapterError) {
        self.checks.exit = self.checks.exit.combine(error_exit(error));
        let mut check =
            HealthCheck::new(topic, CheckStatus::Error, error.message.clone()).with_remedy(error.help.clone());
        if matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::Forbidden) {
            let needs: &[CredentialRequirement] = match (self.adapter, topic) {
                (Some(adapter), CheckTopic::Writing) => adapter.write_credentials,
                (Some(adapter), _) => adapter.read_credentials,
                (None, _) => &[],
            };
            for credential in needs {
                check = check.with_remedy(format!("`{}` needs: {}", credential.setting, credential.privilege));
            }
            let administrator = &self.rules.profile().administrator;
            if !administrator.roles.is_empty() {
                check = check.with_remedy(format!("required role, one of: {}", administrator.roles.join(", ")));
            }
            for step in administrator.remedy {
                check = check.with_remedy((*step).to_owned());
            }
        }
        self.checks.list.push(check);
    }
}
