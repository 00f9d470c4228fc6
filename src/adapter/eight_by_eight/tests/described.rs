//! Requests and answers against the vendor's own descriptions, where they are there.
//!
//! The descriptions are not ours to keep. They are looked for beside the checkout, or where `RESEAT_TEST_DESCRIPTIONS`
//! says; without them this test says that it did not run.

use std::path::PathBuf;
use std::sync::Arc;

use axum::http::Method;
use jsonschema::Validator;

use super::stand_in::{Asked, Said};
use super::*;
use crate::adapter::{Execute as _, Observe as _};
use crate::env::variable;

/// A description whose schemas are plain JSON Schema.
struct Description {
    components: Value,
}

impl Description {
    fn read(name: &str) -> Option<Self> {
        let given = variable::read("RESEAT_TEST_DESCRIPTIONS").map(PathBuf::from);
        let folder = given.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/specs/8x8"));
        let text = std::fs::read_to_string(folder.join(name)).ok()?;
        let document: Value = crate::manifest::yaml::parse(&text, &Arc::from(name)).unwrap();
        let mut components = document["components"].clone();
        translate(&mut components);
        Some(Self { components })
    }

    fn validator(&self, schema: &str) -> Validator {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": format!("#/components/schemas/{schema}"),
            "components": self.components,
        });
        jsonschema::validator_for(&schema).unwrap()
    }

    /// The read-only fields of a schema that a value holds.
    fn read_only(&self, schema: &str, value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let fields = self.components["schemas"][schema]["properties"].as_object().into_iter().flatten();
        for (name, field) in fields {
            let Some(inner) = value.get(name) else { continue };
            if field["readOnly"] == json!(true) {
                found.push(format!("{schema}.{name}"));
            }
            if let Some(other) = field["$ref"].as_str().and_then(|to| to.rsplit('/').next()) {
                found.extend(self.read_only(other, inner));
            }
        }
        found
    }
}

/// OpenAPI 3.0 says `nullable` where JSON Schema names the type `null`.
fn translate(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut() {
        if object.remove("nullable") == Some(json!(true)) {
            if let Some(kind) = object.get("type").cloned() {
                object.insert("type".to_owned(), json!([kind, "null"]));
            }
            if let Some(words) = object.get_mut("enum").and_then(Value::as_array_mut) {
                words.push(Value::Null);
            }
        }
        object.values_mut().for_each(translate);
    } else if let Some(list) = schema.as_array_mut() {
        list.iter_mut().for_each(translate);
    }
}

fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The schema of an answer, and what was answered.
fn answer_of(asked: &Asked, said: &Said) -> (&'static str, Value) {
    let schema = match (&asked.method, &*asked.path) {
        _ if said.status >= 400 => "ErrorResponse",
        (_, path) if path.starts_with("/operations/") => "Operation",
        (&Method::PUT, _) => "Operation",
        (_, path) if path.starts_with("/users/") => "User",
        _ => "UserPage",
    };
    (schema, serde_json::from_slice(&said.body).unwrap())
}

#[tokio::test]
async fn requests_and_responses_match_the_api_description() {
    let (Some(users), Some(operations)) =
        (Description::read("user-api-v1.yaml"), Description::read("operation-api-v1.yaml"))
    else {
        #[expect(clippy::print_stderr, reason = "a test that did not run says so")]
        {
            eprintln!(
                "NOT RUN: the vendor's descriptions are neither in ../shared/specs nor in RESEAT_TEST_DESCRIPTIONS"
            );
        }
        return;
    };
    let mut first = user("u-1", &[license("l-1", "X2-SKU-US"), license("d-1", "UC DID-7")]);
    first["assignmentInfo"]["ringGroups"] = json!([{ "id": "rg-1", "name": "Reception" }]);
    first["assignmentInfo"]["ucCallQueues"] = json!([{ "id": "q-1", "memberType": "SECONDARY" }]);
    let stand_in = StandIn::start([first, user("u-2", &[]), user("u-3", &[license("l-2", "X4-SKU-US")])]).await;
    let phones = phones(&stand_in);
    let memberships = phones.observe().await.unwrap().accounts[0].memberships.clone();
    let restore = Operation { memberships, ..operation(OperationKind::Restore, "u-1", "X4") };
    let steps = [
        operation(OperationKind::Remove, "u-1", "X2"),
        operation(OperationKind::Assign, "u-1", "X4"),
        restore,
        operation(OperationKind::Assign, "u-2", "X2"),
    ];
    for step in &steps {
        let mut receipt = phones.execute(step).await.unwrap();
        while let Receipt::Accepted(Some(handle)) = receipt {
            receipt = phones.poll(step, &handle).await.unwrap();
        }
        assert_eq!(receipt, Receipt::Done);
    }
    assert!(phones.account("u-9").await.unwrap().is_none());
    let asked = std::mem::take(&mut stand_in.inner().asked);
    assert!(asked.len() > 15);
    for (asked, said) in &asked {
        let (method, path) = (&asked.method, &asked.path);
        let of_operations = path.starts_with("/operations/");
        let media = if of_operations { "application/vnd.operations.v1+json" } else { "application/vnd.users.v1+json" };
        assert_eq!(asked.accept, media, "{method} {path}");
        if *method == Method::PUT {
            assert_eq!(asked.content_type, media);
            assert_eq!(faults(&users.validator("User"), &asked.body), Vec::<String>::new(), "{path}: {}", asked.body);
            assert_eq!(users.read_only("User", &asked.body), Vec::<String>::new());
            assert_eq!(users.read_only("User", &json!({ "basicInfo": { "userId": "u" } })), ["BasicInfo.userId"]);
        }
        let (schema, answer) = answer_of(asked, said);
        let description = if of_operations { &operations } else { &users };
        assert_eq!(faults(&description.validator(schema), &answer), Vec::<String>::new(), "{method} {path}: {answer}");
    }
}
