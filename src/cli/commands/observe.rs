//! The arguments of `reseat observe`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{DateArgs, FormatArgs, TrustArgs};
use crate::cli::run::RunCommand;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::observe::observe;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct ObserveArgs {
    /// Tenants to read [default: all]
    #[arg(value_name = "TENANT")]
    tenants: Vec<String>,
    /// Write one state file per tenant to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    date: DateArgs,
    #[command(flatten)]
    format: FormatArgs,
}

impl RunCommand for ObserveArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("observe").manifest(None).trusted(self.trust.path()).reads_tenants(&self.tenants)
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let now = self.date.now(session);
        observe(&self.tenants, self.out.as_deref(), self.trust.path(), now, session).await
    }
}
