//! `reseat audit`: verifies the audit trail, or exports its records.

use jiff::Timestamp;

use super::error::WorkflowError;
use super::exit::Exit;
use super::history::unknown_run;
use super::session::Session;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::model::AuditRecord;
use crate::report::audit::{self as report, AuditTrail};
use crate::report::escape;
use crate::store::{BrokenChain, ExpectedHead, Store, StoreUrl, VerifiedChain};

/// Records per page.
const PAGE_SIZE: usize = 1000;

/// Verifies the whole trail and prints its head. `expected` is a head that an earlier call printed.
///
/// # Errors
/// If the trail is broken or cannot be read.
pub async fn verify(expected: Option<&ExpectedHead>, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    let manifest = session.manifest_path(None)?;
    let verified = verify_store(&session.store(&manifest)?, expected).await?;
    let head = verified.as_ref().filter(|verified| verified.records > 0);
    let head = head.map(|verified| format!("{}:{}", verified.records, verified.hash));
    let (records, runs) = verified.map_or((0, 0), |verified| (verified.records, verified.runs));
    session.print_document(&AuditTrail { records, runs, head }, |trail, _| report::text(trail))?;
    Ok(Exit::Done)
}

async fn verify_store(url: &StoreUrl, expected: Option<&ExpectedHead>) -> Result<Option<VerifiedChain>, WorkflowError> {
    let Some(store) = Store::open_existing(url).await? else {
        return match expected {
            None => Ok(None),
            Some(head) => {
                let reason = "no store exists".to_owned();
                Err(broken_trail(&BrokenChain { first: 1, last: head.seq, reason }))
            }
        };
    };
    match store.verify(expected).await? {
        Ok(verified) => Ok(Some(verified)),
        Err(broken) => Err(broken_trail(&broken)),
    }
}

fn broken_trail(chain: &BrokenChain) -> WorkflowError {
    let BrokenChain { first, last, reason } = chain;
    let which = if first == last { format!("record {first}") } else { format!("records {first} to {last}") };
    let finding = Finding::error(&codes::AUDIT_BROKEN, format!("the audit trail is damaged: {which}: {reason}"))
        .help("restore a backup of the store, and find out who can write to it");
    WorkflowError::from_finding(Exit::Input, finding)
}

/// Which records to export.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Records of that time or later.
    pub since: Option<Timestamp>,
    /// Records of that run.
    pub run: Option<String>,
}

/// Prints the matching records as JSON lines.
///
/// # Errors
/// If the store cannot be read or does not know the run.
pub async fn export(filter: &AuditFilter, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    let manifest = session.manifest_path(None)?;
    let store = Store::open_existing(&session.store(&manifest)?).await?;
    let matches = |record: &AuditRecord| filter.since.is_none_or(|since| record.at >= since);
    if let Some(run) = &filter.run {
        let mut records = match &store {
            Some(store) => store.records(run).await?,
            None => Vec::new(),
        };
        if records.is_empty() {
            return Err(unknown_run(run));
        }
        records.retain(matches);
        print_records(&records, session)?;
        return Ok(Exit::Done);
    }
    let Some(store) = store else { return Ok(Exit::Done) };
    let mut next = 1;
    loop {
        let mut records = store.audit(next, PAGE_SIZE).await?;
        let Some(last) = records.last() else { return Ok(Exit::Done) };
        next = last.seq + 1;
        records.retain(matches);
        print_records(&records, session)?;
    }
}

fn print_records(records: &[AuditRecord], session: &mut Session<'_>) -> Result<(), WorkflowError> {
    let mut text = String::new();
    for record in records {
        text.push_str(&escape::json(&serde_json::to_string(record)?));
        text.push('\n');
    }
    Ok(session.ui.print(&text)?)
}
