//! Earlier runs, as the store knows them.

use super::problem::Problem;
use crate::report::history::Record;
use crate::store::{Store, StoreUrl};

/// The last runs, the newest first; none where there is no store.
///
/// # Errors
/// When there is a store that cannot be read.
pub async fn runs(url: &StoreUrl, limit: u32) -> Result<Vec<Record>, Problem> {
    let Some(store) = Store::open_existing(url).await? else { return Ok(Vec::new()) };
    let records = store.runs(limit).await?;
    Ok(records
        .into_iter()
        .map(|record| Record {
            run: record.run,
            content: record.content,
            manifest: record.manifest,
            started: record.started,
            finished: record.finished,
            state: record.state.as_str(),
            consents: record.consents,
        })
        .collect())
}
