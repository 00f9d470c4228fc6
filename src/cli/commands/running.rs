//! What `apply`, `resume` and `undo` have in common: a plan is carried out, and what came of it is said.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clap::Args;
use smol_str::SmolStr;

use super::plan::verdict_but;
use super::{Context, wait};
use crate::apply::by_hand::Hands;
use crate::apply::{Conclusion, Event, Stop, Watch};
use crate::cli::args::clock;
use crate::cli::events::Events;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::cli::hands::Desk;
use crate::cli::output::Output;
use crate::cli::progress::{Progress, ShownAs};
use crate::cli::signals;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::env::Now;
use crate::model::{Plan, Run};
use crate::report::json;
use crate::report::run as run_report;
use crate::workflow::carry_out::{self, Order};
use crate::workflow::make::Terms;
use crate::workflow::manifest::Manifest;
use crate::workflow::resume;
use crate::workflow::{Kind, Problem};

/// How a plan is carried out.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// Wait at most this long, all in all, for busy vendors and pending results (90s, 10m, 2h)
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    wait: Duration,
    /// Send nothing new after this time; what was sent is awaited (30m, 2h)
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    deadline: Option<Duration>,
    /// Write what happens to this file as it happens, as JSON lines (`reseat schema event`)
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Write what is to be done by hand to this file, instead of walking through it or of `runbook-TENANT.md`
    #[arg(long, value_name = "FILE")]
    runbook: Option<PathBuf>,
    /// That file: what is settled before a run stands in the same one.
    #[arg(skip)]
    opened: OnceLock<Events>,
}

/// `90s`, `10m` or `2h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
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
pub(crate) struct Job<'a> {
    /// The manifest as it is now.
    pub(crate) manifest: &'a Manifest,
    /// The plan.
    pub(crate) plan: Plan,
    /// What is said to the plan beside the manifest.
    pub(crate) terms: Terms,
    /// The run that it goes on with.
    pub(crate) resumes: Option<SmolStr>,
    /// The manifest's path for what is typed next: empty, or with a blank before it.
    pub(crate) place: String,
    /// Whether somebody may be asked.
    pub(crate) asks: bool,
}

impl Running {
    /// Who listens to a run, and shows it.
    fn listeners(&self, plan: Option<&Arc<Plan>>, shown_as: ShownAs) -> Result<(Progress, Watch), Failure> {
        let progress = Progress::new(plan, shown_as);
        let events = match (&self.events, self.opened.get()) {
            (None, _) => None,
            (Some(_), Some(events)) => Some(events.clone()),
            (Some(path), None) => {
                let events = Events::create(path, clock()?)?;
                Some(self.opened.get_or_init(|| events).clone())
            }
        };
        let shown = progress.clone();
        let watch = Watch::new(move |event| {
            shown.take(event);
            if let Some(events) = &events {
                events.take(event);
            }
        });
        Ok((progress, watch))
    }

