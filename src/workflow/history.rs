//! Earlier runs, as the store knows them.

use super::error::{WorkflowError, WorkflowErrorKind};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::model::AuditRecord;
use crate::report::run::history::HistoryRun;
use crate::store::{RunRecord, Store, StoreUrl};

/// The last runs, the newest first; none where there is no store.
///
/// # Errors
/// When there is a store that cannot be read.
pub async fn runs(url: &StoreUrl, limit: u32) -> Result<Vec<HistoryRun>, WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(Vec::new()) };
    Ok(store.runs(limit).await?.into_iter().map(to_record).collect())
}

/// One run, with its records.
///
/// # Errors
/// When the store does not know it, or cannot be read.
pub async fn run(url: &StoreUrl, id: &str) -> Result<(HistoryRun, Vec<AuditRecord>), WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else { return Err(unknown_run(id)) };
    let Some(record) = store.run(id).await? else { return Err(unknown_run(id)) };
    let records = store.records(id).await?;
    Ok((to_record(record), records))
}

/// That the store does not know a run.
pub(super) fn unknown_run(run: &str) -> WorkflowError {
    let finding = Finding::error(&codes::UNKNOWN_RUN, format!("the store knows no run `{run}`"))
        .help("`reseat history` lists the runs; `--manifest` and `--store` say whose");
    WorkflowError::from_finding(WorkflowErrorKind::Input, finding)
}

fn to_record(record: RunRecord) -> HistoryRun {
    let RunRecord { run, content, actor: who, manifest, started, finished, state, resumes, undoes, consents } = record;
    HistoryRun { run, content, who, manifest, started, finished, state, resumes, undoes, consents }
}
