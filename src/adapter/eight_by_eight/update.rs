//! What a PUT sends: the whole user as just read, with one thing changed.
//!
//! The vendor replaces the user by what is sent, so that whatever is left out is lost. What must hold: fields that
//! nobody here knows are sent as they came; fields that are read-only and licenses that follow phone numbers are not
//! sent; an extension goes with the license that it is tied to, and with no other.

use serde_json::{Map, Value};

use super::membership::Membership;
use super::names::is_number_license;
use super::wire::WireLicense;

/// Fields of the basic information that the vendor's description marks as read-only.
const READ_ONLY: [&str; 3] = ["userId", "createdTime", "lastUpdatedTime"];

/// What a PUT changes.
pub(super) enum UserEdit<'a> {
    /// Takes away the licenses for which this says so.
    Remove(&'a (dyn Fn(&WireLicense) -> bool + Sync)),
    /// Gives one unit.
    Assign(&'a WireLicense),
    /// Gives back memberships.
    Restore(&'a [Membership]),
}

/// The body of the PUT; `None` where the user is not of the shape that the description gives.
pub(super) fn body(user: &Value, edit: &UserEdit<'_>) -> Option<Value> {
    let mut body = user.clone();
    let basic = body.as_object_mut()?.get_mut("basicInfo")?.as_object_mut()?;
    for field in READ_ONLY {
        basic.remove(field);
    }
    let mut removed = Vec::new();
    if let Some(licenses) = list(&mut body, "serviceInfo", "licenses", false)? {
        licenses.retain(|value| {
            let license = parse_license(value);
            let goes = matches!(edit, UserEdit::Remove(is_it) if !is_number_license(&license) && is_it(&license));
            if goes {
                removed.extend(license.id.clone());
            }
            !goes && !is_number_license(&license)
        });
    }
    if let Some(extensions) = list(&mut body, "serviceInfo", "extensions", false)? {
        extensions.retain(|extension| {
            extension["licenseId"].as_str().is_none_or(|tied| !removed.iter().any(|id| id == tied))
        });
    }
    match edit {
        UserEdit::Remove(_) => {}
        UserEdit::Assign(license) => {
            list(&mut body, "serviceInfo", "licenses", true)??.push(serde_json::to_value(license).ok()?);
        }
        UserEdit::Restore(memberships) => {
            for membership in *memberships {
                let members = list(&mut body, "assignmentInfo", membership.list(), true)??;
                if !members.iter().any(|entry| membership.matches(entry)) {
                    // Whoever came back with another part in the group gets the old one.
                    members.retain(|entry| !membership.is_same_group(entry));
                    members.push(membership.entry());
                }
            }
        }
    }
    Some(body)
}

/// The licenses of a user as they stand in an answer.
pub(super) fn licenses(user: &Value) -> Vec<WireLicense> {
    user["serviceInfo"]["licenses"].as_array().map(|all| all.iter().map(parse_license).collect()).unwrap_or_default()
}

fn parse_license(value: &Value) -> WireLicense {
    let text = |field: &str| value[field].as_str().map(str::to_owned);
    WireLicense { id: text("id"), name: text("name"), country: text("country") }
}

/// A list of a part of the user; where it is missing, `None` inside, or a new one. The outer `None` says that something
/// else stands in its place.
#[expect(clippy::option_option, reason = "missing and wrong are two answers")]
fn list<'a>(body: &'a mut Value, part: &str, field: &str, make: bool) -> Option<Option<&'a mut Vec<Value>>> {
    let body = body.as_object_mut()?;
    if !make && body.get(part).is_none_or(Value::is_null) {
        return Some(None);
    }
    let part = body.entry(part).or_insert(Value::Null);
    if part.is_null() {
        *part = Value::Object(Map::new());
    }
    let part = part.as_object_mut()?;
    if !make && part.get(field).is_none_or(Value::is_null) {
        return Some(None);
    }
    let list = part.entry(field).or_insert(Value::Null);
    if list.is_null() {
        *list = Value::Array(Vec::new());
    }
    list.as_array_mut().map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn user() -> Value {
        json!({
            "basicInfo": {
                "userId": "u-1", "customerId": "c-1", "createdTime": "2025-01-01T01:02:03Z",
                "lastUpdatedTime": "2025-01-02T01:02:03Z", "userName": "ana", "firstName": "Ana", "lastName": "Poe",
                "primaryEmail": "ana@acme.example", "site": { "id": "s-1", "floor": 3 }, "badge": { "color": "green" },
            },
            "serviceInfo": {
                "licenses": [
                    { "id": "l-1", "name": "X2", "country": "US", "billing": "annual" },
                    { "id": "l-2", "name": "UC DID-1", "country": "US" },
                    { "id": "l-3", "name": "Recording", "country": "US" },
                ],
                "extensions": [
                    { "id": "e-1", "licenseId": "l-1", "extensionType": "HOLOGRAM" },
                    { "id": "e-2", "licenseId": "l-3", "moodLight": true },
                    { "id": "e-3", "licenseId": null },
                ],
                "voicemail": { "pin": null },
            },
            "assignmentInfo": { "ringGroups": [{ "id": "rg-1", "name": "Reception" }], "ucCallQueues": null },
            "labels": [1, 2.5, null],
        })
    }

    fn without(value: &mut Value, pointer: &str, fields: &[&str]) {
        let object = value.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
        for field in fields {
            object.remove(*field).unwrap();
        }
    }

    #[test]
    fn removal_takes_the_license_and_its_extension_and_nothing_else() {
        let body = body(&user(), &UserEdit::Remove(&|license| license.name.as_deref() == Some("X2"))).unwrap();
        let mut expected = user();
        without(&mut expected, "/basicInfo", &["userId", "createdTime", "lastUpdatedTime"]);
        let licenses = expected["serviceInfo"]["licenses"].as_array_mut().unwrap();
        licenses.drain(..2);
        expected["serviceInfo"]["extensions"].as_array_mut().unwrap().remove(0);
        assert_eq!(body, expected);
    }

    #[test]
    fn assignment_adds_one_unit_and_sends_no_number_license() {
        let unit = WireLicense { id: None, name: Some("X4".to_owned()), country: Some("US".to_owned()) };
        let body = body(&user(), &UserEdit::Assign(&unit)).unwrap();
        let mut expected = user();
        without(&mut expected, "/basicInfo", &["userId", "createdTime", "lastUpdatedTime"]);
        let licenses = expected["serviceInfo"]["licenses"].as_array_mut().unwrap();
        licenses.remove(1);
        licenses.push(json!({ "name": "X4", "country": "US" }));
        assert_eq!(body, expected);
    }

    #[test]
    fn user_without_services_gets_a_list_of_one() {
        let unit = WireLicense { id: Some("l-9".to_owned()), ..WireLicense::default() };
        for empty in [json!({}), json!({ "serviceInfo": null }), json!({ "serviceInfo": { "licenses": null } })] {
            let mut user = empty;
            user["basicInfo"] = json!({ "userName": "ana" });
            let body = body(&user, &UserEdit::Assign(&unit)).unwrap();
            assert_eq!(body["serviceInfo"]["licenses"], json!([{ "id": "l-9" }]));
        }
    }

    #[test]
    fn memberships_are_added_once_and_keep_their_part() {
        let wanted: Vec<Membership> = ["ring-group/rg-1", "ring-group/rg-2", "call-queue/q-1/SECONDARY"]
            .iter()
            .map(|text| Membership::parse(text).unwrap())
            .collect();
        let mut before = user();
        before["assignmentInfo"]["ucCallQueues"] = json!([{ "id": "q-1", "memberType": "PRIMARY" }, { "id": "q-2" }]);
        let body = body(&before, &UserEdit::Restore(&wanted)).unwrap();
        assert_eq!(
            body["assignmentInfo"],
            json!({
                "ringGroups": [{ "id": "rg-1", "name": "Reception" }, { "id": "rg-2" }],
                "ucCallQueues": [{ "id": "q-2" }, { "id": "q-1", "memberType": "SECONDARY" }],
            })
        );
    }

    #[test]
    fn number_license_is_never_removed_by_name() {
        let body = body(&user(), &UserEdit::Remove(&|_| true)).unwrap();
        assert_eq!(body["serviceInfo"]["licenses"], json!([]));
        let extensions = body["serviceInfo"]["extensions"].as_array().unwrap();
        assert_eq!(extensions.iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), ["e-3"]);
    }

    #[test]
    fn what_has_another_shape_is_not_sent() {
        let edit = UserEdit::Remove(&|_| true);
        for user in [
            json!(null),
            json!([]),
            json!({}),
            json!({ "basicInfo": [] }),
            json!({ "basicInfo": {}, "serviceInfo": 7 }),
            json!({ "basicInfo": {}, "serviceInfo": { "licenses": {} } }),
            json!({ "basicInfo": {}, "serviceInfo": { "licenses": [], "extensions": "x" } }),
        ] {
            assert_eq!(body(&user, &edit), None, "{user}");
        }
    }

    proptest! {
        #[test]
        fn fields_that_nobody_knows_are_sent_as_they_came(name in "x[a-z]{1,8}", text in ".{0,20}", number in any::<i64>()) {
            let mut before = user();
            for pointer in ["", "/basicInfo", "/serviceInfo", "/serviceInfo/licenses/2", "/serviceInfo/extensions/1"] {
                before.pointer_mut(pointer).unwrap()[&name] = json!({ "a": [text, number] });
            }
            let unit = WireLicense { name: Some("X4".to_owned()), ..WireLicense::default() };
            let body = body(&before, &UserEdit::Assign(&unit)).unwrap();
            for pointer in ["", "/basicInfo", "/serviceInfo", "/serviceInfo/licenses/1", "/serviceInfo/extensions/1"] {
                prop_assert_eq!(&body.pointer(pointer).unwrap()[&name], &json!({ "a": [text, number] }));
            }
        }
    }
}
