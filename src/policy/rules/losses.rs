//! Rule `losses`: the limit on people who lose a license without a replacement, checked in [`limits`](super::limits).

use crate::diagnostic::catalog::policy as code;
use crate::policy::rule::{RuleDescriptor, Stage};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "losses",
    codes: &[&code::LOSSES_OVER_LIMIT, &code::LOSSES_OVER_WINDOW],
    level: None,
    stage: Stage::Plan,
    checks: "For each license, the number of people who lose it without a replacement is at most `count`, at most \
             `percent` of its holders (if more than `floor`), and at most what `window` allows together with the earlier \
             plans of its days. Over the limit, all losses of the license are held. `apply` checks the window again under \
             its lock, so that plans made at the same time do not add up.",
    rationale: "A sync without its source, an emptied list or a wrong filter removes many people at once, or in many small \
          plans.",
    remedy: "Check the list. If it is intended, add a waiver for the license with the number, or plan with \
              `--allow-removals` and exactly the number of held people.",
    example: "limits: { losses: { percent: 25, count: 50, floor: 5, window: { days: 7, count: 100 } } }",
};
