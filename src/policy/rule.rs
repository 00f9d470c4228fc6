//! Rule descriptors, and the violations that rules report.

use smol_str::SmolStr;

use crate::diagnostic::{Code, Finding, Level};

/// When a rule is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// On the manifest: by `validate`, and again by `plan`.
    Manifest,
    /// On the plan.
    Plan,
    /// Before a plan is applied.
    Apply,
}

impl Stage {
    /// Returns the name for messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Plan => "plan",
            Self::Apply => "apply",
        }
    }
}

/// The description of a built-in rule, from which `explain` and the reference page are generated.
#[derive(Debug)]
pub struct RuleDescriptor {
    /// The rule's name, as in a waiver.
    pub slug: &'static str,
    /// The codes of its findings, starting with the main one.
    pub codes: &'static [&'static Code],
    /// The default level; `None` for a limit, which holds changes, and for a rule that is off by default.
    pub level: Option<Level>,
    /// When the rule is evaluated.
    pub stage: Stage,
    /// What the rule checks.
    pub checks: &'static str,
    /// Why the rule exists.
    pub rationale: &'static str,
    /// How to satisfy the rule.
    pub remedy: &'static str,
    /// The setting in the manifest, if any.
    pub example: &'static str,
}

impl RuleDescriptor {
    /// Returns whether the rule is a limit, which holds changes and has no level.
    pub fn is_limit(&self) -> bool {
        self.level.is_none() && self.stage == Stage::Plan
    }
}

/// A violation of a rule, before waivers and approvals are applied.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The rule's name.
    pub rule: SmolStr,
    /// The level.
    pub level: Level,
    /// The affected tenant, if any.
    pub tenant: Option<SmolStr>,
    /// The affected license of that tenant, if any.
    pub license: Option<SmolStr>,
    /// Whether only `apply` enforces it, so that a plan can still be made.
    pub deferred: bool,
    /// The finding; evaluation sets its severity, rule and level.
    pub finding: Finding,
}

impl Violation {
    /// Returns a violation of a built-in rule.
    pub fn new(descriptor: &'static RuleDescriptor, level: Level, finding: Finding) -> Self {
        Self {
            rule: SmolStr::new_static(descriptor.slug),
            level,
            tenant: None,
            license: None,
            deferred: false,
            finding,
        }
    }

    /// Sets the affected tenant, and the license if one is given.
    #[must_use]
    pub fn scoped_to<'a>(mut self, tenant: &SmolStr, license: impl Into<Option<&'a SmolStr>>) -> Self {
        self.tenant = Some(tenant.clone());
        self.license = license.into().cloned();
        self
    }
}
