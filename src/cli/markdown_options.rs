//! How much room Markdown has, and where the reader finds what it leaves out: what `plan`, `show` and `comment` take.

use clap::Args;

use super::error::CliError;
use super::output_format::OutputFormat;
use crate::report::plan::markdown::{MarkdownLimit, MarkdownTarget};

/// The room that Markdown has.
#[derive(Clone, Debug, Args)]
pub(crate) struct MarkdownOptions {
    /// Most bytes of Markdown, or github, gitlab, bitbucket, azure-devops, step-summary [default: github]
    #[arg(long, value_name = "BYTES|SITE")]
    limit: Option<MarkdownLimit>,
    /// Address of the full report, which Markdown points to where it does not list everything
    #[arg(long, value_name = "URL")]
    full_report: Option<String>,
}

impl MarkdownOptions {
    /// The reader that it is written for; `site` is the limit where none was given.
    pub(crate) fn reader(&self, site: MarkdownLimit) -> MarkdownTarget<'_> {
        let limit = self.limit.unwrap_or(site);
        MarkdownTarget { limit, full_report: self.full_report.as_deref(), ..MarkdownTarget::default() }
    }

    /// Refuses a limit for what has none.
    pub(crate) fn check(&self, form: OutputFormat) -> Result<(), CliError> {
        let is_given = self.limit.is_some() || self.full_report.is_some();
        if is_given && form != OutputFormat::Markdown {
            return Err(CliError::usage("`--limit` and `--full-report` are for `--format markdown` only"));
        }
        Ok(())
    }
}
