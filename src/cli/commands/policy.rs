//! `reseat policy`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{CommandContext, CommandResult};
use crate::cli::args::TrustArgs;
use crate::cli::exit::Exit;
use crate::cli::output_format::OutputFormat;
use crate::report::{json, policy_test};
use crate::workflow::policy_test as rule_cases;

/// What `policy` takes.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// What to do.
    #[command(subcommand)]
    command: PolicyCommand,
}

/// What can be done with the policy.
#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Run the cases of the policy's own rules; `--format junit` is for CI servers
    Test(PolicyTestArgs),
}

/// What `policy test` takes.
#[derive(Debug, Args)]
struct PolicyTestArgs {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
}

impl PolicyArgs {
    /// The manifest beside the verb.
    pub(in crate::cli) fn path(&self) -> Option<&Path> {
        let PolicyCommand::Test(arguments) = &self.command;
        arguments.path.as_deref()
    }

    /// The manifest whose policy holds, if one is given.
    pub(in crate::cli) fn trusted(&self) -> Option<&Path> {
        let PolicyCommand::Test(arguments) = &self.command;
        arguments.trust.path()
    }
}

/// Does what is asked with the policy.
pub(crate) fn run(arguments: &PolicyArgs, context: &mut CommandContext) -> CommandResult {
    let PolicyCommand::Test(arguments) = &arguments.command;
    let path = context.manifest_path(arguments.path.as_deref())?;
    let test = rule_cases::test(&path, arguments.trust.path())?;
    let text = match context.globals.output_format {
        OutputFormat::Json => json::pretty(&test)?,
        OutputFormat::Junit => policy_test::junit(&test),
        _ => policy_test::text(&test, context.output.stdout_style()),
    };
    context.output.print(&text)?;
    Ok(if test.is_ok() { Exit::Done } else { Exit::Input })
}
