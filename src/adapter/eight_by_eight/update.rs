//! The body of a PUT: the whole user as just read, with one change.
//!
//! The vendor replaces the user by the body. Unknown fields are sent unchanged; read-only fields and number licenses are
//! omitted. An extension is removed with the license that it refers to.

use serde_json::{Map, Value};

use super::membership::Membership;
use super::names::is_number_license;
use super::wire::WireLicense;

/// Fields of `basicInfo` that the API description marks as read-only.
const READ_ONLY: [&str; 3] = ["userId", "createdTime", "lastUpdatedTime"];

/// What a PUT changes.
pub(super) enum UserEdit<'a> {
    /// Removes the licenses that match.
    Remove(&'a (dyn Fn(&WireLicense) -> bool + Sync)),
    /// Adds one license unit.
    Assign(&'a WireLicense),
    /// Adds memberships.
    Restore(&'a [Membership]),
}

/// Returns the body; `None` if the user does not match the API description.
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
            let is_removed =
                matches!(edit, UserEdit::Remove(is_match) if !is_number_license(&license) && is_match(&license));
            if is_removed {
                removed.extend(license.id.clone());
            }
            !is_removed && !is_number_license(&license)
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
                    // Replace a membership of another type.
                    members.retain(|entry| !membership.is_same_group(entry));
                    members.push(membership.entry());
                }
            }
        }
    }
    Some(body)
}

/// Returns the licenses of a user.
pub(super) fn licenses(user: &Value) -> Vec<WireLicense> {
    user["serviceInfo"]["licenses"].as_array().map(|all| all.iter().map(parse_license).collect()).unwrap_or_default()
}

fn parse_license(value: &Value) -> WireLicense {
    let text = |field: &str| value[field].as_str().map(str::to_owned);
    WireLicense { id: text("id"), name: text("name"), country: text("country") }
}

/// Returns a list of the user, created on demand with `make`. The inner `None` means missing, the outer one another type.
#[expect(clippy::option_option, reason = "missing and wrong type are different results")]
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
    fn removal_drops_the_license_and_its_extension_only() {
        let body = body(&user(), &UserEdit::Remove(&|license| license.name.as_deref() == Some("X2"))).unwrap();
        let mut expected = user();
        without(&mut expected, "/basicInfo", &["userId", "createdTime", "lastUpdatedTime"]);
        let licenses = expected["serviceInfo"]["licenses"].as_array_mut().unwrap();
        licenses.drain(..2);
        expected["serviceInfo"]["extensions"].as_array_mut().unwrap().remove(0);
        assert_eq!(body, expected);
    }

    #[test]
    fn assignment_adds_one_unit_and_omits_number_licenses() {
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
    fn assignment_creates_a_missing_list() {
        let unit = WireLicense { id: Some("l-9".to_owned()), ..WireLicense::default() };
        for empty in [json!({}), json!({ "serviceInfo": null }), json!({ "serviceInfo": { "licenses": null } })] {
            let mut user = empty;
            user["basicInfo"] = json!({ "userName": "ana" });
            let body = body(&user, &UserEdit::Assign(&unit)).unwrap();
            assert_eq!(body["serviceInfo"]["licenses"], json!([{ "id": "l-9" }]));
        }
    }

    #[test]
    fn memberships_are_added_once_with_their_type() {
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
    fn number_license_is_never_removed() {
        let body = body(&user(), &UserEdit::Remove(&|_| true)).unwrap();
        assert_eq!(body["serviceInfo"]["licenses"], json!([]));
        let extensions = body["serviceInfo"]["extensions"].as_array().unwrap();
        assert_eq!(extensions.iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), ["e-3"]);
    }

    #[test]
    fn unexpected_user_has_no_body() {
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
        fn unknown_fields_are_sent_unchanged(name in "x[a-z]{1,8}", text in ".{0,20}", number in any::<i64>()) {
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
