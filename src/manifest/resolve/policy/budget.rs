//! `policy.budget`: monthly budgets.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use crate::diagnostic::Level;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::resolve::money;
use crate::manifest::resolve::resolver::{Resolver, value_or};
use crate::manifest::schema::BudgetEntry;
use crate::manifest::yaml::{NamedEntries, OptionalField};
use crate::model::{MonthlyAmount, MonthlyBudget, PricePeriod};

/// Resolves the budget of each currency.
pub(super) fn resolve(
    resolver: &mut Resolver,
    entries: Option<&NamedEntries<BudgetEntry>>,
) -> BTreeMap<SmolStr, MonthlyBudget> {
    let mut budgets = BTreeMap::new();
    for (currency, entry) in entries.into_iter().flat_map(|entries| &entries.0) {
        let is_currency = money::check_currency(resolver, currency);
        let Some(entry) = entry else { continue };
        let (total, increase) = (amount(resolver, &entry.total), amount(resolver, &entry.increase));
        if entry.total.get().is_none() && entry.increase.get().is_none() {
            let message = format!("the budget in `{}` has no limit", currency.value);
            resolver.error(&codes::VALUE_OUT_OF_RANGE, message, "add `total`, `increase`, or both", currency.at);
        }
        if is_currency {
            let source = Some(resolver.files.source(currency.at));
            let budget = MonthlyBudget { total, increase, level: value_or(&entry.level, Level::Deny), source };
            budgets.insert(currency.value.clone(), budget);
        }
    }
    budgets
}

fn amount(resolver: &mut Resolver, amount: &OptionalField<SmolStr>) -> Option<MonthlyAmount> {
    let amount = amount.get()?;
    money::check_amount(resolver, amount).then(|| MonthlyAmount::parse(&amount.value, PricePeriod::Month)).flatten()
}
