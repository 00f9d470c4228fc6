//! `reseat graph`.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::current_state::{CurrentStateArgs, LoadedState};
use super::{CommandContext, CommandResult, block_on};
use crate::cli::args::PlanOptions;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output_format::OutputFormat;
use crate::model::Plan;
use crate::report::json;
use crate::report::plan::graph::{self, PlanGraph};
use crate::workflow::{plan as planning, plan_file};

/// What `graph` takes.
#[derive(Debug, Args)]
pub struct GraphArgs {
    /// Plan file to draw, or manifest to plan and draw [default: .]
    #[arg(value_name = "PLAN|MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) current_state: CurrentStateArgs,
    #[command(flatten)]
    plan_options: PlanOptions,
    /// Draw changes of one kind between the same pools as one box with their number
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = FoldArg::Auto)]
    fold: FoldArg,
}

impl GraphArgs {
    /// The manifest beside the verb, unless what is given is a plan file: then nothing but that is read.
    pub(crate) fn manifest(&self) -> Option<Option<&Path>> {
        match self.path.as_deref() {
            Some(path) if plan_file::is_plan_file(path) => None,
            path => Some(path),
        }
    }
}

/// When changes of one kind are one box.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum FoldArg {
    /// Where there are more than 40 operations.
    Auto,
    /// In every plan.
    Always,
    /// In no plan.
    Never,
}

/// Draws a plan file, or the plan of a manifest.
pub(crate) fn run(arguments: &GraphArgs, context: &mut CommandContext) -> CommandResult {
    let document = plan(arguments, context)?;
    let fold = match arguments.fold {
        FoldArg::Auto => graph::Folding::Auto,
        FoldArg::Always => graph::Folding::Always,
        FoldArg::Never => graph::Folding::Never,
    };
    let graph = PlanGraph::new(&document, fold);
    let text = match context.globals.output_format {
        OutputFormat::Dot => graph::dot(&graph),
        OutputFormat::Mermaid => graph::mermaid(&graph),
        OutputFormat::Svg => graph::svg::standalone(&graph),
        OutputFormat::Json => json::pretty(&graph.document())?,
        _ => graph::text(&graph, context.output.stdout_style()),
    };
    context.output.print(&text)?;
    Ok(Exit::Done)
}

/// The plan file, or a plan of the manifest as it is now.
fn plan(arguments: &GraphArgs, context: &mut CommandContext) -> Result<Plan, CliError> {
    match &arguments.path {
        Some(path) if plan_file::is_plan_file(path) => {
            if arguments.current_state.is_set() || arguments.plan_options.has_manifest_only_option() {
                let message =
                    "a plan file is drawn as it is: `--state`, `--at` and `--allow-removals` are for manifests";
                return Err(CliError::usage(message));
            }
            Ok(plan_file::read(path)?)
        }
        path => {
            let path = context.manifest_path(path.as_deref())?;
            let store = context.history_store(&path, arguments.current_state.trusted())?;
            let LoadedState { manifest, observations, now } = arguments.current_state.load(&path, &store, context)?;
            block_on(planning::plan(&manifest, &observations, &store, &arguments.plan_options.inputs(), now))
        }
    }
}
