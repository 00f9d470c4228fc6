//! `reseat graph`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::current::{Current, Situation};
use super::{Context, Ended, wait};
use crate::cli::args::Saying;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Form;
use crate::model::Plan;
use crate::report::graph::{self, Graph};
use crate::report::json;
use crate::workflow::{make, plan_file};

/// What `graph` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Plan file to draw, or manifest to plan and draw [default: .]
    #[arg(value_name = "PLAN|MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) current: Current,
    #[command(flatten)]
    saying: Saying,
    /// Draw changes of one kind between the same pools as one box with their number
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Fold::Auto)]
    fold: Fold,
}

impl Arguments {
    /// The manifest beside the verb, unless what is given is a plan file: then nothing but that is read.
    pub(crate) fn manifest(&self) -> Option<Option<&Path>> {
        match self.path.as_deref() {
            Some(path) if plan_file::looks_like_plan(path) => None,
            path => Some(path),
        }
    }
}

/// When changes of one kind are one box.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Fold {
    /// Where there are more than 40 operations.
    Auto,
    /// In every plan.
    Always,
    /// In no plan.
    Never,
}

/// Draws a plan file, or the plan of a manifest.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let document = plan(arguments, context)?;
    let fold = match arguments.fold {
        Fold::Auto => graph::Fold::Auto,
        Fold::Always => graph::Fold::Always,
        Fold::Never => graph::Fold::Never,
    };
    let graph = Graph::of(&document, fold);
    let text = match context.globals.form {
        Form::Dot => graph::dot(&graph),
        Form::Mermaid => graph::mermaid(&graph),
        Form::Svg => graph::svg::standalone(&graph),
        Form::Json => json::pretty(&graph.document())?,
        _ => graph::text(&graph, context.output.data_look()),
    };
    context.output.data(&text)?;
    Ok(Exit::Done)
}

/// The plan file, or a plan of the manifest as it is now.
fn plan(arguments: &Arguments, context: &mut Context) -> Result<Plan, Failure> {
    match &arguments.path {
        Some(path) if plan_file::looks_like_plan(path) => {
            if arguments.current.is_given() || arguments.saying.is_settled() {
                let message =
                    "a plan file is drawn as it is: `--state`, `--at` and `--allow-removals` are for manifests";
                return Err(Failure::usage(message));
            }
            Ok(plan_file::read(path)?)
        }
        path => {
            let path = context.manifest(path.as_deref())?;
            let store = context.memory(&path, arguments.current.trusted())?;
            let Situation { manifest, observations, now } = arguments.current.read(&path, &store, context)?;
            wait(make::plan(&manifest, &observations, &store, &arguments.saying.terms(), now))
        }
    }
}
