//! The command line: arguments, output, exit codes; thin.
//!
//! A verb is a file in `commands/`: its arguments, whose comments are the help, and one function that asks the
//! pipeline and hands a report to [`output`]. What must hold: nothing else prints, and every way to end has a
//! documented code ([`exit::Exit`]).

pub mod args;
mod commands;
mod events;
pub mod exit;
pub mod failure;
pub mod form;
mod hands;
mod isolation;
mod log;
pub mod output;
mod pager;
mod paper;
mod progress;
mod signals;
pub mod world;

use std::ffi::OsString;

use clap::Parser;
use clap::error::ErrorKind;

use self::args::{Cli, Verb};
use self::commands::Context;
use self::exit::Exit;
use self::failure::Failure;
use self::form::Format;
use self::output::Output;
use crate::report::{Tone, escape, findings, json};

/// Parses those arguments (the first is the program's name), runs the verb, and says how it ended.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let mut output = Output::of_process();
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => return explain_usage(&error, &mut output),
    };
    let mut globals = cli.globals;
    output = output.with(globals.quiet, globals.no_pager);
    if let Err(failure) = log::begin(globals.verbose) {
        return tell(failure, Format::Text, &mut output);
    }
    globals.format = globals.form.of_findings();
    if let Err(failure) = globals.form.check(&cli.verb) {
        return tell(failure, Format::Text, &mut output);
    }
    let format = globals.format;
    let mut context = Context { globals, output };
    if context.globals.isolated
        && let Err(failure) = isolation::check(&cli.verb, &context)
    {
        return tell(failure, format, &mut context.output);
    }
    let ended = match cli.verb {
        Verb::Init(arguments) => commands::init::run(&arguments, &mut context),
        Verb::Validate(arguments) => commands::validate::run(&arguments, &mut context),
        Verb::Observe(arguments) => commands::observe::run(&arguments, &mut context),
        Verb::Import(arguments) => commands::import::run(&arguments, &mut context),
        Verb::Diff(arguments) => commands::diff::run(&arguments, &mut context),
        Verb::Plan(arguments) => commands::plan::run(&arguments, &mut context),
        Verb::Apply(arguments) => commands::apply::run(&arguments, &mut context),
        Verb::Resume(arguments) => commands::resume::run(&arguments, &mut context),
        Verb::Undo(arguments) => commands::undo::run(&arguments, &mut context),
        Verb::Why(arguments) => commands::why::run(&arguments, &mut context),
        Verb::Comment(arguments) => commands::comment::run(&arguments, &mut context),
        Verb::Show(arguments) => commands::show::run(&arguments, &mut context),
        Verb::Graph(arguments) => commands::graph::run(&arguments, &mut context),
        Verb::History(arguments) => commands::history::run(&arguments, &mut context),
        Verb::Audit(arguments) => commands::audit::run(&arguments, &mut context),
        Verb::Policy(arguments) => commands::policy::run(&arguments, &mut context),
        Verb::Codeowners(arguments) => commands::codeowners::run(&arguments, &mut context),
        Verb::Explain(arguments) => commands::explain::run(&arguments, &mut context),
        Verb::Doctor(arguments) => commands::doctor::run(&arguments, &mut context),
        Verb::Schema(arguments) => commands::schema::run(&arguments, &mut context),
        Verb::Completions(arguments) => commands::completions::run(&arguments, &mut context),
        Verb::Emulate(arguments) => commands::emulate::run(&arguments, &mut context),
        Verb::Generate(arguments) => commands::generate::run(&arguments, &mut context),
    };
    match ended {
        Ok(exit) => exit,
        Err(failure) => tell(failure, format, &mut context.output),
    }
}

/// Help and version are data; what clap complains about is talk.
fn explain_usage(error: &clap::Error, output: &mut Output) -> Exit {
    let styled = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = if output.data_look().color { styled.ansi().to_string() } else { styled.to_string() };
            output.data(&text).map_or(Exit::Internal, |()| Exit::Done)
        }
        _ => {
            let text = if output.talk_look().color { styled.ansi().to_string() } else { styled.to_string() };
            output.talk(&text);
            Exit::Usage
        }
    }
}

/// Says why a verb ended early: on stderr for people; findings for programs are data.
fn tell(failure: Failure, format: Format, output: &mut Output) -> Exit {
    let look = output.talk_look();
    let (exit, message, help) = match failure {
        Failure::Message { exit, message, help } => (exit, message, help),
        Failure::Findings { exit, findings: found, files } => {
            match format {
                Format::Text => output.talk(&findings::text(&found, &files, look)),
                Format::Json => match json::pretty(&json::Findings { findings: &found }) {
                    Ok(text) if output.data(&text).is_ok() => {}
                    _ => return exit.or(Exit::Internal),
                },
            }
            if found.len() > 1 {
                output.talk(&format!("{}\n", findings::tally(&found)));
            }
            return exit;
        }
    };
    let message = escape::escape(&message);
    output.talk(&format!("{} {message}\n", look.paint(Tone::Danger, "error:")));
    if let Some(help) = help {
        output.talk(&format!("{} {}\n", look.paint(Tone::Notice, "help:"), escape::escape(&help)));
    }
    exit
}
