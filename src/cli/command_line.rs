//! The command line's definition. The arguments of each verb are in `commands/`.

use clap::{CommandFactory as _, Parser, Subcommand};

use super::args::GlobalArgs;
use super::commands::apply::ApplyArgs;
use super::commands::audit::AuditArgs;
use super::commands::codeowners::CodeownersArgs;
use super::commands::comment::CommentArgs;
use super::commands::completions::CompletionsArgs;
use super::commands::diff::DiffArgs;
use super::commands::doctor::DoctorArgs;
use super::commands::emulate::EmulateArgs;
use super::commands::explain::ExplainArgs;
use super::commands::generate::GenerateArgs;
use super::commands::graph::GraphArgs;
use super::commands::history::HistoryArgs;
use super::commands::import::ImportArgs;
use super::commands::init::InitArgs;
use super::commands::observe::ObserveArgs;
use super::commands::plan::PlanArgs;
use super::commands::policy::PolicyArgs;
use super::commands::resume::ResumeArgs;
use super::commands::schema::SchemaArgs;
use super::commands::show::ShowArgs;
use super::commands::undo::UndoArgs;
use super::commands::validate::ValidateArgs;
use super::commands::why::WhyArgs;
use super::run::RunCommand;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

/// The exit codes in the help.
const EXIT_CODES: &str = "\
Exit codes (if several apply, the first of 2, 1, 3, 4, 8, 9, 5, 6, 7, 11, 10):
   0  done, or nothing to do
   1  internal or I/O error
   2  invalid command line
   3  the manifest or another input is invalid or missing
   4  denied by policy, or held by a limit
   5  the plan is stale or differs from the reviewed plan, and nothing was sent
   6  some operations failed or were skipped
   7  some operations are pending, or a vendor was busy until the end of the wait
   8  vendor unreachable or access denied
   9  another run holds the lock
  10  with --detailed-exitcode: changes
  11  with --detailed-exitcode: changes with a loss or with destroyed data";

/// License assignments as code: review, plan and apply who holds which SaaS seat
///
/// Edit YAML files, review the plan in a pull request, and apply exactly that plan.
#[derive(Debug, Parser)]
#[command(name = "reseat", version, max_term_width = 120, arg_required_else_help = true, after_long_help = EXIT_CODES)]
pub struct CommandLine {
    /// The command.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a starter manifest
    Init(InitArgs),
    /// Check a manifest offline
    Validate(ValidateArgs),
    /// Print the current state of a tenant
    Observe(ObserveArgs),
    /// Add the current state of a tenant to the manifest
    Import(ImportArgs),
    /// Compare the current with the desired state
    Diff(DiffArgs),
    /// Make a plan and show it
    Plan(PlanArgs),
    /// Render a plan file
    Show(ShowArgs),
    /// Draw a plan as a graph
    ///
    /// The graph shows pools, the people who move between them, closed rings and parked people.
    Graph(GraphArgs),
    /// Apply a plan file, or plan and apply a manifest
    ///
    /// A plan file is applied exactly. A manifest is planned, shown and applied after a confirmation.
    Apply(ApplyArgs),
    /// Resume an interrupted run
    ///
    /// Reads back the operations that were in flight, then continues the plan of the run.
    Resume(ResumeArgs),
    /// Revert what a run changed
    ///
    /// Plans the inverse of the run from the current state, shows the plan, and applies it after a confirmation.
    Undo(UndoArgs),
    /// List runs, or show one
    History(HistoryArgs),
    /// Verify or export the audit trail
    Audit(AuditArgs),
    /// Post a plan as a pull request comment
    ///
    /// Updates the one comment of this plan. The forge token is the only credential; no tenant is accessed.
    Comment(CommentArgs),
    /// Explain why a person has a license or not
    Why(WhyArgs),
    /// Test the policy's custom rules
    Policy(PolicyArgs),
    /// Generate CODEOWNERS from the manifest's owners
    Codeowners(CodeownersArgs),
    /// Explain a finding code or policy rule
    Explain(ExplainArgs),
    /// Diagnose credentials, permissions, clocks and versions
    Doctor(DoctorArgs),
    /// Print the JSON Schema of a format
    Schema(SchemaArgs),
    /// Serve a simulated tenant for rehearsals and tests
    ///
    /// If reseat does not emulate the vendor's own API, it serves the protocol of the `bridge` adapter.
    Emulate(EmulateArgs),
    /// Generate shell completions
    Completions(CompletionsArgs),
    /// Generate a synthetic manifest and state for benchmarks
    #[command(hide = true)]
    Generate(GenerateArgs),
}

/// Evaluates an expression with the arguments of the command.
macro_rules! with_args {
    ($command:expr, $args:ident => $result:expr) => {
        match $command {
            Command::Init($args) => $result,
            Command::Validate($args) => $result,
            Command::Observe($args) => $result,
            Command::Import($args) => $result,
            Command::Diff($args) => $result,
            Command::Plan($args) => $result,
            Command::Show($args) => $result,
            Command::Graph($args) => $result,
            Command::Apply($args) => $result,
            Command::Resume($args) => $result,
            Command::Undo($args) => $result,
            Command::History($args) => $result,
            Command::Audit($args) => $result,
            Command::Comment($args) => $result,
            Command::Why($args) => $result,
            Command::Policy($args) => $result,
            Command::Codeowners($args) => $result,
            Command::Explain($args) => $result,
            Command::Doctor($args) => $result,
            Command::Schema($args) => $result,
            Command::Emulate($args) => $result,
            Command::Completions($args) => $result,
            Command::Generate($args) => $result,
        }
    };
}

impl RunCommand for Command {
    fn needs(&self) -> CommandNeeds<'_> {
        with_args!(self, args => args.needs())
    }

    fn is_json(&self) -> bool {
        with_args!(self, args => args.is_json())
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        with_args!(self, args => args.run(session).await)
    }
}

impl RunCommand for CompletionsArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("completions")
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        session.ui.print(&self.script(&mut CommandLine::command()))?;
        Ok(Exit::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_definitions_are_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn history_limit_of_zero_is_rejected() {
        let error = CommandLine::try_parse_from(["reseat", "history", "-n", "0"]).unwrap_err();
        assert!(error.exit_code() == 2 && error.to_string().contains("0 is not in 1.."), "{error}");
        assert!(CommandLine::try_parse_from(["reseat", "history", "-n", "1"]).is_ok());
    }

    #[test]
    fn short_help_fits_one_screen() {
        let mut program = CommandLine::command();
        program.build();
        for command in program.get_subcommands_mut() {
            let help = command.clone().term_width(80).render_help().to_string();
            assert!(help.lines().count() <= 36, "{}: {} lines\n{help}", command.get_name(), help.lines().count());
        }
    }
}
