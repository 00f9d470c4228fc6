//! `reseat comment`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::execution::parse_duration;
use super::{CommandContext, CommandResult, block_on};
use crate::cli::args::clock;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::markdown_options::MarkdownOptions;
use crate::cli::output_format::DocumentFormat;
use crate::env::ci::{CiJob, CiServer};
use crate::env::variable;
use crate::forge::{CommentAction, CommentTarget, ForgeKind};
use crate::model::SecretRef;
use crate::report::comment::{CommentResult, PlanComment};
use crate::report::json;
use crate::report::plan::markdown::{MarkdownLimit, MarkdownTarget};
use crate::report::review::Review;
use crate::workflow::{comment, plan_file};

/// What `comment` takes.
#[derive(Debug, Args)]
pub struct CommentArgs {
    /// File that `plan --out` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Where the request is [default: what the CI server says]
    #[arg(long, value_enum, value_name = "FORGE")]
    forge: Option<ForgeArg>,
    /// OWNER/NAME; on GitLab the path or the number of the project [default: what the CI server says]
    #[arg(long, value_name = "REPOSITORY")]
    repository: Option<String>,
    /// Number of the pull or merge request [default: what the CI server says]
    #[arg(long, value_name = "NUMBER")]
    request: Option<u64>,
    /// Where the forge's API answers [default: what the CI server says, or the forge's cloud]
    #[arg(long, value_name = "URL")]
    api: Option<String>,
    /// Which of several environments the plan is for; each has a comment of its own
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Commit that was planned [default: what the CI server says is the head of the request]
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,
    #[command(flatten)]
    markdown: MarkdownOptions,
    /// File that holds the forge's token [default: the variable RESEAT_FORGE_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Wait at most this long where the forge asks for a rest (90s, 10m)
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_duration)]
    wait: Duration,
    /// Write a comment even where nothing changes and none is there
    #[arg(long)]
    always: bool,
    /// Print the comment, and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// The forges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ForgeArg {
    /// GitHub
    Github,
    /// GitLab
    Gitlab,
}

/// Puts the plan in front of the reviewers, in the one comment that is its own.
pub(crate) fn run(arguments: &CommentArgs, context: &mut CommandContext) -> CommandResult {
    let job = CiJob::from_environment();
    let kind = forge_kind(arguments, &job);
    let document = plan_file::read(&arguments.plan)?;
    let site = if kind == Some(ForgeKind::Gitlab) { MarkdownLimit::GITLAB } else { MarkdownLimit::GITHUB };
    let mut reader: MarkdownTarget<'_> = arguments.markdown.reader(site);
    reader.environment = arguments.environment.as_deref();
    reader.commit = arguments.commit.as_deref().or(job.commit.as_deref());
    reader.full_report = reader.full_report.or(job.job_url.as_deref());
    let manifest = context.manifest_path(None)?;
    let comment = crate::report::comment::plan_comment(&Review::new(&document), &manifest.to_string_lossy(), &reader);
    if arguments.dry_run {
        let request = arguments.request.or(job.request_number);
        match context.globals.document_format {
            DocumentFormat::Json => {
                context.output.print(&json::pretty(&CommentResult::new(&comment, None, request))?)?
            }
            DocumentFormat::Text => context.output.print(&comment.body)?,
        }
        return Ok(Exit::Done);
    }
    post(arguments, &job, kind, &comment, context)
}

fn forge_kind(arguments: &CommentArgs, job: &CiJob) -> Option<ForgeKind> {
    match (arguments.forge, job.server) {
        (Some(ForgeArg::Github), _) | (None, Some(CiServer::Github)) => Some(ForgeKind::Github),
        (Some(ForgeArg::Gitlab), _) | (None, Some(CiServer::Gitlab)) => Some(ForgeKind::Gitlab),
        (None, None) => None,
    }
}

fn post(
    arguments: &CommentArgs,
    job: &CiJob,
    kind: Option<ForgeKind>,
    comment: &PlanComment,
    context: &mut CommandContext,
) -> CommandResult {
    let place = pull_request(arguments, job, kind)?;
    let deed = block_on(comment::post(&place, comment, arguments.always, clock()?))?;
    match context.globals.document_format {
        DocumentFormat::Json => {
            let document = CommentResult::new(comment, Some(deed), Some(place.request));
            context.output.print(&json::pretty(&document)?)?;
        }
        DocumentFormat::Text => {
            let what = match deed {
                CommentAction::Created => "wrote a comment",
                CommentAction::Updated => "replaced the comment",
                CommentAction::Unchanged => "the comment is up to date",
                CommentAction::Silent => "nothing changes, and nothing was said before",
            };
            context.output.print_stderr(&format!("{what}: request {}\n", place.request));
        }
    }
    Ok(Exit::Done)
}

/// The request, by what was typed and what the CI server says.
fn pull_request(arguments: &CommentArgs, job: &CiJob, kind: Option<ForgeKind>) -> Result<CommentTarget, CliError> {
    let lacks = |what: &str, option: &str| {
        CliError::usage(format!("nobody says {what}"))
            .with_help(format!("give `{option}`; in a CI job of a request it is known"))
    };
    let kind = kind.ok_or_else(|| lacks("on which forge the request is", "--forge github"))?;
    // What a server says of its own forge does not hold for another one.
    let said = job.server.is_some_and(|server| (server == CiServer::Github) == (kind == ForgeKind::Github));
    let job = if said { job.clone() } else { CiJob::default() };
    let repository = arguments.repository.clone().or(job.repository);
    let repository =
        repository.ok_or_else(|| lacks("in which repository the request is", "--repository OWNER/NAME"))?;
    if kind == ForgeKind::Github && !is_owner_and_name(&repository) {
        return Err(
            CliError::usage(format!("`{repository}` is no repository of GitHub")).with_help("write it as `OWNER/NAME`")
        );
    }
    let token = match &arguments.token_file {
        Some(path) => SecretRef::File(path.clone()),
        None => SecretRef::Env(variable::RESEAT_FORGE_TOKEN.to_owned()),
    };
    Ok(CommentTarget {
        kind,
        api: arguments.api.clone().or(job.api_url).unwrap_or_else(|| kind.cloud_api().to_owned()),
        repository,
        request: arguments
            .request
            .or(job.request_number)
            .ok_or_else(|| lacks("which request it is", "--request NUMBER"))?,
        token,
        wait: arguments.wait,
    })
}

fn is_owner_and_name(repository: &str) -> bool {
    let is_name = |name: &str| {
        !["", ".", ".."].contains(&name)
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
    };
    repository.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}
