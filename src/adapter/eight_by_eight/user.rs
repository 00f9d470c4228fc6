//! Conversion of a vendor's user to an account.
//!
//! A missing list is unknown, not empty. Number licenses are derived holdings.

use std::collections::BTreeSet;

use smol_str::SmolStr;

use super::membership;
use super::names::{LicenseNames, is_number_license};
use super::wire::{JsonObject, WireLicense, WireUser};
use crate::model::{Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, PersonKey};

/// The most licenses or memberships of a user.
const ENTRIES_MAX: usize = 10_000;

/// A parsed user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UserRecord {
    pub(super) id: SmolStr,
    email: SmolStr,
    login: Option<SmolStr>,
    /// `None` if the response does not include them.
    pub(super) licenses: Option<Vec<WireLicense>>,
    /// `None` if the response does not include them.
    pub(super) memberships: Option<Vec<SmolStr>>,
    /// Whether the response includes ring groups, and call queues.
    pub(super) listed_memberships: [bool; 2],
}

impl UserRecord {
    /// Parses a user.
    pub(super) fn read(text: &[u8]) -> Result<Self, String> {
        let JsonObject(user): JsonObject<WireUser> = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        let id = user.basic_info.user_id.filter(|id| !id.is_empty()).ok_or("the user has no id")?;
        let login = user.basic_info.user_name.filter(|login| !login.is_empty());
        let is_address = |text: &str| PersonKey::parse(text).is_ok();
        let primary = user.basic_info.primary_email.filter(|email| !email.trim().is_empty());
        let email = primary.or_else(|| login.clone().filter(|login| is_address(login))).unwrap_or_default();
        let licenses = user.service_info.and_then(|service| service.licenses);
        let tells = user
            .assignment_info
            .as_ref()
            .map_or([false; 2], |info| [info.ring_groups.is_some(), info.uc_call_queues.is_some()]);
        let memberships = membership::memberships(user.assignment_info.as_ref());
        let entries = licenses.as_ref().map_or(0, Vec::len).max(memberships.as_ref().map_or(0, Vec::len));
        if entries > ENTRIES_MAX {
            return Err(format!("the user has more than {ENTRIES_MAX} licenses or memberships"));
        }
        // A license without a name makes the licenses unknown.
        let is_named = |license: &WireLicense| license.name.as_deref().is_some_and(|name| !name.trim().is_empty());
        let licenses = licenses.filter(|licenses| licenses.iter().all(is_named));
        let login = login.filter(|login| *login != email).map(SmolStr::new);
        let (id, email) = (SmolStr::new(id), SmolStr::new(email));
        Ok(Self { id, email, login, licenses, memberships, listed_memberships: tells })
    }

    /// Returns the licenses without number licenses.
    pub(super) fn assignable_licenses(&self) -> impl Iterator<Item = &WireLicense> {
        self.licenses.iter().flatten().filter(|license| !is_number_license(license))
    }

    /// Converts to an account. Several units of one license are one holding, because they are removed together.
    pub(super) fn account(&self, names: &LicenseNames) -> Account {
        let mut holdings: Vec<Holding> = Vec::new();
        let mut seen: BTreeSet<(SmolStr, bool)> = BTreeSet::new();
        for license in self.licenses.iter().flatten() {
            let Some(name) = names.manifest_name(license) else { continue };
            let follows = is_number_license(license);
            if seen.insert((name.clone(), follows)) {
                holdings.push(Holding {
                    license: name,
                    state: HoldingState::Active,
                    origin: if follows { HoldingOrigin::Derived } else { HoldingOrigin::Direct },
                    trial: false,
                    expires: None,
                    due: None,
                });
            }
        }
        holdings.sort_by(|one, other| one.license.cmp(&other.license));
        Account {
            id: self.id.clone(),
            email: self.email.clone(),
            login: self.login.clone(),
            origin: AccountOrigin::Managed,
            memberships: self.memberships.clone().unwrap_or_default(),
            holdings,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(value: &Value) -> Result<UserRecord, String> {
        UserRecord::read(value.to_string().as_bytes())
    }

    fn account(value: &Value) -> Account {
        read(value).unwrap().account(&LicenseNames::new(&crate::adapter::file::state::tests::settings("phones")))
    }

    #[test]
    fn user_becomes_an_account() {
        let account = account(&json!({
            "basicInfo": { "userId": "u-1", "userName": "apoe", "primaryEmail": "Ana@acme.example", "status": "GONE" },
            "serviceInfo": { "licenses": [
                { "id": "2", "name": "X4", "country": "US" }, { "id": "1", "name": "UC DID", "country": "US" },
                { "id": "3", "name": "Fax", "country": null }, { "id": "4", "name": "Fax" },
            ] },
            "assignmentInfo": { "ringGroups": [{ "id": "rg" }] },
        }));
        assert_eq!(
            (&*account.id, &*account.email, account.login.as_deref()),
            ("u-1", "Ana@acme.example", Some("apoe"))
        );
        let holdings: Vec<String> =
            account.holdings.iter().map(|held| format!("{} {}", held.license, held.origin)).collect();
        assert_eq!(holdings, ["Fax direct", "UC DID derived", "X4 direct"]);
        assert_eq!(account.memberships, ["ring-group/rg"]);
    }

    #[test]
    fn login_replaces_a_missing_email() {
        let of = |name: &str| account(&json!({ "basicInfo": { "userId": "u", "userName": name } }));
        assert_eq!((&*of("ana@acme.example").email, of("ana@acme.example").login), ("ana@acme.example", None));
        assert_eq!((&*of("apoe").email, of("apoe").login.as_deref()), ("", Some("apoe")));
    }

    #[test]
    fn missing_licenses_are_unknown() {
        let basic = json!({ "userId": "u" });
        for thin in [json!({}), json!({ "serviceInfo": null }), json!({ "serviceInfo": { "licenses": null } })] {
            let mut user = thin;
            user["basicInfo"] = basic.clone();
            assert_eq!(read(&user).unwrap().licenses, None);
        }
        let nameless = json!({ "basicInfo": basic, "serviceInfo": { "licenses": [{ "id": "5" }] } });
        assert_eq!(read(&nameless).unwrap().licenses, None);
        let none = read(&json!({ "basicInfo": basic, "serviceInfo": { "licenses": [] } })).unwrap();
        assert_eq!((none.licenses, none.memberships), (Some(Vec::new()), None));
    }

    #[test]
    fn invalid_user_is_an_error() {
        for user in [
            json!(null),
            json!({}),
            json!({ "basicInfo": {} }),
            json!({ "basicInfo": { "userId": "" } }),
            json!({ "basicInfo": { "userId": 7 } }),
            json!([{ "userId": "u" }]),
            json!({ "basicInfo": ["u"] }),
            json!({ "basicInfo": { "userId": "u" }, "serviceInfo": { "licenses": [["l-1", "X4", "US"]] } }),
            json!({ "basicInfo": { "userId": "u" }, "serviceInfo": { "licenses": { "id": "x" } } }),
            json!({ "basicInfo": { "userId": "u" }, "serviceInfo": { "licenses": vec![json!({}); 10_001] } }),
        ] {
            assert!(read(&user).is_err());
        }
    }
}
