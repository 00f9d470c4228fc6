//! How store and tenants are, before anything depends on it.
//!
//! Everything is looked at once, side by side, and nothing is changed. What must hold: one tenant that is out of order hides no
//! other; every problem comes with what to do, and with the vendor's own words where its pages have some.

use std::time::Duration;

use jiff::Timestamp;
use smol_str::SmolStr;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::manifest::Manifest;
use super::observe::{kind_of, weight};
use super::problem::{Kind, Problem};
use crate::adapter::{
    Access, AdapterError, Answer, Credential, Descriptor, ErrorKind, Health, Reach, Writing, connect, find,
};
use crate::diagnostic::Finding;
use crate::model::{Mode, TenantSettings};
use crate::profile::Rules;
use crate::report::doctor::{Check, Diagnosis, Examined, Topic, Verdict};
use crate::store::{StoreUrl, examine};

/// The longest time for a small request.
const SHORT: Duration = Duration::from_secs(60);
/// The longest time for reading everything.
const LONG: Duration = Duration::from_secs(15 * 60);
/// Clocks that differ by less do no harm.
const SKEW_SECONDS: i64 = 30;

/// A diagnosis, and what its problems mean for the run, worst first.
pub struct Diagnosed {
    /// What was found.
    pub diagnosis: Diagnosis,
    /// The worst problem, if there is one.
    pub kind: Option<Kind>,
}

/// Looks at the store, and at one tenant or all.
///
/// # Errors
/// When there is no such tenant.
pub async fn examine_all(
    manifest: &Manifest,
    only: Option<&str>,
    store: Result<StoreUrl, Problem>,
    access: Access,
) -> Result<Diagnosed, Problem> {
    let names: Vec<SmolStr> = match only {
        Some(name) => vec![manifest.tenant(name)?.0.name.clone()],
        None => manifest.desired.tenants.keys().cloned().collect(),
    };
    let mut tasks = JoinSet::new();
    for (index, name) in names.iter().enumerate() {
        let (settings, rules) = manifest.tenant(name)?;
        let (settings, rules) = (settings.clone(), rules.clone());
        tasks.spawn(async move { (index, tenant(settings, rules, access).await) });
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
            Err(_) => kinds.push(Kind::Internal),
        }
    }
    tenants.sort_by_key(|(index, _)| *index);
    let diagnosis = Diagnosis {
        tool: format!("reseat {}", env!("CARGO_PKG_VERSION")),
        store,
        tenants: tenants.into_iter().map(|(_, examined)| examined).collect(),
    };
    Ok(Diagnosed { diagnosis, kind: kinds.into_iter().min_by_key(|kind| weight(*kind)) })
}

async fn examine_store(url: Result<StoreUrl, Problem>, now: Timestamp, kinds: &mut Vec<Kind>) -> Examined {
    let mut place = String::new();
    let mut checks = Vec::new();
    let failed = |topic, finding: &Finding| {
        Check::new(topic, Verdict::Error, finding.message.clone()).help(finding.help.clone())
    };
    match url {
        Err(problem) => {
            kinds.push(problem.kind);
            checks.extend(problem.findings.iter().map(|finding| failed(Topic::Reading, finding)));
        }
        Ok(url) => {
            place = url.to_string();
            match examine(&url, now).await {
                Err(error) => {
                    let problem = Problem::from(error);
                    kinds.push(problem.kind);
                    checks.extend(problem.findings.iter().map(|finding| failed(Topic::Reading, finding)));
                }
                Ok(found) => {
                    checks.push(match found.version {
                        Some(version) => {
                            Check::new(Topic::Version, Verdict::Ok, format!("its tables have version {version}"))
                        }
                        None => {
                            Check::new(Topic::Version, Verdict::Note, "there is none yet; the first `apply` makes it")
                        }
                    });
                    if let Some(error) = found.unwritable {
                        kinds.push(Kind::Internal);
                        checks.push(failed(Topic::Writing, &error.finding()));
                    }
                    if let Some(locked) = found.locked {
                        // Runs come and go: that one is under way is no fault.
                        let finding = locked.finding();
                        checks.push(Check::new(Topic::Lock, Verdict::Note, finding.message).help(finding.help));
                    }
                }
            }
        }
    }
    Examined { name: SmolStr::new_static("store"), place, checks }
}

/// One tenant while it is looked at.
struct Patient {
    settings: TenantSettings,
    rules: Rules,
    access: Access,
    adapter: Option<&'static Descriptor>,
    checks: Vec<Check>,
    kinds: Vec<Kind>,
}

async fn tenant(settings: TenantSettings, rules: Rules, access: Access) -> (Examined, Vec<Kind>) {
    let adapter = find(&settings);
    let name = settings.name.clone();
    let place = format!("{} through {}", settings.vendor, settings.adapter.name());
    let mut patient = Patient { settings, rules, access, adapter, checks: Vec::new(), kinds: Vec::new() };
    patient.examine().await;
    (Examined { name, place, checks: patient.checks }, patient.kinds)
}

/// What an adapter answers within a time.
async fn within<T>(time: Duration, answer: Answer<'_, T>) -> Result<T, AdapterError> {
    let late = || AdapterError::new(ErrorKind::Unavailable, format!("there was no answer within {} s", time.as_secs()));
    timeout(time, answer).await.unwrap_or_else(|_| Err(late()))
}

impl Patient {
    fn say(&mut self, topic: Topic, verdict: Verdict, message: impl Into<String>) {
        self.checks.push(Check::new(topic, verdict, message));
    }

