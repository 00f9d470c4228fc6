//! What may be done: limits on removals, protected people, destroyed data acknowledged, seats that run out.
//!
//! A rule is one file below [`rules`], with a [`Descriptor`] that `explain` and the reference page are made from. A
//! rule says what it finds and how much weight that has; [`judge`] alone knows of waivers and approvals, and the two
//! limits alone keep losses back while a plan is made. It stands apart from the planner so that adding a rule
//! touches nothing else.
//! What must hold: pure; a rule sees the plan and never changes it; no waiver is needed to be stricter, and no layer
//! below another one is milder.

mod approval;
mod covers;
mod custom;
mod facts;
mod judge;
mod layers;
mod lifts;
mod registry;
mod rule;
mod rules;
mod settings;
mod waiver;
mod written;

pub use approval::{Approval, Consent};
pub use custom::test as test_rules;
pub use facts::{ManifestFacts, PlanFacts, PoolFacts};
pub use judge::{judge_manifest, judge_plan};
pub use lifts::Lifts;
pub use registry::DESCRIPTORS;
pub use rule::{Descriptor, Stage, Violation};
pub use rules::age::too_old;
pub use rules::data_loss::is_unacknowledged;
pub use rules::freeze::frozen;
pub use rules::limits::{Count, Exceeded, allowed_removals, check as check_limits, check_windows};
pub use settings::{CustomRule, Exclusion, Expiring, Layer, Limit, Need, Policy, Require, Team, Window};
pub use waiver::{Scope, Waiver};
