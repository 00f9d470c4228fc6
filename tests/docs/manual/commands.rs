//! Every command on a page exists, with its flags.

use clap::{Arg, Command, CommandFactory};
use reseat::cli::command_line::CommandLine;

use crate::manual::{all_pages, blocks, text};

/// The program's commands, with the global options.
fn program() -> Command {
    let mut program = CommandLine::command();
    program.build();
    program
}

/// Returns the name of an option, such as `--out` of `--out=plan.json`, or `-m`.
fn flag<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    let name = word.split('=').next().unwrap_or(word);
    let is = |arg: &&Arg| match name.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => arg.get_short().is_some_and(|short| name.strip_prefix('-') == Some(short.to_string().as_str())),
    };
    command.get_arguments().find(is)
}

/// Returns what is wrong with a typed command, if anything. Words in capitals are placeholders.
fn fault(program: &Command, typed: &str) -> Option<String> {
    let mut command = program;
    let mut words = typed.split_whitespace().skip(1).map(|word| word.trim_matches(['\'', '"'])).peekable();
    while let Some(next) = words.peek().and_then(|word| command.find_subcommand(word)) {
        command = next;
        words.next();
    }
    let verb = words.peek().copied().unwrap_or_default();
    if command.has_subcommands() && verb.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Some(format!("there is no verb `{verb}`"));
    }
    while let Some(word) = words.next() {
        if matches!(word, "|" | ">" | "2>" | "&&" | "#") {
            break;
        }
        // Another command follows.
        let (word, ends) = word.strip_suffix(';').map_or((word, false), |word| (word, true));
        if ends && !word.starts_with('-') {
            break;
        }
        if !word.starts_with('-') || word == "-" || matches!(word, "--help" | "-h" | "--version" | "-V") {
            continue;
        }
        let Some(arg) = flag(command, word) else {
            return Some(format!("`{}` has no flag `{word}`", command.get_name()));
        };
        let allowed: Vec<_> = arg.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
        let value = word.split_once('=').map(|(_, value)| value).or_else(|| words.peek().copied()).unwrap_or_default();
        let is_meant = value.starts_with(|first: char| first.is_ascii_lowercase());
        if arg.get_action().takes_values() && is_meant && !allowed.is_empty() && !allowed.iter().any(|one| one == value)
        {
            return Some(format!("`{word}` does not know `{value}`"));
        }
        if ends {
            break;
        }
    }
    None
}

/// Returns the commands in the blocks and the text of a page, each with its line.
fn typed(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (line, language, text) in blocks(page) {
        if !matches!(language.as_str(), "sh" | "console" | "text") {
            continue;
        }
        for (index, shown) in text.lines().enumerate() {
            let shown = shown.strip_prefix("$ ").unwrap_or(shown);
            if shown.starts_with("reseat ") && language != "text" {
                found.push((line + index + 1, shown.to_owned()));
            }
        }
    }
    let mut fenced = false;
    for (index, line) in page.lines().enumerate() {
        fenced ^= line.starts_with("```");
        if !fenced {
            let codes = line.split('`').skip(1).step_by(2);
            found.extend(codes.filter(|code| code.starts_with("reseat ")).map(|code| (index + 1, code.to_owned())));
        }
    }
    found
}

#[test]
fn commands_on_the_pages_exist() {
    let program = program();
    let mut breaches = Vec::new();
    let mut count = 0;
    for path in all_pages() {
        for (line, typed) in typed(&text(&path)) {
            count += 1;
            if let Some(fault) = fault(&program, &typed.replace("\\|", "|")) {
                breaches.push(format!("{path}:{line}: `{typed}`: {fault}"));
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
    assert!(count > 100, "{count} commands are too few to be all");
}

#[test]
fn unknown_commands_and_flags_are_reported() {
    let program = program();
    let fault = |typed| fault(&program, typed);
    assert_eq!(fault("reseat paln"), Some("there is no verb `paln`".to_owned()));
    assert_eq!(fault("reseat plan --outt x"), Some("`plan` has no flag `--outt`".to_owned()));
    assert_eq!(fault("reseat plan --format xlsx"), Some("`--format` does not know `xlsx`".to_owned()));
    assert_eq!(fault("reseat history show RUN -m PATH --format json"), None);
    assert_eq!(fault("reseat plan | grep --color x"), None);
}
