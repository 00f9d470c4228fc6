//! The arguments of `reseat import`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{DateArgs, FormatArgs};
use crate::cli::run::RunCommand;
use crate::workflow::import::import;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Tenant to import
    #[arg(value_name = "TENANT")]
    tenant: String,
    /// Use this state file instead of querying the tenant
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Write new entries to this file or folder
    ///
    /// The default is assignments/TENANT.yaml in the manifest's folder.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Print the changes instead of writing them
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    date: DateArgs,
    #[command(flatten)]
    format: FormatArgs,
}

impl RunCommand for ImportArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        match self.state {
            Some(_) => CommandNeeds::new("import --state").manifest(None),
            None => CommandNeeds::new("import").manifest(None).reads_tenants(std::slice::from_ref(&self.tenant)),
        }
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let now = self.date.now(session);
        import(&self.tenant, self.state.as_ref(), self.out.as_deref(), self.dry_run, now, session).await
    }
}
