//! The arguments of `reseat plan`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{CurrentStateArgs, MarkdownOptions, PlanOptions};
use crate::cli::format::PlanFormat;
use crate::cli::run::RunCommand;
use crate::report::escape::escape;
use crate::report::json;
use crate::report::plan::markdown::markdown;
use crate::report::plan::{self as report, html};
use crate::report::review::Review;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError, plan, runbook};

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Manifest file or folder [default: .]
    #[arg(value_name = "MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    current_state: CurrentStateArgs,
    /// Write the plan to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 10 for changes, 11 for a loss
    ///
    /// Destroyed data counts as a loss.
    #[arg(long)]
    detailed_exitcode: bool,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: PlanFormat,
    #[command(flatten)]
    plan_options: PlanOptions,
    #[command(flatten)]
    markdown: MarkdownOptions,
}

impl RunCommand for PlanArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        self.current_state.needs(["plan", "plan --state"]).manifest(self.path.as_deref())
    }

    fn is_json(&self) -> bool {
        self.format == PlanFormat::Json
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        self.markdown.check(self.format)?;
        let path = session.manifest_path(self.path.as_deref())?;
        let source = self.current_state.source(session);
        let inputs = self.plan_options.inputs();
        let (plan, state) = plan::plan_manifest(&path, &source, &inputs, self.out.as_deref(), session).await?;
        match self.format {
            PlanFormat::Text => {
                let text = report::text(&plan, &state.manifest.files, session.ui.stdout_style());
                session.ui.print_paged(&text)?;
            }
            PlanFormat::Json => session.ui.print(&json::pretty(&plan)?)?,
            PlanFormat::Markdown => {
                session.ui.print(&markdown(&Review::new(&plan), &self.markdown.target()))?;
            }
            PlanFormat::Html => session.ui.print(&html::html(&Review::new(&plan), &state.manifest.files))?,
            PlanFormat::Runbook => session.ui.print(&runbook::preview(&state.manifest, &plan, session)?)?,
        }
        if let Some(out) = &self.out {
            let trusted =
                self.current_state.trusted().map(|path| format!(" --trusted {}", escape(&path.to_string_lossy())));
            plan::report_written(&plan, out, &trusted.unwrap_or_default(), session);
        }
        let changes = if self.detailed_exitcode { plan::changes_exit(&plan) } else { Exit::Done };
        Ok(plan::policy_exit(&plan).combine(changes))
    }
}
