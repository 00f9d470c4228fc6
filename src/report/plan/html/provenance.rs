//! The inputs of the plan: digests, and the age of each observation.

use maud::{Markup, html};

use crate::model::Age;
use crate::report::escape::Text;
use crate::report::review::Review;

/// Renders the section.
pub(super) fn section(review: &Review<'_>) -> Markup {
    let plan = review.plan;
    let inputs = &plan.inputs;
    let mut lines = vec![
        ("Plan", plan.digest.to_string()),
        ("Content", plan.content.to_string()),
        ("Created", format!("{} by {}", plan.created_at, plan.tool)),
        ("Manifest", inputs.manifest.to_string()),
        ("Policy", inputs.policy.to_string()),
    ];
    lines.extend(inputs.allow_removals.map(|number| ("Removals allowed", number.to_string())));
    lines.extend(inputs.author.as_ref().map(|author| ("Requested by", author.to_string())));
    lines.extend(inputs.undoes.as_ref().map(|run| ("Reverts", run.to_string())));
    html! {
        section #provenance aria-labelledby="h-provenance" {
            h2 #h-provenance { "Inputs" }
            "\n"
            dl { @for (name, value) in lines { "\n" dt { (name) } dd { (Text(value)) } } }
            "\n"
            @if !inputs.observations.is_empty() {
                div.scroll tabindex="0" role="group" aria-label="Observations" {
                    table {
                        caption.off { "Observations" }
                        thead {
                            tr { @for name in ["Tenant", "observed", "age", "complete", "digest"] { th scope="col" { (name) } } }
                        }
                        tbody {
                            @for (tenant, seen) in &inputs.observations {
                                "\n"
                                tr {
                                    th scope="row" { (Text(tenant)) }
                                    td { (seen.observed_at) }
                                    td { (Age::between(seen.observed_at, plan.created_at)) }
                                    td { @if seen.complete { "yes" } @else { b.bad { "no" } } }
                                    td { code { (Text(seen.digest.as_str())) } }
                                }
                            }
                        }
                    }
                }
            }
        }
        "\n"
    }
}
