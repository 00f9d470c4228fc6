//! `reseat plan`.

use std::path::PathBuf;

use clap::Args;

use super::current::{Current, Situation};
use super::{Context, Ended, wait};
use crate::cli::args::{Saying, clock};
use crate::cli::exit::Exit;
use crate::cli::form::{Form, Format};
use crate::cli::paper::Paper;
use crate::diagnostic::{Finding, Severity, has_error};
use crate::model::{Effect, Plan};
use crate::report::escape::escape;
use crate::report::markdown::{Limit, markdown};
use crate::report::review::Review;
use crate::report::{html, json, plan};
use crate::workflow::{make, runbook};

/// What `plan` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    pub(in crate::cli) path: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) current: Current,
    #[command(flatten)]
    saying: Saying,
    #[command(flatten)]
    paper: Paper,
    /// File to write the plan to, for `apply` and `show`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 10 when there are changes, and with 11 when one of them is a loss or destroys data
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Makes a plan, writes it where that is asked for, and shows it.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    arguments.paper.check(context.globals.form)?;
    let path = context.manifest(arguments.path.as_deref())?;
    let store = context.memory(&path, arguments.current.trusted())?;
    let Situation { manifest, observations, now } = arguments.current.read(&path, &store, context)?;
    let document = wait(make::plan(&manifest, &observations, &store, &arguments.saying.terms(), now))?;
    if let Some(out) = &arguments.out {
        make::write(&document, out)?;
    }
    let text = match (context.globals.form, context.globals.format) {
        (Form::Runbook, _) => {
            let command = format!("reseat resume{}", context.place(&path));
            runbook::preview(&manifest, &document, &command, clock()?)?
        }
        (Form::Markdown, _) => markdown(&Review::of(&document), &arguments.paper.reader(Limit::GITHUB)),
        (Form::Html, _) => html::html(&Review::of(&document), &manifest.files),
        (_, Format::Text) => plan::text(&document, &manifest.files, context.output.data_look()),
        (_, Format::Json) => json::pretty(&document)?,
    };
    context.print(&text)?;
    if let Some(out) = &arguments.out {
        let out = escape(&out.to_string_lossy()).into_owned();
        let next = if has_error(&document.findings) || document.operations.is_empty() {
            String::new()
        } else {
            let trusted =
                arguments.current.trusted().map(|path| format!(" --trusted {}", escape(&path.to_string_lossy())));
            format!("; apply it with `reseat apply {out}{}`", trusted.unwrap_or_default())
        };
        context.output.remark(&format!("wrote {out}{next}\n"));
    }
    let changes = if arguments.detailed_exitcode { changes(&document) } else { Exit::Done };
    Ok(verdict(&document).or(changes))
}

/// What policy says of a plan: denied, something held, or nothing.
pub(crate) fn verdict(plan: &Plan) -> Exit {
    verdict_but(plan, |_| false)
}

/// The same, where some findings have been settled since the plan was made.
pub(crate) fn verdict_but(plan: &Plan, is_settled: impl Fn(&Finding) -> bool) -> Exit {
    let stands = |finding: &Finding| finding.severity == Severity::Error && !is_settled(finding);
    if plan.findings.iter().any(stands) || !plan.held.is_empty() { Exit::Denied } else { Exit::Done }
}

/// How much a plan changes.
fn changes(plan: &Plan) -> Exit {
    let hurts = |operation: &crate::model::Operation| operation.effect == Effect::Loss || !operation.loses.is_empty();
    if plan.operations.is_empty() {
        Exit::Done
    } else if plan.operations.iter().any(hurts) {
        Exit::Losses
    } else {
        Exit::Changes
    }
}
