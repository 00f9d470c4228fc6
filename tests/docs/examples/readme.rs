//! The sessions, tables and manifests of the README.

use std::collections::BTreeSet;
use std::fs;

use clap::CommandFactory;
use reseat::cli::command_line::CommandLine;
use reseat::workflow::Exit;

use crate::examples::console::replay;
use crate::examples::documents::root;
use crate::support::{Sandbox, check};

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// Returns the text of a section, without its subsections.
fn section(heading: &str) -> String {
    let text = readme();
    let (_, rest) = text.split_once(&format!("{heading}\n")).unwrap_or_else(|| panic!("no section {heading}"));
    let ends = ["\n## ", "\n### "].iter().filter_map(|next| rest.find(next));
    let end = ends.min().unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// Returns the first cells of a section's table, without the header.
fn first_cells(section: &str) -> Vec<String> {
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")).skip(1);
    rows.filter_map(|row| row.split(" | ").next()).map(str::to_owned).collect()
}

/// Returns the blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let open = format!("```{language}\n");
    text.split(&open).skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
}

#[test]
fn sessions_print_what_the_page_shows() {
    let sandbox = Sandbox::new().copy_example("officeseries-reallocation");
    let (now, count) = replay(&readme(), &sandbox, "officeseries-reallocation");
    assert!(count > 0, "the README shows no command");
    check("README.md", &now);
}

#[test]
fn each_shell_block_is_run_by_ci() {
    // The CI script runs the first two from the page itself; installing is cargo's job.
    let known = ["examples/quickstart/run\n", "cargo install --path . --locked\n", "cargo test\n"];
    assert_eq!(blocks(&readme(), "sh"), known);
}

#[test]
fn quick_start_and_tests_are_one_command_each() {
    assert_eq!(blocks(&section("## Quick start"), "sh")[0], "examples/quickstart/run\n");
    assert_eq!(blocks(&section("## Tests"), "sh"), ["cargo test\n"]);
}

#[test]
fn manifests_of_the_readme_are_valid() {
    let manifests = blocks(&readme(), "yaml");
    assert!(!manifests.is_empty());
    for manifest in manifests {
        let output = Sandbox::new().write("manifest.yaml", &manifest).run(&["validate"]);
        assert_eq!(output.status, 0, "{manifest}\n{}", output.render());
    }
}

#[test]
fn table_of_commands_is_complete() {
    let listed: BTreeSet<String> = first_cells(&section("## Commands"))
        .iter()
        .filter_map(|cell| cell.trim_matches('`').split_whitespace().nth(1))
        .map(str::to_owned)
        .collect();
    let there: BTreeSet<String> = CommandLine::command()
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .map(|command| command.get_name().to_owned())
        .collect();
    assert_eq!(listed, there);
}

#[test]
fn table_of_exit_codes_is_complete() {
    let listed: BTreeSet<u8> =
        first_cells(&section("### Exit codes")).iter().map(|cell| cell.parse().unwrap()).collect();
    assert_eq!(listed, Exit::PRECEDENCE.iter().map(|exit| exit.code()).collect());
}
