//! What is seen first: may it be applied, what is destroyed, how much changes; then where everything stands.

use std::fmt::Write as _;

use super::put;
use super::sections::anchor;
use crate::report::escape::escape;
use crate::report::format::{self, pluralize, short_digest};
use crate::report::review::{Review, ReviewTopic, ReviewVerdict};

/// The verdict and the figures.
pub(super) fn header(out: &mut String, review: &Review<'_>) {
    let (plan, headline) = (review.plan, &review.headline);
    let tone = match headline.verdict {
        ReviewVerdict::Denied => "no",
        ReviewVerdict::NeedsApproval | ReviewVerdict::Postponed | ReviewVerdict::Held => "wait",
        ReviewVerdict::Destructive => "care",
        ReviewVerdict::Safe => "yes",
        ReviewVerdict::NoChanges => "idle",
    };
    let _ = write!(
        out,
        "<header class=\"top v-{tone}\">\n<p class=\"kicker\">reseat plan for <time datetime=\"{0}\">{0}</time> <code>",
        plan.at
    );
    put(out, short_digest(plan.digest.as_str()));
    out.push_str("</code></p>\n<h1>");
    put(out, &headline.verdict_sentence());
    out.push_str("</h1>\n<p class=\"deeds\">");
    let deeds = headline.summarize_changes();
    let number = pluralize(headline.operations, "operation", "operations");
    let sentence = if deeds.is_empty() { "No operation".to_owned() } else { format!("{deeds} in {number}") };
    put(out, &sentence);
    let left_out = headline.summarize_left_out();
    if !left_out.is_empty() {
        let _ = write!(out, "; {left_out}");
    }
    if let Some(author) = headline.author {
        out.push_str(" · asked for by ");
        put(out, author);
    }
    out.push_str("</p>\n");
    warnings(out, review);
    figures(out, review);
    out.push_str("</header>\n");
}

/// What makes the figures doubtful, or the time wrong.
fn warnings(out: &mut String, review: &Review<'_>) {
    for finding in &review.headline.postponed_by {
        out.push_str("<p class=\"warn\">");
        put(out, &finding.message);
        out.push_str("</p>\n");
    }
    if !review.headline.incomplete.is_empty() {
        out.push_str("<p class=\"warn\">Could not be read to the end, so that nobody loses anything there: ");
        put(out, &review.headline.incomplete.join(", "));
        out.push_str("</p>\n");
    }
}

/// One figure each for what there is to worry about, with the way to it.
fn figures(out: &mut String, review: &Review<'_>) {
    let headline = &review.headline;
    out.push_str("<ul class=\"figures\">\n");
    let mut figure = |tone: &str, to: &str, number: usize, word: &str, more: &str| {
        if number == 0 {
            let _ = writeln!(out, "<li class=\"none\"><span><b>0</b> {word}</span></li>");
            return;
        }
        let _ = write!(out, "<li class=\"{tone}\"><a href=\"#{to}\"><b>{}</b> {word}", grouped(number));
        if !more.is_empty() {
            let _ = write!(out, " <small>{more}</small>");
        }
        out.push_str("</a></li>\n");
    };
    let stops = headline.denials + headline.approvals;
    if stops > 0 {
        let word = if headline.denials > 0 { "denied" } else { "to approve" };
        figure("no", anchor(ReviewTopic::Denials), stops, word, "");
    }
    let open = match headline.unacknowledged {
        0 => String::new(),
        number if number == headline.destroyed => "nobody has taken care of it".to_owned(),
        number => format!("{} not taken care of", grouped(number)),
    };
    let word = if headline.destroyed == 1 { "person loses data" } else { "people lose data" };
    figure("no", anchor(ReviewTopic::DataLoss), headline.destroyed, word, &open);
    let first = |topics: &[ReviewTopic]| -> &'static str {
        let found = topics.iter().find(|topic| review.count(**topic) > 0);
        anchor(found.or(topics.first()).copied().unwrap_or(ReviewTopic::Moves))
    };
    let word = |number: usize, one: &'static str, many: &'static str| if number == 1 { one } else { many };
    figure(
        "no",
        first(&[ReviewTopic::Losses, ReviewTopic::DataLoss]),
        headline.losses,
        word(headline.losses, "loss", "losses"),
        "",
    );
    if headline.held > 0 {
        figure("wait", anchor(ReviewTopic::Held), headline.held, "held", "");
    }
    if headline.parked > 0 {
        figure("wait", first(&[ReviewTopic::Parked, ReviewTopic::DataLoss]), headline.parked, "parked", "");
    }
    let moves = first(&[ReviewTopic::Moves, ReviewTopic::Parked, ReviewTopic::DataLoss]);
    figure("move", moves, headline.moves, word(headline.moves, "move", "moves"), "");
    figure("yes", anchor(ReviewTopic::Gains), headline.gains, word(headline.gains, "gain", "gains"), "");
    if headline.waiting > 0 {
        let missing: u64 = review.waiting.iter().fold(0, |sum, line| sum.saturating_add(line.missing));
        let buy = if missing > 0 { format!("buy {}", grouped(missing)) } else { String::new() };
        figure("wait", anchor(ReviewTopic::Waiting), headline.waiting, "waiting", &buy);
    }
    if headline.blocked > 0 {
        figure("wait", anchor(ReviewTopic::Blocked), headline.blocked, "blocked", "");
    }
    for (currency, cost) in headline.cost {
        let sign = if cost.delta.starts_with('-') { "" } else { "+" };
        let _ = write!(out, "<li class=\"money\"><a href=\"#pools\"><b>");
        put(out, &grouped(&cost.after));
        out.push_str("</b> ");
        put(out, currency);
        out.push_str(" a month");
        if cost.before != cost.after {
            let _ = write!(out, " <small>{sign}");
            put(out, &grouped(&cost.delta));
            out.push_str("</small>");
        }
        out.push_str("</a></li>\n");
    }
    out.push_str("</ul>\n");
}

