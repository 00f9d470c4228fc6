//! Every response of the 8x8 emulator satisfies the vendor's API description.

use reqwest::Client;
use reseat::emulator::config::{EmulatorConfig, FaultEffect, FaultRule, OperationConfig, RateConfig, RetryHint};
use reseat::emulator::{Emulator, EmulatorSettings};
use serde_json::{Value, json};

use crate::emulator::client;
use crate::openapi::{Description, Exchange};

const USERS: &str = "application/vnd.users.v1+json";
const OPERATIONS: &str = "application/vnd.operations.v1+json";

/// The descriptions, and a client.
struct Witness {
    users: Description,
    operations: Description,
    client: Client,
    emulator: Emulator,
    faults: Vec<String>,
}

impl Witness {
    /// Sends a request, validates request and response, and returns status and body.
    async fn ask(&mut self, method: &str, described: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let (description, media) = match described {
            "/operations/{operationId}" => (&self.operations, OPERATIONS),
            _ => (&self.users, USERS),
        };
        let url = format!("{}{path}", self.emulator.base_url());
        let mut request = self.client.request(method.parse().expect("a method"), url).header("x-api-key", "k");
        request = request.header("accept", media);
        if let Some(body) = body {
            request = request.header("content-type", media).body(body.to_string());
        }
        let reply = request.send().await.expect("an answer");
        let status = reply.status().as_u16();
        let kind = reply.headers()["content-type"].to_str().expect("a media type").to_owned();
        let answered: Value = reply.json().await.expect("JSON");
        let exchange = Exchange { method, path: described, media: &kind, body: &answered };
        self.faults.extend(description.answer_faults(exchange, status));
        (status, answered)
    }
}

fn refused(status: u16, nth: u64, on: &str) -> FaultRule {
    let then = FaultEffect::Refuse { status, code: None, wait: Some(1), dialect: Some(RetryHint::Seconds) };
    FaultRule { on: on.to_owned(), nth, times: 1, percent: 100, then }
}

async fn walk(witness: &mut Witness) {
    let (status, page) = witness.ask("GET", "/users", "/users?pageSize=2", None).await;
    assert_eq!(status, 200);
    let next = page["pagination"]["nextScrollId"].as_str().expect("more than two").to_owned();
    assert_eq!(witness.ask("GET", "/users", &format!("/users?scrollId={next}"), None).await.0, 200);
    assert_eq!(witness.ask("GET", "/users", &format!("/users?scrollId={next}&pageSize=2"), None).await.0, 400);
    assert_eq!(witness.ask("GET", "/users", "/users?filter=a", None).await.0, 400);
    assert_eq!(witness.ask("GET", "/users/{userId}", "/users/nobody", None).await.0, 404);
    let (_, mut user) = witness.ask("GET", "/users/{userId}", "/users/u-1", None).await;
    user["serviceInfo"]["licenses"] = json!([]);
    assert_eq!(witness.ask("PUT", "/users/{userId}", "/users/u-1", Some(&user)).await.0, 400, "a dangling extension");
    user["serviceInfo"]["extensions"] = json!([]);
    let (status, begun) = witness.ask("PUT", "/users/{userId}", "/users/u-1", Some(&user)).await;
    assert_eq!(status, 202, "{begun}");
    let operation = format!("/operations/{}", begun["operationId"].as_str().expect("an id"));
    assert_eq!(witness.ask("GET", "/operations/{operationId}", &operation, None).await.0, 200);
    assert_eq!(witness.ask("GET", "/operations/{operationId}", "/operations/op_0", None).await.0, 404);
    user["basicInfo"]["userId"] = "u-2".into();
    assert_eq!(witness.ask("PUT", "/users/{userId}", "/users/u-1", Some(&user)).await.0, 400);
    user["basicInfo"]["customerId"] = "other".into();
    assert_eq!(witness.ask("PUT", "/users/{userId}", "/users/u-1", Some(&user)).await.0, 403);
    // No seat is free.
    let (_, mut poor) = witness.ask("GET", "/users/{userId}", "/users/u-5", None).await;
    poor["serviceInfo"]["licenses"] = json!([{ "name": "X8-SYNTHETIC-US" }]);
    let (_, begun) = witness.ask("PUT", "/users/{userId}", "/users/u-5", Some(&poor)).await;
    let operation = format!("/operations/{}", begun["operationId"].as_str().expect("an id"));
    let (_, failed) = witness.ask("GET", "/operations/{operationId}", &operation, None).await;
    assert_eq!(failed["status"], "FAILED");
    let faults = [503, 500, 429, 408].into_iter().zip(1..).map(|(status, nth)| refused(status, nth, "PUT"));
    let reading = [503, 500].into_iter().zip(1..).map(|(status, nth)| refused(status, nth, "GET"));
    let faults = faults.chain(reading).collect();
    witness.emulator.set_config(EmulatorConfig { faults, ..witness.emulator.config() }).expect("knobs that make sense");
    for expected in [503, 500, 429, 408] {
        assert_eq!(witness.ask("PUT", "/users/{userId}", "/users/u-5", Some(&poor)).await.0, expected);
    }
    for expected in [503, 500] {
        assert_eq!(witness.ask("GET", "/users", "/users", None).await.0, expected);
    }
}

#[tokio::test]
async fn answers_are_as_the_vendor_describes_them() {
    let both = (Description::beside("8x8/user-api-v1.yaml"), Description::beside("8x8/operation-api-v1.yaml"));
    let (Some(_), Some(_)) = both else {
        return;
    };
    for (extra_fields, thin_list) in [(false, false), (true, true)] {
        let operations = Some(OperationConfig { min_ms: 0, max_ms: 0, thin_list, ..OperationConfig::default() });
        let rates = RateConfig { limits: Some(Vec::new()), ..RateConfig::default() };
        let knobs = EmulatorConfig { extra_fields, operations, rates, ..EmulatorConfig::default() };
        let emulator = Emulator::start(EmulatorSettings { config: knobs, ..EmulatorSettings::for_vendor("8x8") })
            .await
            .expect("an emulator");
        let (users, operations) = (
            Description::beside("8x8/user-api-v1.yaml").expect("a description"),
            Description::beside("8x8/operation-api-v1.yaml").expect("a description"),
        );
        let mut witness = Witness { users, operations, client: client(), emulator, faults: Vec::new() };
        walk(&mut witness).await;
        assert!(witness.faults.is_empty(), "\n{}\n", witness.faults.join("\n"));
        assert!(witness.emulator.requests().len() > 15);
    }
}

#[test]
fn description_finds_what_is_wrong() {
    let Some(users) = Description::beside("8x8/user-api-v1.yaml") else {
        return;
    };
    let body = json!({ "basicInfo": { "status": "ASLEEP", "scimProvider": null } });
    let exchange = Exchange { method: "GET", path: "/users/{userId}", media: USERS, body: &body };
    assert!(users.answer_faults(exchange, 200).len() >= 2, "a word that is none, and missing names");
    assert_eq!(users.answer_faults(exchange, 418).len(), 1);
    let exchange = Exchange { method: "PUT", media: "application/json", ..exchange };
    assert_eq!(users.request_faults(exchange).len(), 1);
}
