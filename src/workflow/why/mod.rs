//! `reseat why`: explains why a person has a license or not, and who uses the seats of a pool.

mod person;
mod pool;
mod ranking;

use super::current_state::StateSource;
use super::error::WorkflowError;
use super::exit::Exit;
use super::plan::{PlanInputs, plan_manifest};
use super::session::Session;
use crate::model::LicenseRef;
use crate::report::source_path::SourcePaths;
use crate::report::why as report;

/// What to explain.
pub enum Question<'a> {
    /// One license of a person, or all of them.
    Person {
        /// The address of the person.
        person: &'a str,
        /// The license.
        license: Option<&'a LicenseRef>,
    },
    /// The seats of a license.
    Pool(&'a LicenseRef),
}

/// Plans the manifest and prints the answer.
///
/// # Errors
/// If an input cannot be read, or the person, tenant or license is unknown.
pub async fn why(
    question: Question<'_>,
    source: &StateSource<'_>,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    let path = session.manifest_path(None)?;
    let (plan, state) = plan_manifest(&path, source, &PlanInputs::default(), None, session).await?;
    session.print_trusted_differences(&state.manifest);
    let paths = SourcePaths::new(&state.manifest.files);
    match question {
        Question::Person { person, license } => {
            let answer = person::explain(&state, &plan, person, license)?;
            session.print_document(&answer, |answer, style| report::text(answer, &paths, style))?;
        }
        Question::Pool(license) => {
            let answer = pool::explain(&state, &plan, license)?;
            session.print_document(&answer, |answer, style| report::pool_text(answer, &paths, style))?;
        }
    }
    Ok(Exit::Done)
}
