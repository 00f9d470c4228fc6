//! The arguments of `reseat policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::TrustArgs;
use crate::cli::format::PolicyTestFormat;
use crate::cli::run::RunCommand;
use crate::report::{json, policy_test as report};
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::policy_test;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Run the cases of the policy's custom rules
    Test(PolicyTestArgs),
}

#[derive(Debug, Args)]
struct PolicyTestArgs {
    /// Manifest file or folder [default: .]
    #[arg(value_name = "MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: PolicyTestFormat,
}

impl RunCommand for PolicyArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        let PolicyCommand::Test(args) = &self.command;
        CommandNeeds::new("policy test").manifest(args.path.as_deref()).trusted(args.trust.path())
    }

    fn is_json(&self) -> bool {
        let PolicyCommand::Test(args) = &self.command;
        args.format == PolicyTestFormat::Json
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let PolicyCommand::Test(args) = &self.command;
        let path = session.manifest_path(args.path.as_deref())?;
        let test = policy_test::test(&path, args.trust.path())?;
        let text = match args.format {
            PolicyTestFormat::Text => report::text(&test, session.ui.stdout_style()),
            PolicyTestFormat::Json => json::pretty(&test)?,
            PolicyTestFormat::Junit => report::junit(&test),
        };
        session.ui.print(&text)?;
        Ok(if test.is_ok() { Exit::Done } else { Exit::Input })
    }
}
