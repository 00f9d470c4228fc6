//! `reseat policy`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Context, Ended};
use crate::cli::args::Trust;
use crate::cli::exit::Exit;
use crate::cli::form::Form;
use crate::report::{json, policy_test};
use crate::workflow::rule_cases;

/// What `policy` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    verb: Verb,
}

/// What can be done with the policy.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the cases of the policy's own rules; `--format junit` is for CI servers
    Test(TestArguments),
}

/// What `policy test` takes.
#[derive(Debug, Args)]
struct TestArguments {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    trust: Trust,
}

impl Arguments {
    /// The manifest beside the verb.
    pub(in crate::cli) fn path(&self) -> Option<&Path> {
        let Verb::Test(arguments) = &self.verb;
        arguments.path.as_deref()
    }

    /// The manifest whose policy holds, if one is given.
    pub(in crate::cli) fn trusted(&self) -> Option<&Path> {
        let Verb::Test(arguments) = &self.verb;
        arguments.trust.path()
    }
}

/// Does what is asked with the policy.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let Verb::Test(arguments) = &arguments.verb;
    let path = context.manifest(arguments.path.as_deref())?;
    let test = rule_cases::test(&path, arguments.trust.path())?;
    let text = match context.globals.form {
        Form::Json => json::pretty(&test)?,
        Form::Junit => policy_test::junit(&test),
        _ => policy_test::text(&test, context.output.data_look()),
    };
    context.output.data(&text)?;
    Ok(if test.ok() { Exit::Done } else { Exit::Input })
}
