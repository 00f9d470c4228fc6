//! `reseat comment`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::running::duration;
use super::{Context, Ended, wait};
use crate::cli::args::clock;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::cli::paper::Paper;
use crate::env::ci::{Job, Server};
use crate::env::variable;
use crate::forge::{Deed, Kind, Place};
use crate::model::SecretRef;
use crate::report::comment::{Comment, Commented};
use crate::report::json;
use crate::report::markdown::{Limit, Reader};
use crate::report::review::Review;
use crate::workflow::{comment, plan_file};

/// What `comment` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// File that `plan --out` wrote
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// Where the request is [default: what the CI server says]
    #[arg(long, value_enum, value_name = "FORGE")]
    forge: Option<Forge>,
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
    paper: Paper,
    /// File that holds the forge's token [default: the variable RESEAT_FORGE_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Wait at most this long where the forge asks for a rest (90s, 10m)
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration)]
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
enum Forge {
    /// GitHub
    Github,
    /// GitLab
    Gitlab,
}

/// Puts the plan in front of the reviewers, in the one comment that is its own.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let job = Job::from_environment();
    let kind = kind(arguments, &job);
    let document = plan_file::read(&arguments.plan)?;
    let site = if kind == Some(Kind::Gitlab) { Limit::GITLAB } else { Limit::GITHUB };
    let mut reader: Reader<'_> = arguments.paper.reader(site);
    reader.environment = arguments.environment.as_deref();
    reader.commit = arguments.commit.as_deref().or(job.commit.as_deref());
    reader.full_report = reader.full_report.or(job.page.as_deref());
    let manifest = context.manifest(None)?;
    let comment = crate::report::comment::comment(&Review::of(&document), &manifest.to_string_lossy(), &reader);
    if arguments.dry_run {
        let request = arguments.request.or(job.request);
        match context.globals.format {
            Format::Json => context.output.data(&json::pretty(&Commented::new(&comment, None, request))?)?,
            Format::Text => context.output.data(&comment.body)?,
        }
        return Ok(Exit::Done);
    }
    send(arguments, &job, kind, &comment, context)
}

fn kind(arguments: &Arguments, job: &Job) -> Option<Kind> {
    match (arguments.forge, job.server) {
        (Some(Forge::Github), _) | (None, Some(Server::Github)) => Some(Kind::Github),
        (Some(Forge::Gitlab), _) | (None, Some(Server::Gitlab)) => Some(Kind::Gitlab),
        (None, None) => None,
    }
}

fn send(arguments: &Arguments, job: &Job, kind: Option<Kind>, comment: &Comment, context: &mut Context) -> Ended {
    let place = place(arguments, job, kind)?;
    let deed = wait(comment::say(&place, comment, arguments.always, clock()?))?;
    match context.globals.format {
        Format::Json => {
            let document = Commented::new(comment, Some(deed), Some(place.request));
            context.output.data(&json::pretty(&document)?)?;
        }
        Format::Text => {
            let what = match deed {
                Deed::Created => "wrote a comment",
                Deed::Updated => "replaced the comment",
                Deed::Unchanged => "the comment is up to date",
                Deed::Silent => "nothing changes, and nothing was said before",
            };
            context.output.talk(&format!("{what}: request {}\n", place.request));
        }
    }
    Ok(Exit::Done)
}

/// The request, by what was typed and what the CI server says.
fn place(arguments: &Arguments, job: &Job, kind: Option<Kind>) -> Result<Place, Failure> {
    let lacks = |what: &str, option: &str| {
        Failure::usage(format!("nobody says {what}"))
            .help(format!("give `{option}`; in a CI job of a request it is known"))
    };
    let kind = kind.ok_or_else(|| lacks("on which forge the request is", "--forge github"))?;
    // What a server says of its own forge does not hold for another one.
    let said = job.server.is_some_and(|server| (server == Server::Github) == (kind == Kind::Github));
    let job = if said { job.clone() } else { Job::default() };
    let repository = arguments.repository.clone().or(job.repository);
    let repository =
        repository.ok_or_else(|| lacks("in which repository the request is", "--repository OWNER/NAME"))?;
    if kind == Kind::Github && !is_owner_and_name(&repository) {
        return Err(
            Failure::usage(format!("`{repository}` is no repository of GitHub")).help("write it as `OWNER/NAME`")
        );
    }
    let token = match &arguments.token_file {
        Some(path) => SecretRef::File(path.clone()),
        None => SecretRef::Env(variable::RESEAT_FORGE_TOKEN.to_owned()),
    };
    Ok(Place {
        kind,
        api: arguments.api.clone().or(job.api).unwrap_or_else(|| kind.cloud().to_owned()),
        repository,
        request: arguments.request.or(job.request).ok_or_else(|| lacks("which request it is", "--request NUMBER"))?,
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
