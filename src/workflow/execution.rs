//! The execution of a plan, which `apply`, `resume` and `undo` share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use smol_str::SmolStr;

use super::connection::connect;
use super::consents;
use super::error::WorkflowError;
use super::event_file::EventFile;
use super::exit::Exit;
use super::manifest::Manifest;
use super::observe;
use super::plan::{self, PlanInputs, policy_exit_except};
use super::preconditions::{self, refusal_error};
use super::runbook::{self, RunbookSession};
use super::session::Session;
use super::signals::run_interruptible;
use super::ui::Progress;
use super::unfinished;
use crate::adapter::AccessOptions;
use crate::apply::manual::ManualExecutor;
use crate::apply::{self, preflight};
use crate::apply::{Event, EventSink, RunError, RunOptions, RunReport, RunRequest, StopSignal, Target};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::reference;
use crate::env::Now;
use crate::model::{Plan, Run};
use crate::report::{json, run as run_report};
use crate::store::{Store, StoreUrl};

/// Limits and files of a run.
#[derive(Debug)]
pub struct ExecutionOptions {
    wait: Duration,
    deadline: Option<Duration>,
    events: Option<PathBuf>,
    runbook: Option<PathBuf>,
    /// The open event file: recovery and the run that follows share it.
    event_file: OnceLock<EventFile>,
}

impl ExecutionOptions {
    /// Returns options: the longest total wait, the time after which nothing is sent, the event file and the runbook file.
    pub fn new(wait: Duration, deadline: Option<Duration>, events: Option<PathBuf>, runbook: Option<PathBuf>) -> Self {
        Self { wait, deadline, events, runbook, event_file: OnceLock::new() }
    }

    /// Returns the progress display of a run, and the sink that feeds it and the event file.
    fn subscribe(
        &self,
        plan: Option<&Arc<Plan>>,
        is_exclusive: bool,
        session: &Session<'_>,
    ) -> Result<(Arc<dyn Progress>, EventSink), WorkflowError> {
        let events = match (&self.events, self.event_file.get()) {
            (None, _) => None,
            (Some(_), Some(events)) => Some(events.clone()),
            (Some(path), None) => {
                let events = EventFile::create(path, session.clock)?;
                Some(self.event_file.get_or_init(|| events).clone())
            }
        };
        let progress = session.ui.progress(plan, is_exclusive);
        let display = Arc::clone(&progress);
        let sink = EventSink::new(move |event| {
            display.handle(event);
            if let Some(Err(message)) = events.as_ref().map(|events| events.write(event)) {
                display.print(&message);
            }
        });
        Ok((progress, sink))
    }
}

/// A plan to execute.
pub struct Execution<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The plan.
    pub plan: Plan,
    /// The inputs of the plan beside the manifest.
    pub inputs: &'a PlanInputs,
    /// The run that it continues.
    pub resumes: Option<SmolStr>,
    /// Whether manual steps may be asked on the terminal.
    pub may_prompt: bool,
}

/// How an execution ended.
pub struct Executed {
    /// The exit code.
    pub exit: Exit,
    /// Whether something was sent and nothing is left of the plan.
    pub is_complete: bool,
}

/// Executes a plan, prints its report, and names the next commands.
///
/// # Errors
/// If the plan must not be executed, or the store fails.
pub async fn execute(
    execution: Execution<'_>,
    options: &ExecutionOptions,
    session: &mut Session<'_>,
) -> Result<Executed, WorkflowError> {
    let Execution { manifest, plan, inputs, resumes, may_prompt } = execution;
    let consent = inputs.consent(manifest, Some(&plan), plan.at.max(session.now().day));
    let policy_exit = policy_exit_except(&plan, |finding| consent.is_approved(&manifest.policy, finding));
    let store = session.store(&manifest.path)?;
    if plan.operations.is_empty() && !unfinished::has_lost_memberships(&store).await? {
        if session.json {
            let empty = Run::new(SmolStr::default(), plan.digest.clone(), Vec::new());
            session.ui.print(&json::pretty(&empty)?)?;
        } else {
            session.ui.info("nothing to do\n");
        }
        return Ok(Executed { exit: policy_exit, is_complete: false });
    }
    let plan = Arc::new(plan);
    let follow_up = session.follow_up_options(&manifest.path);
    let runbook = RunbookSession::new(manifest, &plan, options.runbook.as_deref(), may_prompt, session)?.map(Arc::new);
    let is_exclusive = !runbook.as_ref().is_some_and(|runbook| runbook.is_interactive());
    let (progress, events) = options.subscribe(Some(&plan), is_exclusive, session)?;
    let stop = StopSignal::new();
    let manual = runbook.clone().map(|runbook| runbook as Arc<dyn ManualExecutor>);
    let access = session.write_access();
    let run = async {
        preflight::check_document(&plan).map_err(refusal_error)?;
        if !is_already_applied(&plan, &store).await? {
            preconditions::check(manifest, &plan, inputs, access.clock)?;
        }
        let tenants = targets(manifest, Some(&plan), access, manual.as_ref())?;
        let now = access.clock.time();
        let store = Arc::new(Store::open(&store, now).await?);
        let request = RunRequest {
            plan: Arc::clone(&plan),
            resumes,
            tenants,
            store: Arc::clone(&store),
            manifest: manifest.path.display().to_string(),
            policy: Arc::new(manifest.policy.clone()),
            consents: consents::collect(manifest, &plan, inputs, now),
            options: RunOptions {
                deadline: options.deadline,
                ..RunOptions::new(access.clock, options.wait, events.clone(), stop.clone())
            },
        };
        let report = request.run().await;
        // Releases the lock even if the run failed.
        let closed = store.close().await;
        let report = report.map_err(|error| match error {
            RunError::Store(error) => error.into(),
            RunError::Denied(findings) => WorkflowError::new(Exit::Denied, findings, manifest.files.clone()),
        })?;
        closed?;
        Ok(report)
    };
    let report = run_interruptible(run, &stop, &*progress).await;
    progress.finish();
    let report = report?;
    events.emit(&Event::Ended {
        summary: report.run.summary,
        stranded: report.stranded.len(),
        stopped: report.is_stopped,
    });
    let text = if session.json {
        json::pretty(&report.run)?
    } else {
        run_report::text(&report.run, &report.stranded, &plan, session.ui.stdout_style())
    };
    session.ui.print(&text)?;
    let exit = run_exit(&report).combine(policy_exit);
    let is_complete = matches!(exit, Exit::Done | Exit::Denied);
    if !is_complete {
        let manual = runbook.and_then(|runbook| runbook.next_steps(&report.run, &plan, &report.busy));
        let next = || run_report::next_commands(&report.run, &report.skipped, &follow_up);
        session.ui.print_stderr(&manual.unwrap_or_else(next));
    }
    Ok(Executed { exit, is_complete })
}

