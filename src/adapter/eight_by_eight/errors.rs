//! What the vendor's refusals mean, from the status, the codes and the words of an answer.
//!
//! The description lists codes, the guide names others, and none is said for a license that is sold out: what is told
//! by words stands in one table each. Codes that nobody knows are taken as they come.
//! What must hold: an answer that does not speak the vendor's language is never taken for a clear word about a user.

use super::wire::{JsonObject, ProblemDetails, ProblemError, WireOperation};
use crate::adapter::http::{HttpResponse, classify, may_be_in_effect};
use crate::adapter::{AdapterError, ErrorKind};
use crate::profile::Rules;

/// How much of the vendor's explanation is shown, in characters.
const SUMMARY_CHARACTERS: usize = 300;

/// A license is meant where one of these stands...
const LICENSE_WORDS: [&str; 4] = ["licens", "licenc", "subscription", "seat"];
/// ...and none is left where one of these stands beside it.
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
/// The key is of another customer.
const OTHER_CUSTOMER_WORDS: [&str; 3] = ["customerid mismatch", "customer id mismatch", "another customer"];
/// Something is under way that has an end.
const TRANSIENT_WORDS: [&str; 7] =
    ["another operation", "in progress", "not done yet", "concurrent", "try again", "retry", "under way"];
/// The interface does not take updates.
const NO_UPDATE_WORDS: [&str; 4] = ["not implemented", "not yet implemented", "not supported", "unsupported operation"];
/// What was named is not there.
const UNKNOWN_WORDS: [&str; 4] = ["not found", "does not exist", "unknown", "no such"];

/// Answers to a question about one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    /// Something was read.
    Read,
    /// Something was to be changed.
    Write,
}

impl ProblemDetails {
    /// All words of it, in lower case, with codes as words.
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

    /// What people should read of it.
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
        let said = parts.join("; ").replace('`', "'");
        said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SUMMARY_CHARACTERS).collect()
    }

    fn has_code(&self, wanted: &str) -> bool {
        let mut codes = self.errors.iter().flatten().filter_map(|fault| fault.code.as_deref());
        codes.any(|code| code.eq_ignore_ascii_case(wanted))
    }

    /// Whether it is clearly said that there is no such thing.
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

/// Whether the words say that no unit of a license is left.
fn is_sold_out(words: &str) -> bool {
    words.lines().any(|line| contains_any(line, &LICENSE_WORDS) && contains_any(line, &SOLD_OUT_WORDS))
}

/// What an answer that is no success explains.
fn parse_problem(reply: &HttpResponse) -> ProblemDetails {
    reply.maybe_json().map_or_else(ProblemDetails::default, |JsonObject(problem)| problem)
}

/// Whether an answer of 404 speaks of the thing that was asked for, and not of the address.
pub(super) fn is_absent(reply: &HttpResponse) -> bool {
    reply.status == 404 && parse_problem(reply).is_not_found()
}