    async fn examine(&mut self) {
        let access = self.access;
        let reach = |access: Access| connect(&Reach { settings: &self.settings, rules: &self.rules, access });
        let (reading, writing) = (reach(access.only_reading()), reach(access));
        let reading = match reading {
            Ok(connection) => connection.observe,
            Err(findings) => {
                self.kinds.push(Kind::Input);
                let check =
                    |finding: Finding| Check::new(Topic::Reading, Verdict::Error, finding.message).help(finding.help);
                self.checks.extend(findings.into_iter().map(check));
                return;
            }
        };
        match within(SHORT, reading.health()).await {
            Ok(health) => self.health(health),
            Err(error) => return self.failed(Topic::Reading, &error),
        }
        match within(LONG, reading.observe()).await {
            Ok(observation) => {
                let (accounts, pools) = (observation.accounts.len(), observation.pools.len());
                self.say(Topic::Reading, Verdict::Ok, format!("accounts: {accounts}, pools: {pools}"));
                if !observation.complete {
                    let check = Check::new(Topic::Complete, Verdict::Warning, "not everything could be read");
                    let help = "nobody loses a license by such a reading; look again later";
                    self.checks.push(check.help(help.to_owned()));
                }
                if let Some(reason) = observation.busy {
                    let check = Check::new(Topic::Busy, Verdict::Warning, format!("no changes are taken: {reason}"));
                    self.checks.push(check.help("wait until it is over; `apply --wait` waits for it".to_owned()));
                }
                // What the program or vendor left out is known after it was asked.
                if !observation.complete
                    && let Ok(health) = within(SHORT, reading.health()).await
                {
                    self.notes(health.notes);
                }
            }
            Err(error) => self.failed(Topic::Reading, &error),
        }
        if self.settings.mode == Mode::Observe {
            return self.say(Topic::Writing, Verdict::Note, "not needed: the tenant has `manage: observe`");
        }
        if self.adapter.is_some_and(|adapter| adapter.capabilities.writing == Writing::ByHand) {
            return self.say(Topic::Writing, Verdict::Note, "by people, who follow written steps");
        }
        match writing.map(|connection| connection.execute) {
            Ok(Some(execute)) => match within(SHORT, execute.health()).await {
                Ok(health) => {
                    let before = self.checks.len();
                    self.notes(health.notes);
                    if self.checks.len() == before {
                        self.say(Topic::Writing, Verdict::Ok, "as far as can be told without a change");
                    }
                }
                Err(error) => self.failed(Topic::Writing, &error),
            },
            Ok(None) => self.say(Topic::Writing, Verdict::Note, "this way only looks"),
            Err(findings) => {
                self.kinds.push(Kind::Input);
                let check =
                    |finding: Finding| Check::new(Topic::Writing, Verdict::Error, finding.message).help(finding.help);
                self.checks.extend(findings.into_iter().map(check));
            }
        }
    }

    /// What a tenant tells of itself.
    fn health(&mut self, health: Health) {
        let Health { server_time, quota, role, version, notes } = health;
        if let Some(version) = version {
            self.say(Topic::Version, Verdict::Ok, version);
        }
        if let Some(role) = role {
            self.say(Topic::Role, Verdict::Ok, role);
        }
        if let Some(time) = server_time {
            let seconds = time.duration_since(self.access.clock.time()).as_secs();
            if seconds.abs() <= SKEW_SECONDS {
                self.say(Topic::Clock, Verdict::Ok, format!("{} s apart", seconds.abs()));
            } else {
                let side = if seconds > 0 { "ahead of" } else { "behind" };
                let message = format!("the vendor's clock is {} s {side} this machine's", seconds.abs());
                let help = "set this machine's clock by a time server: dates and freeze windows go by it";
                self.checks.push(Check::new(Topic::Clock, Verdict::Warning, message).help(help.to_owned()));
            }
        }
        if let Some(quota) = quota {
            let of = quota.of.map_or_else(String::new, |of| format!(" of {of}"));
            let resets = quota.resets.map_or_else(String::new, |resets| format!(", until {resets}"));
            let message = format!("{}{of} requests left{resets}", quota.left);
            let check = match quota.left {
                0 => Check::new(Topic::Quota, Verdict::Warning, message).help("wait until it is reset".to_owned()),
                _ => Check::new(Topic::Quota, Verdict::Ok, message),
            };
            self.checks.push(check);
        }
        self.notes(notes);
    }

    fn notes(&mut self, notes: Vec<AdapterError>) {
        for note in notes {
            let check = Check::new(Topic::Note, Verdict::Warning, note.message).help(note.help);
            if !self.checks.contains(&check) {
                self.checks.push(check);
            }
        }
    }

    /// Says what went wrong, what the credential has to allow, and what the vendor's pages advise.
    fn failed(&mut self, topic: Topic, error: &AdapterError) {
        self.kinds.push(if error.findings.is_empty() { kind_of(error) } else { Kind::Input });
        let mut check = Check::new(topic, Verdict::Error, error.message.clone()).help(error.help.clone());
        if matches!(error.kind, ErrorKind::Denied | ErrorKind::Forbidden) {
            let needs: &[Credential] = match (self.adapter, topic) {
                (Some(adapter), Topic::Writing) => adapter.writing,
                (Some(adapter), _) => adapter.reading,
                (None, _) => &[],
            };
            for credential in needs {
                check = check.help(format!("`{}` has to allow: {}", credential.setting, credential.privilege));
            }
            let administrator = &self.rules.profile().administrator;
            if !administrator.roles.is_empty() {
                check = check.help(format!("one of these roles is needed: {}", administrator.roles.join(", ")));
            }
            for step in administrator.remedy {
                check = check.help((*step).to_owned());
            }
        }
        self.checks.push(check);
    }
}
