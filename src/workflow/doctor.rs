//! How store and tenants are, before anything depends on it.
//!
//! Everything is looked at once, side by side, and nothing is changed. What must hold: one tenant that is out of order hides no
//! other; every problem comes with what to do, and with the vendor's own words where its pages have some.

use std::time::Duration;

use jiff::Timestamp;
use smol_str::SmolStr;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::error::{WorkflowError, WorkflowErrorKind};
use super::manifest::Manifest;
use super::observe::{error_kind, precedence};
use crate::adapter::{
    AccessOptions, AdapterDescriptor, AdapterError, AdapterFuture, ConnectionConfig, CredentialRequirement, ErrorKind,
    TenantHealth, WriteMode, connect, find_adapter,
};
use crate::diagnostic::Finding;
use crate::model::{Mode, TenantSettings};
use crate::profile::Rules;
use crate::report::doctor::{CheckStatus, CheckTopic, Diagnosis, DiagnosisTarget, HealthCheck};
use crate::store::{StoreUrl, inspect};

/// The longest time for a small request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest time for reading everything.
const OBSERVE_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// Clocks that differ by less do no harm.
const CLOCK_SKEW_MAX_SECONDS: i64 = 30;

/// A diagnosis, and what its problems mean for the run, worst first.
pub struct DoctorOutcome {
    /// What was found.
    pub diagnosis: Diagnosis,
    /// The worst problem, if there is one.
    pub kind: Option<WorkflowErrorKind>,
}

/// Looks at the store, and at one tenant or all.
///
/// # Errors
/// When there is no such tenant.
pub async fn diagnose(
    manifest: &Manifest,
    only: Option<&str>,
    store: Result<StoreUrl, WorkflowError>,
    access: AccessOptions,
) -> Result<DoctorOutcome, WorkflowError> {
    let names: Vec<SmolStr> = match only {
        Some(name) => vec![manifest.tenant(name)?.0.name.clone()],
        None => manifest.desired.tenants.keys().cloned().collect(),
    };
    let mut tasks = JoinSet::new();
    for (index, name) in names.iter().enumerate() {
        let (settings, rules) = manifest.tenant(name)?;
        let (settings, rules) = (settings.clone(), rules.clone());
        tasks.spawn(async move { (index, examine_tenant(settings, rules, access).await) });
    }
    let mut kinds = Vec::new();
    let store = examine_store(store, access.clock.time(), &mut kinds).await;
    let mut tenants = Vec::with_capacity(names.len());
    while let Some(done) = tasks.join_next().await {
        // A task that broke off is a mistake of ours, and the others are told all the same.
        match done {
            Ok((index, (examined, found))) => {
                kinds.extend(found);
                tenants.push((index, examined));
            }
            Err(_) => kinds.push(WorkflowErrorKind::Internal),
        }
    }
    tenants.sort_by_key(|(index, _)| *index);
    let diagnosis = Diagnosis {
        tool: format!("reseat {}", env!("CARGO_PKG_VERSION")),
        store,
        tenants: tenants.into_iter().map(|(_, examined)| examined).collect(),
    };
    Ok(DoctorOutcome { diagnosis, kind: kinds.into_iter().min_by_key(|kind| precedence(*kind)) })
}

async fn examine_store(
    url: Result<StoreUrl, WorkflowError>,
    now: Timestamp,
    kinds: &mut Vec<WorkflowErrorKind>,
) -> DiagnosisTarget {
    let mut place = String::new();
    let mut checks = Vec::new();
    let failed = |topic, finding: &Finding| {
        HealthCheck::new(topic, CheckStatus::Error, finding.message.clone()).with_remedy(finding.help.clone())
    };
    match url {
        Err(problem) => {
            kinds.push(problem.kind);
            checks.extend(problem.findings.iter().map(|finding| failed(CheckTopic::Reading, finding)));
        }
        Ok(url) => {
            place = url.to_string();
            match inspect(&url, now).await {
                Err(error) => {
                    let problem = WorkflowError::from(error);
                    kinds.push(problem.kind);
                    checks.extend(problem.findings.iter().map(|finding| failed(CheckTopic::Reading, finding)));
                }
                Ok(found) => {
                    checks.push(match found.version {
                        Some(version) => HealthCheck::new(
                            CheckTopic::Version,
                            CheckStatus::Ok,
                            format!("its tables have version {version}"),
                        ),
                        None => HealthCheck::new(
                            CheckTopic::Version,
                            CheckStatus::Note,
                            "there is none yet; the first `apply` makes it",
                        ),
                    });
                    if let Some(error) = found.write_error {
                        kinds.push(WorkflowErrorKind::Internal);
                        checks.push(failed(CheckTopic::Writing, &error.finding()));
                    }
                    if let Some(locked) = found.lock_error {
                        // Runs come and go: that one is under way is no fault.
                        let finding = locked.finding();
                        checks.push(
                            HealthCheck::new(CheckTopic::Lock, CheckStatus::Note, finding.message)
                                .with_remedy(finding.help),
                        );
                    }
                }
            }
        }
    }
    DiagnosisTarget { name: SmolStr::new_static("store"), place, checks }
}

