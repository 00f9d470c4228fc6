//! What `apply`, `resume` and `undo` have in common: a plan is carried out, and what came of it is said.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clap::Args;
use smol_str::SmolStr;

use super::plan::policy_exit_except;
use super::{CommandContext, block_on};
use crate::apply::manual::ManualExecutor;
use crate::apply::{Event, EventSink, RunOptions, RunReport, StopSignal};
use crate::cli::args::clock;
use crate::cli::error::CliError;
use crate::cli::events::EventFile;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::output_format::DocumentFormat;
use crate::cli::progress::{ProgressDisplay, ProgressMode};
use crate::cli::runbook::RunbookSession;
use crate::cli::signals;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::env::Now;
use crate::model::{Plan, Run};
use crate::report::json;
use crate::report::run as run_report;
use crate::workflow::execution::{self, ApplyRequest};
use crate::workflow::manifest::Manifest;
use crate::workflow::plan::PlanInputs;
use crate::workflow::resume;
use crate::workflow::{WorkflowError, WorkflowErrorKind};

/// How a plan is carried out.
#[derive(Debug, Args)]
pub(crate) struct ApplyOptions {
    /// Wait at most this long, all in all, for busy vendors and pending results (90s, 10m, 2h)
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_duration)]
    wait: Duration,
    /// Send nothing new after this time; what was sent is awaited (30m, 2h)
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    deadline: Option<Duration>,
    /// Write what happens to this file as it happens, as JSON lines (`reseat schema event`)
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Write what is to be done by hand to this file, instead of walking through it or of `runbook-TENANT.md`
    #[arg(long, value_name = "FILE")]
    runbook: Option<PathBuf>,
    /// That file: what is settled before a run stands in the same one.
    #[arg(skip)]
    event_file: OnceLock<EventFile>,
}

/// `90s`, `10m` or `2h`.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number and a unit, such as 90s, 10m or 2h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = text.strip_suffix(unit).unwrap_or_default().parse().map_err(|_| wrong())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)
}

/// A plan that is to be carried out.
pub(crate) struct ApplyJob<'a> {
    /// The manifest as it is now.
    pub(crate) manifest: &'a Manifest,
    /// The plan.
    pub(crate) plan: Plan,
    /// What is said to the plan beside the manifest.
    pub(crate) inputs: PlanInputs,
    /// The run that it goes on with.
    pub(crate) resumes: Option<SmolStr>,
    /// The manifest's path for what is typed next: empty, or with a blank before it.
    pub(crate) follow_up_options: String,
    /// Whether somebody may be asked.
    pub(crate) may_prompt: bool,
}

impl ApplyOptions {
    /// Who listens to a run, and shows it.
    fn subscribers(
        &self,
        plan: Option<&Arc<Plan>>,
        shown_as: ProgressMode,
    ) -> Result<(ProgressDisplay, EventSink), CliError> {
        let progress = ProgressDisplay::new(plan, shown_as);
        let events = match (&self.events, self.event_file.get()) {
            (None, _) => None,
            (Some(_), Some(events)) => Some(events.clone()),
            (Some(path), None) => {
                let events = EventFile::create(path, clock()?)?;
                Some(self.event_file.get_or_init(|| events).clone())
            }
        };
        let shown = progress.clone();
        let watch = EventSink::new(move |event| {
            shown.handle(event);
            if let Some(events) = &events {
                events.write(event);
            }
        });
        Ok((progress, watch))
    }

