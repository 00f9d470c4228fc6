//! The `file` adapter: durable writes and the behavior of the simulator.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::adapter::AccessOptions;
use crate::adapter::file::state::tests::settings;
use crate::model::{AdapterSettings, HoldingState, OperationKind};
use crate::profile::simulator::tests::operation;

const NOW: Timestamp = Timestamp::constant(1_795_255_200, 0);

/// A tenant with `people` accounts and ten seats of `editor` fewer than people.
fn tenant(folder: &Path, people: usize) -> TenantSettings {
    let accounts: Vec<_> = (0..people)
        .map(|number| serde_json::json!({ "id": format!("u-{number:04}"), "email": format!("{number}@x") }))
        .collect();
    let state = serde_json::json!({
        "apiVersion": "reseat/v1", "kind": "observation", "tenant": "wiki", "vendor": "generic",
        "observed_at": "2026-11-20T00:00:00Z", "complete": true, "busy": null,
        "pools": [{ "license": "editor", "total": people.saturating_sub(10), "used": 0 }],
        "accounts": accounts,
    });
    let path = folder.join("state.json");
    std::fs::write(&path, state.to_string()).unwrap();
    TenantSettings { adapter: AdapterSettings::File { path, delay: Duration::ZERO }, ..settings("wiki") }
}

fn path(settings: &TenantSettings) -> &Path {
    let AdapterSettings::File { path, .. } = &settings.adapter else { panic!("not a file") };
    path
}

fn connect(settings: &TenantSettings, at: Timestamp) -> Connection {
    let rules = Rules::resolve(settings).unwrap();
    let access = AccessOptions::read_write(Clock::Fixed(at));
    crate::adapter::connect(&ConnectionConfig { settings, rules: &rules, access }).unwrap()
}

fn on_disk(settings: &TenantSettings) -> Observation {
    state::read(path(settings), settings, &Rules::resolve(settings).unwrap()).unwrap()
}

fn holders(observation: &Observation) -> usize {
    observation.accounts.iter().filter(|account| !account.holdings.is_empty()).count()
}

#[tokio::test]
async fn effect_is_on_disk_before_the_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant(folder.path(), 20);
    let connection = connect(&settings, NOW);
    let assign = operation(OperationKind::Assign, "u-0003", "editor", None);
    assert_eq!(connection.execute.as_ref().unwrap().execute(&assign).await, Ok(Receipt::Done));
    let written = on_disk(&settings);
    assert_eq!(written.accounts[3].holdings[0].license, "editor");
    assert_eq!((written.pools[0].used, written.observed_at), (Some(1), NOW));
    assert_eq!(connection.execute.unwrap().execute(&assign).await, Ok(Receipt::Already));
    assert_eq!(connection.observe.observe().await.unwrap(), written);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_operations_fill_exactly_the_free_seats() {
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant(folder.path(), 200);
    let execute = connect(&settings, NOW).execute.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..200 {
        let execute = Arc::clone(&execute);
        tasks.spawn(async move {
            let assign = operation(OperationKind::Assign, &format!("u-{number:04}"), "editor", None);
            execute.execute(&assign).await
        });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| **answer == Ok(Receipt::Done)).count(), 190);
    assert!(answers.iter().filter_map(|answer| answer.as_ref().err()).all(|error| error.kind == ErrorKind::NoSeat));
    assert_eq!(holders(&on_disk(&settings)), 190);
}

#[tokio::test]
async fn external_change_is_read_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant(folder.path(), 20);
    let connection = connect(&settings, NOW);
    let execute = connection.execute.unwrap();
    execute.execute(&operation(OperationKind::Assign, "u-0001", "editor", None)).await.unwrap();
    let text = std::fs::read_to_string(path(&settings)).unwrap();
    std::fs::write(path(&settings), text.replace("\"busy\":null", "\"busy\":\"user audit\"")).unwrap();
    assert_eq!(connection.observe.busy().await.unwrap().as_deref(), Some("user audit"));
    let assign = operation(OperationKind::Assign, "u-0002", "editor", None);
    assert_eq!(execute.execute(&assign).await.unwrap_err().kind, ErrorKind::Busy);
    std::fs::write(path(&settings), text.replace("3@x", "three@x")).unwrap();
    assert_eq!(execute.execute(&assign).await, Ok(Receipt::Done));
    let written = on_disk(&settings);
    assert_eq!((&*written.accounts[3].email, holders(&written)), ("three@x", 2));
}