/// The error that an answer without success is.
pub(super) fn response_error(rules: &Rules, reply: &HttpResponse, asked: RequestKind) -> AdapterError {
    let profile = rules.profile();
    let problem = parse_problem(reply);
    let words = problem.search_text();
    let said = problem.summary();
    let colon = if said.is_empty() { String::new() } else { format!(": {said}") };
    let writes = asked == RequestKind::Write;
    let error = |kind, text: &str| reply.error(kind, format!("{text}{colon}"));
    let is_clear = !may_be_in_effect(reply);
    match reply.status {
        401 => error(ErrorKind::AccessDenied, "the key is not accepted").help(
            "check the key: it is made in the Admin Console, under API keys, with the products for users and operations",
        ),
        403 if contains_any(&words, &OTHER_CUSTOMER_WORDS) => {
            error(ErrorKind::AccessDenied, "the key is of another customer account").help(remedy(rules, 1))
        }
        403 => error(ErrorKind::AccessDenied, "the key may not do this").help(remedy(rules, 0)),
        400 | 409 | 422 if writes && is_sold_out(&words) => {
            error(ErrorKind::NoSeat, "no license is available").help(profile.no_seat_help)
        }
        405 | 501 if writes => with_runbook_help(error(ErrorKind::Unsupported, "this account takes no changes here")),
        400 | 404 | 422 if writes && contains_any(&words, &NO_UPDATE_WORDS) => {
            with_runbook_help(error(ErrorKind::Unsupported, "this account takes no changes here"))
        }
        404 if problem.is_not_found() => error(ErrorKind::NotFound, "there is no such user"),
        404 if writes => with_runbook_help(error(ErrorKind::Unsupported, "nothing takes changes at that address")),
        404 => reply
            .error(ErrorKind::Malformed, format!("nothing of the vendor's answers at that address{colon}"))
            .help("check `base_url`; the vendor's is `https://api.8x8.com/admin-provisioning`"),
        400 | 422 if writes && contains_any(&words, &LICENSE_WORDS) && contains_any(&words, &UNKNOWN_WORDS) => {
            error(ErrorKind::NotFound, "there is no such license").help(
                "give the vendor's name and country of the license in `pools`, as in `X4: { name: NAME, country: US }`",
            )
        }
        409 if contains_any(&words, &TRANSIENT_WORDS) => error(ErrorKind::Unavailable, "the user is being changed just now"),
        status => {
            let general = classify(reply, writes);
            let help = general.help.clone();
            let what = match general.kind {
                ErrorKind::Throttled => "too many requests",
                ErrorKind::Conflict => "the vendor refuses the request",
                ErrorKind::Unavailable => "the vendor has a fault",
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

/// The error that an operation ended with.
pub(super) fn operation_error(rules: &Rules, operation: &WireOperation, reply: &HttpResponse) -> AdapterError {
    let nothing = ProblemDetails::default();
    let problem = operation.error.as_ref().filter(|problem| !problem.is_empty()).unwrap_or(&nothing);
    let (words, said) = (problem.search_text(), problem.summary());
    let colon = if said.is_empty() { ", and does not say why".to_owned() } else { format!(": {said}") };
    let error = |kind, text: &str| AdapterError { status: None, ..reply.error(kind, format!("{text}{colon}")) };
    if is_sold_out(&words) {
        return error(ErrorKind::NoSeat, "no license is available").help(rules.profile().no_seat_help);
    }
    match problem.status {
        Some(403) if contains_any(&words, &OTHER_CUSTOMER_WORDS) => {
            error(ErrorKind::Forbidden, "the key is of another customer account").help(remedy(rules, 1))
        }
        Some(401 | 403) => error(ErrorKind::Forbidden, "the key may not do this").help(remedy(rules, 0)),
        // Something behind the vendor did not answer in time: a part may have been done.
        Some(408 | 424 | 429 | 500..=599) => {
            let error = error(ErrorKind::Conflict, "the vendor gave the operation up");
            AdapterError { maybe_in_effect: true, ..error }
        }
        _ if contains_any(&words, &LICENSE_WORDS) && contains_any(&words, &UNKNOWN_WORDS) => {
            error(ErrorKind::Conflict, "there is no such license").help(
                "give the vendor's name and country of the license in `pools`, as in `X4: { name: NAME, country: US }`",
            )
        }
        _ => error(ErrorKind::Conflict, "the vendor could not carry it out"),
    }
}

fn with_runbook_help(error: AdapterError) -> AdapterError {
    error.help("change it in the Admin Console by written steps: `adapter: { runbook: { export: FILE } }`")
}

/// The vendor's own remedies for a missing permission; `first` is the one that fits best.
fn remedy(rules: &Rules, first: usize) -> String {
    let all = rules.profile().administrator.remedy;
    let best = all.get(first).into_iter();
    let others = all.iter().enumerate().filter(|(place, _)| *place != first).map(|(_, text)| text);
    best.chain(others).copied().collect::<Vec<_>>().join("; ")
}
