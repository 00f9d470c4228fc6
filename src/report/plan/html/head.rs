//! The frame of the page: what it may do, how it looks, and its script.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::put;
use crate::report::plan::graph::svg;
use crate::report::review::Review;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Everything up to the body.
///
/// The policy forbids everything but this style and this script, by their digests: text from outside that became a tag after
/// all could neither run nor load nor send anything.
pub(super) fn open(out: &mut String, review: &Review<'_>) {
    let style = format!("{STYLE}{}", svg::STYLE);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; script-src '{}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<meta name=\"format-detection\" content=\"telephone=no, email=no\">\n<title>",
        digest(&style),
        digest(SCRIPT),
    );
    put(out, &review.headline.verdict_sentence());
    let _ = write!(out, " · reseat plan for {}</title>\n<style>{style}</style>\n</head>\n<body>\n", review.plan.at);
    out.push_str("<a class=\"skip\" href=\"#report\">Skip to the report</a>\n");
}

/// Everything from the end of the report on.
pub(super) fn close(out: &mut String) {
    let _ = write!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n");
}

/// The digest by which a policy knows a style or script.
fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
