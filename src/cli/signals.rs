//! The wish of somebody outside that the program ends.

/// Waits for Ctrl-C, or for the signal by which a system or a runner asks a program to end. Where there are no signals it
/// waits for ever.
pub(super) async fn shutdown_requested() {
    let pressed = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let asked = async {
            match signal(SignalKind::terminate()) {
                Ok(mut asked) => drop(asked.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            () = pressed => {}
            () = asked => {}
        }
    }
    #[cfg(not(unix))]
    pressed.await;
}
