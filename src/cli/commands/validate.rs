//! The arguments of `reseat validate`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{DateArgs, TrustArgs};
use crate::cli::format::ValidateFormat;
use crate::cli::run::RunCommand;
use crate::report::source_path::SourcePaths;
use crate::report::{TextStyle, Tone, findings, json, summary};
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::validate::{Validation, validate};
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct ValidateArgs {
    /// Manifest file or folder [default: .]
    #[arg(value_name = "MANIFEST")]
    path: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
    #[command(flatten)]
    date: DateArgs,
    /// Check the CODEOWNERS files of this repository
    ///
    /// The default is the nearest parent folder with Git or CODEOWNERS files.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    format: ValidateFormat,
}

impl RunCommand for ValidateArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        CommandNeeds::new("validate").manifest(self.path.as_deref()).trusted(self.trust.path())
    }

    fn is_json(&self) -> bool {
        self.format == ValidateFormat::Json
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let (path, root) = (self.path.as_deref(), self.root.as_deref());
        let validation = validate(path, self.trust.path(), root, self.date.now(session), session)?;
        let loaded = &validation.loaded;
        let list = &loaded.findings;
        let text = match self.format {
            ValidateFormat::Text => {
                let text = text(&validation, session.ui.stdout_style());
                session.ui.print_paged(&text)?;
                return Ok(validation.exit);
            }
            ValidateFormat::Json => json::pretty(&json::Findings { findings: list })?,
            ValidateFormat::Sarif => json::pretty(&findings::sarif(list, &loaded.files))?,
            ValidateFormat::Github => findings::github_annotations(list, &SourcePaths::new(&loaded.files)),
            ValidateFormat::Junit => findings::junit(list, &loaded.files),
        };
        session.ui.print(&text)?;
        Ok(validation.exit)
    }
}

/// Returns the findings with a final line: `valid: 2 tenants, 3 people; 1 warning`.
fn text(validation: &Validation, style: TextStyle) -> String {
    let loaded = &validation.loaded;
    let verdict = match validation.exit {
        Exit::Done => {
            let summary = summary::summarize_manifest(&loaded.desired);
            format!("{}: {summary}", style.paint(Tone::Gain, "valid"))
        }
        Exit::Denied => style.paint(Tone::Danger, "valid, but denied by policy"),
        _ => style.paint(Tone::Danger, "invalid"),
    };
    let counts = findings::summarize_severities(&loaded.findings);
    let separator = match validation.exit {
        _ if counts.is_empty() => "",
        Exit::Done => "; ",
        _ => ": ",
    };
    format!("{}{verdict}{separator}{counts}\n", findings::text(&loaded.findings, &loaded.files, style))
}
