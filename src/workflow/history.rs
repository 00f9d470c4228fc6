//! `reseat history`: earlier runs, as the store records them.

use super::error::WorkflowError;
use super::exit::Exit;
use super::session::Session;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::report::run::details::{self, RunDetails};
use crate::report::run::history::{self, History, HistoryRun};
use crate::store::{RunRecord, Store};

/// Prints the last runs, newest first.
///
/// # Errors
/// If the store cannot be read.
pub async fn list(limit: u32, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    let manifest = session.manifest_path(None)?;
    let runs = match Store::open_existing(&session.store(&manifest)?).await? {
        Some(store) => store.runs(limit).await?.into_iter().map(to_entry).collect(),
        None => Vec::new(),
    };
    session.print_document(&History { runs }, |history, style| history::text(&history.runs, style))?;
    Ok(Exit::Done)
}

/// Prints one run with its records.
///
/// # Errors
/// If the store does not know the run or cannot be read.
pub async fn show(run: &str, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    let manifest = session.manifest_path(None)?;
    let unknown = || unknown_run(run);
    let store = Store::open_existing(&session.store(&manifest)?).await?.ok_or_else(unknown)?;
    let entry = to_entry(store.run(run).await?.ok_or_else(unknown)?);
    let records = store.records(run).await?;
    session.print_document(&RunDetails::new(&entry, &records), |_, style| details::text(&entry, &records, style))?;
    Ok(Exit::Done)
}

/// Returns the error for a run that the store does not know.
pub(super) fn unknown_run(run: &str) -> WorkflowError {
    let finding = Finding::error(&codes::UNKNOWN_RUN, format!("unknown run `{run}`"))
        .help("`reseat history` lists the runs of the store; `--manifest` and `--store` select the store");
    WorkflowError::from_finding(Exit::Input, finding)
}

fn to_entry(record: RunRecord) -> HistoryRun {
    let RunRecord { run, content, actor: who, manifest, started, finished, state, resumes, undoes, consents } = record;
    HistoryRun { run, content, who, manifest, started, finished, state, resumes, undoes, consents }
}
