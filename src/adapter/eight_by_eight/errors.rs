//! Conversion of error responses, by their status, codes and texts.
//!
//! The API description and the guide list different codes, and neither has one for a sold-out license, so some errors are
//! recognized by their text. A response of a gateway never counts as a statement about a user.

use super::wire::{JsonObject, ProblemDetails, ProblemError, WireOperation};
use crate::adapter::http::{HttpResponse, classify, may_be_in_effect};
use crate::adapter::{AdapterError, ErrorKind};
use crate::profile::Rules;

/// The longest explanation in a message, in characters.
const SUMMARY_CHARACTERS: usize = 300;

/// A text with one of these is about a license...
const LICENSE_WORDS: [&str; 4] = ["licens", "licenc", "subscription", "seat"];
/// ...and the license is sold out if its line has one of these, too.
const SOLD_OUT_WORDS: [&str; 17] = [
    "no available",
    "not available",
    "unavailable",
    "none available",
    "no license",
    "no licence",
    "no free",
    "no more",
    "no unassigned",
    "no unused",
    "insufficient",
    "not enough",
    "exhausted",
    "exceed",
    "out of",
    "purchase",
    "limit reached",
];
/// The key belongs to another customer.
const OTHER_CUSTOMER_WORDS: [&str; 3] = ["customerid mismatch", "customer id mismatch", "another customer"];
/// A retry may succeed.
const TRANSIENT_WORDS: [&str; 7] =
    ["another operation", "in progress", "not done yet", "concurrent", "try again", "retry", "under way"];
/// The API does not support updates.
const NO_UPDATE_WORDS: [&str; 4] = ["not implemented", "not yet implemented", "not supported", "unsupported operation"];
/// The named resource does not exist.
const UNKNOWN_WORDS: [&str; 4] = ["not found", "does not exist", "unknown", "no such"];

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    Read,
    Write,
}

impl ProblemDetails {
    /// Returns all texts and codes, in lower case.
    fn search_text(&self) -> String {
        let faults = self.errors.iter().flatten();
        let texts = [&self.title, &self.detail, &self.message];
        let mut words = String::new();
        for text in texts.into_iter().flatten().chain(faults.flat_map(|fault| fault.code.iter().chain(&fault.message)))
        {
            words.push_str(&text.to_lowercase().replace('_', " "));
            words.push('\n');
        }
        words
    }

    /// Returns the explanation for people.
    fn summary(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut push = |text: String| {
            if !text.is_empty() && !parts.iter().any(|known| known.contains(&text)) {
                parts.push(text);
            }
        };
        for ProblemError { field, code, message } in self.errors.iter().flatten().take(8) {
            let text = message.clone().or_else(|| code.clone()).unwrap_or_default();
            push(field.as_ref().map_or(text.clone(), |field| format!("{field}: {text}")));
        }
        for text in [&self.detail, &self.message, &self.title].into_iter().flatten() {
            push(text.clone());
        }
        let summary = parts.join("; ").replace('`', "'");
        summary.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SUMMARY_CHARACTERS).collect()
    }

    fn has_code(&self, wanted: &str) -> bool {
        let mut codes = self.errors.iter().flatten().filter_map(|fault| fault.code.as_deref());
        codes.any(|code| code.eq_ignore_ascii_case(wanted))
    }

    /// Whether it clearly reports that the resource does not exist.
    fn is_not_found(&self) -> bool {
        self.has_code("NOT_FOUND") || self.status == Some(404)
    }

    fn is_empty(&self) -> bool {
        let Self { status, title, detail, message, errors } = self;
        status.is_none() && title.is_none() && detail.is_none() && message.is_none() && errors.is_none()
    }
}

fn contains_any(words: &str, list: &[&str]) -> bool {
    list.iter().any(|known| words.contains(known))
}

/// Whether the text reports that no unit of a license is left.
fn is_sold_out(words: &str) -> bool {
    words.lines().any(|line| contains_any(line, &LICENSE_WORDS) && contains_any(line, &SOLD_OUT_WORDS))
}

/// Parses the details of an error response.
fn parse_problem(response: &HttpResponse) -> ProblemDetails {
    response.maybe_json().map_or_else(ProblemDetails::default, |JsonObject(problem)| problem)
}

/// Whether a 404 is about the resource, not about the URL.
pub(super) fn is_absent(response: &HttpResponse) -> bool {
    response.status == 404 && parse_problem(response).is_not_found()
}

