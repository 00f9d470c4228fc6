//! The holdings of an account after an operation.
//!
//! The planner predicts with the same function that the simulator applies, so that an operation is never stale because of
//! the previous one.

use super::rules::{Family, Rules};
use crate::model::{Digest, Expects, Holding, HoldingOrigin, HoldingState, OperationKind};

impl Rules {
    /// Returns the holdings after the operation takes effect.
    pub fn holdings_after(
        &self,
        holdings: &[Holding],
        kind: OperationKind,
        license: &str,
        to: Option<&str>,
    ) -> Vec<Holding> {
        let mut after = holdings.to_vec();
        let family = self.family(license);
        match kind {
            OperationKind::Cancel => {
                after.retain(|holding| !(is_direct(holding, license) && is_request(&holding.state)));
                // The license that the request would have replaced stays.
                for holding in after.iter_mut().filter(|holding| holding.state == HoldingState::Removing) {
                    if family.is_exclusive() && self.family(&holding.license) == family {
                        holding.state = HoldingState::Active;
                        holding.due = None;
                    }
                }
                self.add_floor_if_empty(&mut after, &family);
            }
            OperationKind::Remove => {
                after.retain(|holding| !is_direct(holding, license));
                self.add_floor_if_empty(&mut after, &family);
            }
            OperationKind::Change => {
                let to = to.unwrap_or(license);
                after.retain(|holding| !is_direct(holding, license));
                self.add_license(&mut after, to);
            }
            OperationKind::Assign => self.add_license(&mut after, license),
            OperationKind::Restore | OperationKind::Release => {}
        }
        after
    }

    /// Returns the digest of the holdings in the family of the license.
    ///
    /// It ignores cancelled and failed requests and all dates, because a vendor may change them on its own.
    pub fn expects(&self, holdings: &[Holding], license: &str) -> Expects {
        let family = self.family(license);
        let mut held: Vec<(&str, &str, String, bool)> = holdings
            .iter()
            .filter(|holding| !matches!(holding.state, HoldingState::Cancelled | HoldingState::Error))
            .filter(|holding| self.family(&holding.license) == family)
            .map(|holding| (&*holding.license, holding.state.as_str(), holding.origin.to_string(), holding.trial))
            .collect();
        held.sort_unstable();
        // Serialization of texts and Booleans cannot fail.
        let holdings = Digest::of_json(&held).unwrap_or_else(|_| Digest::of_bytes(b"[]"));
        Expects { holdings }
    }

    /// Adds the license. It replaces its own trial and failed requests, and the floor and any trial of its family.
    fn add_license(&self, holdings: &mut Vec<Holding>, license: &str) {
        let family = self.family(license);
        let floor = self.floor(&family);
        holdings.retain(|holding| {
            let gives_way = holding.license == license
                || floor.is_some_and(|floor| {
                    (holding.license == *floor || holding.trial) && self.family(&holding.license) == family
                });
            holding.origin != HoldingOrigin::Direct || !gives_way
        });
        holdings.push(Holding::active(license));
    }

    /// Adds the floor license if the account holds nothing else of its family.
    fn add_floor_if_empty(&self, holdings: &mut Vec<Holding>, family: &Family) {
        let Some(floor) = self.floor(family) else { return };
        let holds = |holding: &Holding| holding.state.is_held() && self.family(&holding.license) == *family;
        if !holdings.iter().any(holds) {
            holdings.push(Holding::active(floor.clone()));
        }
    }
}

fn is_direct(holding: &Holding, license: &str) -> bool {
    holding.license == license && holding.origin == HoldingOrigin::Direct
}

/// Returns whether it is a request that has not taken effect.
fn is_request(state: &HoldingState) -> bool {
    matches!(state, HoldingState::Pending | HoldingState::Waiting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::{rules, settings};

    fn hold(license: &str, state: HoldingState) -> Holding {
        Holding { state, ..Holding::active(license) }
    }

    fn names(holdings: &[Holding]) -> Vec<String> {
        let mut names: Vec<String> =
            holdings.iter().map(|holding| format!("{} {}", holding.license, holding.state.as_str())).collect();
        names.sort();
        names
    }

    #[test]
    fn removal_falls_to_the_floor() {
        let held = [Holding::active("power")];
        let avaya = rules("avaya-spaces").holdings_after(&held, OperationKind::Remove, "power", None);
        assert_eq!(names(&avaya), ["essential active"]);
        let phones = rules("8x8").holdings_after(&held, OperationKind::Remove, "power", None);
        assert_eq!(names(&phones), [""; 0]);
    }

    #[test]
    fn upgrade_replaces_floor_and_trials() {
        let rules = rules("avaya-spaces");
        let trial = Holding { trial: true, ..Holding::active("business") };
        for held in [vec![Holding::active("essential")], vec![trial], vec![]] {
            let after = rules.holdings_after(&held, OperationKind::Assign, "power", None);
            assert_eq!(names(&after), ["power active"], "from {held:?}");
        }
        let after =
            rules.holdings_after(&[Holding::active("business")], OperationKind::Change, "business", Some("power"));
        assert_eq!(names(&after), ["power active"]);
    }

    #[test]
    fn cancelled_upgrade_leaves_the_old_license_or_the_floor() {
        let rules = rules("avaya-spaces");
        let pending = hold("power", HoldingState::Pending);
        let alone = rules.holdings_after(std::slice::from_ref(&pending), OperationKind::Cancel, "power", None);
        assert_eq!(names(&alone), ["essential active"]);
        let beside = [hold("business", HoldingState::Removing), pending];
        let beside = rules.holdings_after(&beside, OperationKind::Cancel, "power", None);
        assert_eq!(names(&beside), ["business active"]);
    }

    #[test]
    fn inherited_holding_stays() {
        let derived = Holding { origin: HoldingOrigin::Derived, ..Holding::active("X4") };
        let held = [derived, Holding::active("X4")];
        assert_eq!(rules("8x8").holdings_after(&held, OperationKind::Remove, "X4", None), held[..1]);
    }

    #[test]
    fn expectation_covers_only_the_family() {
        let mut phones = settings("8x8");
        phones.pools.entry("fax".into()).or_default().add_on = true;
        let rules = Rules::resolve(&phones).unwrap();
        let now = rules.expects(&[Holding::active("X2"), Holding::active("fax")], "X4");
        assert_eq!(
            now,
            rules.expects(&[Holding::active("X2")], "X2"),
            "an add-on is no part of it, whichever license asks"
        );
        let dated = Holding { expires: Some(jiff::civil::date(2027, 1, 1)), ..Holding::active("X2") };
        let failed = hold("X4", HoldingState::Error);
        assert_eq!(now, rules.expects(&[failed, dated], "X4"), "dates and failed requests are no part of it");
        for other in [
            Holding::active("X4"),
            hold("X2", HoldingState::Removing),
            Holding { trial: true, ..Holding::active("X2") },
        ] {
            assert_ne!(now, rules.expects(&[other], "X4"));
        }
    }

    #[test]
    fn expectation_ignores_the_order_of_holdings() {
        let rules = rules("8x8");
        let held = [Holding::active("X2"), Holding::active("X4")];
        let turned = [Holding::active("X4"), Holding::active("X2")];
        assert_eq!(rules.expects(&held, "X2"), rules.expects(&turned, "X2"));
    }
}
