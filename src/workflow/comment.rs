//! `reseat comment`: posts a plan as the one comment of a pull request that reseat keeps up to date.
//!
//! It accesses no tenant; the forge token is its only credential.

use std::path::Path;
use std::time::Duration;

use super::error::WorkflowError;
use super::exit::Exit;
use super::plan_file;
use super::session::Session;
use crate::diagnostic::Files;
use crate::env::ci::{CiJob, CiServer};
use crate::env::variable;
use crate::forge::{self, CommentAction, CommentDraft, CommentTarget, ForgeKind};
use crate::model::SecretRef;
use crate::report::comment::{CommentResult, PlanComment, plan_comment};
use crate::report::plan::markdown::{MarkdownLimit, MarkdownTarget};
use crate::report::review::Review;

/// The comment to post. Options that are not set come from the CI job.
pub struct CommentRequest<'a> {
    /// The plan file.
    pub plan: &'a Path,
    /// The kind of forge.
    pub forge: Option<ForgeKind>,
    /// The repository.
    pub repository: Option<&'a str>,
    /// The number of the pull request.
    pub request: Option<u64>,
    /// The URL of the forge's API.
    pub api: Option<&'a str>,
    /// The environment that the plan is for.
    pub environment: Option<&'a str>,
    /// The commit that was planned.
    pub commit: Option<&'a str>,
    /// The limit of the Markdown.
    pub limit: Option<MarkdownLimit>,
    /// The URL of the full report.
    pub full_report: Option<&'a str>,
    /// The file with the token.
    pub token_file: Option<&'a Path>,
    /// The longest wait for a rate limit.
    pub wait: Duration,
    /// Whether to create a comment for a plan without changes.
    pub always: bool,
    /// Whether to print the comment instead of posting it.
    pub dry_run: bool,
}

/// Posts or updates the comment.
///
/// # Errors
/// If the plan cannot be read, the pull request is unknown, or the forge fails.
pub async fn comment(options: &CommentRequest<'_>, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    let job = CiJob::from_environment();
    let kind = options.forge.or(job.server.map(forge_of));
    let plan = plan_file::read(options.plan)?;
    let default_limit = if kind == Some(ForgeKind::Gitlab) { MarkdownLimit::GITLAB } else { MarkdownLimit::GITHUB };
    let markdown = MarkdownTarget {
        limit: options.limit.unwrap_or(default_limit),
        full_report: options.full_report.or(job.job_url.as_deref()),
        environment: options.environment,
        commit: options.commit.or(job.commit.as_deref()),
        ..MarkdownTarget::default()
    };
    let manifest = session.manifest_path(None)?;
    let comment = plan_comment(&Review::new(&plan), &manifest.to_string_lossy(), &markdown);
    if options.dry_run {
        let result = CommentResult::new(&comment, None, options.request.or(job.request_number));
        if session.json {
            session.print_document(&result, |_, _| String::new())?;
        } else {
            session.ui.print(&comment.body)?;
        }
        return Ok(Exit::Done);
    }
    let target = target(options, job, kind)?;
    let action = post(&target, &comment, options.always, session).await?;
    if session.json {
        let result = CommentResult::new(&comment, Some(action), Some(target.request));
        session.print_document(&result, |_, _| String::new())?;
    } else {
        let text = match action {
            CommentAction::Created => "created a comment",
            CommentAction::Updated => "updated the comment",
            CommentAction::Unchanged => "the comment is up to date",
            CommentAction::Silent => "no changes, and no comment to update",
        };
        session.ui.print_stderr(&format!("{text}: request {}\n", target.request));
    }
    Ok(Exit::Done)
}

async fn post(
    target: &CommentTarget,
    comment: &PlanComment,
    always: bool,
    session: &Session<'_>,
) -> Result<CommentAction, WorkflowError> {
    let draft =
        CommentDraft { marker: &comment.marker, body: &comment.body, create_if_missing: comment.is_news || always };
    let result = forge::publish_comment(target, draft, session.clock).await;
    result.map_err(|findings| WorkflowError::new(Exit::Unreachable, findings, Files::default()))
}

fn forge_of(server: CiServer) -> ForgeKind {
    match server {
        CiServer::Github => ForgeKind::Github,
        CiServer::Gitlab => ForgeKind::Gitlab,
    }
}

/// Returns the pull request of the options, or of the CI job if it runs on the same forge.
fn target(options: &CommentRequest<'_>, job: CiJob, kind: Option<ForgeKind>) -> Result<CommentTarget, WorkflowError> {
    let missing = |what: &str, option: &str| {
        WorkflowError::usage(format!("missing {what}"))
            .with_help(format!("set `{option}`, or run in the CI job of a pull request"))
    };
    let kind = kind.ok_or_else(|| missing("forge", "--forge github"))?;
    let is_same_forge = job.server.is_some_and(|server| forge_of(server) == kind);
    let job = if is_same_forge { job } else { CiJob::default() };
    let repository = options.repository.map(str::to_owned).or(job.repository);
    let repository = repository.ok_or_else(|| missing("repository", "--repository OWNER/NAME"))?;
    if kind == ForgeKind::Github && !is_owner_and_name(&repository) {
        let message = format!("invalid GitHub repository `{repository}`");
        return Err(WorkflowError::usage(message).with_help("write it as `OWNER/NAME`"));
    }
    let token = match options.token_file {
        Some(path) => SecretRef::File(path.to_owned()),
        None => SecretRef::Env(variable::RESEAT_FORGE_TOKEN.to_owned()),
    };
    let request = options.request.or(job.request_number);
    Ok(CommentTarget {
        kind,
        api: options.api.map(str::to_owned).or(job.api_url).unwrap_or_else(|| kind.cloud_api().to_owned()),
        repository,
        request: request.ok_or_else(|| missing("pull request", "--request NUMBER"))?,
        token,
        wait: options.wait,
    })
}

fn is_owner_and_name(repository: &str) -> bool {
    let is_name = |name: &str| {
        !["", ".", ".."].contains(&name)
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
    };
    repository.split_once('/').is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}