/// Converts an error response.
pub(super) fn response_error(rules: &Rules, response: &HttpResponse, request: RequestKind) -> AdapterError {
    let profile = rules.profile();
    let problem = parse_problem(response);
    let words = problem.search_text();
    let summary = problem.summary();
    let colon = if summary.is_empty() { String::new() } else { format!(": {summary}") };
    let writes = request == RequestKind::Write;
    let error = |kind, text: &str| response.error(kind, format!("{text}{colon}"));
    let is_clear = !may_be_in_effect(response);
    match response.status {
        401 => error(ErrorKind::AccessDenied, "the key is invalid").help(
            "check the key; create it in the Admin Console under API keys, with the products for users and operations",
        ),
        403 if contains_any(&words, &OTHER_CUSTOMER_WORDS) => {
            error(ErrorKind::AccessDenied, "the key belongs to another customer account").help(remedy(rules, 1))
        }
        403 => error(ErrorKind::AccessDenied, "the key is not authorized for this").help(remedy(rules, 0)),
        400 | 409 | 422 if writes && is_sold_out(&words) => {
            error(ErrorKind::NoSeat, "no license is available").help(profile.no_seat_help)
        }
        405 | 501 if writes => {
            with_runbook_help(error(ErrorKind::Unsupported, "the API does not support changes of this account"))
        }
        400 | 404 | 422 if writes && contains_any(&words, &NO_UPDATE_WORDS) => {
            with_runbook_help(error(ErrorKind::Unsupported, "the API does not support changes of this account"))
        }
        404 if problem.is_not_found() => error(ErrorKind::NotFound, "unknown user"),
        404 if writes => {
            with_runbook_help(error(ErrorKind::Unsupported, "the API does not support changes at this URL"))
        }
        404 => response
            .error(ErrorKind::Malformed, format!("the URL is not part of the vendor's API{colon}"))
            .help("check `base_url`; the vendor's is `https://api.8x8.com/admin-provisioning`"),
        400 | 422 if writes && contains_any(&words, &LICENSE_WORDS) && contains_any(&words, &UNKNOWN_WORDS) => error(
            ErrorKind::NotFound,
            "unknown license",
        )
        .help(
            "declare the vendor's name and country of the license in `pools`, as in `X4: { name: NAME, country: US }`",
        ),
        409 if contains_any(&words, &TRANSIENT_WORDS) => {
            error(ErrorKind::Unavailable, "the user is currently being changed")
        }
        status => {
            let general = classify(response, writes);
            let help = general.help.clone();
            let what = match general.kind {
                ErrorKind::Throttled => "too many requests",
                ErrorKind::Conflict => "the vendor refused the request",
                ErrorKind::Unavailable => "internal error of the vendor",
                ErrorKind::NotFound
                | ErrorKind::NoSeat
                | ErrorKind::Forbidden
                | ErrorKind::AccessDenied
                | ErrorKind::Busy
                | ErrorKind::Unsupported
                | ErrorKind::Malformed
                | ErrorKind::Io => return general,
            };
            let text = format!("{what} ({status})");
            AdapterError { help, maybe_in_effect: writes && !is_clear, ..error(general.kind, &text) }
        }
    }
}

/// Converts the error of a failed operation.
pub(super) fn operation_error(rules: &Rules, operation: &WireOperation, response: &HttpResponse) -> AdapterError {
    let nothing = ProblemDetails::default();
    let problem = operation.error.as_ref().filter(|problem| !problem.is_empty()).unwrap_or(&nothing);
    let (words, summary) = (problem.search_text(), problem.summary());
    let colon = if summary.is_empty() { " without a reason".to_owned() } else { format!(": {summary}") };
    let error = |kind, text: &str| AdapterError { status: None, ..response.error(kind, format!("{text}{colon}")) };
    if is_sold_out(&words) {
        return error(ErrorKind::NoSeat, "no license is available").help(rules.profile().no_seat_help);
    }
    match problem.status {
        Some(403) if contains_any(&words, &OTHER_CUSTOMER_WORDS) => {
            error(ErrorKind::Forbidden, "the key belongs to another customer account").help(remedy(rules, 1))
        }
        Some(401 | 403) => error(ErrorKind::Forbidden, "the key is not authorized for this").help(remedy(rules, 0)),
        // A service behind the vendor timed out, so the change may be in effect in part.
        Some(408 | 424 | 429 | 500..=599) => {
            let error = error(ErrorKind::Conflict, "the vendor aborted the operation");
            AdapterError { maybe_in_effect: true, ..error }
        }
        _ if contains_any(&words, &LICENSE_WORDS) && contains_any(&words, &UNKNOWN_WORDS) => error(
            ErrorKind::Conflict,
            "unknown license",
        )
        .help(
            "declare the vendor's name and country of the license in `pools`, as in `X4: { name: NAME, country: US }`",
        ),
        _ => error(ErrorKind::Conflict, "the operation failed"),
    }
}

fn with_runbook_help(error: AdapterError) -> AdapterError {
    error.help("use a runbook for the Admin Console: `adapter: { runbook: { export: FILE } }`")
}

/// Returns the profile's remedies for a missing permission, the most likely one first.
fn remedy(rules: &Rules, first: usize) -> String {
    let all = rules.profile().administrator.remedy;
    let best = all.get(first).into_iter();
    let others = all.iter().enumerate().filter(|(place, _)| *place != first).map(|(_, text)| text);
    best.chain(others).copied().collect::<Vec<_>>().join("; ")
}