#[tokio::test]
async fn concurrent_external_change_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant(folder.path(), 20);
    let rules = Rules::resolve(&settings).unwrap();
    let tenant =
        FileTenant::new(path(&settings).to_owned(), Duration::ZERO, settings.clone(), rules, Clock::Fixed(NOW));
    let shared = &tenant.shared;
    let ticket = {
        let mut live = shared.current().await.unwrap();
        let assign = operation(OperationKind::Assign, "u-0001", "editor", None);
        live.loaded().unwrap().simulator.execute(&assign, NOW).unwrap();
        live.ticket(true)
    };
    let theirs = std::fs::read_to_string(path(&settings)).unwrap().replace("3@x", "three@x");
    std::fs::write(path(&settings), &theirs).unwrap();
    assert_eq!(shared.wait_until_flushed(ticket).await.unwrap_err().kind, ErrorKind::Conflict);
    assert_eq!(std::fs::read_to_string(path(&settings)).unwrap(), theirs);
    assert_eq!(holders(&tenant.observe().await.unwrap()), 0, "an unwritten change is discarded");
}

#[tokio::test]
async fn request_takes_effect_after_the_delay() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = tenant(folder.path(), 20);
    let file = path(&settings).to_owned();
    settings.adapter = AdapterSettings::File { path: file, delay: Duration::from_secs(90) };
    let before = connect(&settings, NOW);
    let assign = operation(OperationKind::Assign, "u-0001", "editor", None);
    assert_eq!(before.execute.unwrap().execute(&assign).await, Ok(Receipt::Accepted(None)));
    let state_at = |at| {
        let observe = connect(&settings, at).observe;
        async move { observe.account("u-0001").await.unwrap().unwrap().holdings[0].state.clone() }
    };
    assert_eq!(state_at(NOW + SignedDuration::from_secs(89)).await, HoldingState::Pending);
    assert_eq!(state_at(NOW + SignedDuration::from_secs(90)).await, HoldingState::Active);
}

#[tokio::test]
async fn invalid_or_incomplete_file_does_not_prove_absence() {
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant(folder.path(), 20);
    let observe = connect(&settings, NOW).observe;
    assert_eq!(observe.account("nobody").await, Ok(None));
    let text = std::fs::read_to_string(path(&settings)).unwrap();
    std::fs::write(path(&settings), text.replace("\"complete\":true", "\"complete\":false")).unwrap();
    assert_eq!(observe.account("nobody").await.unwrap_err().kind, ErrorKind::Unavailable);
    std::fs::write(path(&settings), text.replace("wiki", "wki")).unwrap();
    let error = observe.observe().await.unwrap_err();
    assert_eq!((error.kind, &*error.findings[0].code), (ErrorKind::Malformed, "A101"));
    std::fs::remove_file(path(&settings)).unwrap();
    assert_eq!(observe.observe().await.unwrap_err().kind, ErrorKind::Io);
}

#[tokio::test]
async fn batch_returns_a_result_per_operation() {
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant(folder.path(), 12);
    let execute = connect(&settings, NOW).execute.unwrap();
    let operations: Vec<_> = ["u-0001", "nobody", "u-0001", "u-0002", "u-0003"]
        .iter()
        .map(|account| operation(OperationKind::Assign, account, "editor", None))
        .collect();
    let answers = execute.execute_batch(&operations.iter().collect::<Vec<_>>()).await;
    let kinds: Vec<_> = answers.into_iter().map(|answer| answer.map_err(|error| error.kind)).collect();
    assert_eq!(
        kinds,
        [Ok(Receipt::Done), Err(ErrorKind::NotFound), Ok(Receipt::Already), Ok(Receipt::Done), Err(ErrorKind::NoSeat)]
    );
    assert_eq!(holders(&on_disk(&settings)), 2);
}

#[tokio::test]
async fn failed_write_fails_the_whole_batch() {
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant(folder.path(), 20);
    let connection = connect(&settings, NOW);
    connection.observe.observe().await.unwrap();
    // A folder in place of the new file prevents writing.
    std::fs::create_dir_all(folder.path().join(".state.json.reseat-new/x")).unwrap();
    let operations = [1, 2].map(|number| operation(OperationKind::Assign, &format!("u-{number:04}"), "editor", None));
    let answers = connection.execute.unwrap().execute_batch(&operations.iter().collect::<Vec<_>>()).await;
    assert!(answers.iter().all(|answer| answer.as_ref().is_err_and(|error| !error.maybe_in_effect)), "{answers:?}");
    assert_eq!(holders(&connection.observe.observe().await.unwrap()), 0);
}

#[tokio::test]
async fn used_seats_are_counted_if_missing() {
    let folder = tempfile::tempdir().unwrap();
    let settings = tenant(folder.path(), 20);
    let text = std::fs::read_to_string(path(&settings)).unwrap();
    std::fs::write(path(&settings), text.replace(",\"used\":0", "")).unwrap();
    let connection = connect(&settings, NOW);
    let assign = operation(OperationKind::Assign, "u-0001", "editor", None);
    connection.execute.as_ref().unwrap().execute(&assign).await.unwrap();
    assert_eq!(connection.observe.pools().await.unwrap()[0].used, Some(1));
    let text = std::fs::read_to_string(path(&settings)).unwrap();
    std::fs::write(path(&settings), text.replace("\"complete\":true", "\"complete\":false")).unwrap();
    assert_eq!(connection.observe.pools().await.unwrap()[0].used, None, "an account that is not listed may hold one");
}
