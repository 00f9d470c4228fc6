//! `reseat why`.

use clap::Args;

use super::current_state::{CurrentStateArgs, LoadedState, print_differences};
use super::{CommandContext, CommandResult, block_on};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::model::LicenseRef;
use crate::report::source_path::SourcePaths;
use crate::report::{json, why};
use crate::workflow::plan::{self, PlanInputs};
use crate::workflow::why as reasons;

/// What `why` takes.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// Address of the person, as the manifest or the tenant writes it
    #[arg(value_name = "PERSON", required_unless_present = "pool")]
    person: Option<String>,
    /// License, such as phones/X4; without it every license that has to do with the person
    #[arg(value_name = "LICENSE")]
    license: Option<String>,
    /// License whose seats are asked for: who holds one, who waits, and who will free one
    #[arg(long, value_name = "LICENSE", conflicts_with_all = ["person", "license"])]
    pool: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) current_state: CurrentStateArgs,
}

/// Prints the way from the manifest to the operation, or to the reason why there is none.
pub(crate) fn run(arguments: &WhyArgs, context: &mut CommandContext) -> CommandResult {
    let license = arguments.license.as_deref().or(arguments.pool.as_deref()).map(LicenseRef::parse).transpose();
    let license = license.map_err(|error| CliError::usage(format!("the license {error}")))?;
    let path = context.manifest_path(None)?;
    let store = context.history_store(&path, arguments.current_state.trusted())?;
    let LoadedState { manifest, observations, now } = arguments.current_state.load(&path, &store, context)?;
    print_differences(&manifest, context);
    let plan = block_on(plan::plan(&manifest, &observations, &store, &PlanInputs::default(), now))?;
    let places = SourcePaths::new(&manifest.files);
    let look = context.output.stdout_style();
    let text = match (&arguments.person, &license) {
        (None, Some(pool)) => {
            let answer = reasons::why_pool(&manifest, &observations, &plan, pool, now)?;
            match context.globals.document_format {
                DocumentFormat::Text => why::pool_text(&answer, &places, look),
                DocumentFormat::Json => json::pretty(&answer)?,
            }
        }
        (person, license) => {
            let person = person.as_deref().unwrap_or_default();
            let answer = reasons::why(&manifest, &observations, &plan, person, license.as_ref(), now)?;
            match context.globals.document_format {
                DocumentFormat::Text => why::text(&answer, &places, look),
                DocumentFormat::Json => json::pretty(&answer)?,
            }
        }
    };
    context.print(&text)?;
    Ok(Exit::Done)
}
