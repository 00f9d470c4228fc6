//! What a plan costs, as text: a line in the headline, and the seats that are bought and not used.

use super::super::escape::escape;
use super::super::format::{self, pluralize};
use super::super::table::{Alignment, TextCell, TextTable};
use super::super::{TextStyle, Tone};
use super::{section_title, to_usize};
use crate::model::Plan;

/// The cost before and after, by currency: `USD 1,234.00 → 1,278.00 (+44.00)`; nothing where no pool has a cost.
pub(crate) fn summary_line(plan: &Plan) -> Option<String> {
    let sums: Vec<_> = plan
        .summary
        .cost
        .iter()
        .map(|(currency, cost)| {
            let before = format!("{} {}", escape(currency), group_amount(&cost.before));
            if cost.before == cost.after {
                return before;
            }
            let sign = if cost.delta.starts_with('-') { "" } else { "+" };
            format!("{before} → {} ({sign}{})", group_amount(&cost.after), group_amount(&cost.delta))
        })
        .collect();
    (!sums.is_empty()).then(|| format!("Cost per month: {}", sums.join("; ")))
}

/// An amount with its thousands parted.
fn group_amount(amount: &str) -> String {
    format::group_thousands(&escape(amount))
}

/// The seats bought and not used, with what they cost a month; nothing where no pool has a cost, for the table of pools
/// has the numbers.
pub(super) fn unused(plan: &Plan, look: TextStyle) -> String {
    if plan.summary.cost.is_empty() {
        return String::new();
    }
    let mut table = TextTable::new([Alignment::Left, Alignment::Right, Alignment::Right]);
    let mut seats = 0_usize;
    for pool in &plan.pools {
        let Some(unused) = pool.unused.filter(|unused| *unused > 0) else { continue };
        let price = pool.cost_per_seat.as_ref().map_or("", |price| &price.currency);
        let cost = pool.cost.as_ref().and_then(|cost| cost.unused.as_ref());
        seats = seats.saturating_add(to_usize(unused));
        table.add_row([
            TextCell::new(escape(&format!("{}/{}", pool.tenant, pool.license))),
            TextCell::new(pluralize(to_usize(unused), "seat", "seats")),
            TextCell::new(
                cost.map_or_else(String::new, |cost| format!("{} {} per month", escape(price), group_amount(cost))),
            ),
        ]);
    }
    if seats == 0 {
        return String::new();
    }
    let mut text = section_title("Bought and not used", seats, Tone::Heading, look);
    text.push_str(&table.render(2, 3, look));
    text
}
