//! People whom any change of a license touches; the limit is checked in [`limits`](super::limits).

use crate::diagnostic::catalog::policy as code;
use crate::policy::rule::{RuleDescriptor, Stage};

/// The rule.
pub(in crate::policy) static RULE: RuleDescriptor = RuleDescriptor {
    slug: "changes",
    codes: &[&code::CHANGES_OVER_LIMIT, &code::CHANGES_OVER_WINDOW],
    level: None,
    stage: Stage::Plan,
    checks: "For each license, the people whom any change of it touches are not more than `count`, `percent` of its \
             holders above `floor`, or the `window` allow; else its losses are held. Where nobody \
             loses it there is nothing to hold, and it is said.",
    rationale: "A plan that touches nearly everybody is seldom meant, even where it gives more than it takes.",
    remedy: "Check the list. If it is meant, waive the rule for that license with the number, or plan with \
              `--allow-removals` and exactly the number of people held.",
    example: "limits: { changes: { percent: null, count: null, floor: 0, window: { days: 7, count: 500 } } }",
};
