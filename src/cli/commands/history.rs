//! `reseat history`.

use clap::{Args, Subcommand};

use super::{Context, Ended, wait};
use crate::cli::exit::Exit;
use crate::cli::form::Format;
use crate::report::history::History;
use crate::report::history_run::RunInFull;
use crate::report::{history, history_run, json};
use crate::workflow;

/// What `history` takes.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    /// Runs to list, the newest first
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// What to do instead of listing.
    #[command(subcommand)]
    verb: Option<Verb>,
}

/// What can be done with the history beside listing it.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Show one run: who, when, and what came of each operation in the vendor's words
    Show {
        /// The run's name, such as run-20261122-021140-1
        #[arg(value_name = "RUN")]
        run: String,
    },
}

/// Prints the last runs, or one of them.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let manifest = context.manifest(None)?;
    let store = context.store(&manifest)?;
    let text = match &arguments.verb {
        None => {
            let records = wait(workflow::history::runs(&store, arguments.limit))?;
            match context.globals.format {
                Format::Text => history::text(&records, context.output.data_look()),
                Format::Json => json::pretty(&History { runs: records })?,
            }
        }
        Some(Verb::Show { run }) => {
            let (record, records) = wait(workflow::history::run(&store, run))?;
            match context.globals.format {
                Format::Text => history_run::text(&record, &records, context.output.data_look()),
                Format::Json => json::pretty(&RunInFull::new(&record, &records))?,
            }
        }
    };
    context.print(&text)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use crate::cli::args::Cli;

    #[test]
    fn list_of_no_runs_is_not_taken_for_a_store_without_any() {
        let refused = Cli::try_parse_from(["reseat", "history", "-n", "0"]).unwrap_err();
        assert!(refused.exit_code() == 2 && refused.to_string().contains("0 is not in 1.."), "{refused}");
        assert!(Cli::try_parse_from(["reseat", "history", "-n", "1"]).is_ok());
    }
}
