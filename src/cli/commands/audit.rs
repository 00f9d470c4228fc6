//! `reseat audit`.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{CommandContext, CommandResult, block_on};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output_format::DocumentFormat;
use crate::report::audit::{self as report, AuditTrail};
use crate::report::{escape, json};
use crate::store::ExpectedHead;
use crate::workflow::audit::{self, AuditFilter};

/// What `audit` takes.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// What to do.
    #[command(subcommand)]
    command: AuditCommand,
}

/// What can be done with the audit trail.
#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check that no record was changed, removed or reordered, and print the head to keep elsewhere
    Verify {
        /// Head that an earlier `audit verify` printed: nothing up to it may be missing or different
        #[arg(long, value_name = "SEQ:HASH", value_parser = parse_head)]
        expect: Option<ExpectedHead>,
    },
    /// Print the records as JSON lines
    Export {
        /// Records of that day or moment and later, by the clock of the runner that wrote them
        #[arg(long, value_name = "TIME", value_parser = parse_moment)]
        since: Option<Timestamp>,
        /// Records of that run only
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
    },
}

/// `7:` and 64 hexadecimal digits.
fn parse_head(text: &str) -> Result<ExpectedHead, String> {
    let wrong = || "write what `reseat audit verify` printed: a number, a colon and 64 hexadecimal digits".to_owned();
    let (seq, hash) = text.split_once(':').ok_or_else(wrong)?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    match seq.parse() {
        Ok(seq) if seq > 0 && is_hash => Ok(ExpectedHead { seq, hash: hash.to_ascii_lowercase() }),
        _ => Err(wrong()),
    }
}

/// `2026-11-22`, or `2026-11-22T02:11:40Z`.
fn parse_moment(text: &str) -> Result<Timestamp, String> {
    let wrong = "write a day, such as 2026-11-22, or a moment, such as 2026-11-22T02:11:40Z";
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let day: Date = text.parse().map_err(|_| wrong)?;
    day.to_zoned(TimeZone::UTC).map(|start| start.timestamp()).map_err(|_| wrong.to_owned())
}

/// Does what is asked with the audit trail.
pub(crate) fn run(arguments: &AuditArgs, context: &mut CommandContext) -> CommandResult {
    match &arguments.command {
        AuditCommand::Verify { expect } => verify(expect.as_ref(), context),
        AuditCommand::Export { since, run } => export(&AuditFilter { since: *since, run: run.clone() }, context),
    }
}

fn verify(expect: Option<&ExpectedHead>, context: &mut CommandContext) -> CommandResult {
    let manifest = context.manifest_path(None)?;
    let store = context.store(&manifest)?;
    let verified = block_on(audit::verify(&store, expect))?;
    let head = verified.as_ref().filter(|verified| verified.records > 0);
    let head = head.map(|verified| format!("{}:{}", verified.records, verified.hash));
    let (records, runs) = verified.map_or((0, 0), |verified| (verified.records, verified.runs));
    let trail = AuditTrail { records, runs, head };
    let text = match context.globals.document_format {
        DocumentFormat::Json => json::pretty(&trail)?,
        DocumentFormat::Text => report::text(&trail),
    };
    context.output.print(&text)?;
    Ok(Exit::Done)
}

fn export(wanted: &AuditFilter, context: &mut CommandContext) -> CommandResult {
    let manifest = context.manifest_path(None)?;
    let store = context.store(&manifest)?;
    let mut failed: Option<CliError> = None;
    let output = &mut context.output;
    block_on(audit::export(&store, wanted, |records| {
        let mut text = String::new();
        for record in records {
            match serde_json::to_string(record) {
                Ok(line) => {
                    text.push_str(&escape::json(&line));
                    text.push('\n');
                }
                Err(error) => failed = Some(error.into()),
            }
        }
        if let Err(error) = output.print(&text) {
            failed = Some(error.into());
        }
        failed.is_none()
    }))?;
    failed.map_or(Ok(Exit::Done), Err)
}
