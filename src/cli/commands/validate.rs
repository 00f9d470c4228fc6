//! `reseat validate`.

use std::path::PathBuf;

use clap::Args;

use super::{CommandContext, CommandResult};
use crate::cli::args::{DateArgs, TrustArgs};
use crate::cli::exit::Exit;
use crate::cli::output_format::OutputFormat;
use crate::diagnostic::{Severity, has_error, sort};
use crate::report::source_path::SourcePaths;
use crate::report::{Tone, findings, json, summary};
use crate::workflow::{codeowners, manifest};

/// What `validate` takes.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Manifest: a file, or a folder of YAML files [default: .]
    #[arg(value_name = "MANIFEST")]
    pub(in crate::cli) path: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) trust: TrustArgs,
    #[command(flatten)]
    date: DateArgs,
    /// Repository whose CODEOWNERS files are checked [default: the nearest folder upwards that Git or a forge knows]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

/// Prints every finding of the manifest.
pub(crate) fn run(arguments: &ValidateArgs, context: &mut CommandContext) -> CommandResult {
    let path = context.manifest_path(arguments.path.as_deref())?;
    let now = arguments.date.now()?;
    let mut loaded = manifest::check_with_policy(&path, arguments.trust.path(), now);
    loaded.findings.append(&mut loaded.differences);
    let root = codeowners::find_root(&path, arguments.root.as_deref());
    // Owners are those of the files themselves, whatever tenants are in force.
    let own = arguments.trust.path().map(|_| manifest::check(&path, None, now));
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
    let text = match context.globals.output_format {
        OutputFormat::Json => json::pretty(&json::Findings { findings: found })?,
        OutputFormat::Sarif => json::pretty(&findings::sarif(found, &loaded.files))?,
        OutputFormat::Github => findings::github_annotations(found, &SourcePaths::new(&loaded.files)),
        OutputFormat::Junit => findings::junit(found, &loaded.files),
        _ => {
            let look = context.output.stdout_style();
            let verdict = match (faulty, failed) {
                (true, _) => look.paint(Tone::Danger, "not valid"),
                (false, true) => look.paint(Tone::Danger, "valid, and denied by policy"),
                (false, false) => {
                    format!("{}: {}", look.paint(Tone::Gain, "valid"), summary::summarize_manifest(&loaded.desired))
                }
            };
            let tally = findings::summarize_severities(found);
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
