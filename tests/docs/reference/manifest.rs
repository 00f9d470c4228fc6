//! The reference pages of the manifest and all other formats, generated from their schemas.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::CommandFactory;
use reseat::cli::command_line::CommandLine;
use serde_json::Value;

use crate::reference::tables::Tables;
use crate::support::check;

/// The manually written text above the tables of the manifest.
const MANIFEST_HEAD: &str = include_str!("manifest.head");

/// The manually written text above the list of formats.
const FORMATS_HEAD: &str = include_str!("formats.head");

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.schema.json"));
    let text = fs::read_to_string(path).expect("each format has its schema in `schemas`");
    serde_json::from_str(&text).expect("a schema is JSON")
}

#[test]
fn page_of_the_manifest_is_fresh() {
    let schema = schema("manifest");
    let tables = Tables::deep(&schema);
    let mut page = MANIFEST_HEAD.to_owned();
    tables.keys(&mut page, &schema);
    tables.sections(&mut page);
    check("docs/reference/manifest.md", &page);
}

#[test]
fn page_of_the_formats_is_fresh() {
    let program = CommandLine::command();
    let verb = program.find_subcommand("schema").expect("there is a verb for schemas");
    let argument = verb.get_positionals().next().expect("it takes the format");
    let mut page = FORMATS_HEAD.to_owned();
    for format in argument.get_possible_values() {
        let name = format.get_name();
        let about = format.get_help().map(ToString::to_string).unwrap_or_default();
        let schema = schema(name);
        writeln!(page, "\n## {name}\n\n{about}. Schema: [{name}.schema.json](../../schemas/{name}.schema.json).")
            .expect("a string can be written to");
        if name == "manifest" {
            page.push_str("\nEvery key of it is in [the manifest](manifest.md).\n");
            continue;
        }
        if let Some(about) = schema["description"].as_str() {
            writeln!(page, "\n{}", about.replace('\n', " ")).expect("a string can be written to");
        }
        if schema["properties"].is_object() {
            page.push('\n');
            let tables = Tables::shallow(&schema);
            tables.keys(&mut page, &schema);
            tables.lines(&mut page, &schema);
        }
    }
    check("docs/reference/formats.md", &page);
}
