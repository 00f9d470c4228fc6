//! Unused seats.

use super::{section_title, to_usize};
use crate::model::Plan;
use crate::report::escape::escape;
use crate::report::format::pluralize;
use crate::report::plan::cost::group_amount;
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// Renders unused seats with their monthly cost; empty if no pool has a cost, because the table of pools has the
/// numbers.
pub(super) fn section(plan: &Plan, style: TextStyle) -> String {
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
    let mut text = section_title("Bought and not used", seats, Tone::Heading, style);
    text.push_str(&table.render(2, 3, style));
    text
}
