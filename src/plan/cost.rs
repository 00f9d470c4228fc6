//! Monthly cost of the plan: used seats before and after, and unused seats.
//!
//! A seat costs its pool's price while a person holds it. Unused seats are listed separately, because the contract
//! decides whether they can be returned.

use std::collections::{BTreeMap, BTreeSet};

use smol_str::SmolStr;

use super::PlanRequest;
use crate::diagnostic::{Finding, catalog::policy as code};
use crate::model::{CostSummary, MonthlyAmount, Plan, PlanPool, PoolCost, SeatPrice};

/// The maximum number of pools in one finding.
const LISTED_MAX: usize = 10;

/// Exact monthly cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct CostSum {
    before: MonthlyAmount,
    after: MonthlyAmount,
    unused: MonthlyAmount,
}

impl CostSum {
    /// Returns the cost of one pool.
    fn of(pool: &PlanPool, price: MonthlyAmount) -> Option<Self> {
        Some(Self {
            before: price.checked_mul(pool.used_before)?,
            after: price.checked_mul(pool.used_after)?,
            unused: price.checked_mul(pool.unused.unwrap_or(0))?,
        })
    }

    fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self {
            before: self.before.checked_add(other.before)?,
            after: self.after.checked_add(other.after)?,
            unused: self.unused.checked_add(other.unused)?,
        })
    }
}

/// Sets the cost of each pool and returns the sums by currency. A cost that is too large adds a finding.
pub(super) fn add_costs(request: &PlanRequest<'_>, plan: &mut Plan) -> BTreeMap<SmolStr, CostSummary> {
    let mut sums: BTreeMap<SmolStr, CostSum> = BTreeMap::new();
    let mut findings = Vec::new();
    for pool in &mut plan.pools {
        pool.unused = pool.total.map(|total| total.saturating_sub(pool.used_after));
        let settings = request.desired.tenants.get(&pool.tenant).and_then(|tenant| {
            let settings = tenant.settings.pools.get(&pool.license)?;
            Some((settings, settings.cost.as_ref()?))
        });
        let Some((settings, cost)) = settings else { continue };
        let sum = sums.entry(cost.currency.clone()).or_default();
        if let Some(added) = add_pool(pool, cost, sum) {
            *sum = added;
        } else {
            let message = format!("the cost of `{}/{}` is too large to be counted", pool.tenant, pool.license);
            let finding = Finding::error(&code::COST_TOO_LARGE, message)
                .help("check the amount, and the number of seats that the vendor states");
            findings.push(finding.at(settings.source.map(|at| request.desired.files.source(at))));
        }
    }
    findings.extend(not_budgeted(request, &plan.pools));
    plan.findings.extend(findings);
    sums.into_iter().filter_map(|(currency, sum)| Some((currency, summary(sum)?))).collect()
}

/// Returns findings about used pools that a budget cannot count.
fn not_budgeted(request: &PlanRequest<'_>, pools: &[PlanPool]) -> Vec<Finding> {
    let budget = &request.policy.organization.budget;
    let own = |pool: &PlanPool| request.policy.tenants.get(&pool.tenant).map(|layer| &layer.budget);
    let concerns = |pool: &PlanPool| !budget.is_empty() || own(pool).is_some_and(|own| !own.is_empty());
    let is_floor = |pool: &PlanPool| {
        request.rules.get(&pool.tenant).is_some_and(|rules| rules.is_floor(&pool.license))
            && pool.cost_per_seat.is_none()
    };
    let used =
        || pools.iter().filter(|pool| pool.used_before.max(pool.used_after) > 0 && !is_floor(pool) && concerns(pool));
    let name = |pool: &PlanPool| format!("`{}/{}`", pool.tenant, pool.license);
    let unpriced: Vec<_> = used().filter(|pool| pool.cost_per_seat.is_none()).map(name).collect();
    let is_limited = |pool: &&PlanPool| {
        let Some(price) = &pool.cost_per_seat else { return true };
        budget.contains_key(&price.currency) || own(pool).is_some_and(|own| own.contains_key(&price.currency))
    };
    let unlimited = used().filter(|pool| !is_limited(pool)).filter_map(|pool| pool.cost_per_seat.as_ref());
    let unlimited: BTreeSet<_> = unlimited.map(|price| &price.currency).collect();
    let mut findings = Vec::new();
    if !unpriced.is_empty() {
        let message = format!(
            "the budget does not count {}, {}",
            format_list(&unpriced),
            if unpriced.len() == 1 { "which has no `cost`" } else { "which have no `cost`" }
        );
        findings.push(Finding::note(&code::NOT_BUDGETED, message).help("write the `cost` of each below `pools`"));
    }
    if !unlimited.is_empty() {
        let unlimited: Vec<_> = unlimited.iter().map(|currency| format!("`{currency}`")).collect();
        let message = format!("no budget limits what is paid in {}", format_list(&unlimited));
        findings.push(Finding::note(&code::NOT_BUDGETED, message).help("write it below `budget` as well"));
    }
    findings
}

/// Formats a list of names, shortened if it is long.
fn format_list(names: &[String]) -> String {
    match names {
        [last] => last.clone(),
        _ if names.len() > LISTED_MAX => {
            format!("{} and {} more", names[..LISTED_MAX].join(", "), names.len() - LISTED_MAX)
        }
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        [] => String::new(),
    }
}

/// Writes what a pool costs; the sum with it.
fn add_pool(pool: &mut PlanPool, cost: &SeatPrice, sum: &CostSum) -> Option<CostSum> {
    pool.cost_per_seat = Some(cost.clone());
    let own = CostSum::of(pool, MonthlyAmount::from_price(cost)?)?;
    let CostSummary { before, after, delta, unused } = summary(own)?;
    let added = sum.checked_add(own)?;
    pool.cost = Some(PoolCost { before, after, delta, unused: pool.unused.map(|_| unused) });
    Some(added)
}

fn summary(sum: CostSum) -> Option<CostSummary> {
    Some(CostSummary {
        before: sum.before.text(),
        after: sum.after.text(),
        delta: sum.after.checked_sub(sum.before)?.text(),
        unused: sum.unused.text(),
    })
}
