//! `policy.budget`: amounts read.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::money;
use super::resolver::Resolver;
use crate::diagnostic::Level;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::schema::{BudgetEntry, LayerEntry};
use crate::manifest::yaml::{Located, NamedEntries, OptionalField};
use crate::model::{MonthlyAmount, MonthlyBudget, PricePeriod};

/// The budget of each currency.
pub(super) fn resolve(
    scope: &mut Resolver,
    entries: Option<&Located<NamedEntries<BudgetEntry>>>,
) -> BTreeMap<SmolStr, MonthlyBudget> {
    let mut budgets = BTreeMap::new();
    for (currency, entry) in entries.into_iter().flat_map(|entries| &entries.value.0) {
        let is_currency = money::check_currency(scope, currency);
        let Some(entry) = entry else { continue };
        let (total, increase) = (resolve_amount(scope, &entry.total), resolve_amount(scope, &entry.increase));
        if entry.total.get().is_none() && entry.increase.get().is_none() {
            let message = format!("the budget in `{}` limits nothing", currency.value);
            scope.error(&codes::VALUE_OUT_OF_RANGE, message, "write `total`, `increase`, or both", currency.at);
        }
        if !is_currency {
            continue;
        }
        let level = entry.level.value().map_or(Level::Deny, |word| word.to_level());
        let source = Some(scope.files.source(currency.at));
        budgets.insert(currency.value.clone(), MonthlyBudget { total, increase, level, source });
    }
    budgets
}

/// The budgets of tenants.
pub(super) fn of_tenants(
    scope: &mut Resolver,
    layers: &BTreeMap<SmolStr, Located<LayerEntry>>,
) -> BTreeMap<SmolStr, BTreeMap<SmolStr, MonthlyBudget>> {
    layers.iter().map(|(tenant, layer)| (tenant.clone(), resolve(scope, layer.value.budget.get()))).collect()
}

fn resolve_amount(scope: &mut Resolver, amount: &OptionalField<SmolStr>) -> Option<MonthlyAmount> {
    let amount = amount.get()?;
    money::check_amount(scope, amount).then(|| MonthlyAmount::parse(&amount.value, PricePeriod::Month)).flatten()
}