/// One tenant while it is looked at.
struct TenantExamination {
    settings: TenantSettings,
    rules: Rules,
    access: AccessOptions,
    adapter: Option<&'static AdapterDescriptor>,
    checks: Vec<HealthCheck>,
    kinds: Vec<WorkflowErrorKind>,
}

async fn examine_tenant(
    settings: TenantSettings,
    rules: Rules,
    access: AccessOptions,
) -> (DiagnosisTarget, Vec<WorkflowErrorKind>) {
    let adapter = find_adapter(&settings);
    let name = settings.name.clone();
    let place = format!("{} through {}", settings.vendor, settings.adapter.name());
    let mut patient = TenantExamination { settings, rules, access, adapter, checks: Vec::new(), kinds: Vec::new() };
    patient.examine().await;
    (DiagnosisTarget { name, place, checks: patient.checks }, patient.kinds)
}

/// What an adapter answers within a time.
async fn with_timeout<T>(time: Duration, answer: AdapterFuture<'_, T>) -> Result<T, AdapterError> {
    let late = || AdapterError::new(ErrorKind::Unavailable, format!("there was no answer within {} s", time.as_secs()));
    timeout(time, answer).await.unwrap_or_else(|_| Err(late()))
}

impl TenantExamination {
    fn add(&mut self, topic: CheckTopic, verdict: CheckStatus, message: impl Into<String>) {
        self.checks.push(HealthCheck::new(topic, verdict, message));
    }

    async fn examine(&mut self) {
        let access = self.access;
        let reach =
            |access: AccessOptions| connect(&ConnectionConfig { settings: &self.settings, rules: &self.rules, access });
        let (reading, writing) = (reach(access.without_writes()), reach(access));
        let reading = match reading {
            Ok(connection) => connection.observe,
            Err(findings) => {
                self.kinds.push(WorkflowErrorKind::Input);
                let check = |finding: Finding| {
                    HealthCheck::new(CheckTopic::Reading, CheckStatus::Error, finding.message).with_remedy(finding.help)
                };
                self.checks.extend(findings.into_iter().map(check));
                return;
            }
        };
        match with_timeout(REQUEST_TIMEOUT, reading.health()).await {
            Ok(health) => self.add_health(health),
            Err(error) => return self.add_failure(CheckTopic::Reading, &error),
        }
        match with_timeout(OBSERVE_TIMEOUT, reading.observe()).await {
            Ok(observation) => {
                let (accounts, pools) = (observation.accounts.len(), observation.pools.len());
                self.add(CheckTopic::Reading, CheckStatus::Ok, format!("accounts: {accounts}, pools: {pools}"));
                if !observation.complete {
                    let check =
                        HealthCheck::new(CheckTopic::Complete, CheckStatus::Warning, "not everything could be read");
                    let help = "nobody loses a license by such a reading; look again later";
                    self.checks.push(check.with_remedy(help.to_owned()));
                }
                if let Some(reason) = observation.busy {
                    let check = HealthCheck::new(
                        CheckTopic::Busy,
                        CheckStatus::Warning,
                        format!("no changes are taken: {reason}"),
                    );
                    self.checks
                        .push(check.with_remedy("wait until it is over; `apply --wait` waits for it".to_owned()));
                }
                // What the program or vendor left out is known after it was asked.
                if !observation.complete
                    && let Ok(health) = with_timeout(REQUEST_TIMEOUT, reading.health()).await
                {
                    self.add_notes(health.notes);
                }
            }
            Err(error) => self.add_failure(CheckTopic::Reading, &error),
        }
        if self.settings.mode == Mode::Observe {
            return self.add(CheckTopic::Writing, CheckStatus::Note, "not needed: the tenant has `manage: observe`");
        }
        if self.adapter.is_some_and(|adapter| adapter.capabilities.write_mode == WriteMode::Manual) {
            return self.add(CheckTopic::Writing, CheckStatus::Note, "by people, who follow written steps");
        }
        match writing.map(|connection| connection.execute) {
            Ok(Some(execute)) => match with_timeout(REQUEST_TIMEOUT, execute.health()).await {
                Ok(health) => {
                    let before = self.checks.len();
                    self.add_notes(health.notes);
                    if self.checks.len() == before {
                        self.add(CheckTopic::Writing, CheckStatus::Ok, "as far as can be told without a change");
                    }
                }
                Err(error) => self.add_failure(CheckTopic::Writing, &error),
            },
            Ok(None) => self.add(CheckTopic::Writing, CheckStatus::Note, "this way only looks"),
            Err(findings) => {
                self.kinds.push(WorkflowErrorKind::Input);
                let check = |finding: Finding| {
                    HealthCheck::new(CheckTopic::Writing, CheckStatus::Error, finding.message).with_remedy(finding.help)
                };
                self.checks.extend(findings.into_iter().map(check));
            }
        }
    }

