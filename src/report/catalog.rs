//! The catalog of finding codes, and the rules of policy that they belong to, as text and data.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{TextStyle, Tone, format};
use crate::diagnostic::Code;
use crate::policy::{RuleDescriptor, Stage};

/// What `explain` tells as data.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Explanation {
    /// Of all codes.
    Codes(Vec<CodeDescription>),
    /// Of one code.
    Code(CodeDescription),
    /// Of one rule of policy.
    Rule(RuleDescription),
}

/// One code as data.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CodeDescription {
    code: &'static str,
    summary: &'static str,
    cause: &'static str,
    remedy: &'static str,
    /// The rule of policy that it belongs to, if it belongs to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleDescription>,
}

impl CodeDescription {
    /// The entry of a code.
    pub fn new(code: &Code) -> Self {
        let rule = RuleDescriptor::find_by_code(code.id).map(RuleDescription::new);
        Self { code: code.id, summary: code.summary, cause: code.cause, remedy: code.remedy, rule }
    }
}

/// One built-in rule of policy as data.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleDescription {
    slug: &'static str,
    codes: Vec<&'static str>,
    /// `deny`, `approve` or `warn` where the policy says nothing; null where it holds losses back, or is off.
    level: Option<&'static str>,
    stage: &'static str,
    checks: &'static str,
    why: &'static str,
    satisfy: &'static str,
    setting: &'static str,
}

impl RuleDescription {
    /// What a rule says of itself.
    pub fn new(rule: &'static RuleDescriptor) -> Self {
        let RuleDescriptor { slug, codes, level, stage, checks, rationale: why, remedy: satisfy, example: setting } =
            *rule;
        Self {
            slug,
            codes: codes.iter().map(|code| code.id).collect(),
            level: level.map(|level| level.as_str()),
            stage: stage.as_str(),
            checks,
            why,
            satisfy,
            setting,
        }
    }
}

/// Codes as data.
pub fn code_entries<'a>(codes: impl Iterator<Item = &'a Code>) -> Vec<CodeDescription> {
    codes.map(CodeDescription::new).collect()
}

/// Codes as text, one a line, and then the rules of policy.
pub fn list_text<'a>(codes: impl Iterator<Item = &'a Code>, rules: &[&RuleDescriptor], look: TextStyle) -> String {
    let mut text = String::new();
    for code in codes {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{}  {}", look.paint(Tone::Heading, code.id), code.summary);
    }
    let width = rules.iter().map(|rule| rule.slug.len()).max().unwrap_or(0);
    let _ = writeln!(text, "\n{}", look.paint(Tone::Heading, "Rules of policy"));
    for rule in rules {
        let codes: Vec<_> = rule.codes.iter().map(|code| code.id).collect();
        let slug = format!("{:width$}", rule.slug);
        let _ = writeln!(text, "{}  {}", look.paint(Tone::Heading, &slug), codes.join(", "));
    }
    text
}

/// One code as text: what it means, how it comes about, what to do, and the rule of policy that it belongs to.
pub fn code_text(code: &Code, look: TextStyle) -> String {
    let mut text = format!("{}  {}\n", look.paint(Tone::Heading, code.id), code.summary);
    push_sections(&mut text, &[("Cause", code.cause), ("Remedy", code.remedy)], look);
    if let Some(descriptor) = RuleDescriptor::find_by_code(code.id) {
        let _ = write!(text, "\n{}", rule_text(descriptor, look));
    }
    text
}

/// One built-in rule of policy as text.
pub fn rule_text(rule: &RuleDescriptor, look: TextStyle) -> String {
    let codes: Vec<_> = rule.codes.iter().map(|code| code.id).collect();
    let name = look.paint(Tone::Heading, rule.slug);
    let mut text = format!("{name}  a rule of policy, with {}\n", codes.join(", "));
    let level = match rule.level {
        Some(level) => format!("{}, where the policy says nothing else.", level.as_str()),
        None if rule.is_limit() => "None: it holds losses back, and the rest of the plan goes on.".to_owned(),
        None => "As the policy says; off where it says nothing.".to_owned(),
    };
    let stage = match rule.stage {
        Stage::Manifest => "On the manifest alone: by `validate`, and by `plan`.",
        Stage::Plan => "On the plan.",
        Stage::Apply => "On the plan, and by `apply` before anything is sent.",
    };
    let of = [
        ("Level", level.as_str()),
        ("Checked", stage),
        ("Checks", rule.checks),
        ("Why", rule.rationale),
        ("To satisfy it", rule.remedy),
    ];
    push_sections(&mut text, &of, look);
    if !rule.example.is_empty() {
        let place = if rule.example.starts_with("tenants:") { "Set in the manifest" } else { "Set below `policy`" };
        let _ = write!(text, "\n{}\n  {}\n", look.paint(Tone::Heading, place), rule.example);
    }
    text
}

fn push_sections(text: &mut String, parts: &[(&str, &str)], look: TextStyle) {
    for (title, part) in parts {
        let _ = write!(text, "\n{}\n{}", look.paint(Tone::Heading, title), format::wrap(part, 2, look.width));
    }
}
