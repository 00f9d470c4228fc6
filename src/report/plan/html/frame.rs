//! The frame of the page: content security policy, style and script.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::report::plan::graph::svg;
use crate::report::review::Review;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Returns the page with that body.
///
/// The policy allows only this style and this script, by their digests. Even if external text became a tag, it could not run, load or send
/// anything.
pub(super) fn page(review: &Review<'_>, body: &Markup) -> Markup {
    let style = format!("{STYLE}{}", svg::STYLE);
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        digest(&style),
        digest(SCRIPT)
    );
    html! {
        (DOCTYPE) "\n"
        html lang="en" {
            "\n"
            head {
                "\n" meta charset="utf-8";
                "\n" meta http-equiv="Content-Security-Policy" content=(policy);
                "\n" meta name="viewport" content="width=device-width, initial-scale=1";
                "\n" meta name="color-scheme" content="light dark";
                "\n" meta name="referrer" content="no-referrer";
                "\n" meta name="robots" content="noindex";
                "\n" meta name="format-detection" content="telephone=no, email=no";
                "\n" title { (review.headline.verdict_sentence()) " · reseat plan for " (review.plan.at) }
                "\n" style { (PreEscaped(style)) }
                "\n"
            }
            "\n"
            body {
                "\n" a.skip href="#report" { "Skip to the report" } "\n"
                (body)
                "\n" script { (PreEscaped(SCRIPT)) } "\n"
            }
            "\n"
        }
        "\n"
    }
}

fn digest(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
