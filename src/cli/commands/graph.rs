//! The arguments of `reseat graph`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::{CurrentStateArgs, PlanOptions};
use crate::cli::format::GraphFormat;
use crate::cli::run::RunCommand;
use crate::report::json;
use crate::report::plan::graph::{self, Folding, PlanGraph};
use crate::workflow::graph::load_plan;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::plan_file::is_plan_file;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    /// Plan file, or manifest to plan [default: .]
    #[arg(value_name = "PLAN|MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    current_state: CurrentStateArgs,
    /// Fold changes between the same pools into one box
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    fold: FoldArg,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: GraphFormat,
    #[command(flatten)]
    plan_options: PlanOptions,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum FoldArg {
    /// Fold plans with more than 40 operations
    #[default]
    Auto,
    /// Fold every plan
    Always,
    /// Fold no plan
    Never,
}

impl RunCommand for GraphArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        match self.path.as_deref() {
            Some(path) if is_plan_file(path) => CommandNeeds::new("graph"),
            path => self.current_state.needs(["graph", "graph --state"]).manifest(path),
        }
    }

    fn is_json(&self) -> bool {
        self.format == GraphFormat::Json
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let source = self.current_state.source(session);
        let has_planning_options = self.current_state.has_planning_option() || self.plan_options.has_planning_option();
        let inputs = self.plan_options.inputs();
        let plan = load_plan(self.path.as_deref(), &source, has_planning_options, &inputs, session).await?;
        let folding = match self.fold {
            FoldArg::Auto => Folding::Auto,
            FoldArg::Always => Folding::Always,
            FoldArg::Never => Folding::Never,
        };
        let graph = PlanGraph::new(&plan, folding);
        let text = match self.format {
            GraphFormat::Text => graph::text(&graph, session.ui.stdout_style()),
            GraphFormat::Json => json::pretty(&graph.document())?,
            GraphFormat::Dot => graph::dot(&graph),
            GraphFormat::Mermaid => graph::mermaid(&graph),
            GraphFormat::Svg => graph::svg::standalone(&graph),
        };
        session.ui.print(&text)?;
        Ok(Exit::Done)
    }
}
