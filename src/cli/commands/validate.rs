//! `reseat validate`.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Ended};
use crate::cli::args::{Trust, When};
use crate::cli::exit::Exit;
use crate::cli::form::Form;
use crate::diagnostic::{Severity, has_error, sort};
use crate::report::places::Places;
use crate::report::{Tone, findings, json, summary};
use crate::workflow::{codeowners, manifest};

/// What `validate` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    pub(in crate::cli) path: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: Trust,
    #[command(flatten)]
    when: When,
    /// Repository whose CODEOWNERS files are checked [default: the nearest folder upwards that Git or a forge knows]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Prints every finding of the manifest.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let path = context.manifest(arguments.path.as_deref())?;
    let now = arguments.when.now()?;
    let mut loaded = manifest::review(&path, arguments.trust.path(), now).loaded;
    loaded.findings.append(&mut loaded.differences);
    let root = codeowners::root(&path, arguments.root.as_deref());
    // Owners are those of the files themselves, whatever tenants are in force.
    let own = arguments.trust.path().map(|_| manifest::check(&path, None, now).loaded);
    let own = own.as_ref().unwrap_or(&loaded);
    if !has_error(&own.findings) {
        let found = codeowners::check(own, &root);
        loaded.findings.extend(found);
    }
    sort(&mut loaded.findings);
    let failed = has_error(&loaded.findings);
    // What a rule of the policy says has a level; everything else is a fault of the manifest.
    let faulty = loaded.findings.iter().any(|finding| finding.severity == Severity::Error && finding.level.is_none());
    let found = &loaded.findings;
    let text = match context.globals.form {
        Form::Json => json::pretty(&json::Findings { findings: found })?,
        Form::Sarif => json::pretty(&findings::sarif(found, &loaded.files))?,
        Form::Github => findings::annotations(found, &Places::new(&loaded.files)),
        Form::Junit => findings::junit(found, &loaded.files),
        _ => {
            let look = context.output.data_look();
            let verdict = match (faulty, failed) {
                (true, _) => look.paint(Tone::Danger, "not valid"),
                (false, true) => look.paint(Tone::Danger, "valid, and denied by policy"),
                (false, false) => {
                    format!("{}: {}", look.paint(Tone::Gain, "valid"), summary::manifest(&loaded.desired))
                }
            };
            let tally = findings::tally(found);
            let link = match (failed, tally.is_empty()) {
                (_, true) => "",
                (true, false) => ": ",
                (false, false) => "; ",
            };
            format!("{}{verdict}{link}{tally}\n", findings::text(found, &loaded.files, look))
        }
    };
    context.print(&text)?;
    Ok(match (faulty, failed) {
        (true, _) => Exit::Input,
        (false, true) => Exit::Denied,
        (false, false) => Exit::Done,
    })
}
