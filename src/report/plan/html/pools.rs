//! All pools before and after the plan, each with a bar; pools that change come first.

use maud::{Markup, html};

use crate::model::PlanPool;
use crate::report::escape::Text;
use crate::report::format::grouped;
use crate::report::plan::graph::bars;
use crate::report::review::Review;

/// Renders the section, or nothing if the plan has no pools.
pub(super) fn section(review: &Review<'_>) -> Markup {
    let pools = &review.plan.pools;
    if pools.is_empty() {
        return Markup::default();
    }
    let changes = |pool: &&PlanPool| pool.used_before != pool.used_after || pool.missing > 0 || is_over(pool);
    let (changed, unchanged): (Vec<&PlanPool>, Vec<&PlanPool>) = pools.iter().partition(changes);
    let has_cost = pools.iter().any(|pool| pool.cost.is_some());
    html! {
        section #pools aria-labelledby="h-pools" {
            h2 #h-pools { "Pools " span { (grouped(pools.len())) } }
            "\n"
            p.key aria-hidden="true" {
                @for part in ["used", "added", "freed", "reserve", "missing", "over"] { i class={ "k-" (part) } {} (part) " " }
            }
            "\n"
            @if changed.is_empty() {
                (table(&unchanged, has_cost, "Pools, all unchanged"))
            } @else {
                (table(&changed, has_cost, "Pools that change or miss seats"))
                @if !unchanged.is_empty() {
                    details {
                        summary { (grouped(unchanged.len())) " unchanged" }
                        (table(&unchanged, has_cost, "Unchanged pools"))
                    }
                }
            }
        }
        "\n"
    }
}

fn is_over(pool: &PlanPool) -> bool {
    pool.total.is_some_and(|total| pool.used_after > total.saturating_sub(pool.reserve))
}

fn table(pools: &[&PlanPool], has_cost: bool, caption: &str) -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label=(caption) {
            table {
                caption.off { (caption) }
                thead {
                    tr {
                        th scope="col" { "Pool" } td {}
                        @for name in ["used", "total", "reserve", "unused", "missing"] { th scope="col" { (name) } }
                        @if has_cost { th scope="col" { "per month" } }
                    }
                }
                tbody { @for pool in pools { "\n" (row(pool, has_cost)) } }
            }
        }
        "\n"
    }
}

fn row(pool: &PlanPool, has_cost: bool) -> Markup {
    let nonzero = |number: u64| if number > 0 { grouped(number) } else { String::new() };
    let mut missing = nonzero(pool.missing);
    if is_over(pool) {
        missing.push_str(if missing.is_empty() { "over" } else { " (over)" });
    }
    html! {
        tr {
            th scope="row" { (Text(&pool.tenant)) "/" (Text(&pool.license)) }
            td.bars { (bars::inline_bar(pool)) }
            td {
                @if pool.used_before != pool.used_after { s { (grouped(pool.used_before)) } " → " }
                b { (grouped(pool.used_after)) }
            }
            td { (pool.total.map_or_else(|| "unlimited".to_owned(), grouped)) }
            td { (nonzero(pool.reserve)) }
            td { (nonzero(pool.unused.unwrap_or(0))) }
            td.missing { (missing) }
            @if has_cost {
                td {
                    @if let (Some(cost), Some(price)) = (&pool.cost, &pool.cost_per_seat) {
                        (Text(grouped(&cost.after))) " " (Text(&price.currency))
                    }
                }
            }
        }
    }
}
