//! Options that several commands share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::FalseyValueParser;
use jiff::SignedDuration;
use jiff::civil::Date;

use super::format::{DocumentFormat, PlanFormat};
use crate::env::Now;
use crate::model::{Approval, PersonKey};
use crate::report::plan::markdown::{MarkdownLimit, MarkdownTarget};
use crate::workflow::current_state::StateSource;
use crate::workflow::execution::ExecutionOptions;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::plan::PlanInputs;
use crate::workflow::{Session, WorkflowError};

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// Manifest file or folder [default: .]
    #[arg(short, long, global = true, value_name = "PATH")]
    pub(crate) manifest: Option<PathBuf>,
    /// Store of runs
    ///
    /// The default is the folder .reseat/ in the folder of the manifest.
    ///
    /// Either sqlite:PATH, or postgres://USER@HOST/DATABASE for a store that several runners share.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) store: Option<String>,
    /// Run the programs that the manifest names
    ///
    /// These are the programs of `exec` adapters, and commands that print secrets.
    #[arg(long, global = true)]
    pub(crate) allow_exec: bool,
    /// Refuse to start if unneeded credentials are present
    ///
    /// Protects jobs that read untrusted manifests: fails if the environment, or a file that the manifest names, contains
    /// a credential that the command does not need.
    #[arg(long, global = true, env = "RESEAT_ISOLATED", hide_env_values = true, value_parser = FalseyValueParser::new())]
    #[arg(hide_short_help = true)]
    pub(crate) isolated: bool,
    /// Print only results, errors, findings and prompts
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Log HTTP requests to stderr
    ///
    /// The same as RESEAT_LOG=debug.
    #[arg(short, long, global = true, hide_short_help = true)]
    pub(crate) verbose: bool,
    /// Do not use a pager
    ///
    /// The default pager for long text on a terminal is $RESEAT_PAGER, $PAGER or less.
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) no_pager: bool,
}

/// The format of commands that print text and JSON.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct FormatArgs {
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: DocumentFormat,
}

impl FormatArgs {
    /// Returns whether the format is JSON.
    pub(crate) fn is_json(self) -> bool {
        self.format == DocumentFormat::Json
    }
}

/// Where tenants and policy come from.
#[derive(Clone, Debug, Args)]
pub(crate) struct TrustArgs {
    /// Use tenants, policy and waivers of this manifest
    ///
    /// For pull requests: a checkout of the base branch. Differences of the manifest under review are reported as
    /// findings.
    #[arg(long, value_name = "DIR")]
    trusted: Option<PathBuf>,
}

impl TrustArgs {
    /// Returns the trusted manifest.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.trusted.as_deref()
    }
}

/// The day that dates of the manifest are compared with.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct DateArgs {
    /// Evaluate dates as of this day [default: today in UTC]
    #[arg(long, value_name = "DATE")]
    at: Option<Date>,
}

impl DateArgs {
    /// Returns the current time with that day.
    pub(crate) fn now(self, session: &Session<'_>) -> Now {
        let now = session.now();
        self.at.map_or(now, |day| now.with_day(day))
    }
}

/// Where the current state comes from.
#[derive(Debug, Args)]
pub(crate) struct CurrentStateArgs {
    /// Use this state file instead of querying the tenant
    ///
    /// May be repeated, once per tenant, and may be a folder of state files, which `reseat observe --out` writes.
    #[arg(long, value_name = "PATH")]
    state: Vec<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    date: DateArgs,
}

impl CurrentStateArgs {
    /// Returns whether an option is set that a plan file does not accept.
    pub(crate) fn has_planning_option(&self) -> bool {
        !self.state.is_empty() || self.date.at.is_some()
    }

