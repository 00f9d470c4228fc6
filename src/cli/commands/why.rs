//! `reseat why`.

use clap::Args;

use super::current::{Current, Situation, tell_differences};
use super::{Context, Ended, wait};
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::model::LicenseRef;
use crate::pipeline::make::{self, Terms};
use crate::pipeline::reasons;
use crate::report::places::Places;
use crate::report::{json, why};

/// What `why` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Address of the person, as the manifest or the tenant writes it
    #[arg(value_name = "PERSON")]
    person: String,
    /// License, such as phones/X4; without it every license that has to do with the person
    #[arg(value_name = "LICENSE")]
    license: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) current: Current,
}

/// Prints the way from the manifest to the operation, or to the reason why there is none.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let license = arguments.license.as_deref().map(LicenseRef::parse).transpose();
    let license = license.map_err(|error| Failure::usage(format!("the license {error}")))?;
    let path = context.manifest(None)?;
    let store = context.memory(&path, arguments.current.trusted())?;
    let Situation { manifest, observations, now } = arguments.current.read(&path, &store, context)?;
    tell_differences(&manifest, context);
    let plan = wait(make::plan(&manifest, &observations, &store, &Terms::default(), now))?;
    let answer = reasons::why(&manifest, &observations, &plan, &arguments.person, license.as_ref(), now)?;
    let text = match context.globals.format {
        Format::Text => why::text(&answer, &Places::new(&manifest.files), context.output.data_look()),
        Format::Json => json::pretty(&answer)?,
    };
    context.output.data(&text)?;
    Ok(Exit::Done)
}