    /// What a tenant tells of itself.
    fn add_health(&mut self, health: TenantHealth) {
        let TenantHealth { server_time, quota, role, version, notes } = health;
        if let Some(version) = version {
            self.add(CheckTopic::Version, CheckStatus::Ok, version);
        }
        if let Some(role) = role {
            self.add(CheckTopic::Role, CheckStatus::Ok, role);
        }
        if let Some(time) = server_time {
            let seconds = time.duration_since(self.access.clock.time()).as_secs();
            if seconds.abs() <= CLOCK_SKEW_MAX_SECONDS {
                self.add(CheckTopic::Clock, CheckStatus::Ok, format!("{} s apart", seconds.abs()));
            } else {
                let side = if seconds > 0 { "ahead of" } else { "behind" };
                let message = format!("the vendor's clock is {} s {side} this machine's", seconds.abs());
                let help = "set this machine's clock by a time server: dates and freeze windows go by it";
                self.checks.push(
                    HealthCheck::new(CheckTopic::Clock, CheckStatus::Warning, message).with_remedy(help.to_owned()),
                );
            }
        }
        if let Some(quota) = quota {
            let of = quota.limit.map_or_else(String::new, |of| format!(" of {of}"));
            let resets = quota.resets_at.map_or_else(String::new, |resets| format!(", until {resets}"));
            let message = format!("{}{of} requests left{resets}", quota.remaining);
            let check = match quota.remaining {
                0 => HealthCheck::new(CheckTopic::Quota, CheckStatus::Warning, message)
                    .with_remedy("wait until it is reset".to_owned()),
                _ => HealthCheck::new(CheckTopic::Quota, CheckStatus::Ok, message),
            };
            self.checks.push(check);
        }
        self.add_notes(notes);
    }

    fn add_notes(&mut self, notes: Vec<AdapterError>) {
        for note in notes {
            let check = HealthCheck::new(CheckTopic::Note, CheckStatus::Warning, note.message).with_remedy(note.help);
            if !self.checks.contains(&check) {
                self.checks.push(check);
            }
        }
    }

    /// Says what went wrong, what the credential has to allow, and what the vendor's pages advise.
    fn add_failure(&mut self, topic: CheckTopic, error: &AdapterError) {
        self.kinds.push(if error.findings.is_empty() { error_kind(error) } else { WorkflowErrorKind::Input });
        let mut check =
            HealthCheck::new(topic, CheckStatus::Error, error.message.clone()).with_remedy(error.help.clone());
        if matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::Forbidden) {
            let needs: &[CredentialRequirement] = match (self.adapter, topic) {
                (Some(adapter), CheckTopic::Writing) => adapter.write_credentials,
                (Some(adapter), _) => adapter.read_credentials,
                (None, _) => &[],
            };
            for credential in needs {
                check = check.with_remedy(format!("`{}` has to allow: {}", credential.setting, credential.privilege));
            }
            let administrator = &self.rules.profile().administrator;
            if !administrator.roles.is_empty() {
                check = check.with_remedy(format!("one of these roles is needed: {}", administrator.roles.join(", ")));
            }
            for step in administrator.remedy {
                check = check.with_remedy((*step).to_owned());
            }
        }
        self.checks.push(check);
    }
}
