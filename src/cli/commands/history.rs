//! `reseat history`.

use clap::{Args, Subcommand};

use super::{CommandContext, CommandResult, block_on};
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::report::json;
use crate::report::run::details::RunDetails;
use crate::report::run::history::History;
use crate::report::run::{details, history};
use crate::workflow;

/// What `history` takes.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HistoryArgs {
    /// Runs to list, the newest first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// What to do instead of listing.
    #[command(subcommand)]
    command: Option<HistoryCommand>,
}

/// What can be done with the history beside listing it.
#[derive(Debug, Subcommand)]
enum HistoryCommand {
    /// Show one run: who, when, and what came of each operation in the vendor's words
    Show {
        /// The run's name, such as run-20261122-021140-1
        #[arg(value_name = "RUN")]
        run: String,
    },
}

/// Prints the last runs, or one of them.
pub(crate) fn run(arguments: &HistoryArgs, context: &mut CommandContext) -> CommandResult {
    let manifest = context.manifest_path(None)?;
    let store = context.store(&manifest)?;
    let text = match &arguments.command {
        None => {
            let records = block_on(workflow::history::runs(&store, arguments.limit))?;
            match context.globals.document_format {
                DocumentFormat::Text => history::text(&records, context.output.stdout_style()),
                DocumentFormat::Json => json::pretty(&History { runs: records })?,
            }
        }
        Some(HistoryCommand::Show { run }) => {
            let (record, records) = block_on(workflow::history::run(&store, run))?;
            match context.globals.document_format {
                DocumentFormat::Text => details::text(&record, &records, context.output.stdout_style()),
                DocumentFormat::Json => json::pretty(&RunDetails::new(&record, &records))?,
            }
        }
    };
    context.print(&text)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::args::CommandLine;

    #[test]
    fn limit_of_zero_is_rejected() {
        let refused = CommandLine::try_parse_from(["reseat", "history", "-n", "0"]).unwrap_err();
        assert!(refused.exit_code() == 2 && refused.to_string().contains("0 is not in 1.."), "{refused}");
        assert!(CommandLine::try_parse_from(["reseat", "history", "-n", "1"]).is_ok());
    }
}
