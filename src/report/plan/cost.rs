//! What a plan costs, as text: a line in the headline, and the seats that are bought and not used.

use super::super::escape::escape;
use super::super::table::{Cell, Side, Table};
use super::super::words::count;
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

/// A decimal number with its thousands parted: `1,234.00`.
fn grouped(amount: &str) -> String {
    let amount = escape(amount);
    let (sign, digits) = amount.strip_prefix('-').map_or(("", &*amount), |digits| ("-", digits));
    let (whole, fraction) = digits.find('.').map_or((digits, ""), |point| digits.split_at(point));
    let length = whole.chars().count();
    let mut text = sign.to_owned();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (length - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(fraction);
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_parted_and_nothing_else() {
        let shown = |amount: &str| grouped(amount);
        assert_eq!(shown("0.00"), "0.00");
        assert_eq!(shown("999.125"), "999.125");
        assert_eq!(shown("1234.00"), "1,234.00");
        assert_eq!(shown("-1234567.00"), "-1,234,567.00");
        assert_eq!(shown(""), "");
    }
}