/// Returns the exit code of a run.
fn run_exit(report: &RunReport) -> Exit {
    let when = |applies: bool, exit: Exit| if applies { exit } else { Exit::Done };
    when(!report.unreachable.is_empty(), Exit::Unreachable)
        .combine(when(report.has_failed(), Exit::Failed))
        .combine(when(report.is_unfinished(), Exit::Pending))
        .combine(when(report.is_stopped && report.run.summary.skipped > 0, Exit::Failed))
}

/// Recovers interrupted runs by reading, and returns the newest of them.
///
/// # Errors
/// If another run holds the lock, or the store fails.
pub async fn recover(
    manifest: &Manifest,
    options: &ExecutionOptions,
    session: &mut Session<'_>,
) -> Result<Option<SmolStr>, WorkflowError> {
    let url = session.store(&manifest.path)?;
    if !unfinished::has_unfinished_run(&url).await? {
        return Ok(None);
    }
    let (progress, events) = options.subscribe(None, true, session)?;
    let stop = StopSignal::new();
    let access = session.write_access();
    let recovery = async {
        let tenants = targets(manifest, None, access, None)?;
        let store = Arc::new(Store::open(&url, access.clock.time()).await?);
        let recovered = async {
            let newest = store.unfinished_runs().await?.last().map(|unfinished| unfinished.journal.id().clone());
            let run_options = RunOptions::new(access.clock, options.wait, events, stop.clone());
            apply::recover_unfinished(&store, tenants, &run_options).await?;
            Ok::<_, WorkflowError>(newest)
        };
        let recovered = recovered.await;
        // Releases the lock for the run that follows, even if recovery failed.
        let closed = store.close().await;
        let newest = recovered?;
        closed?;
        Ok(newest)
    };
    let recovered = run_interruptible(recovery, &stop, &*progress).await;
    progress.finish();
    recovered
}

/// Plans again and reports what is left. The exit code of the run stays the same.
pub(super) async fn report_convergence(manifest: &Manifest, now: Now, session: &mut Session<'_>) {
    let text = match plan_again(manifest, now, session).await {
        Ok(plan) if plan.operations.is_empty() => {
            let rest = run_report::summarize_left_out(&plan.summary);
            let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
            format!("converged: planning again yields no operations{rest}\n")
        }
        Ok(plan) => {
            let operations = run_report::count_operations(plan.operations.len());
            format!("not converged: planning again yields {operations}\n")
        }
        Err(_) => "cannot read the tenants again; run `reseat plan` to see what is left\n".to_owned(),
    };
    session.ui.info(&text);
}

async fn plan_again(manifest: &Manifest, now: Now, session: &Session<'_>) -> Result<Plan, WorkflowError> {
    let now = Now { time: session.clock.time(), ..now };
    let store = session.store(&manifest.path)?;
    let observations = observe::observe_for_plan(manifest, &store, session.read_access()).await?;
    plan::plan(manifest, &observations, &store, &PlanInputs::default(), now).await
}

/// Returns whether an earlier run completed this plan; then later changes do not matter.
async fn is_already_applied(plan: &Plan, store: &StoreUrl) -> Result<bool, WorkflowError> {
    match Store::open_existing(store).await? {
        Some(store) => Ok(store.has_completed(&plan.digest).await?),
        None => Ok(false),
    }
}

/// Connects to the tenants. Those of the plan must be reachable; the others may be needed for recovery.
fn targets(
    manifest: &Manifest,
    plan: Option<&Plan>,
    access: AccessOptions,
    manual: Option<&Arc<dyn ManualExecutor>>,
) -> Result<BTreeMap<SmolStr, Target>, WorkflowError> {
    let operations = plan.into_iter().flat_map(|plan| &plan.operations);
    let needed: BTreeSet<_> = operations.map(|operation| &operation.tenant).collect();
    for name in &needed {
        manifest.tenant(name)?;
    }
    let mut targets = BTreeMap::new();
    for (name, tenant) in &manifest.desired.tenants {
        match connect(manifest, name, access) {
            Ok(connection) => {
                let mut target = Target::new(connection, &tenant.settings).map_err(|error| {
                    let finding = Finding::error(&reference::UNKNOWN_VENDOR, error.to_string());
                    WorkflowError::from_finding(Exit::Input, finding)
                })?;
                target.is_manual = runbook::is_manual(&tenant.settings);
                target.manual_executor = manual.filter(|_| target.is_manual).cloned();
                targets.insert(name.clone(), target);
            }
            Err(problem) if needed.contains(name) => return Err(problem),
            Err(_) => {}
        }
    }
    Ok(targets)
}
