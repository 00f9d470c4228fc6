//! What can be typed. Each verb's own arguments stand beside the verb, in `commands/`.

use std::path::{Path, PathBuf};

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand};
use jiff::civil::Date;

use super::commands::{
    apply, audit, codeowners, comment, completions, diff, doctor, emulate, explain, generate, graph, history, import,
    init, observe, plan, policy, resume, schema, show, undo, validate, why,
};
use super::error::CliError;
use super::output_format::{DocumentFormat, OutputFormat};
use crate::env::{Clock, Now};
use crate::model::{Approval, PersonKey};
use crate::workflow::plan::PlanInputs;

/// What the help says of exit codes.
const EXIT_CODES: &str = "\
Exit codes (when several fit, the first of 2, 1, 3, 4, 8, 9, 5, 6, 7, 11, 10):
   0  done, or nothing to do
   1  internal error, or reading or writing failed
   2  the command line makes no sense
   3  the manifest or another input is wrong or missing
   4  denied by policy, or something is held by a limit
   5  the plan is stale or not the one that was reviewed, and nothing was sent
   6  some operations failed or were skipped
   7  some are still pending, or the vendor was busy to the end of the wait
   8  a vendor cannot be reached or does not let us in
   9  another run holds the lock
  10  with --detailed-exitcode: changes
  11  with --detailed-exitcode: changes with a loss or with destroyed data";

/// License assignments as code: review, plan and apply who holds which SaaS seat
///
/// An admin edits YAML files, a reviewer reads the plan, and exactly that plan is applied.
#[derive(Debug, Parser)]
#[command(name = "reseat", version, max_term_width = 120, arg_required_else_help = true, after_long_help = EXIT_CODES)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every verb takes.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a starter manifest
    Init(init::InitArgs),
    /// Check the manifest without reaching any tenant
    Validate(validate::ValidateArgs),
    /// Print the current state of a tenant
    Observe(observe::ObserveArgs),
    /// Write manifest files from the current state of a tenant
    Import(import::ImportArgs),
    /// Show current against desired
    Diff(diff::DiffArgs),
    /// Make a plan and show it
    Plan(plan::PlanArgs),
    /// Render a plan file
    Show(show::ShowArgs),
    /// Draw a plan: pools, who moves between them, rings and parked people
    Graph(graph::GraphArgs),
    /// Apply a plan file exactly, or plan a manifest, show it, ask, and apply
    Apply(apply::ApplyArgs),
    /// Settle what a run left open by reading, and go on with the rest of its plan
    Resume(resume::ResumeArgs),
    /// Plan back what a run changed, show it, ask, and apply
    Undo(undo::UndoArgs),
    /// List earlier runs, or show one
    History(history::HistoryArgs),
    /// Check the audit trail, or print its records
    Audit(audit::AuditArgs),
    /// Put a plan in front of the reviewers of a pull request, as one comment that is kept up to date
    ///
    /// The forge's token is the only credential: no tenant is reached and no manifest is read.
    Comment(comment::CommentArgs),
    /// Tell why a person gets, keeps, loses or lacks a license
    Why(why::WhyArgs),
    /// Work with the policy's own rules
    Policy(policy::PolicyArgs),
    /// Print the CODEOWNERS file that the manifest's `owners` mean, or write it
    Codeowners(codeowners::CodeownersArgs),
    /// Print a finding's cause and remedy
    Explain(explain::ExplainArgs),
    /// Look at credentials, permissions, clocks and versions, and say what to do
    Doctor(doctor::DoctorArgs),
    /// Print the JSON Schema of a format
    Schema(schema::SchemaArgs),
    /// Serve a fictional tenant of a vendor on this machine, for rehearsals and tests
    ///
    /// If reseat does not emulate the vendor's own API, it serves the protocol of the `bridge` adapter.
    Emulate(emulate::EmulateArgs),
    /// Print completions for a shell
    Completions(completions::CompletionsArgs),
    /// Write a manifest and a state of any size, for measurements
    #[command(hide = true)]
    Generate(generate::GenerateArgs),
}

impl Command {
    /// What is typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Validate(_) => "validate",
            Self::Observe(_) => "observe",
            Self::Import(_) => "import",
            Self::Diff(_) => "diff",
            Self::Plan(_) => "plan",
            Self::Show(_) => "show",
            Self::Graph(_) => "graph",
            Self::Apply(_) => "apply",
            Self::Resume(_) => "resume",
            Self::Undo(_) => "undo",
            Self::History(_) => "history",
            Self::Audit(_) => "audit",
            Self::Comment(_) => "comment",
            Self::Why(_) => "why",
            Self::Policy(_) => "policy test",
            Self::Codeowners(_) => "codeowners",
            Self::Explain(_) => "explain",
            Self::Doctor(_) => "doctor",
            Self::Schema(_) => "schema",
            Self::Emulate(_) => "emulate",
            Self::Completions(_) => "completions",
            Self::Generate(_) => "generate",
        }
    }
}

