//! The arguments of `reseat doctor`.

use clap::Args;

use crate::cli::args::{DateArgs, FormatArgs, TrustArgs};
use crate::cli::run::RunCommand;
use crate::workflow::doctor::doctor;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Tenant to diagnose [default: all]
    #[arg(value_name = "TENANT")]
    tenant: Option<String>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    date: DateArgs,
    #[command(flatten)]
    format: FormatArgs,
}

impl RunCommand for DoctorArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("doctor").manifest(None).trusted(self.trust.path()).changes_tenants().uses_store()
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        doctor(self.tenant.as_deref(), self.trust.path(), self.date.now(session), session).await
    }
}
