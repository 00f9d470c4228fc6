//! `reseat explain`.

use clap::Args;

use super::{CommandContext, CommandResult};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::diagnostic::{Code, catalog as codes};
use crate::policy::{DESCRIPTORS, RuleDescriptor};
use crate::report::catalog::Explanation;
use crate::report::{catalog, json};

/// What `explain` takes.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Code of a finding, such as M101, or rule of policy, such as losses; without it all codes are listed
    #[arg(value_name = "CODE|RULE")]
    code: Option<String>,
}

/// Prints one entry of the catalog, one rule of policy, or all codes.
pub(crate) fn run(arguments: &ExplainArgs, context: &mut CommandContext) -> CommandResult {
    let look = context.output.stdout_style();
    let text = match (&arguments.code, context.globals.document_format) {
        (None, DocumentFormat::Text) => catalog::list_text(codes::all(), DESCRIPTORS, look),
        (None, DocumentFormat::Json) => json::pretty(&Explanation::Codes(catalog::code_entries(codes::all())))?,
        (Some(name), format) => match (find_topic(name.trim())?, format) {
            (ExplainTopic::Code(code), DocumentFormat::Text) => catalog::code_text(code, look),
            (ExplainTopic::Code(code), DocumentFormat::Json) => {
                json::pretty(&Explanation::Code(catalog::CodeDescription::new(code)))?
            }
            (ExplainTopic::Rule(rule), DocumentFormat::Text) => catalog::rule_text(rule, look),
            (ExplainTopic::Rule(rule), DocumentFormat::Json) => {
                json::pretty(&Explanation::Rule(catalog::RuleDescription::new(rule)))?
            }
        },
    };
    context.print(&text)?;
    Ok(Exit::Done)
}

/// What can be explained.
enum ExplainTopic {
    Code(&'static Code),
    Rule(&'static RuleDescriptor),
}

fn find_topic(name: &str) -> Result<ExplainTopic, CliError> {
    let rule = || RuleDescriptor::find(&name.to_ascii_lowercase()).map(ExplainTopic::Rule);
    codes::find(name).map(ExplainTopic::Code).or_else(rule).ok_or_else(|| {
        CliError::usage(format!("there is no code or rule `{name}`"))
            .with_help("`reseat explain` lists all codes, and the rules of policy")
    })
}
