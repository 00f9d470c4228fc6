//! Errors of forges, and what to do about them.

use std::net::IpAddr;

use reqwest::Url;

use super::{CommentTarget, ForgeKind};
use crate::adapter::http::{HttpResponse, classify, may_be_in_effect};
use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;

/// Whether the forge limits the rate. GitHub also reports it as 403 with a time to retry.
pub(super) fn is_throttled(reply: &HttpResponse) -> bool {
    reply.status == 429 || (reply.status == 403 && reply.pause.is_some())
}

/// Returns the error of an unsuccessful response.
pub(super) fn response_error(reply: &HttpResponse, write: bool) -> AdapterError {
    let excerpt = reply.excerpt();
    let excerpt = if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") };
    let status = reply.status;
    let (kind, what) = match status {
        _ if is_throttled(reply) => (ErrorKind::Throttled, "the forge limits the rate of requests"),
        401 => (ErrorKind::AccessDenied, "the forge rejected the token"),
        403 => (ErrorKind::AccessDenied, "the token does not permit this"),
        404 | 410 => (ErrorKind::NotFound, "the repository or request does not exist, or the token may not read it"),
        400 | 409 | 413 | 422 => (ErrorKind::Conflict, "the forge rejected the comment"),
        300..=399 => (ErrorKind::Malformed, "the forge redirects to another URL, which reseat does not follow"),
        500..=599 => (ErrorKind::Unavailable, "the forge reported an internal error"),
        _ => return classify(reply, write),
    };
    let mut error = reply.error(kind, format!("{what} ({status}){excerpt}"));
    error.maybe_in_effect = write && may_be_in_effect(reply);
    error
}

/// Returns the error for more comments than reseat searches.
pub(super) fn too_many_comments(number: usize) -> AdapterError {
    AdapterError::new(
        ErrorKind::Conflict,
        format!("the request has more than {number} comments, and none of the first is from reseat"),
    )
}

/// Returns the finding of an error, with help for that forge.
pub(super) fn finding(target: &CommentTarget, error: AdapterError) -> Finding {
    let (code, help) = match error.kind {
        ErrorKind::AccessDenied | ErrorKind::Forbidden => (&codes::FORGE_DENIED, access_help(target.kind)),
        ErrorKind::NotFound => (
            &codes::FORGE_NOT_FOUND,
            "check `--repository`, `--request` and `--api`, and that the token may read the repository",
        ),
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Busy | ErrorKind::Io => {
            (&codes::FORGE_UNREACHABLE, "run the command again later, or increase `--wait`; check `--api`")
        }
        ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Unsupported | ErrorKind::Malformed => {
            (&codes::FORGE_REFUSED, "check `--api`, `--limit` and the request; `--dry-run` prints the comment")
        }
    };
    let message = format!("`{}` request {}: {}", target.repository, target.request, error.message);
    Finding::error(code, message).help(error.help.filter(|_| error.status.is_none()).unwrap_or_else(|| help.to_owned()))
}

fn access_help(kind: ForgeKind) -> &'static str {
    match kind {
        ForgeKind::Github => {
            "set `RESEAT_FORGE_TOKEN` to a token that may write comments; in a workflow, use `permissions: { pull-requests: write }` and `${{ github.token }}`"
        }
        ForgeKind::Gitlab => {
            "set `RESEAT_FORGE_TOKEN` to a project access token with the scope `api`; the token of a job may not write comments"
        }
    }
}

/// Returns a finding about the URL of the forge.
pub fn invalid_address(finding: Finding) -> Finding {
    Finding::error(&codes::INVALID_FORGE_URL, finding.message)
        .help("use `--api https://HOST/PATH`, such as `https://api.github.com`")
}

/// Refuses to send a token unencrypted to another machine.
pub(super) fn check_address(api: &str) -> Result<(), Box<Finding>> {
    let Ok(url) = Url::parse(api.trim()) else { return Ok(()) };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if url.scheme() == "http" && !is_here {
        let message = "the URL of the forge is not encrypted, so the token would be sent in clear text".to_owned();
        return Err(Box::new(invalid_address(Finding::error(&codes::INVALID_FORGE_URL, message))));
    }
    Ok(())
}
