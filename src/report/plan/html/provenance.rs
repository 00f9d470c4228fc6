//! What the plan was made from: digests to compare, and how old what it relies on is.

use std::fmt::Write as _;

use super::put;
use crate::model::Age;
use crate::report::review::Review;

/// The section.
pub(super) fn section(out: &mut String, review: &Review<'_>) {
    let plan = review.plan;
    out.push_str(
        "<section id=\"provenance\" aria-labelledby=\"h-provenance\" data-whole><h2 id=\"h-provenance\">Made from</h2>\n<dl>\n",
    );
    let mut line = |name: &str, value: &str| {
        let _ = write!(out, "<dt>{name}</dt><dd>");
        put(out, value);
        out.push_str("</dd>\n");
    };
    line("Plan", plan.digest.as_str());
    line("Content", plan.content.as_str());
    line("Made", &format!("{} by {}", plan.created_at, plan.tool));
    line("Manifest", plan.inputs.manifest.as_str());
    line("Policy", plan.inputs.policy.as_str());
    if let Some(number) = plan.inputs.allow_removals {
        line("Removals allowed", &number.to_string());
    }
    if let Some(author) = &plan.inputs.author {
        line("Asked for by", author);
    }
    if let Some(run) = &plan.inputs.undoes {
        line("Takes back", run);
    }
    out.push_str("</dl>\n");
    if plan.inputs.observations.is_empty() {
        out.push_str("</section>\n");
        return;
    }
    out.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Observations\"><table><caption class=\"off\">Observations</caption>\
         <thead><tr><th scope=\"col\">Tenant</th><th scope=\"col\">observed</th><th scope=\"col\">age</th>\
         <th scope=\"col\">to the end</th><th scope=\"col\">digest</th></tr></thead><tbody>\n",
    );
    for (tenant, seen) in &plan.inputs.observations {
        out.push_str("<tr><th scope=\"row\">");
        put(out, tenant);
        let age = Age::between(seen.observed_at, plan.created_at);
        let whole = if seen.complete { "yes" } else { "<b class=\"bad\">no</b>" };
        let _ = write!(out, "</th><td>{}</td><td>{age}</td><td>{whole}</td><td><code>", seen.observed_at);
        put(out, seen.digest.as_str());
        out.push_str("</code></td></tr>\n");
    }
    out.push_str("</tbody></table></div></section>\n");
}
