//! `reseat apply`.

use std::path::{Path, PathBuf};

use clap::Args;
use smol_str::SmolStr;

use super::current::{Current, Situation};
use super::plan::verdict;
use super::running::{Job, Running};
use super::{Context, Ended, resume, wait};
use crate::cli::args::{Saying, clock};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::diagnostic::{Files, has_error};
use crate::model::Plan;
use crate::report::escape::escape;
use crate::report::{drift as drift_report, findings, json, plan, run as run_report};
use crate::workflow::make::{Observations, Terms};
use crate::workflow::manifest::{self, Manifest};
use crate::workflow::reviewed::{self, Reviewed, Verdict};
use crate::workflow::{Kind, Problem, carry_out, clearance, make, observe, plan_file, resume as resume_plan};

/// Most people whom a line names.
const NAMED_MAX: usize = 5;

/// What `apply` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Plan file to apply exactly, or manifest to plan, show and apply [default: .]
    #[arg(value_name = "PLAN|MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) current: Current,
    #[command(flatten)]
    saying: Saying,
    /// Do not ask before a manifest is applied
    #[arg(short, long)]
    yes: bool,
    /// Plan the manifest afresh, and apply it only if that is what was reviewed: a plan file, a folder of them, or a plan's
    /// `content` digest; nobody is asked then
    #[arg(long, value_name = "PLAN|CONTENT")]
    reviewed: Vec<String>,
    #[command(flatten)]
    running: Running,
}

impl Arguments {
    /// The manifest beside the verb, where it is no plan file.
    pub(in crate::cli) fn manifest(&self) -> Option<&Path> {
        self.path.as_deref().filter(|path| !plan_file::looks_like_plan(path))
    }
}

/// Applies a plan file exactly, or plans, shows, asks and applies.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    match &arguments.path {
        Some(path) if plan_file::looks_like_plan(path) => apply_file(path, arguments, context),
        _ => apply_manifest(arguments, context),
    }
}

fn apply_file(path: &Path, arguments: &Arguments, context: &mut Context) -> Ended {
    if !arguments.reviewed.is_empty() {
        let message = "a plan file is applied as it is: `--reviewed` is for a manifest that is planned afresh";
        return Err(Failure::usage(message));
    }
    if arguments.current.is_given() || arguments.saying.is_settled() {
        let message = "a plan file is applied as it is: `--state`, `--at` and `--allow-removals` are for manifests";
        return Err(Failure::usage(message));
    }
    let document = plan_file::read(path)?;
    let manifest_path = context.manifest(None)?;
    let manifest = manifest::load(&manifest_path, arguments.current.trusted(), arguments.current.now()?)?;
    arguments.running.settle(&manifest, context)?;
    send(document, &manifest, arguments, context)
}

fn apply_manifest(arguments: &Arguments, context: &mut Context) -> Ended {
    let asks = !arguments.yes && arguments.reviewed.is_empty();
    if asks && !context.output.can_ask() {
        return Err(Failure::usage("there is no terminal to ask on")
            .help("apply with `--yes`, or apply a plan file that was reviewed: `reseat apply plan.json`"));
    }
    let path = context.manifest(arguments.path.as_deref())?;
    let reviewed = reviewed::read(&arguments.reviewed)?;
    let store = context.store(&path)?;
    // What a run that died left open comes first: it may change what is there.
    if wait(carry_out::is_unsettled(&store))? {
        let manifest = manifest::load(&path, arguments.current.trusted(), arguments.current.now()?)?;
        let died = arguments.running.settle(&manifest, context)?;
        if let Some(died) = died
            && goes_on(&died, &path, asks, context)?
        {
            let terms = arguments.saying.terms();
            return resume::go_on(&manifest, Some(&died), &arguments.running, &terms, asks, context);
        }
    }
    let Situation { manifest, observations, now } = arguments.current.read(&path, &store, context)?;
    let document = wait(make::plan(&manifest, &observations, &store, &arguments.saying.terms(), now))?;
    if !reviewed.is_empty()
        && let Some(exit) = hold_against(&document, &observations, &reviewed, context)?
    {
        return Ok(exit);
    }
    let handed_over = resume_plan::handed_over(&store, &manifest, &document, clock()?);
    if let Some(run) = wait(handed_over)? {
        let what = "handed steps over to be done by hand, and nothing else is wished";
        context.output.talk(&format!("{} {what}\n", escape(&run)));
        let terms = arguments.saying.terms();
        return resume::go_on(&manifest, Some(&run), &arguments.running, &terms, asks, context);
    }
    show(&document, &manifest.files, context)?;
    if has_error(&document.findings) {
        let problem = Problem::new(Kind::Denied, document.findings, manifest.files.clone());
        return Err(problem.into());
    }
    // Nobody is asked for what is going to be refused.
    clearance::check_freeze(&manifest, &document, clock()?)?;
    clearance::check_age(&manifest, &document, clock()?)?;
    if !document.operations.is_empty() && asks {
        let question = format!("apply {}? [y/N] ", plan::deeds(&document));
        if !context.output.ask(&question) {
            context.output.remark("nothing was sent\n");
            return Ok(verdict(&document));
        }
    }
    send(document, &manifest, arguments, context)
}

