//! Sets of products that are replaced, with tags.

use serde_json::json;

use super::super::{Emulator, EmulatorConfig, EmulatorSettings, TenantAction};
use super::Caller;
use crate::model::PoolStatus;

async fn office(knobs: EmulatorConfig) -> (Emulator, Caller) {
    let emulator = Emulator::start(EmulatorSettings { config: knobs, ..EmulatorSettings::for_vendor("officeseries") })
        .await
        .unwrap();
    let caller = Caller::of(&emulator);
    (emulator, caller)
}

const ROW: &str = "/subscriptions/main/license-assignments/u-2";

#[tokio::test]
async fn set_is_replaced_by_whoever_knows_the_row() {
    let (emulator, caller) = office(EmulatorConfig::default()).await;
    let row = caller.get(ROW).await;
    assert_eq!(row.headers["x-synthetic-contract"], "reseat");
    assert_eq!(row.body["products"], json!(["timesheet"]));
    let tag = row.headers["etag"].to_str().unwrap().to_owned();
    let body = json!({ "products": [] });
    assert_eq!(caller.put(ROW, &body).await.status, 428);
    let put = async |tag: &str, body| caller.send("PUT", ROW, Some(body), &[("if-match", tag)]).await.unwrap();
    assert_eq!(put("\"old\"", &body).await.status, 412);
    let done = put(&tag, &body).await;
    assert_eq!((done.status, &done.body["products"]), (200, &json!([])));
    assert_ne!(done.headers["etag"].to_str().unwrap(), tag);
    assert_eq!(put(&tag, &body).await.status, 412, "the row has changed by now");
    assert!(emulator.state().accounts[1].holdings.is_empty());
}

#[tokio::test]
async fn want_of_a_seat_changes_nothing_at_all() {
    let (emulator, caller) = office(EmulatorConfig::default()).await;
    let before = emulator.state().accounts;
    let body = json!({ "products": ["projects"] });
    let refused = caller.send("PUT", ROW, Some(&body), &[("if-match", "*")]).await.unwrap();
    assert_eq!((refused.status, &refused.body["code"]), (409, &json!("NoLicensesAvailable")));
    assert_eq!(refused.body["productId"], "projects");
    let body = json!({ "products": ["timesheet", "projects", "golf"] });
    assert_eq!(caller.send("PUT", ROW, Some(&body), &[("if-match", "*")]).await.unwrap().status, 400);
    assert_eq!(emulator.state().accounts, before);
    // What is given up frees a seat of another product only; what comes first is taken back when the rest fails.
    let inherited = TenantAction::Pool { license: "main/extra".into(), total: Some(5), status: None, expires: None };
    emulator.apply_actions(&[inherited]).unwrap();
    let body = json!({ "products": ["extra", "projects"] });
    assert_eq!(caller.send("PUT", ROW, Some(&body), &[("if-match", "*")]).await.unwrap().status, 409);
    assert_eq!(emulator.state().accounts, before);
}

#[tokio::test]
async fn subscription_that_is_not_active_takes_no_change() {
    let (emulator, caller) = office(EmulatorConfig::default()).await;
    let listed = caller.get("/subscriptions").await.body;
    assert_eq!((&listed[0]["status"], &listed[1]["status"]), (&json!("Active"), &json!("Inactive")));
    let path = "/subscriptions/branch/license-assignments/u-3";
    let body = json!({ "products": [] });
    let refused = caller.send("PUT", path, Some(&body), &[("if-match", "*")]).await.unwrap();
    assert_eq!((refused.status, &refused.body["code"]), (422, &json!("SubscriptionNotActive")));
    let license = "branch/timesheet".into();
    let active = TenantAction::Pool { license, total: None, status: Some(PoolStatus::Active), expires: None };
    emulator.apply_actions(&[active]).unwrap();
    assert_eq!(caller.send("PUT", path, Some(&body), &[("if-match", "*")]).await.unwrap().status, 200);
}

#[tokio::test]
async fn rows_come_in_pages_and_products_are_counted() {
    let (_emulator, caller) = office(EmulatorConfig { page_size: Some(3), ..EmulatorConfig::default() }).await;
    let page = caller.get("/subscriptions/main/license-assignments?skip=3&take=100").await.body;
    assert_eq!((&page["total"], page["items"].as_array().unwrap().len()), (&json!(4), 1));
    let products = caller.get("/subscriptions/main/products").await.body;
    assert_eq!((&products[0]["total"], &products[0]["assigned"]), (&json!(3), &json!(2)));
    assert_eq!(caller.get("/subscriptions/nowhere/products").await.status, 404);
}
