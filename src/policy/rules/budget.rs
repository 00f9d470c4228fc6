//! What the seats in use cost a month.
//!
//! A seat more is a line in next month's bill, and nobody who adds a name to a list sees it.

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
    checks: "For each currency with a budget, the seats in use cost at most `total` a month after the plan, and the \
             plan adds at most `increase`. Seats in use are counted at their pool's `cost`, a year's price as a \
             twelfth; amounts are compared exactly. A plan that adds nothing to a sum that is over its `total` \
             already is only warned. Below `tenants.NAME` a budget is for the seats of that tenant, beside the one \
             for all. Pools without a `cost` cannot be counted, and a note names them.",
    rationale: "A seat more is a line in next month's bill, and who adds a name to a list does not see it.",
    remedy: "Give fewer seats, give back others in the same plan, or raise the budget.",
    example: "budget: { USD: { total: \"12000.00\", increase: \"500.00\", level: deny } }",
};

/// What the seats of some pools cost in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BudgetCost {
    after: MonthlyAmount,
    delta: MonthlyAmount,
}

/// The sum over pools; `None` where it is too large to be counted.
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

/// Budgets that the plan does not keep.
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

/// What is to be said of one budget.
fn check_budget(
    tenant: Option<&SmolStr>,
    currency: &str,
    budget: &MonthlyBudget,
    cost: Option<BudgetCost>,
) -> Vec<(Level, Finding)> {
    let place = tenant.map_or_else(String::new, |tenant| format!(" of `{tenant}`"));
    let Some(BudgetCost { after, delta }) = cost else {
        let message = format!("what the seats{place} cost in {currency} is too large to be compared with the budget");
        let finding = Finding::error(&code::BUDGET_EXCEEDED, message).help("check the `cost` of the pools");
        return vec![(Level::Deny, finding.value("currency", currency))];
    };
    let found = |limit: MonthlyAmount, what: &str, number: MonthlyAmount| {
        let over = number.checked_sub(limit).unwrap_or_default();
        let message =
            format!("the seats{place} {what} {currency} {number} a month, {over} more than the budget of {limit}");
        Finding::error(&code::BUDGET_EXCEEDED, message)
            .value("currency", currency)
            .value("after", after.text().as_str())
            .value("delta", delta.text().as_str())
            .value("limit", limit.text().as_str())
            .value("over", over.text().as_str())
            .smallest_change(format!("give seats of at least {currency} {over} a month less"))
    };
    let mut findings = Vec::new();
    if let Some(total) = budget.total.filter(|total| after > *total) {
        let adds = delta > MonthlyAmount::default();
        let finding = found(total, "would cost", after);
        // To hold back a plan that gives seats back would keep the sum over its budget.
        findings.push(if adds {
            (budget.level, finding.help("give fewer seats, or give back others"))
        } else {
            (Level::Warn, finding.help("the plan adds nothing to it; give back seats, or raise the budget"))
        });
    }
    if let Some(increase) = budget.increase.filter(|increase| delta > *increase) {
        let finding = found(increase, "would add", delta);
        findings.push((budget.level, finding.help("give fewer seats, or give back others in the same plan")));
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
    fn exactly_the_budget_is_kept_and_the_smallest_part_more_is_not() {
        let (after, delta) = (amount("100.00"), amount("10.00"));
        assert_eq!(judged(Some("100.00"), Some("10.00"), after, delta), []);
        let more = MonthlyAmount::parse("0.01", PricePeriod::Year).unwrap();
        let over =
            judged(Some("100.00"), Some("10.00"), after.checked_add(more).unwrap(), delta.checked_add(more).unwrap());
        assert_eq!(over, [(Level::Approve, "0.00".to_owned()), (Level::Approve, "0.00".to_owned())]);
    }

    #[test]
    fn plan_that_gives_back_seats_over_budget_is_warned_and_not_denied() {
        let cost = amount("150.00");
        assert_eq!(judged(Some("100.00"), None, cost, amount("-5.00")), [(Level::Warn, "50.00".to_owned())]);
        assert_eq!(judged(Some("100.00"), None, cost, amount("0.00")), [(Level::Warn, "50.00".to_owned())]);
        assert_eq!(judged(Some("100.00"), None, cost, amount("0.01")), [(Level::Approve, "50.00".to_owned())]);
    }

    #[test]
    fn cost_that_cannot_be_counted_denies_whatever_the_level_is() {
        let budget = MonthlyBudget { total: None, increase: Some(amount("1.00")), level: Level::Warn, source: None };
        let found = check_budget(None, "USD", &budget, None);
        assert_eq!(found.iter().map(|(level, _)| *level).collect::<Vec<_>>(), [Level::Deny]);
    }
}
