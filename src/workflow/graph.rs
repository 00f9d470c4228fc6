//! `reseat graph`: the plan to draw, from a plan file or a manifest.

use std::path::Path;

use super::current_state::StateSource;
use super::error::WorkflowError;
use super::plan::{PlanInputs, plan_manifest};
use super::plan_file;
use super::session::Session;
use crate::model::Plan;

/// Reads a plan file, or plans a manifest.
///
/// # Errors
/// If an input cannot be read, or planning options are used with a plan file.
pub async fn load_plan(
    path: Option<&Path>,
    source: &StateSource<'_>,
    has_planning_options: bool,
    inputs: &PlanInputs,
    session: &mut Session<'_>,
) -> Result<Plan, WorkflowError> {
    match path {
        Some(path) if plan_file::is_plan_file(path) => {
            if has_planning_options {
                let message = "`--state`, `--at` and `--allow-removals` cannot be used with a plan file";
                return Err(WorkflowError::usage(message));
            }
            plan_file::read(path)
        }
        path => {
            let path = session.manifest_path(path)?;
            Ok(plan_manifest(&path, source, inputs, None, session).await?.0)
        }
    }
}
