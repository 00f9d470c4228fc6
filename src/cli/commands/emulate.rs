//! The arguments of `reseat emulate`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::cli::args::FormatArgs;
use crate::cli::run::RunCommand;
use crate::emulator::vendors;
use crate::workflow::emulate::{EmulateOptions, emulate};
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct EmulateArgs {
    /// Vendor
    #[arg(value_name = "VENDOR", value_parser = PossibleValuesParser::new(vendors()))]
    vendor: String,
    /// Listen on this loopback address; port 0 selects a port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Start from this state file [default: a small tenant]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Save the tenant to this state file after every change
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Read latency, limits and faults from this file
    ///
    /// `reseat schema knobs` prints the schema.
    #[arg(long, value_name = "FILE")]
    knobs: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArgs,
}

impl RunCommand for EmulateArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("emulate")
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let options = EmulateOptions {
            vendor: &self.vendor,
            listen: self.listen,
            state: self.state.as_deref(),
            save: self.save.as_deref(),
            knobs: self.knobs.as_deref(),
        };
        emulate(&options, session).await
    }
}
