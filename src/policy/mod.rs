//! What may be done: limits on removals, protected people, destroyed data acknowledged, seats that run out.
//!
//! A rule is one file below [`rules`], with a [`Descriptor`] that `explain` and the reference page are made from. A
//! rule says what it finds and how much weight that has; [`judge`] alone knows of waivers and approvals, and the two
//! limits alone keep losses back while a plan is made. It stands apart from the planner so that adding a rule
//! touches nothing else.
//! What must hold: pure; a rule sees the plan and never changes it; no waiver is needed to be stricter, and no layer
//! below another one is milder.

mod approval;
mod approval_scope;
mod custom;
mod effective;
mod evaluate;
mod facts;
mod from_manifest;
mod layers;
mod registry;
mod rule;
mod rules;
mod waiver;
mod waiver_usage;

pub use approval::{Approval, ApprovalContext};
pub use custom::test_rules;
pub use effective::{
    ChangeLimit, CustomRule, ExpiryPolicy, LicenseExclusion, LicenseRequirement, Policy, PolicyLayer, RequiredFields,
    RollingWindow, TeamPolicy,
};
pub use evaluate::{evaluate_manifest, evaluate_plan};
pub use facts::{ManifestFacts, PlanFacts, PoolFacts};
pub use registry::DESCRIPTORS;
pub use rule::{RuleDescriptor, Stage, Violation};
pub use rules::age::check_apply_age;
pub use rules::data_loss::is_unacknowledged;
pub use rules::freeze::check_apply_freeze;
pub use rules::limits::{ExceededLimit, LimitCounts, check_limits, check_windows, removal_allowance_finding};
pub use waiver::{Waiver, WaiverScope};
pub use waiver_usage::WaiverUsage;
