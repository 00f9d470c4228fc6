//! The arguments of `reseat audit`.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::args::FormatArgs;
use crate::cli::run::RunCommand;
use crate::store::ExpectedHead;
use crate::workflow::audit::{self, AuditFilter};
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Verify the trail and print its head
    ///
    /// Detects changed, removed and reordered records. Keep the printed head elsewhere, and pass it to the next `verify`.
    Verify {
        /// Require this head of an earlier `verify`
        #[arg(long, value_name = "SEQ:HASH", value_parser = parse_head)]
        expect: Option<ExpectedHead>,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Print the records as JSON lines
    Export {
        /// Print records of this day or time and later
        #[arg(long, value_name = "TIME", value_parser = parse_time)]
        since: Option<Timestamp>,
        /// Print records of this run
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
        #[command(flatten)]
        format: FormatArgs,
    },
}

impl RunCommand for AuditArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("audit").manifest(None).uses_store()
    }

    fn is_json(&self) -> bool {
        match &self.command {
            AuditCommand::Verify { format, .. } | AuditCommand::Export { format, .. } => format.is_json(),
        }
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        match &self.command {
            AuditCommand::Verify { expect, .. } => audit::verify(expect.as_ref(), session).await,
            AuditCommand::Export { since, run, .. } => {
                audit::export(&AuditFilter { since: *since, run: run.clone() }, session).await
            }
        }
    }
}

/// Parses a sequence number, a colon and 64 hexadecimal digits.
fn parse_head(text: &str) -> Result<ExpectedHead, String> {
    let invalid =
        || "use the head that `reseat audit verify` printed: NUMBER:HASH with 64 hexadecimal digits".to_owned();
    let (seq, hash) = text.split_once(':').ok_or_else(invalid)?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    match seq.parse() {
        Ok(seq) if seq > 0 && is_hash => Ok(ExpectedHead { seq, hash: hash.to_ascii_lowercase() }),
        _ => Err(invalid()),
    }
}

/// Parses `2026-11-22` or `2026-11-22T02:11:40Z`.
fn parse_time(text: &str) -> Result<Timestamp, String> {
    let invalid = "use a date, such as 2026-11-22, or a time, such as 2026-11-22T02:11:40Z";
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let day: Date = text.parse().map_err(|_| invalid)?;
    day.to_zoned(TimeZone::UTC).map(|start| start.timestamp()).map_err(|_| invalid.to_owned())
}