    /// Returns the credentials of a command that plans; `names` are its names without and with state files.
    pub(crate) fn needs(&self, names: [&'static str; 2]) -> CommandNeeds<'_> {
        let [without_state, with_state] = names;
        let needs = if self.state.is_empty() {
            CommandNeeds::new(without_state).reads_tenants(&[])
        } else {
            CommandNeeds::new(with_state)
        };
        needs.trusted(self.trust.path()).uses_store()
    }

    /// Returns the trusted manifest.
    pub(crate) fn trusted(&self) -> Option<&Path> {
        self.trust.path()
    }

    /// Returns the source of the current state.
    pub(crate) fn source(&self, session: &Session<'_>) -> StateSource<'_> {
        StateSource { state: &self.state, trusted: self.trust.path(), now: self.date.now(session) }
    }
}

/// Approvals and the author of the changes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Approval options")]
pub(crate) struct ApprovalArgs {
    /// Approve the finding with this digest
    ///
    /// A plan shows the digest of each finding that needs an approval. May be repeated.
    #[arg(long, value_name = "DIGEST", requires = "approved_by")]
    approve: Vec<String>,
    /// Name the approver
    ///
    /// One of the policy's `approvers`.
    #[arg(long, value_name = "PERSON", requires = "approve", value_parser = parse_person)]
    approved_by: Option<PersonKey>,
    /// Name the author, who cannot approve
    #[arg(long, value_name = "PERSON", value_parser = parse_person)]
    author: Option<PersonKey>,
}

impl ApprovalArgs {
    /// Returns the inputs of a plan.
    pub(crate) fn inputs(&self) -> PlanInputs {
        let approval = self.approved_by.as_ref().map(|by| Approval {
            findings: self.approve.iter().map(|digest| digest.trim().into()).collect(),
            by: by.as_str().into(),
            until: None,
            source: None,
        });
        let author = self.author.as_ref().map(|author| author.as_str().into());
        PlanInputs { approvals: approval.into_iter().collect(), author, allow_removals: None }
    }
}

fn parse_person(text: &str) -> Result<PersonKey, String> {
    PersonKey::parse(text).map_err(|error| format!("it {error}; use an email address"))
}

/// Inputs of a plan beside the manifest.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Approval options")]
pub(crate) struct PlanOptions {
    /// Allow held removals if exactly N are held
    #[arg(long, value_name = "N")]
    allow_removals: Option<u64>,
    #[command(flatten)]
    approvals: ApprovalArgs,
}

impl PlanOptions {
    /// Returns whether an option is set that a plan file does not accept.
    pub(crate) fn has_planning_option(&self) -> bool {
        self.allow_removals.is_some()
    }

    /// Returns the inputs of a plan.
    pub(crate) fn inputs(&self) -> PlanInputs {
        PlanInputs { allow_removals: self.allow_removals, ..self.approvals.inputs() }
    }
}

/// Limits and files of a run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Run options")]
pub(crate) struct ApplyOptions {
    /// Limit all waiting for vendors and pending results
    ///
    /// Such as 90s, 10m or 2h.
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_duration)]
    wait: Duration,
    /// Send nothing new after this time
    ///
    /// Such as 30m or 2h. Operations in flight are completed.
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    deadline: Option<Duration>,
    /// Write events to this file as JSON lines
    ///
    /// `reseat schema event` prints the schema.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Write manual steps to this file
    ///
    /// Replaces the interactive walkthrough, and the default file runbook-TENANT.md.
    #[arg(long, value_name = "FILE")]
    runbook: Option<PathBuf>,
}

impl ApplyOptions {
    /// Returns the options of an execution.
    pub(crate) fn execution(&self) -> ExecutionOptions {
        ExecutionOptions::new(self.wait, self.deadline, self.events.clone(), self.runbook.clone())
    }
}

/// Parses `90s`, `10m` or `2h`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let duration = text.parse::<SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
    duration.ok_or_else(|| "use a number and a unit, such as 90s, 10m or 2h".to_owned())
}

/// The size and links of Markdown.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Markdown options")]
pub(crate) struct MarkdownOptions {
    /// Limit the size in bytes, or to a site's limit
    ///
    /// Sites are github (the default), gitlab, bitbucket, azure-devops and step-summary.
    #[arg(long, value_name = "BYTES|SITE")]
    pub(crate) limit: Option<MarkdownLimit>,
    /// Link to the full report
    #[arg(long, value_name = "URL")]
    pub(crate) full_report: Option<String>,
}

impl MarkdownOptions {
    /// Returns the target of the Markdown.
    pub(crate) fn target(&self) -> MarkdownTarget<'_> {
        let limit = self.limit.unwrap_or(MarkdownLimit::GITHUB);
        MarkdownTarget { limit, full_report: self.full_report.as_deref(), ..MarkdownTarget::default() }
    }

    /// Refuses the options with other formats.
    pub(crate) fn check(&self, format: PlanFormat) -> Result<(), WorkflowError> {
        if (self.limit.is_some() || self.full_report.is_some()) && format != PlanFormat::Markdown {
            return Err(WorkflowError::usage("`--limit` and `--full-report` require `--format markdown`"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duration_needs_a_unit_and_is_not_negative() {
        assert_eq!(parse_duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_duration("2h"), Ok(Duration::from_secs(7200)));
        for invalid in ["", "10", "m", "-1s", "99999999999999999999s", "18446744073709551615h", "3ü"] {
            assert!(parse_duration(invalid).is_err(), "{invalid}");
        }
    }
}
