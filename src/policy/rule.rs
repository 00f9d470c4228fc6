//! What a rule is: what it says of itself, and what it finds.

use smol_str::SmolStr;

use crate::diagnostic::{Code, Finding, Level};

/// When a rule is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// On the manifest alone: by `validate`, and again by `plan`.
    Manifest,
    /// On the plan.
    Plan,
    /// Before a plan is carried out.
    Apply,
}

impl Stage {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Plan => "plan",
            Self::Apply => "apply",
        }
    }
}

/// What a built-in rule says of itself: the one source of `explain` and of the reference page.
#[derive(Debug)]
pub struct RuleDescriptor {
    /// Its name in `rule:` of a waiver.
    pub slug: &'static str,
    /// The codes of its findings, the main one first.
    pub codes: &'static [&'static Code],
    /// How much weight it has where the policy says nothing; `None` where it holds losses back instead, or where it is
    /// off until the policy says how much.
    pub level: Option<Level>,
    /// When it is checked.
    pub stage: Stage,
    /// What it checks, as a sentence.
    pub checks: &'static str,
    /// Why it exists, as a sentence.
    pub rationale: &'static str,
    /// How to satisfy it, as a sentence.
    pub remedy: &'static str,
    /// What is written in the manifest to set it; empty where nothing can be set.
    pub example: &'static str,
}

impl RuleDescriptor {
    /// Whether it holds losses back and has no level.
    pub fn is_limit(&self) -> bool {
        self.level.is_none() && self.stage == Stage::Plan
    }
}

/// What a rule found; whether it stands is for [`judge`](super::judge) to say.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The rule's name.
    pub rule: SmolStr,
    /// How much weight it has.
    pub level: Level,
    /// The tenant that it is about, if it is about one.
    pub tenant: Option<SmolStr>,
    /// The license of that tenant that it is about, if it is about one.
    pub license: Option<SmolStr>,
    /// Whether only `apply` enforces it: a plan may be made and read all the same.
    pub deferred: bool,
    /// What is said; its severity, rule and level are put in by the judge.
    pub finding: Finding,
}

impl Violation {
    /// What a built-in rule found; the finding's severity is put in later.
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

    /// The same about a license, or about the tenant where none is named.
    #[must_use]
    pub fn scoped_to<'a>(mut self, tenant: &SmolStr, license: impl Into<Option<&'a SmolStr>>) -> Self {
        self.tenant = Some(tenant.clone());
        self.license = license.into().cloned();
        self
    }
}
