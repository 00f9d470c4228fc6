//! The first screen: whether it may be applied, whose data and seats go, who asked, and what changes in figures.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{NameBudget, PageContext, group_number, join_some, pluralize_grouped, short_name, short_sentence};
use crate::model::PlanPool;
use crate::report::plan::cost;
use crate::report::review::{Review, ReviewTopic, ReviewVerdict, ReviewedChange};

/// The headline with everything that must not be missed.
pub(super) fn header(review: &Review<'_>, page: &PageContext, naming: NameBudget) -> String {
    let headline = &review.headline;
    let place = page.environment.as_ref().map_or(String::new(), |environment| format!(" for {environment}"));
    let mut text = format!(
        "## {} reseat{place}: {}\n",
        verdict_icon(headline.verdict),
        lowercase_first(&headline.verdict_sentence())
    );
    let worries = alerts(review, page, naming);
    if !worries.is_empty() {
        let alert = match headline.verdict {
            ReviewVerdict::NoChanges | ReviewVerdict::Safe => "[!NOTE]",
            ReviewVerdict::Held | ReviewVerdict::Postponed => "[!WARNING]",
            ReviewVerdict::Denied | ReviewVerdict::NeedsApproval | ReviewVerdict::Destructive => "[!CAUTION]",
        };
        text.push('\n');
        if page.dialect.alerts {
            text.push_str(&format!("> {alert}\n"));
        }
        for (place, worry) in worries.iter().enumerate() {
            // Two blanks at the end break the line.
            let end = if place + 1 < worries.len() { "  " } else { "" };
            text.push_str(&format!("> {worry}{end}\n"));
        }
    }
    let figures = figures(review, naming);
    if !figures.is_empty() {
        text.push_str(&format!("\n{}\n", figures.join("  \n")));
    }
    text
}

fn verdict_icon(verdict: ReviewVerdict) -> &'static str {
    match verdict {
        ReviewVerdict::Denied => "🛑",
        ReviewVerdict::NeedsApproval => "✋",
        ReviewVerdict::Postponed => "⏳",
        ReviewVerdict::Held | ReviewVerdict::Destructive => "⚠️",
        ReviewVerdict::Safe | ReviewVerdict::NoChanges => "✅",
    }
}

/// The first letter as a small one, for what goes on a sentence.
fn lowercase_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What must not be missed, a line each.
fn alerts(review: &Review<'_>, page: &PageContext, naming: NameBudget) -> Vec<String> {
    let headline = &review.headline;
    let mut lines = Vec::new();
    let destroyed: Vec<_> = review.changes(ReviewTopic::DataLoss).iter().collect();
    if !destroyed.is_empty() {
        let care = match headline.unacknowledged {
            0 => " (acknowledged)".to_owned(),
            all if all == headline.destroyed => ", **and nobody has taken care of it**".to_owned(),
            some => format!(", **and nobody has taken care of it for {} of them**", group_number(some)),
        };
        let what = pluralize_grouped(headline.destroyed, "person loses data", "people lose data");
        lines.push(format!("**{what}**{care}: {}", people_text(&destroyed, naming)));
        lines.extend(lost_data(&destroyed, page, naming));
        lines.extend(request_reasons(&destroyed, page, naming));
    }
    let removals: Vec<_> = review.changes(ReviewTopic::Losses).iter().collect();
    if !removals.is_empty() {
        let what = pluralize_grouped(count_people(&removals), "person gives up a seat", "people give up a seat");
        let what = if destroyed.is_empty() { what } else { format!("{what} without loss of data") };
        lines.push(format!("**{what}**: {}", people_text(&removals, naming)));
        lines.extend(request_reasons(&removals, page, naming));
    }
    let cancels: Vec<_> = review.changes(ReviewTopic::Cancellations).iter().collect();
    if !cancels.is_empty() {
        let what = pluralize_grouped(count_people(&cancels), "person loses a request", "people lose a request");
        lines.push(format!("**{what}** that is pending: {}", people_text(&cancels, naming)));
    }
    if headline.held > 0 {
        lines.push(format!(
            "**{} held by a limit** and not applied",
            pluralize_grouped(headline.held, "loss is", "losses are")
        ));
    }
    let parked = [ReviewTopic::DataLoss, ReviewTopic::Parked].iter().flat_map(|topic| review.changes(*topic));
    let parked: Vec<_> = parked.filter(|entry| entry.is_parked).collect();
    if !parked.is_empty() {
        let what = pluralize_grouped(count_people(&parked), "person gives up a seat", "people give up a seat");
        lines.push(format!("**{what} before the new one is certain**: {}", people_text(&parked, naming)));
    }
    for finding in headline.postponed_by.iter().take(naming.others) {
        lines.push(format!("**Not now**: {}", short_sentence(&finding.message)));
    }
    if !headline.incomplete.is_empty() {
        let tenants = headline.incomplete.iter().map(|tenant| short_name(tenant));
        let tenants = join_some(tenants, naming.others, headline.incomplete.len());
        lines.push(format!("**Not everything could be read**: {tenants}"));
    }
    if lines.is_empty() {
        // Where nobody loses anything, what stops it is the news.
        let stops = review.denials.iter().take(naming.others);
        lines.extend(
            stops.map(|finding| format!("**{}** {}", short_name(&finding.code), short_sentence(&finding.message))),
        );
    }
    lines
}

