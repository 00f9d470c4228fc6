//! `policy.budget`: amounts read.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::{Scope, money};
use crate::diagnostic::Level;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::schema::{BudgetEntry, LayerEntry};
use crate::manifest::yaml::{At, Given, Named};
use crate::model::{Budget, CostPeriod, Monthly};

/// The budget of each currency.
pub(super) fn resolve(scope: &mut Scope, entries: Option<&At<Named<BudgetEntry>>>) -> BTreeMap<SmolStr, Budget> {
    let mut budgets = BTreeMap::new();
    for (currency, entry) in entries.into_iter().flat_map(|entries| &entries.value.0) {
        let is_currency = money::is_currency(scope, currency);
        let Some(entry) = entry else { continue };
        let (total, increase) = (amount(scope, &entry.total), amount(scope, &entry.increase));
        if entry.total.get().is_none() && entry.increase.get().is_none() {
            let message = format!("the budget in `{}` limits nothing", currency.value);
            scope.error(&codes::BAD_VALUE, message, "write `total`, `increase`, or both", currency.at);
        }
        if !is_currency {
            continue;
        }
        let level = entry.level.value().map_or(Level::Deny, |word| word.level());
        let source = Some(scope.files.source(currency.at));
        budgets.insert(currency.value.clone(), Budget { total, increase, level, source });
    }
    budgets
}

/// The budgets of tenants.
pub(super) fn of_tenants(
    scope: &mut Scope,
    layers: &BTreeMap<SmolStr, At<LayerEntry>>,
) -> BTreeMap<SmolStr, BTreeMap<SmolStr, Budget>> {
    layers.iter().map(|(tenant, layer)| (tenant.clone(), resolve(scope, layer.value.budget.get()))).collect()
}

fn amount(scope: &mut Scope, amount: &Given<SmolStr>) -> Option<Monthly> {
    let amount = amount.get()?;
    money::is_amount(scope, amount).then(|| Monthly::parse(&amount.value, CostPeriod::Month)).flatten()
}