/// What every verb takes.
#[derive(Clone, Debug, Args)]
pub struct GlobalArgs {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(short, long, global = true, value_name = "PATH")]
    pub manifest: Option<PathBuf>,
    /// Journal of runs, such as sqlite:PATH [default: .reseat/ in the manifest's folder]
    #[arg(long, global = true, value_name = "URL")]
    pub store: Option<String>,
    /// Run the programs that the manifest names: `exec` adapters, and commands that print secrets
    #[arg(long, global = true)]
    pub allow_exec: bool,
    /// Refuse to begin where the environment holds a credential that the verb does not need, such as in a job that reads
    /// what a stranger wrote
    #[arg(long, global = true, env = "RESEAT_ISOLATED", hide_env_values = true, value_parser = FalseyValueParser::new())]
    pub isolated: bool,
    /// Say only what must be said: findings, errors and questions; what is printed as data stays
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say on standard error what goes over the wire, as RESEAT_LOG=debug does
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Show nothing by a pager ($RESEAT_PAGER or $PAGER, else less), however long it is
    #[arg(long, global = true)]
    pub no_pager: bool,
    /// Form of what is printed
    #[arg(long = "format", global = true, value_enum, default_value_t = OutputFormat::Text, value_name = "FORMAT")]
    pub output_format: OutputFormat,
    /// The same for a verb that prints text and JSON only.
    #[arg(skip)]
    pub document_format: DocumentFormat,
}

/// Where tenants and policy come from.
#[derive(Clone, Debug, Args)]
pub struct TrustArgs {
    /// Manifest whose tenants, policy, waivers and approvals hold instead, such as a checkout of the base branch
    #[arg(long, value_name = "DIR")]
    trusted: Option<PathBuf>,
}

impl TrustArgs {
    /// The trusted manifest, if one is given.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.trusted.as_deref()
    }
}

/// The day that dates of the manifest are compared with.
#[derive(Clone, Copy, Debug, Args)]
pub struct DateArgs {
    /// Day to compare the manifest's dates with, such as 2026-12-01 [default: today, in UTC]
    #[arg(long, value_name = "DATE")]
    at: Option<Date>,
}

impl DateArgs {
    /// Whether a day was given.
    pub(crate) fn is_set(self) -> bool {
        self.at.is_some()
    }

    /// The moment by the process's clock, with that day in force.
    pub(crate) fn now(self) -> Result<Now, CliError> {
        let now = Now::at(clock()?.time());
        Ok(self.at.map_or(now, |day| now.with_day(day)))
    }
}

/// Approvals, and who asks for the changes.
#[derive(Clone, Debug, Args)]
pub struct ApprovalArgs {
    /// Digest of a finding that needs an approval, as the plan shows it; give one for each
    #[arg(long, value_name = "DIGEST", requires = "approved_by")]
    approve: Vec<String>,
    /// Who approves: one of the policy's `approvers`
    #[arg(long, value_name = "PERSON", requires = "approve", value_parser = parse_person)]
    approved_by: Option<PersonKey>,
    /// Who asks for the changes: their own approval does not count; it is kept in the plan
    #[arg(long, value_name = "PERSON", value_parser = parse_person)]
    author: Option<PersonKey>,
}

impl ApprovalArgs {
    /// What was given, where nothing is allowed beside it.
    pub(crate) fn inputs(&self) -> PlanInputs {
        let author = self.author.as_ref().map(|author| author.as_str().into());
        PlanInputs { approvals: self.approvals(), author, allow_removals: None }
    }

    fn approvals(&self) -> Vec<Approval> {
        let approval = self.approved_by.as_ref().map(|by| Approval {
            findings: self.approve.iter().map(|digest| digest.trim().into()).collect(),
            by: by.as_str().into(),
            until: None,
            source: None,
        });
        approval.into_iter().collect()
    }
}

/// An address: a name that is none would be nobody, and nobody is neither author nor approver.
fn parse_person(text: &str) -> Result<PersonKey, String> {
    PersonKey::parse(text).map_err(|error| format!("it {error}; give an email address"))
}

/// What is said to a plan beside the manifest.
#[derive(Clone, Debug, Args)]
pub struct PlanOptions {
    /// Let removals through that a limit would hold, if exactly N are held
    #[arg(long, value_name = "N")]
    allow_removals: Option<u64>,
    #[command(flatten)]
    approvals: ApprovalArgs,
}

impl PlanOptions {
    /// Whether something was given that a plan file settles.
    pub(crate) fn has_manifest_only_option(&self) -> bool {
        self.allow_removals.is_some()
    }

    /// What was given.
    pub(crate) fn inputs(&self) -> PlanInputs {
        PlanInputs { allow_removals: self.allow_removals, ..self.approvals.inputs() }
    }
}

/// The clock of this process.
pub(crate) fn clock() -> Result<Clock, CliError> {
    Clock::from_environment().map_err(CliError::usage)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::CommandLine;

    #[test]
    fn clap_definitions_are_consistent() {
        CommandLine::command().debug_assert();
    }
}
