//! The command line: arguments, output and exit codes.
//!
//! `commands/<verb>.rs` defines the arguments of a verb, whose doc comments are its help, and calls its workflow. Only
//! [`output`] and [`progress`] print.

mod args;
pub mod command_line;
mod commands;
mod format;
pub mod generate;
mod logging;
mod output;
mod pager;
mod progress;
mod prompt;
mod run;
mod stderr;

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use self::command_line::CommandLine;
use self::output::Output;
use self::run::RunCommand as _;
use crate::env::Clock;
use crate::report::{Tone, escape, findings, json};
use crate::workflow::{Exit, Session, Ui as _, WorkflowError, isolation};

/// Parses the arguments, of which the first is the program's name, runs the command, and returns how it ended.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let mut output = Output::for_process();
    let CommandLine { command, global } = match CommandLine::try_parse_from(arguments) {
        Ok(command_line) => command_line,
        Err(error) => return report_usage_error(&error, &mut output),
    };
    output = output.with_options(global.quiet, global.no_pager);
    let is_json = command.is_json();
    let result = logging::init(global.verbose).and_then(|()| {
        let mut session = Session {
            manifest: global.manifest,
            store: global.store,
            allow_exec: global.allow_exec,
            json: is_json,
            clock: Clock::from_environment().map_err(WorkflowError::usage)?,
            ui: &mut output,
        };
        if global.isolated {
            isolation::check(&command.needs(), &session)?;
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime
            .map_err(|error| WorkflowError::message(Exit::Internal, format!("cannot start threads: {error}")))?;
        runtime.block_on(command.run(&mut session))
    });
    result.unwrap_or_else(|error| report_error(error, is_json, &mut output))
}

/// Prints help and version to stdout, and usage errors to stderr.
fn report_usage_error(error: &clap::Error, output: &mut Output) -> Exit {
    let styled = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = if output.stdout_style().color { styled.ansi().to_string() } else { styled.to_string() };
            output.print(&text).map_or(Exit::Internal, |()| Exit::Done)
        }
        _ => {
            let text = if output.stderr_style().color { styled.ansi().to_string() } else { styled.to_string() };
            output.print_stderr(&text);
            Exit::Usage
        }
    }
}

/// Prints an error to stderr; findings as JSON go to stdout.
fn report_error(error: WorkflowError, is_json: bool, output: &mut Output) -> Exit {
    let style = output.stderr_style();
    match error {
        WorkflowError::Findings { exit, findings: found, files } => {
            if is_json {
                match json::pretty(&json::Findings { findings: &found }) {
                    Ok(text) if output.print(&text).is_ok() => {}
                    _ => return exit.combine(Exit::Internal),
                }
            } else {
                output.print_stderr(&findings::text(&found, &files, style));
            }
            if found.len() > 1 {
                output.print_stderr(&format!("{}\n", findings::summarize_severities(&found)));
            }
            exit
        }
        WorkflowError::Message { exit, message, help } => {
            let error = style.paint(Tone::Danger, "error:");
            output.print_stderr(&format!("{error} {}\n", escape::escape(&message)));
            if let Some(help) = help {
                let label = style.paint(Tone::Notice, "help:");
                output.print_stderr(&format!("{label} {}\n", escape::escape(&help)));
            }
            exit
        }
    }
}
