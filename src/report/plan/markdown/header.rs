//! The header: verdict, losses, requesters and counts.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{NameBudget, PageContext, group_number, join_some, pluralize_grouped, short_name, short_sentence};
use crate::model::PlanPool;
use crate::report::plan::cost;
use crate::report::review::{Review, ReviewTopic, ReviewVerdict, ReviewedChange};

/// Returns the headline and the alerts.
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
            // Two trailing spaces are a line break.
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

/// Lowercases the first letter.
fn lowercase_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Returns the alerts, one per line.
fn alerts(review: &Review<'_>, page: &PageContext, naming: NameBudget) -> Vec<String> {
    let headline = &review.headline;
    let mut lines = Vec::new();
    let destroyed: Vec<_> = review.changes(ReviewTopic::DataLoss).iter().collect();
    if !destroyed.is_empty() {
        let care = match headline.unacknowledged {
            0 => " (acknowledged)".to_owned(),
            all if all == headline.destroyed => ", **not acknowledged**".to_owned(),
            some => format!(", **{} not acknowledged**", group_number(some)),
        };
        let what = pluralize_grouped(headline.destroyed, "person loses data", "people lose data");
        lines.push(format!("**{what}**{care}: {}", people_text(&destroyed, naming)));
        lines.extend(lost_data(&destroyed, page, naming));
        lines.extend(request_reasons(&destroyed, page, naming));
    }
    let removals: Vec<_> = review.changes(ReviewTopic::Losses).iter().collect();
    if !removals.is_empty() {
        let what = pluralize_grouped(count_people(&removals), "person loses a seat", "people lose a seat");
        let what = if destroyed.is_empty() { what } else { format!("{what} without data loss") };
        lines.push(format!("**{what}**: {}", people_text(&removals, naming)));
        lines.extend(request_reasons(&removals, page, naming));
    }
    let cancels: Vec<_> = review.changes(ReviewTopic::Cancellations).iter().collect();
    if !cancels.is_empty() {
        let what = pluralize_grouped(
            count_people(&cancels),
            "person loses a pending request",
            "people lose a pending request",
        );
        lines.push(format!("**{what}**: {}", people_text(&cancels, naming)));
    }
    if headline.held > 0 {
        lines.push(format!(
            "**{} held by a limit** and not applied",
            pluralize_grouped(headline.held, "loss is", "losses are")
        ));
    }
    let parked = [ReviewTopic::DataLoss, ReviewTopic::Parked].iter().flat_map(|topic| review.changes(*topic));
    let parked: Vec<_> = parked.filter(|change| change.is_parked).collect();
    if !parked.is_empty() {
        let what = pluralize_grouped(count_people(&parked), "person is without a seat", "people are without a seat");
        lines.push(format!("**{what} until the swap completes**: {}", people_text(&parked, naming)));
    }
    for finding in headline.postponed_by.iter().take(naming.others) {
        lines.push(format!("**Not now**: {}", short_sentence(&finding.message)));
    }
    if !headline.incomplete.is_empty() {
        let tenants = headline.incomplete.iter().map(|tenant| short_name(tenant));
        let tenants = join_some(tenants, naming.others, headline.incomplete.len());
        lines.push(format!("**Incomplete observation**: {tenants}"));
    }
    if lines.is_empty() {
        // Without losses, the denials are the alerts.
        let stops = review.denials.iter().take(naming.others);
        lines.extend(
            stops.map(|finding| format!("**{}** {}", short_name(&finding.code), short_sentence(&finding.message))),
        );
    }
    lines
}

/// Counts the people of changes.
fn count_people(changes: &[&ReviewedChange<'_>]) -> usize {
    changes.iter().map(|change| change.person).collect::<BTreeSet<_>>().len()
}

/// Returns names without duplicates.
fn people_text(changes: &[&ReviewedChange<'_>], naming: NameBudget) -> String {
    let mut seen = BTreeSet::new();
    let mut shown = Vec::new();
    for change in changes {
        if seen.insert(change.person) && shown.len() < naming.people {
            shown.push(short_name(change.person));
        }
    }
    join_some(shown.into_iter(), naming.people, seen.len())
}

/// Returns the destroyed data, without duplicates.
fn lost_data(changes: &[&ReviewedChange<'_>], page: &PageContext, naming: NameBudget) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    for text in changes.iter().flat_map(|change| &change.loses) {
        if seen.insert(*text) {
            texts.push(*text);
        }
    }
    let shown = join_some(texts.iter().map(|text| short_sentence(text)), naming.others, texts.len());
    (naming.others > 0).then(|| format!("{}Lost: {shown}", page.indent()))
}

/// Returns the reasons of the requests, each with its number of changes.
fn request_reasons(changes: &[&ReviewedChange<'_>], page: &PageContext, naming: NameBudget) -> Option<String> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut unnamed, mut silent) = (0, 0);
    for change in changes {
        match change.request.and_then(|request| request.reason.as_deref()) {
            Some(reason) => *reasons.entry(reason).or_default() += 1,
            None if change.is_unnamed() => unnamed += 1,
            None => silent += 1,
        }
    }
    let number = reasons.len();
    let mut by_number: Vec<_> = reasons.into_iter().collect();
    by_number.sort_by_key(|(reason, times)| (std::cmp::Reverse(*times), *reason));
    // A reason shared by all changes needs no number.
    let times =
        |times: usize| if times == changes.len() { String::new() } else { format!(" ({})", group_number(times)) };
    let mut parts = Vec::new();
    if number > 0 && naming.others > 0 {
        let named = by_number.into_iter().map(|(reason, n)| format!("{}{}", short_sentence(reason), times(n)));
        parts.push(join_some(named, naming.others, number));
    }
    if unnamed > 0 {
        parts.push(format!("not in the manifest{}", times(unnamed)));
    }
    if silent > 0 && naming.others > 0 {
        parts.push(format!("no reason given{}", times(silent)));
    }
    (!parts.is_empty()).then(|| format!("{}Why: {}", page.indent(), parts.join("; ")))
}

/// Returns the counts.
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
            "{} not changed",
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
        headline.author.filter(|_| naming.others > 0).map(|author| format!("Requested by {}", short_name(author))),
    );
    lines
}

/// Returns the used seats of a pool before and after.
fn pool_seats(pool: &PlanPool) -> String {
    let license = short_name(&format!("{}/{}", pool.tenant, pool.license));
    let of = pool.total.map_or(String::new(), |total| format!(" of {total}"));
    let missing = if pool.missing > 0 { format!(", **{} missing**", pool.missing) } else { String::new() };
    let before = if pool.used_before == pool.used_after { String::new() } else { format!("{} → ", pool.used_before) };
    format!("{license} {before}{}{of}{missing}", pool.used_after)
}
