//! What can be typed. Each verb's own arguments stand beside the verb, in `commands/`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::commands::{
    apply, completions, diff, explain, generate, history, init, observe, plan, schema, show, validate, why,
};
use super::failure::Failure;
use crate::env::{Clock, Now};

/// License assignments as code: review, plan and apply who holds which SaaS seat
///
/// An admin edits YAML files, a reviewer reads the plan, and exactly that plan is applied.
#[derive(Debug, Parser)]
#[command(name = "reseat", version, max_term_width = 120, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// What every verb takes.
    #[command(flatten)]
    pub globals: Globals,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Write a starter manifest
    Init(init::Arguments),
    /// Check the manifest without reaching any tenant
    Validate(validate::Arguments),
    /// Print the current state of a tenant
    Observe(observe::Arguments),
    /// Show current against desired
    Diff(diff::Arguments),
    /// Make a plan and show it
    Plan(plan::Arguments),
    /// Render a plan file
    Show(show::Arguments),
    /// List earlier runs
    History(history::Arguments),
    /// Apply a plan file exactly, or plan a manifest, show it, ask, and apply
    Apply(apply::Arguments),
    /// Tell why a person gets, keeps, loses or lacks a license
    Why(why::Arguments),
    /// Print a finding's cause and remedy
    Explain(explain::Arguments),
    /// Print the JSON Schema of a format
    Schema(schema::Arguments),
    /// Print completions for a shell
    Completions(completions::Arguments),
    /// Write a manifest and a state of any size, for measurements
    #[command(hide = true)]
    Generate(generate::Arguments),
}

/// What every verb takes.
#[derive(Clone, Debug, Args)]
pub struct Globals {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(short, long, global = true, value_name = "PATH")]
    pub manifest: Option<PathBuf>,
    /// Journal of runs, such as sqlite:PATH [default: .reseat/ in the manifest's folder]
    #[arg(long, global = true, value_name = "URL")]
    pub store: Option<String>,
    /// Form of what is printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// The forms of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The day that dates of the manifest are compared with.
#[derive(Clone, Copy, Debug, Args)]
pub struct When {
    /// Day to compare the manifest's dates with, such as 2026-12-01 [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    at: Option<Date>,
}

impl When {
    /// Whether a day was given.
    pub(crate) fn is_given(self) -> bool {
        self.at.is_some()
    }

    /// The moment by the process's clock, with that day in force.
    pub(crate) fn now(self) -> Result<Now, Failure> {
        let now = Now::at(clock()?.time());
        Ok(self.at.map_or(now, |day| now.on(day)))
    }
}

/// The clock of this process.
pub(crate) fn clock() -> Result<Clock, Failure> {
    Clock::from_environment().map_err(Failure::usage)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn arguments_of_all_verbs_fit_together() {
        Cli::command().debug_assert();
    }
}