/// How many people they are about.
fn count_people(entries: &[&ReviewedChange<'_>]) -> usize {
    entries.iter().map(|entry| entry.person).collect::<BTreeSet<_>>().len()
}

/// The people by name; somebody who is in several changes once.
fn people_text(entries: &[&ReviewedChange<'_>], naming: NameBudget) -> String {
    let mut seen = BTreeSet::new();
    let mut shown = Vec::new();
    for entry in entries {
        if seen.insert(entry.person) && shown.len() < naming.people {
            shown.push(short_name(entry.person));
        }
    }
    join_some(shown.into_iter(), naming.people, seen.len())
}

/// What is destroyed, each once.
fn lost_data(entries: &[&ReviewedChange<'_>], page: &PageContext, naming: NameBudget) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    for text in entries.iter().flat_map(|entry| &entry.loses) {
        if seen.insert(*text) {
            texts.push(*text);
        }
    }
    let shown = join_some(texts.iter().map(|text| short_sentence(text)), naming.others, texts.len());
    (naming.others > 0).then(|| format!("{}Lost: {shown}", page.indent()))
}

/// Who asked: the reasons, each with the number of changes that it asks for.
fn request_reasons(entries: &[&ReviewedChange<'_>], page: &PageContext, naming: NameBudget) -> Option<String> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut unnamed, mut silent) = (0, 0);
    for entry in entries {
        match entry.request.and_then(|asked| asked.reason.as_deref()) {
            Some(reason) => *reasons.entry(reason).or_default() += 1,
            None if entry.is_unnamed() => unnamed += 1,
            None => silent += 1,
        }
    }
    let number = reasons.len();
    let mut by_number: Vec<_> = reasons.into_iter().collect();
    by_number.sort_by_key(|(reason, times)| (std::cmp::Reverse(*times), *reason));
    // Where there is one answer for all of them it needs no figure.
    let times =
        |times: usize| if times == entries.len() { String::new() } else { format!(" ({})", group_number(times)) };
    let mut parts = Vec::new();
    if number > 0 && naming.others > 0 {
        let named = by_number.into_iter().map(|(reason, n)| format!("{}{}", short_sentence(reason), times(n)));
        parts.push(join_some(named, naming.others, number));
    }
    if unnamed > 0 {
        parts.push(format!("no longer named in the manifest{}", times(unnamed)));
    }
    if silent > 0 && naming.others > 0 {
        parts.push(format!("no reason given{}", times(silent)));
    }
    (!parts.is_empty()).then(|| format!("{}Why: {}", page.indent(), parts.join("; ")))
}

/// What changes, in figures.
fn figures(review: &Review<'_>, naming: NameBudget) -> Vec<String> {
    let headline = &review.headline;
    let mut parts = Vec::new();
    if headline.operations > 0 {
        parts.push(format!(
            "**{}** in {}",
            headline.summarize_changes(),
            pluralize_grouped(headline.operations, "operation", "operations")
        ));
    }
    let left_out = headline.summarize_left_out();
    if !left_out.is_empty() {
        parts.push(left_out);
    }
    if headline.unmanaged > 0 {
        parts.push(format!(
            "{} left alone",
            pluralize_grouped(headline.unmanaged, "unmanaged holding", "unmanaged holdings")
        ));
    }
    if let Some(line) = cost::summary_line(review.plan).filter(|_| naming.others > 0) {
        parts.push(short_sentence(&lowercase_first(&line)));
    }
    let mut lines: Vec<String> = (!parts.is_empty()).then(|| parts.join(" · ")).into_iter().collect();
    if !headline.pools.is_empty() && naming.others > 0 {
        let mut shown: Vec<_> = headline.pools.iter().take(naming.others).map(|pool| pool_seats(pool)).collect();
        let left = headline.pools.len() - shown.len();
        if left > 0 {
            shown.push(format!("{} more", group_number(left)));
        }
        lines.push(format!("Seats: {}", shown.join(" · ")));
    }
    lines.extend(
        headline.author.filter(|_| naming.others > 0).map(|author| format!("Asked for by {}", short_name(author))),
    );
    lines
}

/// A pool as it is and as it will be.
fn pool_seats(pool: &PlanPool) -> String {
    let license = short_name(&format!("{}/{}", pool.tenant, pool.license));
    let of = pool.total.map_or(String::new(), |total| format!(" of {total}"));
    let missing = if pool.missing > 0 { format!(", **{} missing**", pool.missing) } else { String::new() };
    let before = if pool.used_before == pool.used_after { String::new() } else { format!("{} → ", pool.used_before) };
    format!("{license} {before}{}{of}{missing}", pool.used_after)
}
