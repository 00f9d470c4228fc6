//! `reseat validate`.

use std::path::PathBuf;

use clap::Args;

use super::{Context, Ended};
use crate::cli::args::{Trust, When};
use crate::cli::exit::Exit;
use crate::cli::form::Format;
use crate::diagnostic::{Severity, has_error, sort};
use crate::pipeline::manifest;
use crate::report::{Tone, findings, json, summary};

/// What `validate` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    trust: Trust,
    #[command(flatten)]
    when: When,
}

/// Prints every finding of the manifest.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let path = context.manifest(arguments.path.as_deref())?;
    let mut loaded = manifest::review(&path, arguments.trust.path(), arguments.when.now()?).loaded;
    loaded.findings.append(&mut loaded.differences);
    sort(&mut loaded.findings);
    let failed = has_error(&loaded.findings);
    // What a rule of the policy says has a level; everything else is a fault of the manifest.
    let faulty = loaded.findings.iter().any(|finding| finding.severity == Severity::Error && finding.level.is_none());
    match context.globals.format {
        Format::Json => {
            let text = json::pretty(&json::Findings { findings: &loaded.findings })?;
            context.output.data(&text)?;
        }
        Format::Text => {
            let look = context.output.data_look();
            let mut text = findings::text(&loaded.findings, &loaded.files, look);
            let tally = findings::tally(&loaded.findings);
            if failed {
                let verdict = if faulty { "not valid" } else { "valid, and denied by policy" };
                text.push_str(&look.paint(Tone::Danger, &format!("{verdict}: {tally}")));
            } else {
                text.push_str(&look.paint(Tone::Gain, "valid"));
                text.push_str(&format!(": {}", summary::manifest(&loaded.desired)));
                if !tally.is_empty() {
                    text.push_str(&format!("; {tally}"));
                }
            }
            text.push('\n');
            context.output.data(&text)?;
        }
    }
    Ok(match (faulty, failed) {
        (true, _) => Exit::Input,
        (false, true) => Exit::Denied,
        (false, false) => Exit::Done,
    })
}
