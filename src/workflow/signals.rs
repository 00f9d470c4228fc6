//! Shutdown signals: the first one drains a run, the second one ends it.

use std::convert::Infallible;

use super::error::WorkflowError;
use super::exit::Exit;
use super::ui::Progress;
use crate::apply::StopSignal;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;

/// Waits for Ctrl-C or SIGTERM; forever on a system without signals.
pub(super) async fn shutdown_requested() {
    let ctrl_c = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut signals) => drop(signals.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = ctrl_c => {}
            () = terminate => {}
        }
    }
    #[cfg(not(unix))]
    ctrl_c.await;
}

async fn refresh(progress: &dyn Progress) -> Infallible {
    loop {
        tokio::time::sleep(progress.interval()).await;
        progress.refresh();
    }
}

/// Runs `work` and refreshes its progress. The first signal stops it, the second one abandons it.
pub(super) async fn run_interruptible<T>(
    work: impl Future<Output = Result<T, WorkflowError>>,
    stop: &StopSignal,
    progress: &dyn Progress,
) -> Result<T, WorkflowError> {
    let interrupted = async {
        shutdown_requested().await;
        let mut text =
            "stopping: nothing new is sent; waiting for operations in flight (Ctrl-C again to exit now)".to_owned();
        for line in progress.in_flight() {
            text.push_str("\n  ");
            text.push_str(&line);
        }
        progress.print(&text);
        stop.stop();
        shutdown_requested().await;
    };
    tokio::select! {
        result = work => result,
        never = refresh(progress) => match never {},
        () = interrupted => {
            let open = progress.in_flight();
            let open = if open.is_empty() { "operations were in flight".to_owned() } else { open.join("; ") };
            let finding = Finding::error(&codes::INTERRUPTED, format!("exited without waiting: {open}"))
                .help("`reseat resume` reads their results back and continues the plan");
            Err(WorkflowError::from_finding(Exit::Failed, finding))
        }
    }
}
