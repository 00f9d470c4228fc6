//! What a plan costs, as text: a line in the headline, and the seats that are bought and not used.

use super::super::escape::escape;
use super::super::table::{Cell, Side, Table};
use super::super::words::{self, count};
use super::super::{Look, Tone};
use super::{number, title};
use crate::model::Plan;

/// The cost before and after, by currency: `USD 1,234.00 → 1,278.00 (+44.00)`; nothing where no pool has a cost.
pub(crate) fn line(plan: &Plan) -> Option<String> {
    let sums: Vec<_> = plan
        .summary
        .cost
        .iter()
        .map(|(currency, cost)| {
            let before = format!("{} {}", escape(currency), grouped(&cost.before));
            if cost.before == cost.after {
                return before;
            }
            let sign = if cost.delta.starts_with('-') { "" } else { "+" };
            format!("{before} → {} ({sign}{})", grouped(&cost.after), grouped(&cost.delta))
        })
        .collect();
    (!sums.is_empty()).then(|| format!("Cost per month: {}", sums.join("; ")))
}

/// An amount with its thousands parted.
fn grouped(amount: &str) -> String {
    words::grouped(&escape(amount))
}

/// The seats bought and not used, with what they cost a month; nothing where no pool has a cost, for the table of pools
/// has the numbers.
pub(super) fn unused(plan: &Plan, look: Look) -> String {
    if plan.summary.cost.is_empty() {
        return String::new();
    }
    let mut table = Table::new([Side::Left, Side::Right, Side::Right]);
    let mut seats = 0_usize;
    for pool in &plan.pools {
        let Some(unused) = pool.unused.filter(|unused| *unused > 0) else { continue };
        let price = pool.cost_per_seat.as_ref().map_or("", |price| &price.currency);
        let cost = pool.cost.as_ref().and_then(|cost| cost.unused.as_ref());
        seats = seats.saturating_add(number(unused));
        table.row([
            Cell::new(escape(&format!("{}/{}", pool.tenant, pool.license))),
            Cell::new(count(number(unused), "seat", "seats")),
            Cell::new(cost.map_or_else(String::new, |cost| format!("{} {} per month", escape(price), grouped(cost)))),
        ]);
    }
    if seats == 0 {
        return String::new();
    }
    let mut text = title("Bought and not used", seats, Tone::Heading, look);
    text.push_str(&table.render(2, 3, look));
    text
}
