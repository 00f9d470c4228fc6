//! Earlier runs, as the store knows them.

use super::problem::{Kind, Problem};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::model::AuditRecord;
use crate::report::history::Record;
use crate::store::{RunRecord, Store, StoreUrl};

/// The last runs, the newest first; none where there is no store.
///
/// # Errors
/// When there is a store that cannot be read.
pub async fn runs(url: &StoreUrl, limit: u32) -> Result<Vec<Record>, Problem> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(Vec::new()) };
    Ok(store.runs(limit).await?.into_iter().map(told).collect())
}

/// One run, with its records.
///
/// # Errors
/// When the store does not know it, or cannot be read.
pub async fn run(url: &StoreUrl, id: &str) -> Result<(Record, Vec<AuditRecord>), Problem> {
    let Some(store) = Store::open_existing(url).await? else { return Err(unknown(id)) };
    let Some(record) = store.run(id).await? else { return Err(unknown(id)) };
    let records = store.records(id).await?;
    Ok((told(record), records))
}

/// That the store does not know a run.
pub(super) fn unknown(run: &str) -> Problem {
    let finding = Finding::error(&codes::RUN_UNKNOWN, format!("the store knows no run `{run}`"))
        .help("`reseat history` lists the runs; `--manifest` and `--store` say whose");
    Problem::finding(Kind::Input, finding)
}

fn told(record: RunRecord) -> Record {
    let RunRecord { run, content, who, manifest, started, finished, state, resumes, undoes, consents } = record;
    Record { run, content, who, manifest, started, finished, state, resumes, undoes, consents }
}
