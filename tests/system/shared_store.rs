//! Several runners share one store on a server: the lock, the history, and the audit trail.
//!
//! It runs if `RESEAT_TEST_POSTGRES` names a server; `.ci/run` starts one.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "the address of the test server comes from outside, and a test that cannot reach it has to stop"
)]

use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::Sandbox;
use reseat::store::{Store, StoreUrl};

const MANIFEST: &str = "
apiVersion: reseat/v1
tenants:
  wiki: { vendor: generic, adapter: { file: { path: wiki.yaml } } }
assignments:
  - { license: wiki/seat, to: [ana@acme.example, bo@acme.example] }
";

const STATE: &str = "
apiVersion: reseat/v1
kind: observation
tenant: wiki
vendor: generic
observed_at: 2026-11-21T10:00:00Z
complete: true
pools: [{ license: seat, total: 5 }]
accounts:
  - { id: u-1, email: ana@acme.example, holdings: [] }
  - { id: u-2, email: bo@acme.example, holdings: [] }
";

/// Returns the address of a store for this test alone, or nothing without a server.
fn address() -> Option<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let url = std::env::var("RESEAT_TEST_POSTGRES").ok()?;
    // One database per test, because the program itself uses no schema.
    let name = format!("shared_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let (server, _) = url.rsplit_once('/').expect("a URL has a path");
    wait(async {
        use sqlx::{Connection as _, Executor as _};
        let mut connection = sqlx::PgConnection::connect(&url).await.expect("the server accepts the connection");
        let create = sqlx::AssertSqlSafe(format!("create database {name}"));
        connection.execute(create).await.expect("a database can be made");
    });
    Some(format!("{server}/{name}"))
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("threads can be made").block_on(work)
}

fn runner() -> Sandbox {
    Sandbox::new().write("manifest.yaml", MANIFEST).write("wiki.yaml", STATE)
}

#[test]
fn runner_on_another_machine_is_refused_with_the_lock_holder() {
    let Some(address) = address() else { return };
    let now = "2026-11-21T12:00:00Z".parse().expect("a time");
    let url = StoreUrl::parse(&address).expect("an address");
    let runtime = tokio::runtime::Runtime::new().expect("threads can be made");
    let held = runtime.block_on(Store::open(&url, now)).expect("the store opens");
    let output = runner().run(&["apply", "manifest.yaml", "--yes", "--store", &address]);
    assert_eq!(output.status, 9, "{}", output.render());
    for told in ["X102", "(process ", ", since 20", ", until 20"] {
        assert!(output.stderr.contains(told), "{told}: {}", output.render());
    }
    let password = address.split(['@', ':']).nth(2).expect("a password");
    assert!(!output.stderr.contains(password) && !output.stdout.contains(password));
    runtime.block_on(held.close()).expect("the store closes");
    let output = runner().run(&["apply", "manifest.yaml", "--yes", "--store", &address]);
    assert_eq!(output.status, 0, "{}", output.render());
}

#[test]
fn runners_share_the_history() {
    let Some(address) = address() else { return };
    let (one, other) = (runner(), runner());
    let plan = one.run(&["plan", "manifest.yaml", "--out", "plan.json", "--store", &address]);
    assert_eq!(plan.status, 0, "{}", plan.render());
    let other = other.write("plan.json", one.read("plan.json"));
    let first = one.run(&["apply", "plan.json", "-m", "manifest.yaml", "--yes", "--store", &address]);
    assert_eq!(first.status, 0, "{}", first.render());
    let second = other.run(&["apply", "plan.json", "-m", "manifest.yaml", "--yes", "--store", &address]);
    assert_eq!(second.status, 0, "{}", second.render());
    assert!(second.stdout.contains("already"), "{}", second.render());
    assert!(other.read("wiki.yaml").contains("holdings: []"), "nothing was sent by the second one");
    let history = other.run(&["history", "-m", "manifest.yaml", "--store", &address]);
    assert_eq!(history.stdout.matches("run-20261121-120000-").count(), 2, "{}", history.render());
}

/// Expires the lease of the lock holder, as thirty seconds of silence would.
fn end_the_lease(address: &str) {
    wait(async {
        use sqlx::{Connection as _, Executor as _};
        let mut connection = sqlx::PgConnection::connect(address).await.expect("the server accepts the connection");
        let ended = connection.execute("update reseat_store set until = 0 where released = 0").await;
        assert_eq!(ended.expect("the store can be written").rows_affected(), 1, "a run holds the lock");
    });
}

#[test]
fn killed_run_is_recovered_and_resumed_by_one_command() {
    let busy = STATE.replace("complete: true", "complete: true\nbusy: user audit");
    for next in ["resume -m manifest.yaml", "apply manifest.yaml --yes"] {
        // Separate stores, because a store that knows the plan as complete has nothing to resume.
        let Some(address) = address() else { return };
        let world = runner().write("wiki.yaml", &busy);
        let start = format!("reseat apply manifest.yaml --yes --wait 60s --store '{address}' >data 2>talk & sleep 3");
        let killed = world.shell(&format!("{start}; kill -9 $!; wait $!"));
        assert_eq!(killed.status, 137, "{}", killed.render());
        end_the_lease(&address);
        let world = world.write("wiki.yaml", STATE);
        let output = world.shell(&format!("reseat {next} --wait 0s --store '{address}'"));
        assert_eq!(output.status, 0, "{}", output.render());
        assert!(world.read("wiki.yaml").contains("license: seat"), "{}", output.render());
    }
}
