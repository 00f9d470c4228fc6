//! Emulators over HTTP.

mod bridge;
mod eight_by_eight;
mod faults;

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::config::{FaultEffect, FaultRule, OperationConfig, RateConfig};
use super::{
    Emulator, EmulatorConfig, EmulatorSettings, SavedTenant, StartError, TenantAction, load_tenant, save_tenant,
    vendors,
};

/// A client of an emulator.
struct Caller {
    client: reqwest::Client,
    base: String,
}

/// Returns a client that follows no redirects.
fn client() -> reqwest::Client {
    // Another test may have installed it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// A response.
struct Got {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Caller {
    fn of(emulator: &Emulator) -> Self {
        Self { client: client(), base: emulator.base_url() }
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>, headers: &[(&str, &str)]) -> Option<Got> {
        let media = "application/vnd.users.v1+json";
        let mut request = self
            .client
            .request(method.parse().unwrap(), format!("{}{path}", self.base))
            .header("x-api-key", "k")
            .header("authorization", "Bearer k");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", media).body(body.to_string());
        }
        let reply = request.send().await.ok()?;
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        let body = serde_json::from_slice(&reply.bytes().await.ok()?).unwrap_or_default();
        Some(Got { status, headers, body })
    }

    async fn get(&self, path: &str) -> Got {
        self.send("GET", path, None, &[]).await.unwrap()
    }

    async fn put(&self, path: &str, body: &Value) -> Got {
        self.send("PUT", path, Some(body), &[]).await.unwrap()
    }
}

/// Returns a configuration with immediate operations and without rate limits.
fn quick() -> EmulatorConfig {
    EmulatorConfig {
        operations: Some(OperationConfig { min_ms: 0, max_ms: 0, ..OperationConfig::default() }),
        rates: RateConfig { limits: Some(Vec::new()), ..RateConfig::default() },
        ..EmulatorConfig::default()
    }
}

async fn phones(knobs: EmulatorConfig) -> (Emulator, Caller) {
    let emulator =
        Emulator::start(EmulatorSettings { config: knobs, ..EmulatorSettings::for_vendor("8x8") }).await.unwrap();
    let caller = Caller::of(&emulator);
    (emulator, caller)
}

fn fault(on: &str, nth: u64, then: FaultEffect) -> FaultRule {
    FaultRule { on: on.to_owned(), nth, times: 1, percent: 100, then }
}

fn licenses(user: &Value) -> Vec<&str> {
    user["serviceInfo"]["licenses"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

/// Returns the user with those licenses, in the form that a PUT accepts.
fn with_licenses(user: &Value, names: &[&str]) -> Value {
    let mut user = user.clone();
    user["serviceInfo"]["licenses"] = names.iter().map(|name| json!({ "name": name })).collect();
    user["serviceInfo"]["extensions"] = json!([]);
    user
}

#[tokio::test]
async fn non_loopback_address_is_rejected() {
    let listen = SocketAddr::from(([0, 0, 0, 0], 0));
    let error =
        Emulator::start(EmulatorSettings { listen, ..EmulatorSettings::for_vendor("8x8") }).await.err().unwrap();
    assert!(matches!(error, StartError::NotLoopback(_)));
}

#[tokio::test]
async fn invalid_configuration_is_rejected_and_the_old_one_stays() {
    let quirks = EmulatorConfig { extra_fields: true, ..quick() };
    let settings = EmulatorSettings { config: quirks, ..EmulatorSettings::for_vendor("officeseries") };
    let error = Emulator::start(settings).await.err().unwrap();
    assert!(error.to_string().contains("`extra_fields`"), "{error}");
    let (emulator, _) = phones(quick()).await;
    let invalid = EmulatorConfig { page_size: Some(0), ..EmulatorConfig::default() };
    assert!(emulator.set_config(invalid).is_err());
    assert_eq!(emulator.config(), quick());
}

#[tokio::test]
async fn control_api_reads_and_changes_everything() {
    let (emulator, _) = phones(quick()).await;
    let (control, client) = (emulator.control_url(), client());
    let state: Value = client.get(format!("{control}/state")).send().await.unwrap().json().await.unwrap();
    assert_eq!(state["kind"], "observation");
    let put = client.put(format!("{control}/knobs")).body(r#"{ "wrong_role": true }"#).send().await.unwrap();
    assert_eq!(put.status(), 200);
    assert!(emulator.config().wrong_role);
    let wrong = client.put(format!("{control}/knobs")).body(r#"{ "rong": 1 }"#).send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    let act = r#"[{ "rename": { "id": "u-1", "email": "anna@acme.example" } }]"#;
    assert_eq!(client.post(format!("{control}/act")).body(act).send().await.unwrap().status(), 200);
    assert_eq!(emulator.state().accounts[0].email, "anna@acme.example");
    let act = r#"[{ "delete": { "id": "nobody" } }]"#;
    assert_eq!(client.post(format!("{control}/act")).body(act).send().await.unwrap().status(), 409);
    let inventory = client.get(format!("{control}/inventory")).send().await.unwrap().text().await.unwrap();
    assert_eq!(inventory.lines().count(), 1 + 5 + 3 + 1);
    assert_eq!(inventory.lines().filter(|line| line.ends_with(",assigned")).count(), 4);
}

#[tokio::test]
async fn saved_tenant_can_be_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let (emulator, _) = phones(quick()).await;
    for (name, form) in [
        ("a.json", crate::adapter::file::state::StateFileEncoding::Json { pretty: true }),
        ("a.yaml", crate::adapter::file::state::StateFileEncoding::Yaml { header: String::new() }),
    ] {
        let path = folder.path().join(name);
        let saved = SavedTenant { observation: emulator.state(), encoding: form };
        save_tenant(&path, &saved).unwrap();
        let again = load_tenant(&path, "8x8").unwrap();
        assert_eq!(again.encoding, saved.encoding);
        assert_eq!(again.observation, saved.observation);
        assert!(load_tenant(&path, "officeseries").is_err());
    }
    assert!(emulator.stop().await.complete);
}
