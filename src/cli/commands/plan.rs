//! `reseat plan`.

use std::path::PathBuf;

use clap::Args;

use super::current_state::{CurrentStateArgs, LoadedState};
use super::{CommandContext, CommandResult, block_on};
use crate::cli::args::{PlanOptions, clock};
use crate::cli::exit::Exit;
use crate::cli::markdown_options::MarkdownOptions;
use crate::cli::output_format::{DocumentFormat, OutputFormat};
use crate::diagnostic::{Finding, Severity, has_error};
use crate::model::{Effect, Plan};
use crate::report::escape::escape;
use crate::report::plan::html;
use crate::report::plan::markdown::{MarkdownLimit, markdown};
use crate::report::review::Review;
use crate::report::{json, plan};
use crate::workflow::{plan as planning, runbook};

/// What `plan` takes.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    pub(in crate::cli) path: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) current_state: CurrentStateArgs,
    #[command(flatten)]
    plan_options: PlanOptions,
    #[command(flatten)]
    markdown: MarkdownOptions,
    /// File to write the plan to, for `apply` and `show`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 10 when there are changes, and with 11 when one of them is a loss or destroys data
    #[arg(long)]
    detailed_exitcode: bool,
}

/// Makes a plan, writes it where that is asked for, and shows it.
pub(crate) fn run(arguments: &PlanArgs, context: &mut CommandContext) -> CommandResult {
    arguments.markdown.check(context.globals.output_format)?;
    let path = context.manifest_path(arguments.path.as_deref())?;
    let store = context.history_store(&path, arguments.current_state.trusted())?;
    let LoadedState { manifest, observations, now } = arguments.current_state.load(&path, &store, context)?;
    let document = block_on(planning::plan(&manifest, &observations, &store, &arguments.plan_options.inputs(), now))?;
    if let Some(out) = &arguments.out {
        planning::write(&document, out)?;
    }
    let text = match (context.globals.output_format, context.globals.document_format) {
        (OutputFormat::Runbook, _) => {
            let command = format!("reseat resume{}", context.follow_up_options(&path));
            runbook::preview(&manifest, &document, &command, clock()?)?
        }
        (OutputFormat::Markdown, _) => {
            markdown(&Review::new(&document), &arguments.markdown.reader(MarkdownLimit::GITHUB))
        }
        (OutputFormat::Html, _) => html::html(&Review::new(&document), &manifest.files),
        (_, DocumentFormat::Text) => plan::text(&document, &manifest.files, context.output.stdout_style()),
        (_, DocumentFormat::Json) => json::pretty(&document)?,
    };
    context.print(&text)?;
    if let Some(out) = &arguments.out {
        let out = escape(&out.to_string_lossy()).into_owned();
        let next = if has_error(&document.findings) || document.operations.is_empty() {
            String::new()
        } else {
            let trusted =
                arguments.current_state.trusted().map(|path| format!(" --trusted {}", escape(&path.to_string_lossy())));
            format!("; apply it with `reseat apply {out}{}`", trusted.unwrap_or_default())
        };
        context.output.info(&format!("wrote {out}{next}\n"));
    }
    let changes = if arguments.detailed_exitcode { changes_exit(&document) } else { Exit::Done };
    Ok(policy_exit(&document).combine(changes))
}

/// What policy says of a plan: denied, something held, or nothing.
pub(crate) fn policy_exit(plan: &Plan) -> Exit {
    policy_exit_except(plan, |_| false)
}

/// The same, where some findings have been settled since the plan was made.
pub(crate) fn policy_exit_except(plan: &Plan, is_settled: impl Fn(&Finding) -> bool) -> Exit {
    let stands = |finding: &Finding| finding.severity == Severity::Error && !is_settled(finding);
    if plan.findings.iter().any(stands) || !plan.held.is_empty() { Exit::Denied } else { Exit::Done }
}

/// How much a plan changes.
fn changes_exit(plan: &Plan) -> Exit {
    let hurts = |operation: &crate::model::Operation| operation.effect == Effect::Loss || !operation.loses.is_empty();
    if plan.operations.is_empty() {
        Exit::Done
    } else if plan.operations.iter().any(hurts) {
        Exit::Losses
    } else {
        Exit::Changes
    }
}
