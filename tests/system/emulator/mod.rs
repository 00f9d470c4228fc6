//! Emulators from outside: their responses against the vendor's API description, and the command that starts one.
#![expect(clippy::expect_used, reason = "a test that cannot set up its world has to stop")]

mod bridges;
mod command;
mod description;
mod page;

/// Returns an HTTP client.
fn client() -> reqwest::Client {
    // Another test may have installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}
