//! The control API of a running emulator, for tests and rehearsals.
//!
//! It needs no key, because the emulator listens on loopback only.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::api::ApiReply;
use super::config::{EmulatorConfig, TenantAction};
use super::gateway::Gateway;

/// The prefix of all paths.
pub(super) const PREFIX: &str = "/_emulator";

/// Handles a request to the control API.
pub(super) fn handle(gateway: &mut Gateway, method: &str, path: &str, body: &[u8]) -> ApiReply {
    gateway.advance();
    match (method, path) {
        ("GET", "/state") => json(gateway.tenant.state()),
        ("GET", "/knobs") => json(gateway.tenant.config()),
        ("GET", "/requests") => json(&gateway.log().collect::<Vec<_>>()),
        ("GET", "/inventory") => match gateway.inventory() {
            Some(csv) => ApiReply::text(200, csv.trim_end()),
            None => ApiReply::text(404, "this vendor does not count units"),
        },
        ("PUT", "/knobs") => match parse::<EmulatorConfig>(body) {
            Err(error) => ApiReply::text(400, &error),
            Ok(config) => match gateway.set_config(config) {
                Ok(()) => json(gateway.tenant.config()),
                Err(problems) => ApiReply::text(400, &problems.join("\n")),
            },
        },
        ("POST", "/act") => match parse::<Vec<TenantAction>>(body) {
            Err(error) => ApiReply::text(400, &error),
            Ok(actions) => match gateway.apply_actions(&actions) {
                Ok(()) => ApiReply::text(200, "done"),
                Err(error) => ApiReply::text(409, &error),
            },
        },
        _ => ApiReply::text(404, "GET state, knobs, requests or inventory; PUT knobs; POST act with a list of actions"),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn json(value: &impl Serialize) -> ApiReply {
    ApiReply::json(200, "application/json", value)
}
