//! `reseat explain`: the catalog of finding codes and policy rules.

use super::error::WorkflowError;
use super::exit::Exit;
use super::session::Session;
use crate::diagnostic::catalog as codes;
use crate::policy::{DESCRIPTORS, RuleDescriptor};
use crate::report::catalog::{self, CodeDescription, Explanation, RuleDescription};

/// Prints a code, a policy rule, or all codes.
///
/// # Errors
/// If the code or rule is unknown.
pub fn explain(name: Option<&str>, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    let Some(name) = name.map(str::trim) else {
        let explanation = Explanation::Codes(catalog::code_entries(codes::all()));
        session.print_document(&explanation, |_, style| catalog::list_text(codes::all(), DESCRIPTORS, style))?;
        return Ok(Exit::Done);
    };
    if let Some(code) = codes::find(name) {
        let explanation = Explanation::Code(CodeDescription::new(code));
        session.print_document(&explanation, |_, style| catalog::code_text(code, style))?;
    } else if let Some(rule) = RuleDescriptor::find(&name.to_ascii_lowercase()) {
        let explanation = Explanation::Rule(RuleDescription::new(rule));
        session.print_document(&explanation, |_, style| catalog::rule_text(rule, style))?;
    } else {
        return Err(WorkflowError::usage(format!("unknown code or rule `{name}`"))
            .with_help("`reseat explain` lists all codes and policy rules"));
    }
    Ok(Exit::Done)
}
