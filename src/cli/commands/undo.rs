//! The arguments of `reseat undo`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{ApplyOptions, FormatArgs, PlanOptions, TrustArgs};
use crate::cli::run::RunCommand;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::undo::{UndoOptions, undo};
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct UndoArgs {
    /// Run to undo, as `reseat history` lists it
    #[arg(value_name = "RUN")]
    run: String,
    /// Write the plan to this file instead of applying it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    plan_options: PlanOptions,
    #[command(flatten)]
    options: ApplyOptions,
}

impl RunCommand for UndoArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("undo").manifest(None).trusted(self.trust.path()).changes_tenants().uses_store()
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let options = UndoOptions {
            run: &self.run,
            out: self.out.as_deref(),
            trusted: self.trust.path(),
            inputs: self.plan_options.inputs(),
            asks: !self.yes,
            options: &self.options.execution(),
        };
        undo(&options, session).await
    }
}
