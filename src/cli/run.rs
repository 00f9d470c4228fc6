//! The interface that every subcommand implements.

use crate::workflow::isolation::CommandNeeds;
use crate::workflow::{Exit, Session, WorkflowError};

/// A parsed subcommand.
pub(crate) trait RunCommand {
    /// Returns the credentials that the command needs, for `--isolated`.
    fn needs(&self) -> CommandNeeds<'_>;

    /// Returns whether documents and findings are printed as JSON.
    fn is_json(&self) -> bool {
        false
    }

    /// Runs the command.
    async fn run(&self, session: &mut Session<'_>) -> Result<Exit, WorkflowError>;
}
