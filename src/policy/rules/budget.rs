//! Rule `budget`: the monthly cost of used seats.

use smol_str::SmolStr;

use crate::diagnostic::{Finding, Level, catalog::policy as code};
use crate::model::{MonthlyAmount, MonthlyBudget, PlanPool};
use crate::policy::facts::PlanFacts;
use crate::policy::rule::{RuleDescriptor, Stage, Violation};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "budget",
    codes: &[&code::BUDGET_EXCEEDED],
    level: Some(Level::Deny),
    stage: Stage::Plan,
    checks: "For each currency with a budget, the used seats cost at most `total` per month after the plan, and the plan \
             adds at most `increase`. Each used seat costs its pool's `cost`, a yearly price counted as a twelfth per \
             month; amounts are compared exactly. If the total is already exceeded, a plan that adds nothing gets a \
             warning. A budget in `tenants.NAME` covers the seats of that tenant, in addition to the organization's. \
             Pools without a `cost` are not counted; a note lists them.",
    rationale: "Every seat is on next month's bill, which nobody sees when adding a name to a list.",
    remedy: "Assign fewer seats, remove others in the same plan, or raise the budget.",
    example: "budget: { USD: { total: \"12000.00\", increase: \"500.00\", level: deny } }",
};

/// The monthly cost of some pools in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BudgetCost {
    after: MonthlyAmount,
    delta: MonthlyAmount,
}

/// Sums the cost of pools; returns `None` on overflow.
fn sum_costs<'a>(pools: impl Iterator<Item = &'a PlanPool>, currency: &str) -> Option<BudgetCost> {
    let (mut before, mut after) = (MonthlyAmount::default(), MonthlyAmount::default());
    for pool in pools {
        let Some(price) = pool.cost_per_seat.as_ref().filter(|price| price.currency == currency) else { continue };
        let price = MonthlyAmount::from_price(price)?;
        before = before.checked_add(price.checked_mul(pool.used_before)?)?;
        after = after.checked_add(price.checked_mul(pool.used_after)?)?;
    }
    Some(BudgetCost { after, delta: after.checked_sub(before)? })
}

/// Reports budgets that the plan exceeds.
pub(in crate::policy) fn check(facts: &PlanFacts<'_>, violations: &mut Vec<Violation>) {
    let everywhere = facts.policy.organization.budget.iter().map(|(currency, budget)| (None, currency, budget));
    let tenants = facts.policy.tenants.iter();
    let own = tenants.flat_map(|(tenant, layer)| {
        layer.budget.iter().map(move |(currency, budget)| (Some(tenant), currency, budget))
    });
    for (tenant, currency, budget) in everywhere.chain(own) {
        let pools = facts.plan.pools.iter().filter(|pool| tenant.is_none_or(|tenant| pool.tenant == *tenant));
        for (level, finding) in check_budget(tenant, currency, budget, sum_costs(pools, currency)) {
            let violation = Violation::new(&RULE, level, finding.at(budget.source.clone()));
            violations.push(match tenant {
                Some(tenant) => violation.scoped_to(tenant, None),
                None => violation,
            });
        }
    }
}

/// Checks one budget.
fn check_budget(
    tenant: Option<&SmolStr>,
    currency: &str,
    budget: &MonthlyBudget,
    cost: Option<BudgetCost>,
) -> Vec<(Level, Finding)> {
    let place = tenant.map_or_else(String::new, |tenant| format!(" of `{tenant}`"));
    let Some(BudgetCost { after, delta }) = cost else {
        let message = format!("the cost of the seats{place} in {currency} is too large to compare with the budget");
        let finding = Finding::error(&code::BUDGET_EXCEEDED, message).help("check the `cost` of the pools");
        return vec![(Level::Deny, finding.value("currency", currency))];
    };
    let found = |limit: MonthlyAmount, what: &str, number: MonthlyAmount| {
        let over = number.checked_sub(limit).unwrap_or_default();
        let message =
            format!("the seats{place} {what} {currency} {number} per month, {over} over the budget of {limit}");
        Finding::error(&code::BUDGET_EXCEEDED, message)
            .value("currency", currency)
            .value("after", after.text().as_str())
            .value("delta", delta.text().as_str())
            .value("limit", limit.text().as_str())
            .value("over", over.text().as_str())
            .smallest_change(format!("reduce the monthly cost by at least {currency} {over}"))
    };
    let mut findings = Vec::new();
    if let Some(total) = budget.total.filter(|total| after > *total) {
        let adds = delta > MonthlyAmount::default();
        let finding = found(total, "would cost", after);
        // A plan that removes seats must not be denied: it reduces the cost.
        findings.push(if adds {
            (budget.level, finding.help("assign fewer seats, or remove others"))
        } else {
            (Level::Warn, finding.help("the plan adds nothing; remove seats, or raise the budget"))
        });
    }
    if let Some(increase) = budget.increase.filter(|increase| delta > *increase) {
        let finding = found(increase, "would add", delta);
        findings.push((budget.level, finding.help("assign fewer seats, or remove others in the same plan")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PricePeriod;

    fn amount(text: &str) -> MonthlyAmount {
        let number = MonthlyAmount::parse(text.trim_start_matches('-'), PricePeriod::Month).unwrap();
        if text.starts_with('-') { MonthlyAmount::default().checked_sub(number).unwrap() } else { number }
    }

    fn judged(
        total: Option<&str>,
        increase: Option<&str>,
        after: MonthlyAmount,
        delta: MonthlyAmount,
    ) -> Vec<(Level, String)> {
        let budget = MonthlyBudget {
            total: total.map(amount),
            increase: increase.map(amount),
            level: Level::Approve,
            source: None,
        };
        let found = check_budget(None, "USD", &budget, Some(BudgetCost { after, delta }));
        found.into_iter().map(|(level, finding)| (level, finding.values["over"].as_str().unwrap().to_owned())).collect()
    }

    #[test]
    fn exact_budget_passes_and_any_excess_fails() {
        let (after, delta) = (amount("100.00"), amount("10.00"));
        assert_eq!(judged(Some("100.00"), Some("10.00"), after, delta), []);
        let more = MonthlyAmount::parse("0.01", PricePeriod::Year).unwrap();
        let over =
            judged(Some("100.00"), Some("10.00"), after.checked_add(more).unwrap(), delta.checked_add(more).unwrap());
        assert_eq!(over, [(Level::Approve, "0.00".to_owned()), (Level::Approve, "0.00".to_owned())]);
    }

    #[test]
    fn plan_that_reduces_an_exceeded_total_gets_a_warning() {
        let cost = amount("150.00");
        assert_eq!(judged(Some("100.00"), None, cost, amount("-5.00")), [(Level::Warn, "50.00".to_owned())]);
        assert_eq!(judged(Some("100.00"), None, cost, amount("0.00")), [(Level::Warn, "50.00".to_owned())]);
        assert_eq!(judged(Some("100.00"), None, cost, amount("0.01")), [(Level::Approve, "50.00".to_owned())]);
    }

    #[test]
    fn overflowing_cost_is_denied_at_every_level() {
        let budget = MonthlyBudget { total: None, increase: Some(amount("1.00")), level: Level::Warn, source: None };
        let found = check_budget(None, "USD", &budget, None);
        assert_eq!(found.iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Level::Deny]);
    }
}
