//! The command line: arguments, output, exit codes; thin.
//!
//! A verb is a file in `commands/`: its arguments, whose comments are the help, and one function that asks the
//! pipeline and hands a report to [`output`]. What must hold: nothing else prints, and every way to end has a
//! documented code ([`exit::Exit`]).

pub mod args;
mod commands;
pub mod error;
mod events;
pub mod exit;
pub mod generate;
mod isolation;
mod logging;
mod markdown_options;
pub mod output;
pub mod output_format;
mod pager;
mod progress;
mod runbook;
mod signals;

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use self::args::{Command, CommandLine};
use self::commands::CommandContext;
use self::error::CliError;
use self::exit::Exit;
use self::output::Output;
use self::output_format::DocumentFormat;
use crate::report::{Tone, escape, findings, json};

/// Parses those arguments (the first is the program's name), runs the verb, and says how it ended.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let mut output = Output::for_process();
    let cli = match CommandLine::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return report_usage_error(&error, &mut output),
    };
    let mut globals = cli.global;
    output = output.with_options(globals.quiet, globals.no_pager);
    if let Err(failure) = logging::init(globals.verbose) {
        return report_error(failure, DocumentFormat::Text, &mut output);
    }
    globals.document_format = globals.output_format.for_findings();
    if let Err(failure) = globals.output_format.check_supported(&cli.command) {
        return report_error(failure, DocumentFormat::Text, &mut output);
    }
    let format = globals.document_format;
    let mut context = CommandContext { globals, output };
    if context.globals.isolated
        && let Err(failure) = isolation::check(&cli.command, &context)
    {
        return report_error(failure, format, &mut context.output);
    }
    let ended = match cli.command {
        Command::Init(arguments) => commands::init::run(&arguments, &mut context),
        Command::Validate(arguments) => commands::validate::run(&arguments, &mut context),
        Command::Observe(arguments) => commands::observe::run(&arguments, &mut context),
        Command::Import(arguments) => commands::import::run(&arguments, &mut context),
        Command::Diff(arguments) => commands::diff::run(&arguments, &mut context),
        Command::Plan(arguments) => commands::plan::run(&arguments, &mut context),
        Command::Apply(arguments) => commands::apply::run(&arguments, &mut context),
        Command::Resume(arguments) => commands::resume::run(&arguments, &mut context),
        Command::Undo(arguments) => commands::undo::run(&arguments, &mut context),
        Command::Why(arguments) => commands::why::run(&arguments, &mut context),
        Command::Comment(arguments) => commands::comment::run(&arguments, &mut context),
        Command::Show(arguments) => commands::show::run(&arguments, &mut context),
        Command::Graph(arguments) => commands::graph::run(&arguments, &mut context),
        Command::History(arguments) => commands::history::run(&arguments, &mut context),
        Command::Audit(arguments) => commands::audit::run(&arguments, &mut context),
        Command::Policy(arguments) => commands::policy::run(&arguments, &mut context),
        Command::Codeowners(arguments) => commands::codeowners::run(&arguments, &mut context),
        Command::Explain(arguments) => commands::explain::run(&arguments, &mut context),
        Command::Doctor(arguments) => commands::doctor::run(&arguments, &mut context),
        Command::Schema(arguments) => commands::schema::run(&arguments, &mut context),
        Command::Completions(arguments) => commands::completions::run(&arguments, &mut context),
        Command::Emulate(arguments) => commands::emulate::run(&arguments, &mut context),
        Command::Generate(arguments) => commands::generate::run(&arguments, &mut context),
    };
    match ended {
        Ok(exit) => exit,
        Err(failure) => report_error(failure, format, &mut context.output),
    }
}

/// Help and version are data; what clap complains about is talk.
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

/// Says why a verb ended early: on stderr for people; findings for programs are data.
fn report_error(failure: CliError, format: DocumentFormat, output: &mut Output) -> Exit {
    let look = output.stderr_style();
    let (exit, message, help) = match failure {
        CliError::Message { exit, message, help } => (exit, message, help),
        CliError::Findings { exit, findings: found, files } => {
            match format {
                DocumentFormat::Text => output.print_stderr(&findings::text(&found, &files, look)),
                DocumentFormat::Json => match json::pretty(&json::Findings { findings: &found }) {
                    Ok(text) if output.print(&text).is_ok() => {}
                    _ => return exit.combine(Exit::Internal),
                },
            }
            if found.len() > 1 {
                output.print_stderr(&format!("{}\n", findings::summarize_severities(&found)));
            }
            return exit;
        }
    };
    let message = escape::escape(&message);
    output.print_stderr(&format!("{} {message}\n", look.paint(Tone::Danger, "error:")));
    if let Some(help) = help {
        output.print_stderr(&format!("{} {}\n", look.paint(Tone::Notice, "help:"), escape::escape(&help)));
    }
    exit
}
