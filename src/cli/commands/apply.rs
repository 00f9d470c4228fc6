//! `reseat apply`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use smol_str::SmolStr;

use super::current::{Current, Situation};
use super::plan::{verdict, verdict_but};
use super::{Context, Ended, wait};
use crate::apply::{Conclusion, Stop};
use crate::cli::args::{Format, Saying, clock};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::output::say;
use crate::cli::progress::Progress;
use crate::diagnostic::catalog::apply as codes;
use crate::diagnostic::{Files, Finding, has_error};
use crate::env::Now;
use crate::model::{Plan, Run};
use crate::pipeline::carry_out::{self, Order};
use crate::pipeline::make::Terms;
use crate::pipeline::manifest::{self, Manifest};
use crate::pipeline::{Kind, Problem, clearance, make, observe, plan_file};
use crate::report::{json, plan, run as run_report};

/// What `apply` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Plan file to apply exactly, or manifest to plan, show and apply [default: .]
    #[arg(value_name = "PLAN|MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    current: Current,
    #[command(flatten)]
    saying: Saying,
    /// Do not ask before a manifest is applied
    #[arg(short, long)]
    yes: bool,
    /// Wait at most this long, all in all, for busy vendors and pending results (90s, 10m, 2h)
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    wait: Duration,
}

/// `90s`, `10m` or `2h`.
fn duration(text: &str) -> Result<Duration, String> {
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

/// Applies a plan file exactly, or plans, shows, asks and applies.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    match &arguments.path {
        Some(path) if plan_file::looks_like_plan(path) => apply_file(path, arguments, context),
        _ => apply_manifest(arguments, context),
    }
}

fn apply_file(path: &Path, arguments: &Arguments, context: &mut Context) -> Ended {
    if arguments.current.is_given() || arguments.saying.is_settled() {
        let message = "a plan file is applied as it is: `--state`, `--at` and `--allow-removals` are for manifests";
        return Err(Failure::usage(message));
    }
    let document = plan_file::read(path)?;
    let manifest_path = context.manifest(None)?;
    let manifest = manifest::load(&manifest_path, arguments.current.trusted(), arguments.current.now()?)?;
    carry_out(document, &manifest, arguments, context)
}

fn apply_manifest(arguments: &Arguments, context: &mut Context) -> Ended {
    if !arguments.yes && !context.output.can_ask() {
        return Err(Failure::usage("there is no terminal to ask on")
            .help("apply with `--yes`, or apply a plan file that was reviewed: `reseat apply plan.json`"));
    }
    let path = context.manifest(arguments.path.as_deref())?;
    let Situation { manifest, observations, now } = arguments.current.read(&path, context)?;
    let store = context.store(&path)?;
    let document = wait(make::plan(&manifest, &observations, &store, &arguments.saying.terms(), now))?;
    show(&document, &manifest.files, context)?;
    if has_error(&document.findings) {
        let problem = Problem::new(Kind::Denied, document.findings, manifest.files.clone());
        return Err(problem.into());
    }
    // Nobody is asked for what is going to be refused.
    clearance::check_freeze(&manifest, &document, clock()?)?;
    clearance::check_age(&manifest, &document, clock()?)?;
    if !document.operations.is_empty() && !arguments.yes {
        let question = format!("apply {}? [y/N] ", plan::deeds(&document));
        if !context.output.ask(&question) {
            context.output.talk("nothing was sent\n");
            return Ok(verdict(&document));
        }
    }
    carry_out(document, &manifest, arguments, context)
}

/// Shows the plan before it is applied: with the run as text it is data, beside the run as JSON it is talk.
fn show(document: &Plan, files: &Files, context: &mut Context) -> Result<(), Failure> {
    match context.globals.format {
        Format::Text => {
            let text = plan::text(document, files, context.output.data_look());
            context.output.data(&format!("{text}\n"))?;
        }
        Format::Json => {
            let text = plan::text(document, files, context.output.talk_look());
            context.output.talk(&text);
        }
    }
    Ok(())
}

/// Sends the plan, reports what came of it, and looks whether anything is left.
fn carry_out(document: Plan, manifest: &Manifest, arguments: &Arguments, context: &mut Context) -> Ended {
    let today = Now::at(clock()?.time()).day;
    let consent = arguments.saying.terms().all(manifest, Some(&document), document.at.max(today));
    let judged = verdict_but(&document, |finding| consent.settles(&manifest.policy, finding));
    let text_wanted = context.globals.format == Format::Text;
    let document = Arc::new(document);
    let store = context.store(&manifest.path)?;
    if document.operations.is_empty() && !wait(carry_out::is_unsettled(&store))? {
        if text_wanted {
            context.output.talk("nothing to do\n");
        } else {
            let nothing = Run::new(SmolStr::default(), document.digest.clone(), Vec::new());
            context.output.data(&json::pretty(&nothing)?)?;
        }
        return Ok(judged);
    }
    let progress = Progress::new(document.operations.len(), context.output.is_watched());
    let stop = Stop::new();
    let order = Order {
        manifest,
        plan: Arc::clone(&document),
        store: &store,
        terms: arguments.saying.terms(),
        clock: clock()?,
        wait: arguments.wait,
        watch: progress.watch(),
        stop: stop.clone(),
    };
    let conclusion = wait(interruptible(order, stop.clone()));
    progress.end();
    let conclusion = conclusion?;
    let text = if text_wanted {
        run_report::text(&conclusion.run, &conclusion.stranded, &document, context.output.data_look())
    } else {
        json::pretty(&conclusion.run)?
    };
    context.output.data(&text)?;
    let ended = exit_of(&conclusion).or(judged);
    if matches!(ended, Exit::Done | Exit::Denied) {
        look_again(manifest, arguments, context);
    } else if stop.is_stopped() {
        context.output.talk("stopped; `reseat apply` goes on from what is there\n");
    }
    Ok(ended)
}

/// Carries the order out; the first Ctrl-C drains, the second one ends at once.
async fn interruptible(order: Order<'_>, stop: Stop) -> Result<Conclusion, Problem> {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without signals nobody can interrupt.
            std::future::pending::<()>().await;
        }
        say("stopping: nothing new is sent, and what was sent is awaited; press Ctrl-C again to end at once\n");
        stop.stop();
        drop(tokio::signal::ctrl_c().await);
    };
    tokio::select! {
        ended = carry_out::apply(order) => ended,
        () = interrupted => {
            let finding = Finding::error(&codes::INTERRUPTED, "interrupted while operations were under way")
                .help("run `reseat apply` again: it reads what came of them, and goes on from what is there");
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

/// Observes and plans again, and says what is left; the run is over, so that nothing here changes how it ended.
fn look_again(manifest: &Manifest, arguments: &Arguments, context: &mut Context) {
    let left = || -> Result<Plan, Failure> {
        let (clock, now) = (clock()?, arguments.current.now()?);
        let observations = wait(observe::ask(manifest, None, clock))?;
        wait(make::plan(manifest, &observations, &context.store(&manifest.path)?, &Terms::default(), now))
    };
    let said = match left() {
        Ok(plan) if plan.operations.is_empty() => {
            let rest = run_report::left_out(&plan.summary);
            let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
            format!("converged: planning again gives nothing to do{rest}\n")
        }
        Ok(plan) => format!("not converged: planning again gives {} operations\n", plan.operations.len()),
        Err(_) => "the tenants could not be read again; `reseat plan` tells what is left\n".to_owned(),
    };
    context.output.talk(&said);
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
