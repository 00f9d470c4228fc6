//! What a plan costs per month, in one line.

use crate::model::Plan;
use crate::report::escape::escape;
use crate::report::format;

/// Returns the cost before and after by currency, or nothing if no pool has a cost: `USD 1,234.00 → 1,278.00 (+44.00)`.
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

/// Formats an amount with thousands separators.
pub(crate) fn group_amount(amount: &str) -> String {
    format::group_thousands(&escape(amount))
}
