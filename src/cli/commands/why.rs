//! `reseat why`.

use clap::Args;

use super::current::{Current, Situation, tell_differences};
use super::{Context, Ended, wait};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::model::LicenseRef;
use crate::report::places::Places;
use crate::report::{json, why};
use crate::workflow::make::{self, Terms};
use crate::workflow::reasons;

/// What `why` takes.
#[derive(Debug, Args)]
pub struct Arguments {
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
    pub(in crate::cli) current: Current,
}

/// Prints the way from the manifest to the operation, or to the reason why there is none.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let license = arguments.license.as_deref().or(arguments.pool.as_deref()).map(LicenseRef::parse).transpose();
    let license = license.map_err(|error| Failure::usage(format!("the license {error}")))?;
    let path = context.manifest(None)?;
    let store = context.memory(&path, arguments.current.trusted())?;
    let Situation { manifest, observations, now } = arguments.current.read(&path, &store, context)?;
    tell_differences(&manifest, context);
    let plan = wait(make::plan(&manifest, &observations, &store, &Terms::default(), now))?;
    let places = Places::new(&manifest.files);
    let look = context.output.data_look();
    let text = match (&arguments.person, &license) {
        (None, Some(pool)) => {
            let answer = reasons::why_pool(&manifest, &observations, &plan, pool, now)?;
            match context.globals.format {
                Format::Text => why::pool_text(&answer, &places, look),
                Format::Json => json::pretty(&answer)?,
            }
        }
        (person, license) => {
            let person = person.as_deref().unwrap_or_default();
            let answer = reasons::why(&manifest, &observations, &plan, person, license.as_ref(), now)?;
            match context.globals.format {
                Format::Text => why::text(&answer, &places, look),
                Format::Json => json::pretty(&answer)?,
            }
        }
    };
    context.print(&text)?;
    Ok(Exit::Done)
}