/// How it ends where the plan is not what was reviewed: says who differs. Nothing where it may be applied.
fn hold_against(
    document: &Plan,
    observations: &Observations,
    reviewed: &[Reviewed],
    context: &mut Context,
) -> Result<Option<Exit>, Failure> {
    let said = match reviewed::judge(document, observations, reviewed) {
        Verdict::Same => "this is what was reviewed".to_owned(),
        Verdict::Rest { done: 0 } => "this is what was reviewed; only what is left out differs".to_owned(),
        Verdict::Rest { done } => {
            format!("this is what is left of what was reviewed; {} in effect", run_report::are_operations(done))
        }
        Verdict::Nothing => "nothing is left to do of what was reviewed, whatever it was".to_owned(),
        Verdict::Differs(drift) => {
            match context.globals.format {
                Format::Json => context.output.data(&json::pretty(&drift)?)?,
                Format::Text => {
                    context.output.data(&drift_report::text(&drift, context.output.data_look()))?;
                    let look = context.output.talk_look();
                    context.output.talk(&findings::text(&drift.findings, &Files::default(), look));
                }
            }
            return Ok(Some(Exit::Stale));
        }
    };
    context.output.talk(&format!("{said}\n"));
    Ok(None)
}

/// Offers to go on with the plan of a run that died; where nobody can be asked, says how.
fn goes_on(died: &SmolStr, manifest: &Path, asks: bool, context: &mut Context) -> Result<bool, Failure> {
    let store = context.store(manifest)?;
    let lost = wait(resume_plan::memberships(&store, died))?;
    if !lost.is_empty() {
        let shown: Vec<_> = lost.iter().take(NAMED_MAX).map(|one| escape(one).into_owned()).collect();
        let more = lost.len() - shown.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let run = escape(died);
        context.output.talk(&format!(
            "memberships that {run} took along are given back when this run ends: {}{more}\n",
            shown.join(", ")
        ));
    }
    if context.output.can_ask() && asks {
        let question = format!("go on with the plan of {}, instead of planning anew? [y/N] ", escape(died));
        return Ok(context.output.ask(&question));
    }
    let place = context.place(manifest);
    context.output.remark(&format!("`reseat resume{place}` would go on with that plan; planning anew\n"));
    Ok(false)
}

/// Shows the plan before it is applied: with the run as text it is data, beside the run as JSON it is talk.
pub(super) fn show(document: &Plan, files: &Files, context: &mut Context) -> Result<(), Failure> {
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
fn send(document: Plan, manifest: &Manifest, arguments: &Arguments, context: &mut Context) -> Ended {
    let place = context.place(&manifest.path);
    let asks = !arguments.yes && arguments.reviewed.is_empty();
    let job = Job { manifest, plan: document, terms: arguments.saying.terms(), resumes: None, place, asks };
    let (ended, is_over) = arguments.running.carry_out(job, context)?;
    if is_over {
        look_again(manifest, Some(&arguments.current), context);
    }
    Ok(ended)
}

/// Observes and plans again, and says what is left; the run is over, so that nothing here changes how it ended.
pub(super) fn look_again(manifest: &Manifest, current: Option<&Current>, context: &mut Context) {
    let left = || -> Result<Plan, Failure> {
        let clock = clock()?;
        let now = current.map_or_else(|| Ok(crate::env::Now::at(clock.time())), Current::now)?;
        let observations = wait(observe::ask_for_plan(manifest, &context.store(&manifest.path)?, context.looking()?))?;
        wait(make::plan(manifest, &observations, &context.store(&manifest.path)?, &Terms::default(), now))
    };
    let said = match left() {
        Ok(plan) if plan.operations.is_empty() => {
            let rest = run_report::left_out(&plan.summary);
            let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
            format!("converged: planning again gives nothing to do{rest}\n")
        }
        Ok(plan) => {
            let left = run_report::operations(plan.operations.len());
            format!("not converged: planning again gives {left}\n")
        }
        Err(_) => "the tenants could not be read again; `reseat plan` tells what is left\n".to_owned(),
    };
    context.output.remark(&said);
}
