//! The reference pages of the commands and the exit codes, generated from the command-line definition.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory};
use reseat::cli::command_line::CommandLine;
use reseat::workflow::Exit;

use crate::reference::tables::cell;
use crate::support::check;

/// The manually written text above the commands.
const COMMANDS_HEAD: &str = include_str!("commands.head");

/// The manually written text around the table of exit codes.
const EXIT_HEAD: &str = include_str!("exit-codes.head");

fn program() -> Command {
    let mut program = CommandLine::command();
    program.build();
    program
}

/// Returns the description of an argument: its help, its values, and its default.
fn about(arg: &Arg) -> String {
    let mut said = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let values: Vec<_> = arg.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
    if arg.get_action().takes_values() && !values.is_empty() {
        let values = values.iter().map(|value| match value.get_help() {
            Some(help) => format!("`{}` ({})", value.get_name(), in_a_sentence(&help.to_string())),
            None => format!("`{}`", value.get_name()),
        });
        write!(said, ". One of {}", values.collect::<Vec<_>>().join(", ")).expect("a string can be written to");
    }
    let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if arg.get_action().takes_values() && !default.is_empty() {
        write!(said, ". Default: `{}`", default.join(" ")).expect("a string can be written to");
    }
    if let Some(variable) = arg.get_env() {
        write!(said, ". Variable: `{}`", variable.to_string_lossy()).expect("a string can be written to");
    }
    cell(&said)
}

/// Returns a text as part of a sentence; a text that begins with a name keeps its case.
fn in_a_sentence(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second))
            if second.is_lowercase() && !["JUnit", "GitHub", "GitLab"].iter().any(|name| text.starts_with(name)) =>
        {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// Returns the syntax of an argument.
fn typed(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let value = cell(&names.first().map(ToString::to_string).unwrap_or_default());
    if arg.is_positional() {
        return format!("`{value}`");
    }
    let flags: Vec<_> = arg
        .get_short()
        .map(|short| format!("-{short}"))
        .into_iter()
        .chain(arg.get_long().map(|long| format!("--{long}")))
        .collect();
    let value = if arg.get_action().takes_values() { format!(" {value}") } else { String::new() };
    format!("`{}{value}`", flags.join("`, `"))
}

fn table(page: &mut String, head: &str, args: &[&Arg]) -> std::fmt::Result {
    if args.is_empty() {
        return Ok(());
    }
    writeln!(page, "\n| {head} | means |\n|---|---|")?;
    for arg in args {
        let must = if arg.is_required_set() { " (required)" } else { "" };
        writeln!(page, "| {}{must} | {} |", typed(arg), about(arg))?;
    }
    Ok(())
}

/// Describes one command and its subcommands.
fn verb(page: &mut String, command: &mut Command, above: &str) -> std::fmt::Result {
    let name = format!("{above} {}", command.get_name());
    let usage = command.render_usage().to_string();
    writeln!(page, "\n## {name}\n")?;
    let text = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default();
    writeln!(page, "{text}{}\n", if text.ends_with('.') { "" } else { "." })?;
    writeln!(page, "```text\n{}\n```", usage.trim_start_matches("Usage: ").trim_end())?;
    let shown = |arg: &&Arg| !arg.is_hide_set() && !arg.is_global_set() && !matches!(arg.get_id().as_str(), "help");
    let args: Vec<&Arg> = command.get_arguments().filter(shown).collect();
    let (values, flags): (Vec<&Arg>, Vec<&Arg>) = args.into_iter().partition(|arg| arg.is_positional());
    table(page, "argument", &values)?;
    table(page, "flag", &flags)?;
    for below in command.get_subcommands_mut().filter(|below| below.get_name() != "help" && !below.is_hide_set()) {
        verb(page, below, &name)?;
    }
    Ok(())
}

#[test]
fn page_of_the_commands_is_fresh() {
    let mut program = program();
    let mut page = COMMANDS_HEAD.to_owned();
    let globals: Vec<&Arg> = program.get_arguments().filter(|arg| arg.is_global_set() && !arg.is_hide_set()).collect();
    table(&mut page, "flag", &globals).expect("a string can be written to");
    for command in
        program.get_subcommands_mut().filter(|command| !command.is_hide_set() && command.get_name() != "help")
    {
        verb(&mut page, command, "reseat").expect("a string can be written to");
    }
    check("docs/reference/commands.md", &page);
}

#[test]
fn page_of_the_exit_codes_is_fresh() {
    let help = program().get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let rows: Vec<(u8, &str)> = help
        .lines()
        .filter_map(|line| line.trim().split_once("  "))
        .filter_map(|(code, about)| Some((code.parse().ok()?, about)))
        .collect();
    let order: Vec<u8> = Exit::PRECEDENCE.iter().map(|exit| exit.code()).collect();
    let mut page = EXIT_HEAD.to_owned();
    for (code, about) in &rows {
        assert!(order.contains(code), "{code} is not a code of the program");
        writeln!(page, "| {code} | {about} |").expect("a string can be written to");
    }
    assert_eq!(rows.len(), order.len(), "the help names every code once");
    let order: Vec<String> = order.iter().filter(|code| **code != 0).map(ToString::to_string).collect();
    writeln!(page, "\nWhen several fit, the first of {} is taken.", order.join(", "))
        .expect("a string can be written to");
    check("docs/reference/exit-codes.md", &page);
}
