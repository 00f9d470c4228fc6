//! People who give up a license without a replacement; the limit is checked in [`limits`](super::limits).

use crate::diagnostic::catalog::policy as code;
use crate::policy::rule::{RuleDescriptor, Stage};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "losses",
    codes: &[&code::LOSSES_OVER_LIMIT, &code::LOSSES_OVER_WINDOW],
    level: None,
    stage: Stage::Plan,
    checks: "For each license, the people who lose it without a replacement are not more than `count`, not more than \
             `percent` of its holders where they are more than `floor`, and not more than the `window` allows together \
             with what earlier plans took within its days. `apply` looks at the window again under its lock, so that \
             plans that were made at the same time do not add up.",
    rationale: "A sync that lost its source, an emptied list or a wrong filter strips many people at once, or in many \
          small plans.",
    remedy: "Check the list. If it is meant, waive the rule for that license with the number, or plan with \
              `--allow-removals` and exactly the number of people held.",
    example: "limits: { losses: { percent: 25, count: 50, floor: 5, window: { days: 7, count: 100 } } }",
};
