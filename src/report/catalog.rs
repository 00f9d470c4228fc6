//! The catalog of finding codes and policy rules as text and data.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{TextStyle, Tone, format};
use crate::diagnostic::Code;
use crate::policy::{RuleDescriptor, Stage};

/// The output of `explain` as data.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Explanation {
    /// All codes.
    Codes(Vec<CodeDescription>),
    /// One code.
    Code(CodeDescription),
    /// One policy rule.
    Rule(RuleDescription),
}

/// One code as data.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CodeDescription {
    code: &'static str,
    summary: &'static str,
    cause: &'static str,
    remedy: &'static str,
    /// The policy rule of the code, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<RuleDescription>,
}

impl CodeDescription {
    /// Describes a code.
    pub fn new(code: &Code) -> Self {
        let rule = RuleDescriptor::find_by_code(code.id).map(RuleDescription::new);
        Self { code: code.id, summary: code.summary, cause: code.cause, remedy: code.remedy, rule }
    }
}

/// One built-in policy rule as data.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleDescription {
    slug: &'static str,
    codes: Vec<&'static str>,
    /// The default level: `deny`, `approve` or `warn`; null if the rule holds losses, or is off by default.
    level: Option<&'static str>,
    stage: &'static str,
    checks: &'static str,
    why: &'static str,
    satisfy: &'static str,
    setting: &'static str,
}

impl RuleDescription {
    /// Describes a rule.
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

/// Describes codes as data.
pub fn code_entries<'a>(codes: impl Iterator<Item = &'a Code>) -> Vec<CodeDescription> {
    codes.map(CodeDescription::new).collect()
}

/// Lists codes, one per line, then the policy rules.
pub fn list_text<'a>(codes: impl Iterator<Item = &'a Code>, rules: &[&RuleDescriptor], style: TextStyle) -> String {
    let mut text = String::new();
    for code in codes {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{}  {}", style.paint(Tone::Heading, code.id), code.summary);
    }
    let width = rules.iter().map(|rule| rule.slug.len()).max().unwrap_or(0);
    let _ = writeln!(text, "\n{}", style.paint(Tone::Heading, "Policy rules"));
    for rule in rules {
        let codes: Vec<_> = rule.codes.iter().map(|code| code.id).collect();
        let slug = format!("{:width$}", rule.slug);
        let _ = writeln!(text, "{}  {}", style.paint(Tone::Heading, &slug), codes.join(", "));
    }
    text
}

/// Renders one code: meaning, cause, remedy, and its policy rule.
pub fn code_text(code: &Code, style: TextStyle) -> String {
    let mut text = format!("{}  {}\n", style.paint(Tone::Heading, code.id), code.summary);
    push_sections(&mut text, &[("Cause", code.cause), ("Remedy", code.remedy)], style);
    if let Some(descriptor) = RuleDescriptor::find_by_code(code.id) {
        let _ = write!(text, "\n{}", rule_text(descriptor, style));
    }
    text
}

/// Renders one built-in policy rule.
pub fn rule_text(rule: &RuleDescriptor, style: TextStyle) -> String {
    let codes: Vec<_> = rule.codes.iter().map(|code| code.id).collect();
    let name = style.paint(Tone::Heading, rule.slug);
    let mut text = format!("{name}  policy rule with {}\n", codes.join(", "));
    let level = match rule.level {
        Some(level) => format!("{} by default.", level.as_str()),
        None if rule.is_limit() => "None: holds losses, and applies the rest of the plan.".to_owned(),
        None => "Off by default.".to_owned(),
    };
    let stage = match rule.stage {
        Stage::Manifest => "By `validate` and `plan`, on the manifest.",
        Stage::Plan => "By `plan` and `apply`, on the plan.",
        Stage::Apply => "By `plan` on the plan, and by `apply` before sending.",
    };
    let of = [
        ("Level", level.as_str()),
        ("Checked", stage),
        ("Checks", rule.checks),
        ("Why", rule.rationale),
        ("Remedy", rule.remedy),
    ];
    push_sections(&mut text, &of, style);
    if !rule.example.is_empty() {
        let place = if rule.example.starts_with("tenants:") { "Set in the manifest" } else { "Set in `policy`" };
        let _ = write!(text, "\n{}\n  {}\n", style.paint(Tone::Heading, place), rule.example);
    }
    text
}

fn push_sections(text: &mut String, parts: &[(&str, &str)], style: TextStyle) {
    for (title, part) in parts {
        let _ = write!(text, "\n{}\n{}", style.paint(Tone::Heading, title), format::wrap(part, 2, style.width));
    }
}
