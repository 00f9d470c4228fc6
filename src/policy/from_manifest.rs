//! From the policy as written to the policy in force: the default, what the manifest says instead, and what lower
//! layers tighten.

use super::effective::{
    ChangeLimit, CustomRule, LicenseExclusion, LicenseRequirement, Policy, PolicyLayer, RollingWindow, TeamPolicy,
};
use super::layers::{LoosenedSetting, tighten, tighten_ages};
use super::rule::RuleDescriptor;
use super::waiver::{Waiver, WaiverScope};
use crate::diagnostic::{Finding, Level, catalog::policy as code, did_you_mean};
use crate::manifest::LoadedManifest;
use crate::manifest::schema::{LevelEntry, LimitEntry};
use crate::manifest::yaml::{Located, Override};
use crate::model::{Age, AgeLimits};

/// Rules that a waiver may lift without saying for whom: they are about a plan as a whole.
const PLAN_WIDE_RULES: [&str; 3] = ["age", "budget", "freeze"];

impl Policy {
    /// The policy in force for a manifest, and what cannot be meant: with an error among it there is no policy.
    pub fn from_manifest(loaded: &LoadedManifest) -> (Self, Vec<Finding>) {
        let written = &loaded.policy;
        let mut faults = Vec::new();
        let organization = organization_layer(loaded);
        let mut loosened = |of: &str, told: Vec<LoosenedSetting>| {
            faults.extend(told.into_iter().map(|LoosenedSetting { key, above, at }| {
                Finding::error(&code::POLICY_LOOSENED, format!("`{key}` of {of} is milder than the policy above it"))
                    .help(format!("the layer above says {above}; write something stricter, or take it out"))
                    .at(loaded.files.source(at))
            }));
        };
        let mut tenants = std::collections::BTreeMap::new();
        for (name, Located { value, at }) in &written.tenants {
            let mut told = Vec::new();
            let mut layer = tighten(&organization, value, *at, &mut told);
            let ages = written.tenant_ages.get(name).copied().unwrap_or_default();
            layer.age = tighten_ages(organization.age, &ages, &mut told);
            layer.budget = written.tenant_budgets.get(name).cloned().unwrap_or_default();
            tenants.insert(name.clone(), layer);
            loosened(&format!("tenant `{name}`"), told);
        }
        let mut teams = Vec::new();
        for team in &written.teams {
            let mut told = Vec::new();
            let mut layer = tighten(&organization, &team.layer, team.source, &mut told);
            // Nobody knows which team the people of earlier plans were in.
            layer.losses.window = None;
            layer.changes.window = None;
            teams.push(TeamPolicy { name: team.name.clone(), people: team.people.clone(), layer });
            loosened(&format!("team `{}`", team.name), told);
        }
        let level = |word: Option<LevelEntry>| word.map_or(Level::Deny, LevelEntry::to_level);
        let mut policy = Self {
            organization,
            tenants,
            teams,
            protect: written.protect.as_ref().map(|people| people.value.clone()).unwrap_or_default(),
            approvers: written.approvers.clone().unwrap_or_default(),
            exclude: Vec::new(),
            need: Vec::new(),
            licenses: written.licenses.clone(),
            rules: written
                .rules
                .iter()
                .map(|rule| CustomRule { rule: rule.clone(), source: loaded.files.source(rule.source) })
                .collect(),
            freeze: written.freeze.clone(),
            waivers: waivers(loaded),
        };
        policy.exclude.extend(written.exclude.iter().map(|one| LicenseExclusion {
            licenses: one.licenses.clone(),
            level: level(one.level),
            source: Some(loaded.files.source(one.source)),
        }));
        policy.need.extend(written.need.iter().map(|one| LicenseRequirement {
            license: one.license.clone(),
            one_of: one.one_of.clone(),
            level: level(one.level),
            source: Some(loaded.files.source(one.source)),
        }));
        policy.rules.sort_by(|a, b| a.rule.name.cmp(&b.rule.name));
        faults.extend(check_waivers(loaded, &policy));
        (policy, faults)
    }

    /// Whether there is a rule of that name.
    fn has_rule(&self, name: &str) -> bool {
        RuleDescriptor::find(name).is_some() || self.rules.iter().any(|own| own.rule.name == name)
    }

    /// The names of all rules.
    fn rule_names(&self) -> Vec<&str> {
        let own = self.rules.iter().map(|own| own.rule.name.as_str());
        super::registry::DESCRIPTORS.iter().map(|descriptor| descriptor.slug).chain(own).collect()
    }
}

