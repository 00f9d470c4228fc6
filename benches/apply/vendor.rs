//! The vendor: a process of its own, so that what it costs is not counted.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;

/// A vendor that runs until this is dropped.
pub(crate) struct Vendor {
    process: Child,
    pub(crate) address: String,
}

impl Drop for Vendor {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts a vendor with so many accounts.
pub(crate) async fn start(accounts: usize) -> Vendor {
    let program = std::env::current_exe().expect("a program knows its path");
    let mut process = Command::new(program)
        .args(["serve", &accounts.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the vendor starts");
    let mut line = String::new();
    let output = process.stdout.take().expect("its output is a pipe");
    BufReader::new(output).read_line(&mut line).expect("it says where it listens");
    Vendor { process, address: format!("http://{}", line.trim()) }
}

/// Who has the new license, by the account's number.
type Accounts = Arc<Vec<AtomicBool>>;

/// How long an answer takes.
static LATENCY: OnceLock<Duration> = OnceLock::new();

async fn answer() {
    tokio::time::sleep(LATENCY.get().copied().unwrap_or_default()).await;
}

async fn look(State(accounts): State<Accounts>, Path(number): Path<usize>) -> String {
    answer().await;
    let is_done = accounts.get(number).is_some_and(|done| done.load(Ordering::Relaxed));
    let holdings = if is_done { r#"{ "license": "reader", "state": "active", "origin": "direct" }"# } else { "" };
    format!(r#"{{ "id": "{number}", "email": "p{number}@example.com", "holdings": [{holdings}] }}"#)
}

async fn assign(State(accounts): State<Accounts>, Path(number): Path<usize>, _body: String) -> &'static str {
    answer().await;
    if let Some(account) = accounts.get(number) {
        account.store(true, Ordering::Relaxed);
    }
    r#"{ "ok": true }"#
}

/// Is the vendor, until it is killed.
pub(crate) fn serve(latency: Duration) {
    LATENCY.get_or_init(|| latency);
    let count = std::env::args().nth(2).and_then(|word| word.parse().ok()).unwrap_or(0);
    let accounts: Accounts = Arc::new((0..count).map(|_| AtomicBool::new(false)).collect());
    let runtime = tokio::runtime::Runtime::new().expect("the runtime starts");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        println!("{}", listener.local_addr().expect("it has an address"));
        let routes = Router::new().route("/accounts/{number}", get(look).post(assign)).with_state(accounts);
        axum::serve(listener, routes).await.expect("it serves");
    });
}
