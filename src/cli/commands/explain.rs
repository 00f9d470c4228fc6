//! `reseat explain`.

use clap::Args;

use super::{Context, Ended};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::diagnostic::{Code, code};
use crate::policy::{DESCRIPTORS, Descriptor};
use crate::report::catalog::Explanation;
use crate::report::{catalog, json};

/// What `explain` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Code of a finding, such as M101, or rule of policy, such as losses; without it all codes are listed
    #[arg(value_name = "CODE|RULE")]
    code: Option<String>,
}

/// Prints one entry of the catalog, one rule of policy, or all codes.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let look = context.output.data_look();
    let text = match (&arguments.code, context.globals.format) {
        (None, Format::Text) => catalog::list(code::all(), DESCRIPTORS, look),
        (None, Format::Json) => json::pretty(&Explanation::Codes(catalog::entries(code::all())))?,
        (Some(name), format) => match (subject(name.trim())?, format) {
            (Subject::Code(code), Format::Text) => catalog::entry(code, look),
            (Subject::Code(code), Format::Json) => json::pretty(&Explanation::Code(catalog::Entry::of(code)))?,
            (Subject::Rule(rule), Format::Text) => catalog::rule(rule, look),
            (Subject::Rule(rule), Format::Json) => json::pretty(&Explanation::Rule(catalog::Rule::of(rule)))?,
        },
    };
    context.print(&text)?;
    Ok(Exit::Done)
}

/// What can be explained.
enum Subject {
    Code(&'static Code),
    Rule(&'static Descriptor),
}

fn subject(name: &str) -> Result<Subject, Failure> {
    let rule = || Descriptor::find(&name.to_ascii_lowercase()).map(Subject::Rule);
    code::find(name).map(Subject::Code).or_else(rule).ok_or_else(|| {
        Failure::usage(format!("there is no code or rule `{name}`"))
            .help("`reseat explain` lists all codes, and the rules of policy")
    })
}