    /// Sends the plan and reports what came of it; the second value says whether it is worth looking what is left.
    pub(crate) fn execute(&self, job: ApplyJob<'_>, context: &mut CommandContext) -> Result<(Exit, bool), CliError> {
        let ApplyJob { manifest, plan, inputs: terms, resumes, follow_up_options: place, may_prompt: asks } = job;
        let today = Now::at(clock()?.time()).day;
        let consent = terms.consent(manifest, Some(&plan), plan.at.max(today));
        let judged = policy_exit_except(&plan, |finding| consent.is_approved(&manifest.policy, finding));
        let text_wanted = context.globals.document_format == DocumentFormat::Text;
        let plan = Arc::new(plan);
        let store = context.store(&manifest.path)?;
        if plan.operations.is_empty() && !block_on(resume::has_lost_memberships(&store))? {
            if text_wanted {
                context.output.info("nothing to do\n");
            } else {
                let nothing = Run::new(SmolStr::default(), plan.digest.clone(), Vec::new());
                context.output.print(&json::pretty(&nothing)?)?;
            }
            return Ok((judged, false));
        }
        let desk =
            RunbookSession::new(manifest, &plan, self.runbook.as_deref(), &place, asks, &context.output)?.map(Arc::new);
        let is_free = !desk.as_ref().is_some_and(|desk| desk.is_interactive());
        let (progress, watch) = self.subscribers(Some(&plan), progress_mode(&context.output, is_free))?;
        let stop = StopSignal::new();
        let order = ApplyRequest {
            manifest,
            plan: Arc::clone(&plan),
            store: &store,
            inputs: terms,
            resumes,
            access: context.write_access()?,
            options: RunOptions {
                deadline: self.deadline,
                ..RunOptions::new(clock()?, self.wait, watch.clone(), stop.clone())
            },
            manual: desk.clone().map(|desk| desk as Arc<dyn ManualExecutor>),
        };
        let conclusion = block_on(run_interruptible(execution::apply(order), stop, progress.clone()));
        progress.finish();
        let conclusion = conclusion?;
        watch.emit(&Event::Ended {
            summary: conclusion.run.summary,
            stranded: conclusion.stranded.len(),
            stopped: conclusion.is_stopped,
        });
        let text = if text_wanted {
            run_report::text(&conclusion.run, &conclusion.stranded, &plan, context.output.stdout_style())
        } else {
            json::pretty(&conclusion.run)?
        };
        context.output.print(&text)?;
        let ended = exit_for(&conclusion).combine(judged);
        let is_over = matches!(ended, Exit::Done | Exit::Denied);
        if !is_over {
            let by_hand = desk.and_then(|desk| desk.next_steps(&conclusion.run, &plan, &conclusion.busy));
            let next = || run_report::next_commands(&conclusion.run, &conclusion.skipped, &place);
            context.output.print_stderr(&by_hand.unwrap_or_else(next));
        }
        Ok((ended, is_over))
    }

    /// Settles what runs that died left open; says so. Returns the newest of them.
    pub(crate) fn recover(
        &self,
        manifest: &Manifest,
        context: &mut CommandContext,
    ) -> Result<Option<SmolStr>, CliError> {
        let store = context.store(&manifest.path)?;
        if !block_on(execution::has_unfinished_run(&store))? {
            return Ok(None);
        }
        let (progress, watch) = self.subscribers(None, progress_mode(&context.output, true))?;
        let stop = StopSignal::new();
        let options = RunOptions::new(clock()?, self.wait, watch, stop.clone());
        let settling = execution::recover(manifest, &store, context.write_access()?, &options);
        let settled = block_on(run_interruptible(settling, stop, progress.clone()));
        progress.finish();
        settled
    }
}

/// Does the work; the first signal drains, the second one ends at once.
async fn run_interruptible<T>(
    work: impl Future<Output = Result<T, WorkflowError>>,
    stop: StopSignal,
    progress: ProgressDisplay,
) -> Result<T, WorkflowError> {
    let interrupted = async {
        signals::shutdown_requested().await;
        let mut text =
            "stopping: nothing new is begun, and what is under way is awaited; Ctrl-C again ends at once".to_owned();
        for line in progress.in_flight() {
            text.push_str("\n  ");
            text.push_str(&line);
        }
        progress.print(&text);
        stop.stop();
        signals::shutdown_requested().await;
    };
    tokio::select! {
        ended = work => ended,
        never = progress.run() => match never {},
        () = interrupted => {
            let open = progress.in_flight();
            let open = if open.is_empty() { "operations were under way".to_owned() } else { open.join("; ") };
            let finding = Finding::error(&codes::INTERRUPTED, format!("ended at once, without waiting: {open}"))
                .help("`reseat resume` reads what came of them, and goes on with the rest");
            Err(WorkflowError::from_finding(WorkflowErrorKind::Interrupted, finding))
        }
    }
}

/// What the run means for the shell.
fn exit_for(conclusion: &RunReport) -> Exit {
    let when = |is_so: bool, exit: Exit| if is_so { exit } else { Exit::Done };
    when(!conclusion.unreachable.is_empty(), Exit::Unreachable)
        .combine(when(conclusion.has_failed(), Exit::Failed))
        .combine(when(conclusion.is_unfinished(), Exit::Pending))
        .combine(when(conclusion.is_stopped && conclusion.run.summary.skipped > 0, Exit::Failed))
}

/// How a run is shown; a bar only where nothing else is written to the terminal.
fn progress_mode(output: &Output, is_free: bool) -> ProgressMode {
    match (output.is_quiet(), output.can_show_progress() && is_free) {
        (true, _) => ProgressMode::Silent,
        (false, true) => ProgressMode::Bar,
        (false, false) => ProgressMode::Lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_needs_a_number_and_a_unit() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_duration("2h"), Ok(Duration::from_secs(7200)));
        for wrong in ["", "10", "m", "-1s", "1.5h", "1 h", "99999999999999999999s", "18446744073709551615h", "3ü"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
