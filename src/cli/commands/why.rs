//! The arguments of `reseat why`.

use clap::Args;

use crate::cli::args::{CurrentStateArgs, FormatArgs};
use crate::cli::run::RunCommand;
use crate::model::LicenseRef;
use crate::workflow::isolation::CommandNeeds;
use crate::workflow::why::{Question, why};
use crate::workflow::{Exit, Session, WorkflowError};

#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    /// Address of the person
    #[arg(value_name = "PERSON", required_unless_present = "pool")]
    person: Option<String>,
    /// License, such as phones/X4 [default: all of the person]
    #[arg(value_name = "LICENSE")]
    license: Option<String>,
    /// Explain the seats of a license instead
    ///
    /// Shows who holds a seat, who waits for one, and who will free one.
    #[arg(long, value_name = "LICENSE", conflicts_with_all = ["person", "license"])]
    pool: Option<String>,
    #[command(flatten)]
    current_state: CurrentStateArgs,
    #[command(flatten)]
    format: FormatArgs,
}

impl RunCommand for WhyArgs {
    fn needs(&self) -> CommandNeeds<'_> {
        self.current_state.needs(["why", "why --state"]).manifest(None)
    }

    fn is_json(&self) -> bool {
        self.format.is_json()
    }

    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
        let license = self.license.as_deref().or(self.pool.as_deref()).map(LicenseRef::parse).transpose();
        let license = license.map_err(|error| WorkflowError::usage(format!("the license {error}")))?;
        let question = match (&self.person, &license) {
            (None, Some(license)) => Question::Pool(license),
            (person, license) => {
                Question::Person { person: person.as_deref().unwrap_or_default(), license: license.as_ref() }
            }
        };
        why(question, &self.current_state.source(session), session).await
    }
}
