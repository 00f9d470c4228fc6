//! The audit trail: whether it is whole, and its records for other programs.

use jiff::Timestamp;

use super::error::{WorkflowError, WorkflowErrorKind};
use super::history::unknown_run;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::model::AuditRecord;
use crate::store::{BrokenChain, ExpectedHead, Store, StoreUrl, VerifiedChain};

/// Records that are handed over at once.
const PAGE_SIZE: usize = 1000;

/// Follows the whole trail, and compares it with a head that was kept elsewhere; `None` where there is no store and none
/// is expected.
///
/// # Errors
/// The first fault, or that the store cannot be read.
pub async fn verify(url: &StoreUrl, kept: Option<&ExpectedHead>) -> Result<Option<VerifiedChain>, WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else {
        return match kept {
            None => Ok(None),
            Some(kept) => {
                let what = "there is no store".to_owned();
                Err(broken_trail(&BrokenChain { first: 1, last: kept.seq, reason: what }))
            }
        };
    };
    match store.verify(kept).await {
        Ok(Ok(verified)) => Ok(Some(verified)),
        Ok(Err(fault)) => Err(broken_trail(&fault)),
        Err(error) => Err(error.into()),
    }
}

fn broken_trail(fault: &BrokenChain) -> WorkflowError {
    let BrokenChain { first, last, reason: what } = fault;
    let which = if first == last { format!("record {first}") } else { format!("records {first} to {last}") };
    let finding = Finding::error(&codes::AUDIT_BROKEN, format!("the audit trail is damaged: {which}: {what}"))
        .help("restore a backup of the store, and find out who can write to it");
    WorkflowError::from_finding(WorkflowErrorKind::Input, finding)
}

/// Which records are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Written at that moment or later.
    pub since: Option<Timestamp>,
    /// Of that run.
    pub run: Option<String>,
}

/// Hands over the records that are wanted, page by page in their order, until `take` wants no more.
///
/// # Errors
/// When the store cannot be read, or knows no such run.
pub async fn export(
    url: &StoreUrl,
    wanted: &AuditFilter,
    mut take: impl FnMut(&[AuditRecord]) -> bool,
) -> Result<(), WorkflowError> {
    let store = Store::open_existing(url).await?;
    let is_wanted = |record: &AuditRecord| wanted.since.is_none_or(|since| record.at >= since);
    if let Some(run) = &wanted.run {
        let mut records = match &store {
            Some(store) => store.records(run).await?,
            None => Vec::new(),
        };
        if records.is_empty() {
            return Err(unknown_run(run));
        }
        records.retain(is_wanted);
        take(&records);
        return Ok(());
    }
    let Some(store) = store else { return Ok(()) };
    let mut next = 1;
    loop {
        let mut records = store.audit(next, PAGE_SIZE).await?;
        let Some(last) = records.last() else { return Ok(()) };
        next = last.seq + 1;
        records.retain(is_wanted);
        if !take(&records) {
            return Ok(());
        }
    }
}
