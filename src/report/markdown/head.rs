//! The first screen: whether it may be applied, whose data and seats go, who asked, and what changes in figures.

use std::collections::{BTreeMap, BTreeSet};

use super::page::{Naming, Page, count, figure, phrase, short, some};
use crate::model::PlanPool;
use crate::report::plan::cost;
use crate::report::review::{Entry, Review, Topic, Verdict};

/// The headline with everything that must not be missed.
pub(super) fn head(review: &Review<'_>, page: &Page, naming: Naming) -> String {
    let headline = &review.headline;
    let place = page.environment.as_ref().map_or(String::new(), |environment| format!(" for {environment}"));
    let mut text = format!("## {} reseat{place}: {}\n", mark(headline.verdict), lower(&headline.sentence()));
    let worries = worries(review, page, naming);
    if !worries.is_empty() {
        let alert = match headline.verdict {
            Verdict::Nothing | Verdict::Clear => "[!NOTE]",
            Verdict::Held | Verdict::NotNow => "[!WARNING]",
            Verdict::Denied | Verdict::NeedsApproval | Verdict::Destructive => "[!CAUTION]",
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

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Denied => "🛑",
        Verdict::NeedsApproval => "✋",
        Verdict::NotNow => "⏳",
        Verdict::Held | Verdict::Destructive => "⚠️",
        Verdict::Clear | Verdict::Nothing => "✅",
    }
}

/// The first letter as a small one, for what goes on a sentence.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What must not be missed, a line each.
fn worries(review: &Review<'_>, page: &Page, naming: Naming) -> Vec<String> {
    let headline = &review.headline;
    let mut lines = Vec::new();
    let destroyed: Vec<_> = review.changes(Topic::DataLoss).iter().collect();
    if !destroyed.is_empty() {
        let care = match headline.unacknowledged {
            0 => " (acknowledged)".to_owned(),
            all if all == headline.destroyed => ", **and nobody has taken care of it**".to_owned(),
            some => format!(", **and nobody has taken care of it for {} of them**", figure(some)),
        };
        let what = count(headline.destroyed, "person loses data", "people lose data");
        lines.push(format!("**{what}**{care}: {}", people(&destroyed, naming)));
        lines.extend(lost(&destroyed, page, naming));
        lines.extend(asked(&destroyed, page, naming));
    }
    let removals: Vec<_> = review.changes(Topic::Removals).iter().collect();
    if !removals.is_empty() {
        let what = count(number(&removals), "person gives up a seat", "people give up a seat");
        let what = if destroyed.is_empty() { what } else { format!("{what} without loss of data") };
        lines.push(format!("**{what}**: {}", people(&removals, naming)));
        lines.extend(asked(&removals, page, naming));
    }
    let cancels: Vec<_> = review.changes(Topic::Cancels).iter().collect();
    if !cancels.is_empty() {
        let what = count(number(&cancels), "person loses a request", "people lose a request");
        lines.push(format!("**{what}** that is pending: {}", people(&cancels, naming)));
    }
    if headline.held > 0 {
        lines.push(format!("**{} held by a limit** and not applied", count(headline.held, "loss is", "losses are")));
    }
    let parked = [Topic::DataLoss, Topic::Parked].iter().flat_map(|topic| review.changes(*topic));
    let parked: Vec<_> = parked.filter(|entry| entry.is_parked).collect();
    if !parked.is_empty() {
        let what = count(number(&parked), "person gives up a seat", "people give up a seat");
        lines.push(format!("**{what} before the new one is certain**: {}", people(&parked, naming)));
    }
    for finding in headline.not_now.iter().take(naming.others) {
        lines.push(format!("**Not now**: {}", phrase(&finding.message)));
    }
    if !headline.incomplete.is_empty() {
        let tenants = headline.incomplete.iter().map(|tenant| short(tenant));
        let tenants = some(tenants, naming.others, headline.incomplete.len());
        lines.push(format!("**Not everything could be read**: {tenants}"));
    }
    if lines.is_empty() {
        // Where nobody loses anything, what stops it is the news.
        let stops = review.denials.iter().take(naming.others);
        lines.extend(stops.map(|finding| format!("**{}** {}", short(&finding.code), phrase(&finding.message))));
    }
    lines
}

/// How many people they are about.
fn number(entries: &[&Entry<'_>]) -> usize {
    entries.iter().map(|entry| entry.person).collect::<BTreeSet<_>>().len()
}

/// The people by name; somebody who is in several changes once.
fn people(entries: &[&Entry<'_>], naming: Naming) -> String {
    let mut seen = BTreeSet::new();
    let mut shown = Vec::new();
    for entry in entries {
        if seen.insert(entry.person) && shown.len() < naming.people {
            shown.push(short(entry.person));
        }
    }
    some(shown.into_iter(), naming.people, seen.len())
}

/// What is destroyed, each once.
fn lost(entries: &[&Entry<'_>], page: &Page, naming: Naming) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    for text in entries.iter().flat_map(|entry| &entry.loses) {
        if seen.insert(*text) {
            texts.push(*text);
        }
    }
    let shown = some(texts.iter().map(|text| phrase(text)), naming.others, texts.len());
    (naming.others > 0).then(|| format!("{}Lost: {shown}", page.indent()))
}

/// Who asked: the reasons, each with the number of changes that it asks for.
fn asked(entries: &[&Entry<'_>], page: &Page, naming: Naming) -> Option<String> {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut unnamed, mut silent) = (0, 0);
    for entry in entries {
        match entry.asked.and_then(|asked| asked.reason.as_deref()) {
            Some(reason) => *reasons.entry(reason).or_default() += 1,
            None if entry.is_unnamed() => unnamed += 1,
            None => silent += 1,
        }
    }
    let number = reasons.len();
    let mut by_number: Vec<_> = reasons.into_iter().collect();
    by_number.sort_by_key(|(reason, times)| (std::cmp::Reverse(*times), *reason));
    // Where there is one answer for all of them it needs no figure.
    let times = |times: usize| if times == entries.len() { String::new() } else { format!(" ({})", figure(times)) };
    let mut parts = Vec::new();
    if number > 0 && naming.others > 0 {
        let named = by_number.into_iter().map(|(reason, n)| format!("{}{}", phrase(reason), times(n)));
        parts.push(some(named, naming.others, number));
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
fn figures(review: &Review<'_>, naming: Naming) -> Vec<String> {
    let headline = &review.headline;
    let mut parts = Vec::new();
    if headline.operations > 0 {
        parts.push(format!("**{}** in {}", headline.deeds(), count(headline.operations, "operation", "operations")));
    }
    let left_out = headline.left_out();
    if !left_out.is_empty() {
        parts.push(left_out);
    }
    if headline.unmanaged > 0 {
        parts.push(format!("{} left alone", count(headline.unmanaged, "unmanaged holding", "unmanaged holdings")));
    }
    if let Some(line) = cost::line(review.plan).filter(|_| naming.others > 0) {
        parts.push(phrase(&lower(&line)));
    }
    let mut lines: Vec<String> = (!parts.is_empty()).then(|| parts.join(" · ")).into_iter().collect();
    if !headline.pools.is_empty() && naming.others > 0 {
        let mut shown: Vec<_> = headline.pools.iter().take(naming.others).map(|pool| seats(pool)).collect();
        let left = headline.pools.len() - shown.len();
        if left > 0 {
            shown.push(format!("{} more", figure(left)));
        }
        lines.push(format!("Seats: {}", shown.join(" · ")));
    }
    lines.extend(headline.author.filter(|_| naming.others > 0).map(|author| format!("Asked for by {}", short(author))));
    lines
}

/// A pool as it is and as it will be.
fn seats(pool: &PlanPool) -> String {
    let license = short(&format!("{}/{}", pool.tenant, pool.license));
    let of = pool.total.map_or(String::new(), |total| format!(" of {total}"));
    let missing = if pool.missing > 0 { format!(", **{} missing**", pool.missing) } else { String::new() };
    let before = if pool.used_before == pool.used_after { String::new() } else { format!("{} → ", pool.used_before) };
    format!("{license} {before}{}{of}{missing}", pool.used_after)
}
