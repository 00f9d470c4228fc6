//! The arguments of `reseat apply`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::{ApplyOptions, CurrentStateArgs, FormatArgs, PlanOptions};
use crate::cli::run::RunCommand;
use crate::workflow::apply::{ApplyRequest, apply};
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::plan_file::is_plan_file;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// Plan file to apply exactly, or manifest to plan [default: .]
    #[arg(value_name = "PLAN|MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    current_state: CurrentStateArgs,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    /// Apply only if the new plan matches this plan
    ///
    /// A plan file, a folder of plan files, or the `content` digest of a plan. May be repeated. Implies `--yes`.
    #[arg(long, value_name = "PLAN")]
    reviewed: Vec<String>,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    plan_options: PlanOptions,
    #[command(flatten)]
    options: ApplyOptions,
}

impl RunCommand for ApplyArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        let manifest = self.path.as_deref().filter(|path: &&Path| !is_plan_file(path));
        let needs = CommandNeeds::new("apply").manifest(manifest).trusted(self.current_state.trusted());
        needs.changes_tenants().uses_store()
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let request = ApplyRequest {
            path: self.path.as_deref(),
            source: self.current_state.source(session),
            has_planning_options: self.current_state.has_planning_option() || self.plan_options.has_planning_option(),
            inputs: self.plan_options.inputs(),
            reviewed: &self.reviewed,
            asks: !self.yes && self.reviewed.is_empty(),
            options: &self.options.execution(),
        };
        apply(&request, session).await
    }
}
