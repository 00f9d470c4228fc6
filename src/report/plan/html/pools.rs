//! Every pool before and after: those that change or lack seats first, with a bar each.

use std::fmt::Write as _;

use super::put;
use super::top::grouped;
use crate::model::PlanPool;
use crate::report::plan::graph::bars;
use crate::report::review::Review;

/// The section; nothing where there are no pools.
pub(super) fn section(out: &mut String, review: &Review<'_>) {
    let pools = &review.plan.pools;
    if pools.is_empty() {
        return;
    }
    let moves = |pool: &&PlanPool| pool.used_before != pool.used_after || pool.missing > 0 || is_over(pool);
    let (changed, same): (Vec<&PlanPool>, Vec<&PlanPool>) = pools.iter().partition(moves);
    let _ = writeln!(
        out,
        "<section id=\"pools\" aria-labelledby=\"h-pools\" data-whole><h2 id=\"h-pools\">Pools <span>{}</span></h2>\n\
         <p class=\"key\" aria-hidden=\"true\"><i class=\"k-used\"></i>taken <i class=\"k-added\"></i>added \
         <i class=\"k-freed\"></i>freed <i class=\"k-reserve\"></i>reserve <i class=\"k-missing\"></i>lacking \
         <i class=\"k-over\"></i>over</p>",
        grouped(pools.len())
    );
    let has_cost = pools.iter().any(|pool| pool.cost.is_some());
    if !changed.is_empty() {
        table(out, &changed, has_cost, "Pools that change or lack seats");
    }
    if !same.is_empty() && !changed.is_empty() {
        let _ = writeln!(out, "<details><summary>{} unchanged</summary>", grouped(same.len()));
        table(out, &same, has_cost, "Pools that do not change");
        out.push_str("</details>\n");
    } else if !same.is_empty() {
        table(out, &same, has_cost, "Pools; none of them changes");
    }
    out.push_str("</section>\n");
}

fn is_over(pool: &PlanPool) -> bool {
    pool.total.is_some_and(|total| pool.used_after > total.saturating_sub(pool.reserve))
}

fn table(out: &mut String, pools: &[&PlanPool], has_cost: bool, caption: &str) {
    let cost = if has_cost { "<th scope=\"col\">a month</th>" } else { "" };
    let _ = writeln!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{caption}\"><table><caption class=\"off\">{caption}</caption>\
         <thead><tr><th scope=\"col\">Pool</th><td></td><th scope=\"col\">taken</th><th scope=\"col\">total</th>\
         <th scope=\"col\">reserve</th><th scope=\"col\">unused</th><th scope=\"col\">lacking</th>{cost}</tr></thead><tbody>"
    );
    for pool in pools {
        row(out, pool, has_cost);
    }
    out.push_str("</tbody></table></div>\n");
}

fn row(out: &mut String, pool: &PlanPool, has_cost: bool) {
    out.push_str("<tr><th scope=\"row\">");
    put(out, &pool.tenant);
    out.push('/');
    put(out, &pool.license);
    let _ = write!(out, "</th><td class=\"bars\">{}</td><td>", bars::inline_bar(pool));
    if pool.used_before != pool.used_after {
        let _ = write!(out, "<s>{}</s> → ", grouped(pool.used_before));
    }
    let _ = write!(out, "<b>{}</b></td><td>", grouped(pool.used_after));
    match pool.total {
        Some(total) => out.push_str(&grouped(total)),
        None => out.push_str("unlimited"),
    }
    let some = |number: u64| if number > 0 { grouped(number) } else { String::new() };
    let _ = write!(out, "</td><td>{}</td><td>{}</td>", some(pool.reserve), some(pool.unused.unwrap_or(0)));
    let mut missing = some(pool.missing);
    if is_over(pool) {
        missing.push_str(if missing.is_empty() { "over" } else { " (over)" });
    }
    let _ = write!(out, "<td class=\"lack\">{missing}</td>");
    if has_cost {
        out.push_str("<td>");
        if let (Some(cost), Some(price)) = (&pool.cost, &pool.cost_per_seat) {
            put(out, &grouped(&cost.after));
            out.push(' ');
            put(out, &price.currency);
        }
        out.push_str("</td>");
    }
    out.push_str("</tr>\n");
}
