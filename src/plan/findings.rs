//! Findings about a tenant's plan.

use std::collections::BTreeSet;

use super::admission::Admission;
use super::seat_flows::SeatFlows;
use super::tenant::TenantPlanner;
use crate::diagnostic::{Finding, catalog::plan as code};
use crate::diff::{BlockReason, PoolId, TenantDiff};

impl TenantPlanner<'_> {
    /// Returns the findings about the observation, parked people and pools.
    pub(super) fn findings(
        &self,
        diff: &TenantDiff,
        admissions: &[Admission],
        parked: &BTreeSet<usize>,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        let name = &self.desired.settings.name;
        let tenant_source = Some(self.request.desired.files.source(self.desired.settings.source));
        let mut note = |finding: Finding| findings.push(finding.at(tenant_source.clone()));
        if let Some(busy) = &self.observation.busy {
            note(
                Finding::warning(&code::VENDOR_BUSY, format!("`{name}` takes no changes just now: {busy}"))
                    .help("apply it later, or give `--wait`"),
            );
        }
        if !self.observation.complete {
            note(
                Finding::warning(&code::OBSERVATION_INCOMPLETE, format!("the observation of `{name}` is incomplete"))
                    .help("observe again"),
            );
        }
        if !parked.is_empty() {
            let people: Vec<&str> = parked.iter().map(|index| diff.changes[*index].person.as_str()).collect();
            let message =
                format!("in `{name}` {} gives up the old license before the new one is certain", people.join(", "));
            note(Finding::warning(&code::PARKED, message).help("one free seat in the ring would make it unnecessary"));
        }
        let arriving: BTreeSet<PoolId> = diff
            .changes
            .iter()
            .zip(admissions)
            .filter_map(|(change, admission)| admission.transition(change)?.assigns)
            .collect();
        let waiting = SeatFlows::of_waiting(diff, admissions);
        for (id, pool) in diff.pools.iter() {
            let license = &pool.license;
            if let Some((stated, counted)) = pool.understated {
                note(
                    Finding::warning(
                        &code::USED_UNDERSTATED,
                        format!("`{name}/{license}` states {stated} as the number of taken seats and lists {counted}"),
                    )
                    .help("check the observation; the larger number is used"),
                );
            }
            if arriving.contains(&id) && pool.total.is_none() && !pool.is_floor {
                note(
                    Finding::note(
                        &code::TOTAL_UNKNOWN,
                        format!("the size of `{name}/{license}` is not known, so it counts as unlimited"),
                    )
                    .help(format!("write `total` for `{license}` below `pools`")),
                );
            }
            if diff.inherited[id.index()] > 0 {
                let people = if diff.inherited[id.index()] == 1 {
                    "1 person holds".to_owned()
                } else {
                    format!("{} people hold", diff.inherited[id.index()])
                };
                note(Finding::note(
                    &code::UNMANAGEABLE_HOLDINGS,
                    format!("{people} `{name}/{license}` by a group or rule without being named; nothing is sent"),
                ));
            }
            if let Some(closed) = pool.closed.as_ref().filter(|_| pool.is_managed && !pool.is_floor) {
                let reason = BlockReason::pool_closed(pool, closed);
                let finding = Finding::warning(
                    &code::ASSIGNED_POOL_CLOSED,
                    format!("{}, so nobody gets a seat of it", reason.message),
                );
                note(Finding { help: reason.help, ..finding });
            }
            if pool.free_seats().is_some_and(|free| free < 0) && waiting.used[id.index()] > 0 && !arriving.contains(&id)
            {
                note(
                    Finding::warning(
                        &code::POOL_OVERUSED,
                        format!("`{name}/{license}` has more seats taken than it may, so it takes nobody"),
                    )
                    .help("buy the missing seats, lower the reserve, or take people off it"),
                );
            }
        }
        findings
    }
}