/// Where everything stands.
pub(super) fn contents(out: &mut String, review: &Review<'_>) {
    out.push_str("<nav aria-label=\"Sections\"><ol>\n");
    let mut line = |anchor: &str, title: &str, number: Option<usize>| {
        let _ = write!(out, "<li><a href=\"#{anchor}\">{title}");
        if let Some(number) = number {
            let _ = write!(out, " <b>{}</b>", grouped(number));
        }
        out.push_str("</a></li>\n");
    };
    let sections = |before: bool| {
        let stands = move |topic: &ReviewTopic| super::precedes_pools(*topic) == before;
        ReviewTopic::ALL.into_iter().filter(stands).filter(|topic| review.count(*topic) > 0)
    };
    for topic in sections(true) {
        line(anchor(topic), super::sections::short_title(topic), Some(review.count(topic)));
    }
    if !review.plan.pools.is_empty() {
        line("pools", "Pools", None);
    }
    if !review.plan.operations.is_empty() || !review.plan.waiting.is_empty() || !review.plan.held.is_empty() {
        line("graph", "Who moves where", None);
    }
    for topic in sections(false) {
        line(anchor(topic), super::sections::short_title(topic), Some(review.count(topic)));
    }
    line("provenance", "Made from", None);
    out.push_str("</ol></nav>\n");
}

/// What finds people; the script shows it, for without one it could do nothing.
pub(super) fn filter(out: &mut String, review: &Review<'_>) {
    let listed: Vec<ReviewTopic> = ReviewTopic::ALL
        .into_iter()
        .filter(|topic| super::sections::has_people(*topic) && review.count(*topic) > 0)
        .collect();
    if listed.is_empty() {
        return;
    }
    out.push_str(
        "<form id=\"filter\" role=\"search\" hidden>\n<label class=\"find\"><span class=\"off\">Find</span>\
         <input id=\"find\" type=\"search\" placeholder=\"Person, license, reason or file\" autocomplete=\"off\" \
         spellcheck=\"false\" aria-keyshortcuts=\"/\"></label>\n",
    );
    out.push_str(
        "<label><span class=\"off\">Tenant</span><select id=\"tenant\"><option value=\"\">All tenants</option>",
    );
    let mut tenants: Vec<&str> = review.plan.inputs.observations.keys().map(|name| &**name).collect();
    tenants.extend(review.plan.pools.iter().map(|pool| &*pool.tenant));
    tenants.sort_unstable();
    tenants.dedup();
    for tenant in tenants {
        // What is compared is what is shown, escapes and all.
        let shown = escape(tenant);
        out.push_str("<option>");
        put(out, &shown);
        out.push_str("</option>");
    }
    out.push_str("</select></label>\n<label><span class=\"off\">Kind</span><select id=\"kind\"><option value=\"\">All kinds</option>");
    for topic in listed {
        let _ = write!(out, "<option value=\"{}\">{}</option>", anchor(topic), super::sections::short_title(topic));
    }
    out.push_str(
        "</select></label>\n<button type=\"reset\">Clear</button>\n<p id=\"found\" role=\"status\"></p></form>\n",
    );
}

/// A number with its thousands parted.
pub(super) fn grouped(number: impl ToString) -> String {
    format::group_thousands(&number.to_string())
}
