//! The arguments of `reseat comment`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::cli::args::{FormatArgs, MarkdownOptions, parse_duration};
use crate::cli::run::RunCommand;
use crate::forge::ForgeKind;
use crate::workflow::comment::{CommentRequest, comment};
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct CommentArgs {
    /// Plan file
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Use the comment of this environment
    ///
    /// For several plans in one pull request: each environment has a separate comment.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Create a comment even without changes
    #[arg(long)]
    always: bool,
    /// Print the comment instead of posting it
    #[arg(long)]
    dry_run: bool,
    /// Limit the wait for the forge's rate limit
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_duration)]
    wait: Duration,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    pull_request: PullRequestArgs,
    #[command(flatten)]
    markdown: MarkdownOptions,
}

/// The pull request. The defaults come from the CI job.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pull request options (default: from the CI job)")]
struct PullRequestArgs {
    /// Select the forge
    #[arg(long, value_enum, value_name = "FORGE")]
    forge: Option<ForgeArg>,
    /// Select the repository
    ///
    /// OWNER/NAME, or the path or number of a GitLab project.
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// Select the pull or merge request
    #[arg(long, value_name = "NUMBER")]
    request: Option<u64>,
    /// Use this API of the forge
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Name the commit that was planned
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
    /// Read the forge token from this file
    ///
    /// The default is the variable RESEAT_FORGE_TOKEN.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ForgeArg {
    /// GitHub
    Github,
    /// GitLab
    Gitlab,
}

impl RunCommand for CommentArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("comment").manifest(None).uses_forge()
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let PullRequestArgs { forge, repository, request, api, commit, token_file } = &self.pull_request;
        let request = CommentRequest {
            plan: &self.plan,
            forge: forge.map(|forge| match forge {
                ForgeArg::Github => ForgeKind::Github,
                ForgeArg::Gitlab => ForgeKind::Gitlab,
            }),
            repository: repository.as_deref(),
            request: *request,
            api: api.as_deref(),
            environment: self.environment.as_deref(),
            commit: commit.as_deref(),
            limit: self.markdown.limit,
            full_report: self.markdown.full_report.as_deref(),
            token_file: token_file.as_deref(),
            wait: self.wait,
            always: self.always,
            dry_run: self.dry_run,
        };
        comment(&request, session).await
    }
}
