//! The arguments of `reseat resume`.

use clap::Args;

use crate::cli::args::{ApplyOptions, ApprovalArgs, FormatArgs, TrustArgs};
use crate::cli::run::RunCommand;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::resume::resume;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {
    /// Run to resume [default: the last one]
    #[arg(value_name = "RUN")]
    run: Option<String>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    approvals: ApprovalArgs,
    #[command(flatten)]
    options: ApplyOptions,
}

impl RunCommand for ResumeArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("resume").manifest(None).trusted(self.trust.path()).changes_tenants().uses_store()
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let (inputs, options) = (self.approvals.inputs(), self.options.execution());
        resume(self.run.as_deref(), self.trust.path(), &inputs, &options, session).await
    }
}
