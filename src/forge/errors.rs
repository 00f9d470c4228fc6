//! What a forge refuses, and what whoever set up the pipeline can do about it.

use std::net::IpAddr;

use reqwest::Url;

use super::{CommentTarget, ForgeKind};
use crate::adapter::http::{HttpResponse, classify, may_be_in_effect};
use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;

/// Whether the forge asks for fewer requests. GitHub says that with 403 too, and then when to come back.
pub(super) fn is_throttled(reply: &HttpResponse) -> bool {
    reply.status == 429 || (reply.status == 403 && reply.pause.is_some())
}

/// The error of an answer that is no success.
pub(super) fn response_error(reply: &HttpResponse, write: bool) -> AdapterError {
    let said = reply.excerpt();
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    let status = reply.status;
    let (kind, what) = match status {
        _ if is_throttled(reply) => (ErrorKind::Throttled, "the forge asks for fewer requests"),
        401 => (ErrorKind::AccessDenied, "the forge does not accept the token"),
        403 => (ErrorKind::AccessDenied, "the forge does not allow this with that token"),
        404 | 410 => {
            (ErrorKind::NotFound, "the forge knows no such repository or request, or hides it from that token")
        }
        400 | 409 | 413 | 422 => (ErrorKind::Conflict, "the forge refuses the comment"),
        300..=399 => (ErrorKind::Malformed, "the forge redirects to an address that is not followed"),
        500..=599 => (ErrorKind::Unavailable, "the forge has a fault"),
        _ => return classify(reply, write),
    };
    let mut error = reply.error(kind, format!("{what} ({status}){said}"));
    error.maybe_in_effect = write && may_be_in_effect(reply);
    error
}

/// More comments than anybody looks through.
pub(super) fn too_many_comments(number: usize) -> AdapterError {
    AdapterError::new(
        ErrorKind::Conflict,
        format!("the request has more than {number} comments, and reseat's own is not among the first"),
    )
}

/// The finding of an error, with what to do about it at that forge.
pub(super) fn finding(place: &CommentTarget, error: AdapterError) -> Finding {
    let (code, help) = match error.kind {
        ErrorKind::AccessDenied | ErrorKind::Forbidden => (&codes::FORGE_DENIED, access_help(place.kind)),
        ErrorKind::NotFound => (
            &codes::FORGE_NOT_FOUND,
            "check `--repository`, `--request` and `--api`, and that the token may see the repository",
        ),
        ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Busy | ErrorKind::Io => {
            (&codes::FORGE_UNREACHABLE, "run it again later, or give a longer `--wait`; check `--api`")
        }
        ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Unsupported | ErrorKind::Malformed => {
            (&codes::FORGE_REFUSED, "check `--api`, `--limit` and the request; `--dry-run` prints what would be sent")
        }
    };
    let message = format!("`{}` request {}: {}", place.repository, place.request, error.message);
    Finding::error(code, message).help(error.help.filter(|_| error.status.is_none()).unwrap_or_else(|| help.to_owned()))
}

fn access_help(kind: ForgeKind) -> &'static str {
    match kind {
        ForgeKind::Github => {
            "give a token that may write comments in `RESEAT_FORGE_TOKEN`; in a workflow, `permissions: { pull-requests: write }` and `${{ github.token }}`"
        }
        ForgeKind::Gitlab => {
            "give an access token of the project with the scope `api` in `RESEAT_FORGE_TOKEN`; a job's own token may not write comments"
        }
    }
}

/// A finding of the address in words of this verb.
pub fn invalid_address(finding: Finding) -> Finding {
    Finding::error(&codes::INVALID_FORGE_URL, finding.message)
        .help("give `--api https://HOST/PATH`, such as `https://api.github.com`")
}

/// A token goes through the air encrypted, or not at all.
pub(super) fn check_address(api: &str) -> Result<(), Box<Finding>> {
    let Ok(url) = Url::parse(api.trim()) else { return Ok(()) };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if url.scheme() == "http" && !is_here {
        let message = "the address of the forge is not encrypted, and a token would go there".to_owned();
        return Err(Box::new(invalid_address(Finding::error(&codes::INVALID_FORGE_URL, message))));
    }
    Ok(())
}
