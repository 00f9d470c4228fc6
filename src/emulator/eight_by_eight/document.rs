//! JSON documents of users.

use serde_json::{Value, json};

use super::groups::{KINDS, groups_json};
use super::{CUSTOMER, EightByEightApi};
use crate::emulator::random::stable_id;
use crate::emulator::tenant::EmulatedTenant;
use crate::model::{Account, HoldingOrigin};

impl EightByEightApi {
    /// Returns the user as a single read shows it.
    pub(super) fn document(&mut self, world: &EmulatedTenant, id: &str) -> Option<Value> {
        let account = world.visible_account(id)?.clone();
        let licenses = self.license_records(world, &account);
        let mut document = match self.documents.get(id) {
            Some(document) => document.clone(),
            None => self.default_document(world, &account, &licenses),
        };
        let updated = self.updated.get(id).copied().unwrap_or(self.started_at);
        let basic = [
            ("userId", (*account.id).into()),
            ("customerId", CUSTOMER.into()),
            ("userName", account.login.as_deref().unwrap_or(&account.email).into()),
            ("primaryEmail", (*account.email).into()),
            ("createdTime", "2025-01-01T01:02:03Z".into()),
            ("lastUpdatedTime", json!(updated)),
        ];
        for (field, value) in basic {
            set_field(&mut document, "basicInfo", field, value);
        }
        set_field(&mut document, "serviceInfo", "licenses", licenses.into());
        for (kind, (_, list)) in KINDS.iter().enumerate() {
            set_field(&mut document, "assignmentInfo", list, groups_json(kind, &account.memberships));
        }
        Some(document)
    }

    /// Returns the user as a list shows it.
    pub(super) fn list_entry(&mut self, world: &EmulatedTenant, id: &str, thin: bool) -> Option<Value> {
        let mut document = self.document(world, id)?;
        if thin && let Some(all) = document.as_object_mut() {
            all.remove("assignmentInfo");
            if let Some(service) = all.get_mut("serviceInfo").and_then(Value::as_object_mut) {
                service.remove("extensions");
            }
        }
        Some(document)
    }

    /// Returns the license records of a user, without pending ones.
    fn license_records(&mut self, world: &EmulatedTenant, account: &Account) -> Vec<Value> {
        let shown = account.holdings.iter().filter(|holding| holding.state.is_held());
        let mut seen = 0;
        let records = shown.map(|holding| {
            let license = &*holding.license;
            let id = if holding.origin == HoldingOrigin::Derived {
                seen += 1;
                stable_id("number", &format!("{}/{license}/{seen}", account.id))
            } else {
                self.units.unit_id_of(license, &account.id)
            };
            let mut record = json!({ "id": id, "name": license, "country": country(license) });
            if world.config().extra_fields {
                record["billingPlan"] = "synthetic-annual".into();
            }
            record
        });
        records.collect()
    }

    /// Returns the document of a user that was never updated.
    fn default_document(&self, world: &EmulatedTenant, account: &Account, licenses: &[Value]) -> Value {
        let (first, last) = person_names(&account.email);
        let mut document = json!({
            "basicInfo": {
                "firstName": first, "lastName": last, "status": "ACTIVE", "locale": "en-US", "timezone": "Europe/London",
                "scimProvider": null, "ssoProvider": null, "ssoFederationId": null,
                "site": { "id": stable_id("site", "Headquarters"), "name": "Headquarters", "pbxName": "acmeco01" },
            },
            "directoryInfo": {
                "department": "Sales", "directoryScope": "PBX", "displayInDirectory": true, "jobTitle": null,
                "personalPhoneNumbers": [],
            },
            "serviceInfo": { "extensions": self.extensions(world, account, licenses, first) },
            "assignmentInfo": { "profilePolicy": { "name": "8x8 Master User Template" } },
        });
        if world.config().extra_fields {
            document["basicInfo"]["costCenter"] = stable_id("cost center", &account.id).into();
            document["directoryInfo"]["badges"] = json!([{ "color": "green", "since": 2026 }]);
            document["labels"] = json!({ "imported": true });
        }
        if world.config().unknown_words {
            document["basicInfo"]["status"] = "ON_SABBATICAL".into();
            document["directoryInfo"]["directoryScope"] = "GALAXY".into();
        }
        document
    }

    fn extensions(&self, world: &EmulatedTenant, account: &Account, licenses: &[Value], first: String) -> Value {
        let held = account.holdings.iter().filter(|holding| holding.state.is_held());
        let main = held.zip(licenses).find(|(holding, _)| {
            holding.origin == HoldingOrigin::Direct && world.rules().family(&holding.license).is_exclusive()
        });
        let Some((_, license)) = main else { return json!([]) };
        let id = stable_id("extension", &account.id);
        let number = 1000 + u64::from_str_radix(&id[..6], 16).unwrap_or(0) % 9000;
        let kind = if world.config().unknown_words { "HOLOGRAM" } else { "UC" };
        let mut extension = json!({
            "id": id, "extensionType": kind, "licenseId": license["id"], "extensionNumber": number.to_string(),
            "callWaitingEnabled": true, "displayInDirectory": true, "devices": [], "maxConcurrentCalls": 2,
            "internalCallerIdFirstName": first, "voicemailEmail": account.email, "phoneNumbers": [],
        });
        if world.config().extra_fields {
            extension["moodLight"] = json!({ "on": true });
        }
        json!([extension])
    }
}

/// Sets a field of a section. Replaces a section that is not an object.
fn set_field(document: &mut Value, part: &str, field: &str, value: Value) {
    if !document[part].is_object() {
        document[part] = json!({});
    }
    document[part][field] = value;
}

/// Returns the country at the end of a license name, as in `X4-SKU-US`.
pub(super) fn country(license: &str) -> &str {
    match license.rsplit_once('-') {
        Some((_, tail)) if tail.len() == 2 && tail.bytes().all(|byte| byte.is_ascii_uppercase()) => tail,
        _ => "US",
    }
}

/// Returns a first and a last name of at least two letters.
fn person_names(email: &str) -> (String, String) {
    let local = email.split('@').next().unwrap_or_default();
    let mut parts = local.split(|c: char| !c.is_ascii_alphabetic()).filter(|part| part.len() > 1);
    let title = |part: &str| part[..1].to_ascii_uppercase() + &part[1..part.len().min(30)];
    let first = parts.next().map_or_else(|| "Sam".to_owned(), title);
    let last = parts.next().map_or_else(|| "Synthetic".to_owned(), title);
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_derived_from_addresses() {
        assert_eq!(person_names("ana@acme.example"), ("Ana".to_owned(), "Synthetic".to_owned()));
        assert_eq!(person_names("ana.poe2@acme.example"), ("Ana".to_owned(), "Poe".to_owned()));
        assert_eq!(person_names("x@acme.example"), ("Sam".to_owned(), "Synthetic".to_owned()));
    }

    #[test]
    fn country_is_the_end_of_a_name() {
        assert_eq!(country("X4-VOSVC0504-01-GB"), "GB");
        assert_eq!(country("X4"), "US");
    }
}
