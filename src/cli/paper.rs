//! How much room Markdown has, and where the reader finds what it leaves out: what `plan`, `show` and `comment` take.

use clap::Args;

use super::failure::Failure;
use super::form::Form;
use crate::report::markdown::{Limit, Reader};

/// The room that Markdown has.
#[derive(Clone, Debug, Args)]
pub(crate) struct Paper {
    /// Most bytes of Markdown, or github, gitlab, bitbucket, azure-devops, step-summary [default: github]
    #[arg(long, value_name = "BYTES|SITE")]
    limit: Option<Limit>,
    /// Address of the full report, which Markdown points to where it does not list everything
    #[arg(long, value_name = "URL")]
    full_report: Option<String>,
}

impl Paper {
    /// The reader that it is written for; `site` is the limit where none was given.
    pub(crate) fn reader(&self, site: Limit) -> Reader<'_> {
        let limit = self.limit.unwrap_or(site);
        Reader { limit, full_report: self.full_report.as_deref(), ..Reader::default() }
    }

    /// Refuses a limit for what has none.
    pub(crate) fn check(&self, form: Form) -> Result<(), Failure> {
        let is_given = self.limit.is_some() || self.full_report.is_some();
        if is_given && form != Form::Markdown {
            return Err(Failure::usage("`--limit` and `--full-report` are for `--format markdown` only"));
        }
        Ok(())
    }
}
