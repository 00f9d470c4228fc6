//! The footer: inputs and digests, to verify which plan is applied.

use jiff::{SignedDuration, Timestamp};

use super::context::{NameBudget, PageContext, join_some, pluralize_grouped, short_name};
use crate::report::review::Review;

/// Returns the footer.
pub(super) fn footer(review: &Review<'_>, page: &PageContext, naming: NameBudget) -> String {
    let plan = review.plan;
    let mut parts = vec![format!("Planned {}", format_time(plan.created_at))];
    parts.extend(page.commit.iter().map(|commit| format!("commit {commit}")));
    let inputs = &plan.inputs.observations;
    let tenants = inputs.iter().map(|(tenant, input)| {
        let partly = if input.complete { "" } else { ", **incomplete**" };
        format!("{} {}{partly}", short_name(tenant), age(plan.created_at.duration_since(input.observed_at)))
    });
    if !inputs.is_empty() && naming.others > 0 {
        parts.push(format!("observed: {}", join_some(tenants, naming.others * 2, inputs.len())));
    }
    let (digest, content) = (&page.digest, short_name(plan.content.as_str()));
    let report = if page.link().is_empty() { String::new() } else { format!(" · {}", page.full_report) };
    format!("\n---\n{}  \nPlan {digest} · content {content}{report}\n{}", parts.join(" · "), page.link())
}

fn format_time(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Returns the age of an observation when the plan was made, in its largest unit.
fn age(before: SignedDuration) -> String {
    let seconds = before.as_secs().max(0);
    let whole = |unit: i64| usize::try_from(seconds / unit).unwrap_or(usize::MAX);
    match seconds {
        0..60 => "just now".to_owned(),
        60..3_600 => format!("{} earlier", pluralize_grouped(whole(60), "minute", "minutes")),
        3_600..172_800 => format!("{} earlier", pluralize_grouped(whole(3_600), "hour", "hours")),
        _ => format!("**{} earlier**", pluralize_grouped(whole(86_400), "day", "days")),
    }
}
