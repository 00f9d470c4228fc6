//! Emulators from outside: what they answer against the vendor's own description, and the command that starts one.
#![expect(clippy::expect_used, reason = "a test that cannot set up its world has to stop")]

mod bridges;
mod command;
mod description;
mod page;

/// Somebody who asks an emulator.
fn client() -> reqwest::Client {
    // Another test may have installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
