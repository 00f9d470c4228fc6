//! Seats and license names: inventories, and licenses without a pool.

use super::*;
use crate::adapter::{Execute as _, Observe as _};

fn gb(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name, "country": "GB" })
}

#[tokio::test]
async fn inventory_provides_totals_and_free_units() {
    let stand_in =
        StandIn::start([user("u-1", &[license("l-1", "X2-SKU-US")]), user("u-2", &[license("l-3", "X4-SKU-US")])])
            .await;
    let list = "id,name,country,status\nl-1,X2-SKU-US,US,assigned\nl-2,X4-SKU-US,US,suspended\n\
                l-3,X4-SKU-US,US,unassigned\nl-4,X4-SKU-US,US,unassigned\n";
    let settings = with_inventory(settings(&stand_in), &stand_in.file("units.csv", list));
    let observation = phones_of(&settings).observe().await.unwrap();
    let pools: Vec<_> = observation.pools.iter().map(|pool| (&*pool.license, pool.total, pool.used)).collect();
    assert_eq!(pools, [("X2", Some(1), Some(1)), ("X4", Some(2), Some(1))]);
    // A user holds l-3, although the inventory says otherwise.
    let phones = phones_of(&settings);
    let answer = phones.execute(&operation(OperationKind::Assign, "u-1", "X4")).await.unwrap();
    assert!(matches!(answer, Receipt::Accepted(Some(_))));
    let sent = stand_in.puts()[0]["serviceInfo"]["licenses"].clone();
    assert_eq!(sent[1], license("l-4", "X4-SKU-US"));
    // No known unit is free, but the vendor may have one.
    phones.execute(&operation(OperationKind::Assign, "u-2", "X2")).await.unwrap();
    let sent = stand_in.puts()[1]["serviceInfo"]["licenses"].clone();
    assert_eq!(sent[1], json!({ "name": "X2-SKU-US", "country": "US" }));
}

#[tokio::test]
async fn invalid_inventory_is_an_error_with_findings() {
    let stand_in = StandIn::start([user("u-1", &[])]).await;
    let settings = with_inventory(settings(&stand_in), &stand_in.file("units.csv", "id,name\nl-1,X2\n"));
    let error = phones_of(&settings).observe().await.unwrap_err();
    assert_eq!((error.kind, &*error.findings[0].code), (ErrorKind::Malformed, codes::INVALID_INVENTORY.id));
}

#[tokio::test]
async fn license_names_of_two_countries_are_stable() {
    let users = [
        user("u-1", &[license("l-1", "Fax")]),
        user("u-2", &[gb("l-2", "Fax")]),
        user("u-3", &[gb("l-3", "X2-SKU-US")]),
    ];
    let stand_in = StandIn::start(users).await;
    let observation = phones(&stand_in).observe().await.unwrap();
    assert_eq!(holders(&observation), ["u-1: Fax (US)", "u-2: Fax (GB)", "u-3: X2-SKU-US (GB)"]);
    // Another process reads one account only, and has to come to the same names.
    let other = phones(&stand_in);
    for account in &observation.accounts {
        assert_eq!(other.account(&account.id).await.unwrap().as_ref(), Some(account));
    }
    let removal = operation(OperationKind::Remove, "u-2", "Fax (GB)");
    assert!(matches!(phones(&stand_in).execute(&removal).await.unwrap(), Receipt::Accepted(_)));
    assert_eq!(stand_in.puts()[0]["serviceInfo"], json!({ "licenses": [], "extensions": [] }));
    phones(&stand_in).execute(&operation(OperationKind::Assign, "u-3", "Fax (US)")).await.unwrap();
    assert_eq!(stand_in.puts()[1]["serviceInfo"]["licenses"][1], json!({ "name": "Fax", "country": "US" }));
}

#[tokio::test]
async fn pool_without_a_country_for_two_is_an_error() {
    let stand_in = StandIn::start([user("u-1", &[license("l-1", "Fax")]), user("u-2", &[gb("l-2", "Fax")])]).await;
    let mut settings = settings(&stand_in);
    settings.pools.insert("Fax".into(), PoolSettings::default());
    let error = phones_of(&settings).observe().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Malformed);
    assert!(error.message.contains("GB and US") && error.help.unwrap().contains("country: GB"), "{}", error.message);
}

#[tokio::test]
async fn license_name_with_control_characters_is_a_finding() {
    let stand_in = StandIn::start([user("u-1", &[license("l-1", "X\u{1b}[2J")])]).await;
    let phones = phones(&stand_in);
    let error = phones.observe().await.unwrap_err();
    assert_eq!((error.kind, &*error.findings[0].code), (ErrorKind::Malformed, codes::INVALID_STATE_NAME.id));
    assert_eq!(error.findings[0].source, None, "no file has the finding");
    assert_eq!(phones.account("u-1").await.unwrap_err().kind, ErrorKind::Malformed);
}

#[test]
fn missing_key_is_a_finding() {
    let mut settings = crate::adapter::file::state::tests::settings("phones");
    settings.vendor = "8x8".into();
    settings.adapter = AdapterSettings::Api(ApiSettings::new("https://api.8x8.com/admin-provisioning"));
    let rules = Rules::resolve(&settings).unwrap();
    let findings = connect(&ConnectionConfig {
        settings: &settings,
        rules: &rules,
        access: AccessOptions::read_only(Clock::System),
    });
    assert_eq!(findings.err().unwrap()[0].code, codes::KEY_MISSING.id);
}
