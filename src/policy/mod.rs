//! Policy rules: limits on changes, protected people, acknowledged data loss, seats, budgets, and custom rules in CEL.
//!
//! Each built-in rule is one file in [`rules`], with a [`RuleDescriptor`] from which `explain` and the reference page are
//! generated. A rule reports violations; [`evaluate`] applies waivers and approvals to them. Only the limits hold changes back
//! while a plan is made.
//! Invariants: rules are pure and never change the plan; only a waiver loosens a rule.

mod approval;
mod approval_scope;
mod custom;
mod evaluate;
mod facts;
mod registry;
mod rule;
mod rules;
mod waiver_usage;

pub use approval::ApprovalContext;
pub use custom::test_rules;
pub use evaluate::{evaluate_manifest, evaluate_plan};
pub use facts::{ManifestFacts, PlanFacts, PoolFacts};
pub use registry::DESCRIPTORS;
pub use rule::{RuleDescriptor, Stage, Violation};
pub use rules::age::check_apply_age;
pub use rules::data_loss::is_unacknowledged;
pub use rules::freeze::check_apply_freeze;
pub use rules::limits::{ExceededLimit, LimitCounts, check_limits, check_windows, removal_allowance_finding};
pub use waiver_usage::WaiverUsage;
