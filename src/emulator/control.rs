//! The control path: what a test or a rehearsal says to a running emulator.
//!
//! It lies beside everything that a vendor's path could be, and asks for no key: the emulator listens on loopback
//! only.

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::config::{EmulatorConfig, TenantAction};
use super::http::{ServerState, plain_text};

/// What control paths begin with.
pub(super) const PREFIX: &str = "/_emulator";

/// Answers a request to a control path.
pub(super) fn answer(shared: &ServerState, method: &Method, path: &str, body: &[u8]) -> Response {
    let mut core = shared.gateway();
    core.advance();
    match (method.as_str(), path) {
        ("GET", "/state") => json(core.tenant.state()),
        ("GET", "/knobs") => json(core.tenant.config()),
        ("GET", "/requests") => json(&core.log().collect::<Vec<_>>()),
        ("GET", "/inventory") => match core.inventory() {
            Some(text) => plain_text(StatusCode::OK, text.trim_end()),
            None => plain_text(StatusCode::NOT_FOUND, "this vendor does not count in units"),
        },
        ("PUT", "/knobs") => match parse::<EmulatorConfig>(body) {
            Err(wrong) => plain_text(StatusCode::BAD_REQUEST, &wrong),
            Ok(knobs) => match core.set_config(knobs) {
                Ok(()) => json(core.tenant.config()),
                Err(wrong) => plain_text(StatusCode::BAD_REQUEST, &wrong.join("\n")),
            },
        },
        ("POST", "/act") => match parse::<Vec<TenantAction>>(body) {
            Err(wrong) => plain_text(StatusCode::BAD_REQUEST, &wrong),
            Ok(actions) => match core.apply_actions(&actions) {
                Ok(()) => plain_text(StatusCode::OK, "done"),
                Err(wrong) => plain_text(StatusCode::CONFLICT, &wrong),
            },
        },
        _ => plain_text(
            StatusCode::NOT_FOUND,
            "GET state, knobs, requests or inventory; PUT knobs; POST act with a list of actions",
        ),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn json<T: Serialize>(value: &T) -> Response {
    let Ok(text) = serde_json::to_vec(value) else {
        return plain_text(StatusCode::INTERNAL_SERVER_ERROR, "it has no JSON form");
    };
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
