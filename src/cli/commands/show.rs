//! The arguments of `reseat show`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{MarkdownOptions, TrustArgs};
use crate::cli::format::PlanFormat;
use crate::cli::run::RunCommand;
use crate::diagnostic::Files;
use crate::report::json;
use crate::report::plan::markdown::markdown;
use crate::report::plan::{self as report, html};
use crate::report::review::Review;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError, plan_file, runbook};

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Plan file
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    #[command(flatten)]
    trust: TrustArgs,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: PlanFormat,
    #[command(flatten)]
    markdown: MarkdownOptions,
}

impl RunCommand for ShowArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("show").manifest(None).trusted(self.trust.path())
    }

    fn is_json(&self) -> bool {
        self.format == PlanFormat::Json
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        self.markdown.check(self.format)?;
        let plan = plan_file::read(&self.plan)?;
        match self.format {
            PlanFormat::Text => {
                let text = report::text(&plan, &Files::default(), session.ui.stdout_style());
                session.ui.print_paged(&text)?;
            }
            PlanFormat::Json => session.ui.print(&json::pretty(&plan)?)?,
            PlanFormat::Markdown => {
                session.ui.print(&markdown(&Review::new(&plan), &self.markdown.target()))?;
            }
            PlanFormat::Html => session.ui.print(&html::html(&Review::new(&plan), &Files::default()))?,
            PlanFormat::Runbook => session.ui.print(&runbook::show(&plan, self.trust.path(), session)?)?,
        }
        Ok(Exit::Done)
    }
}
