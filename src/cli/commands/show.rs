//! `reseat show`.

use std::path::PathBuf;

use clap::Args;

use super::{CommandContext, CommandResult};
use crate::cli::args::{TrustArgs, clock};
use crate::cli::exit::Exit;
use crate::cli::markdown_options::MarkdownOptions;
use crate::cli::output_format::{DocumentFormat, OutputFormat};
use crate::diagnostic::Files;
use crate::env::Now;
use crate::report::plan::html;
use crate::report::plan::markdown::{MarkdownLimit, markdown};
use crate::report::review::Review;
use crate::report::{json, plan};
use crate::workflow::{manifest, plan_file, runbook};

/// What `show` takes.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// File that `plan --out` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    #[command(flatten)]
    markdown: MarkdownOptions,
}

/// Prints the plan, if nobody altered it.
pub(crate) fn run(arguments: &ShowArgs, context: &mut CommandContext) -> CommandResult {
    arguments.markdown.check(context.globals.output_format)?;
    let document = plan_file::read(&arguments.plan)?;
    let text = match (context.globals.output_format, context.globals.document_format) {
        (OutputFormat::Runbook, _) => {
            // A plan does not say what its tenants are; the manifest does.
            let path = context.manifest_path(None)?;
            let clock = clock()?;
            let manifest = manifest::load(&path, arguments.trust.path(), Now::at(clock.time()))?;
            let command = format!("reseat resume{}", context.follow_up_options(&path));
            runbook::preview(&manifest, &document, &command, clock)?
        }
        (OutputFormat::Markdown, _) => {
            markdown(&Review::new(&document), &arguments.markdown.reader(MarkdownLimit::GITHUB))
        }
        (OutputFormat::Html, _) => html::html(&Review::new(&document), &Files::default()),
        (_, DocumentFormat::Text) => plan::text(&document, &Files::default(), context.output.stdout_style()),
        (_, DocumentFormat::Json) => json::pretty(&document)?,
    };
    context.print(&text)?;
    Ok(Exit::Done)
}