/// The default, and what the manifest says instead.
fn organization_layer(loaded: &LoadedManifest) -> PolicyLayer {
    let mut layer = PolicyLayer::default();
    let written = &loaded.policy;
    if let Some(limits) = &written.limits {
        layer.losses = limit_over_default(layer.losses, limits.value.losses.value());
        layer.changes = limit_over_default(layer.changes, limits.value.changes.value());
    }
    let set = |level: &mut Level, written: &Option<Located<LevelEntry>>| {
        if let Some(word) = written {
            *level = word.value.to_level();
        }
    };
    set(&mut layer.data_loss, &written.data_loss);
    set(&mut layer.last_holder, &written.last_holder);
    set(&mut layer.seats, &written.seats);
    if let Some(expiring) = &written.expiring {
        layer.expiring.days = expiring.value.days.value().copied().unwrap_or(layer.expiring.days);
        layer.expiring.level = expiring.value.level.value().map_or(layer.expiring.level, |word| word.to_level());
    }
    if let Some(require) = &written.require {
        layer.require.reason = require.value.reason.value().map(|word| word.to_level());
        layer.require.expires = require.value.expires.value().map(|word| word.to_level());
    }
    let value = |age: Option<Located<Age>>| age.map(|age| age.value);
    layer.age = AgeLimits { plan: value(written.age.plan), observations: value(written.age.observations) };
    layer.budget.clone_from(&written.budget);
    layer
}

fn waivers(loaded: &LoadedManifest) -> Vec<Waiver> {
    let waivers = loaded.waivers.iter().map(|waiver| Waiver {
        rule: waiver.rule.value.clone(),
        scope: WaiverScope {
            tenant: waiver.tenant.as_ref().map(|tenant| tenant.value.clone()),
            license: waiver.license.as_ref().map(|license| license.value.to_string().into()),
            people: waiver.people.clone(),
        },
        count: waiver.count,
        owner: waiver.owner.clone(),
        reason: waiver.reason.clone(),
        until: waiver.until,
        source: Some(loaded.files.source(waiver.source)),
    });
    waivers.collect()
}

/// Waivers of rules that are not there, and those that would lift a rule for everything.
fn check_waivers(loaded: &LoadedManifest, policy: &Policy) -> Vec<Finding> {
    let mut faults = Vec::new();
    for waiver in &loaded.waivers {
        let rule = waiver.rule.value.as_str();
        let at = loaded.files.source(waiver.rule.at);
        if !policy.has_rule(rule) {
            let help = did_you_mean(rule, &policy.rule_names())
                .unwrap_or_else(|| "write the name that the finding shows, such as `losses`".to_owned());
            let message = format!("there is no rule `{}`", crate::manifest::yaml::excerpt(rule));
            faults.push(Finding::error(&code::UNKNOWN_RULE, message).help(help).at(at));
        } else if RuleDescriptor::find(rule).is_some()
            && !PLAN_WIDE_RULES.contains(&rule)
            && waiver.license.is_none()
            && waiver.tenant.is_none()
            && waiver.people.is_none()
        {
            let finding =
                Finding::error(&code::WAIVER_WITHOUT_SCOPE, format!("the waiver of `{rule}` is for everything"))
                    .help("add `license:`, `tenant:` or `people:`");
            faults.push(finding.at(loaded.files.source(waiver.source)));
        }
    }
    faults
}

/// A limit as written, on top of the default one.
fn limit_over_default(default: ChangeLimit, written: Option<&LimitEntry>) -> ChangeLimit {
    let Some(written) = written else { return default };
    ChangeLimit {
        percent: override_or(default.percent, &written.percent, |percent| *percent),
        count: override_or(default.count, &written.count, |count| *count),
        // Without a floor the percentage always matters.
        floor: override_or(Some(default.floor), &written.floor, |floor| *floor).unwrap_or(0),
        window: override_or(default.window, &written.window, |window| {
            let days = window.days.value().copied();
            let count = window.count.value().copied();
            // What did not fit was reported, and nothing is planned then.
            RollingWindow { days: days.unwrap_or(0), count: count.unwrap_or(0) }
        }),
    }
}

fn override_or<T, U>(default: Option<U>, written: &Override<T>, read: impl Fn(&T) -> U) -> Option<U> {
    match written {
        Override::Default => default,
        Override::Lifted => None,
        Override::Value(Located { value, .. }) => Some(read(value)),
    }
}
