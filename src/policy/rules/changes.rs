//! Rule `changes`: the limit on people affected by any change of a license, checked in [`limits`](super::limits).

use crate::diagnostic::catalog::policy as code;
use crate::policy::rule::{RuleDescriptor, Stage};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "changes",
    codes: &[&code::CHANGES_OVER_LIMIT, &code::CHANGES_OVER_WINDOW],
    level: None,
    stage: Stage::Plan,
    checks: "For each license, the number of people affected by any change is at most `count`, at most `percent` of its \
             holders (if more than `floor`), and at most what `window` allows. Over the limit, all losses of the license are \
             held. Without losses nothing is held, but the limit is reported.",
    rationale: "A plan that affects nearly everyone is rarely intended, even if it adds more than it removes.",
    remedy: "Check the list. If it is intended, add a waiver for the license with the number, or plan with \
              `--allow-removals` and exactly the number of held people.",
    example: "limits: { changes: { percent: null, count: null, floor: 0, window: { days: 7, count: 500 } } }",
};