    /// Sends the plan and reports what came of it; the second value says whether it is worth looking what is left.
    pub(crate) fn carry_out(&self, job: Job<'_>, context: &mut Context) -> Result<(Exit, bool), Failure> {
        let Job { manifest, plan, terms, resumes, place, asks } = job;
        let today = Now::at(clock()?.time()).day;
        let consent = terms.all(manifest, Some(&plan), plan.at.max(today));
        let judged = verdict_but(&plan, |finding| consent.settles(&manifest.policy, finding));
        let text_wanted = context.globals.format == Format::Text;
        let plan = Arc::new(plan);
        let store = context.store(&manifest.path)?;
        if plan.operations.is_empty() && !wait(resume::owes_memberships(&store))? {
            if text_wanted {
                context.output.remark("nothing to do\n");
            } else {
                let nothing = Run::new(SmolStr::default(), plan.digest.clone(), Vec::new());
                context.output.data(&json::pretty(&nothing)?)?;
            }
            return Ok((judged, false));
        }
        let desk = Desk::new(manifest, &plan, self.runbook.as_deref(), &place, asks, &context.output)?.map(Arc::new);
        let is_free = !desk.as_ref().is_some_and(|desk| desk.are_here());
        let (progress, watch) = self.listeners(Some(&plan), shown_as(&context.output, is_free))?;
        let stop = Stop::new();
        let order = Order {
            manifest,
            plan: Arc::clone(&plan),
            store: &store,
            terms,
            resumes,
            access: context.changing()?,
            wait: self.wait,
            deadline: self.deadline,
            watch: watch.clone(),
            stop: stop.clone(),
            hands: desk.clone().map(|desk| desk as Arc<dyn Hands>),
        };
        let conclusion = wait(interruptible(carry_out::apply(order), stop, progress.clone()));
        progress.end();
        let conclusion = conclusion?;
        watch.tell(&Event::Ended {
            summary: conclusion.run.summary,
            stranded: conclusion.stranded.len(),
            stopped: conclusion.stopped,
        });
        let text = if text_wanted {
            run_report::text(&conclusion.run, &conclusion.stranded, &plan, context.output.data_look())
        } else {
            json::pretty(&conclusion.run)?
        };
        context.output.data(&text)?;
        let ended = exit_of(&conclusion).or(judged);
        let is_over = matches!(ended, Exit::Done | Exit::Denied);
        if !is_over {
            let by_hand = desk.and_then(|desk| desk.next(&conclusion.run, &plan, &conclusion.busy));
            let next = || run_report::next(&conclusion.run, &conclusion.skipped, &place);
            context.output.talk(&by_hand.unwrap_or_else(next));
        }
        Ok((ended, is_over))
    }

    /// Settles what runs that died left open; says so. Returns the newest of them.
    pub(crate) fn settle(&self, manifest: &Manifest, context: &mut Context) -> Result<Option<SmolStr>, Failure> {
        let store = context.store(&manifest.path)?;
        if !wait(carry_out::is_unsettled(&store))? {
            return Ok(None);
        }
        let (progress, watch) = self.listeners(None, shown_as(&context.output, true))?;
        let stop = Stop::new();
        let settling = carry_out::settle(manifest, &store, context.changing()?, self.wait, watch, stop.clone());
        let settled = wait(interruptible(settling, stop, progress.clone()));
        progress.end();
        settled
    }
}

/// Does the work; the first signal drains, the second one ends at once.
async fn interruptible<T>(
    work: impl Future<Output = Result<T, Problem>>,
    stop: Stop,
    progress: Progress,
) -> Result<T, Problem> {
    let interrupted = async {
        signals::interrupted().await;
        let mut text =
            "stopping: nothing new is begun, and what is under way is awaited; Ctrl-C again ends at once".to_owned();
        for line in progress.under_way() {
            text.push_str("\n  ");
            text.push_str(&line);
        }
        progress.tell(&text);
        stop.stop();
        signals::interrupted().await;
    };
    tokio::select! {
        ended = work => ended,
        never = progress.go_on() => match never {},
        () = interrupted => {
            let open = progress.under_way();
            let open = if open.is_empty() { "operations were under way".to_owned() } else { open.join("; ") };
            let finding = Finding::error(&codes::INTERRUPTED, format!("ended at once, without waiting: {open}"))
                .help("`reseat resume` reads what came of them, and goes on with the rest");
            Err(Problem::finding(Kind::Interrupted, finding))
        }
    }
}

/// What the run means for the shell.
fn exit_of(conclusion: &Conclusion) -> Exit {
    let when = |is_so: bool, exit: Exit| if is_so { exit } else { Exit::Done };
    when(!conclusion.unreachable.is_empty(), Exit::Unreachable)
        .or(when(conclusion.has_failed(), Exit::Failed))
        .or(when(conclusion.is_unfinished(), Exit::Pending))
        .or(when(conclusion.stopped && conclusion.run.summary.skipped > 0, Exit::Failed))
}

/// How a run is shown; a bar only where nothing else is written to the terminal.
fn shown_as(output: &Output, is_free: bool) -> ShownAs {
    match (output.is_quiet(), output.is_watched() && is_free) {
        (true, _) => ShownAs::Nothing,
        (false, true) => ShownAs::Bar,
        (false, false) => ShownAs::Lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(duration("2h"), Ok(Duration::from_secs(7200)));
        for wrong in ["", "10", "m", "-1s", "1.5h", "1 h", "99999999999999999999s", "18446744073709551615h", "3ü"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
