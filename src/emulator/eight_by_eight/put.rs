//! PUT: replacement of a user.
//!
//! Invalid requests fail with status 400; a missing seat fails the operation.

use serde_json::{Map, Value};
use smol_str::SmolStr;

use super::groups::KINDS;
use super::replies::{USERS, error};
use super::{CUSTOMER, EightByEightApi, quirks};
use crate::emulator::api::{ApiError, ApiReply, ApiRequest};
use crate::emulator::config::{LicenseReference, NumberHandling};
use crate::emulator::tenant::{ChangeRequest, EmulatedTenant};
use crate::model::{Account, Holding, HoldingOrigin, OperationKind};
use crate::profile::simulator::{RefusalReason, SimulatorRefusal};

/// A parsed PUT.
pub(super) struct UserUpdate {
    /// The user without licenses and memberships.
    document: Value,
    email: SmolStr,
    login: SmolStr,
    /// The licenses, with the units that are named.
    licenses: Vec<(SmolStr, Option<u64>)>,
    /// Number licenses that were sent back.
    echoed: Vec<Holding>,
    memberships: Vec<SmolStr>,
}

/// An invalid field and the problem.
struct InvalidField(&'static str, String);

impl EightByEightApi {
    pub(super) fn put(&mut self, world: &mut EmulatedTenant, request: &ApiRequest, id: &str) -> ApiReply {
        let manners = quirks(world);
        if !manners.update_supported {
            let message = "updating people is not implemented";
            return error(world, USERS, 501, "Not Implemented", None, None, message);
        }
        let Some(account) = world.account(id).cloned() else {
            return error(world, USERS, 404, "Not Found", None, Some("basicInfo.userId"), "User not found");
        };
        let body = match serde_json::from_slice::<Value>(&request.body) {
            Ok(body) if body.is_object() => body,
            Ok(_) | Err(_) => {
                return error(
                    world,
                    USERS,
                    400,
                    "Bad Request",
                    Some("BAD_REQUEST"),
                    None,
                    "the body is not a JSON object",
                );
            }
        };
        let customer = body["basicInfo"]["customerId"].as_str();
        if customer.is_some_and(|customer| customer != CUSTOMER) {
            let message = format!("CustomerId mismatch: {CUSTOMER} vs {}", customer.unwrap_or_default());
            return error(world, USERS, 403, "Forbidden", None, None, &message);
        }
        if let Some(sent) = body["basicInfo"]["userId"].as_str().filter(|sent| *sent != id) {
            let message = format!("Mismatched userId in url vs payload: {id} vs {sent}");
            let title = "Mismatched userId in url vs payload";
            return error(world, USERS, 400, title, None, Some("basicInfo.userId"), &message);
        }
        self.recount(world);
        self.groups.register(&account.memberships);
        let update = match self.parse_update(world, &account, body) {
            Ok(update) => update,
            Err(InvalidField(field, message)) => {
                return error(world, USERS, 400, "Validation error", None, Some(field), &message);
            }
        };
        let now = world.now();
        if self.queue.is_busy(id, now) {
            let message = "another operation of this user is not done yet";
            return error(world, USERS, 409, "Conflict", None, None, message);
        }
        if self.queue.in_flight_count(now) >= usize::try_from(manners.in_flight).unwrap_or(usize::MAX) {
            let message = format!("more than {} operations are in flight", manners.in_flight);
            return error(world, USERS, 429, "Too Many Requests", None, None, &message);
        }
        if manners.seat_error_at_once
            && let Some(license) = license_without_seat(world, &account, &update)
        {
            let message = format!("No licenses are available of {license}");
            return error(world, USERS, 400, "Validation error", None, Some("serviceInfo.licenses"), &message);
        }
        let operation = self.queue.enqueue(id, update, &manners, request.failure, now, world.random());
        match self.queue.operation_json(world, &request.base_url, &operation) {
            Some(shown) => ApiReply::json(202, USERS, &shown),
            // A forgotten operation appears only in this response.
            None => ApiReply::json(202, USERS, &serde_json::json!({ "operationId": operation, "status": "PENDING" })),
        }
    }

    /// Parses the body.
    fn parse_update(
        &self,
        world: &EmulatedTenant,
        account: &Account,
        mut body: Value,
    ) -> Result<UserUpdate, InvalidField> {
        let text = |field: &'static str, least: usize, most: usize| {
            let value = body["basicInfo"][field.trim_start_matches("basicInfo.")].as_str().unwrap_or_default();
            if value.is_empty() {
                return Err(InvalidField(field, "must not be blank".to_owned()));
            }
            if !(least..=most).contains(&value.chars().count()) {
                return Err(InvalidField(field, format!("size must be between {least} and {most}")));
            }
            Ok(SmolStr::new(value))
        };
        let login = text("basicInfo.userName", 3, 70)?;
        text("basicInfo.firstName", 2, 128)?;
        text("basicInfo.lastName", 2, 30)?;
        let email = text("basicInfo.primaryEmail", 5, 128)?;
        if !email.contains('@') {
            return Err(InvalidField("basicInfo.primaryEmail", "must be a well-formed email address".to_owned()));
        }
        if world.state().accounts.iter().any(|other| other.id != account.id && other.login.as_ref() == Some(&login)) {
            return Err(InvalidField("basicInfo.userName", "userName already in use".to_owned()));
        }
        let (licenses, echoed) = self.parse_licenses(world, account, &body)?;
        let mut memberships = Vec::new();
        for (kind, (word, list)) in KINDS.iter().enumerate() {
            let listed = &body["assignmentInfo"][*list];
            let mut meant =
                self.groups.resolve(kind, listed).map_err(|message| InvalidField("assignmentInfo", message))?;
            // A user is in one user group; the last entry wins.
            if *word == "user-group" && meant.len() > 1 {
                meant.drain(..meant.len() - 1);
            }
            memberships.extend(meant);
        }
        let lists = KINDS.iter().map(|(_, list)| ("assignmentInfo", *list)).chain([("serviceInfo", "licenses")]);
        for (section, list) in lists {
            body.get_mut(section).and_then(Value::as_object_mut).map(|part: &mut Map<_, _>| part.remove(list));
        }
        Ok(UserUpdate { document: body, email, login, licenses, echoed, memberships })
    }

    /// Returns the licenses of the body, and the number licenses that it sends back.
    #[expect(clippy::type_complexity, reason = "two lists of which the one has a number beside each name")]
    fn parse_licenses(
        &self,
        world: &EmulatedTenant,
        account: &Account,
        body: &Value,
    ) -> Result<(Vec<(SmolStr, Option<u64>)>, Vec<Holding>), InvalidField> {
        const FIELD: &str = "serviceInfo.licenses";
        let manners = quirks(world);
        let records = body["serviceInfo"]["licenses"].as_array().map(Vec::as_slice).unwrap_or_default();
        let numbers = || account.holdings.iter().filter(|holding| holding.origin == HoldingOrigin::Derived);
        let (mut licenses, mut echoed) = (Vec::<(SmolStr, Option<u64>)>::new(), Vec::new());
        let mut ids: Vec<&str> = Vec::new();
        for record in records {
            let (id, name) = (record["id"].as_str(), record["name"].as_str());
            ids.extend(id);
            if let Some(number) = numbers().find(|number| Some(&*number.license) == name) {
                match manners.numbers {
                    NumberHandling::Rejected => {
                        return Err(InvalidField(FIELD, format!("{} must not be sent", number.license)));
                    }
                    NumberHandling::Duplicated => echoed.push(number.clone()),
                    NumberHandling::Ignored => {}
                }
                continue;
            }
            let (license, unit) = match (id, name) {
                (Some(id), _) => {
                    let Some((license, number)) = self.units.find_unit(id) else {
                        return Err(InvalidField(FIELD, format!("unknown license id {id}")));
                    };
                    if !self.units.is_free_for(license, *number, &account.id) {
                        return Err(InvalidField(
                            FIELD,
                            format!("the license with the id {id} is assigned to another user"),
                        ));
                    }
                    (license.clone(), Some(*number))
                }
                (None, Some(_)) if manners.licenses_by == LicenseReference::Id => {
                    return Err(InvalidField(FIELD, "a license needs an id".to_owned()));
                }
                (None, Some(name)) if self.units.is_known_license(name) => (SmolStr::new(name), None),
                (None, _) => {
                    return Err(InvalidField(FIELD, format!("unknown license type {}", name.unwrap_or("(no name)"))));
                }
            };
            if licenses.iter().any(|(other, _)| *other == license) {
                return Err(InvalidField(FIELD, format!("{license} stands twice")));
            }
            licenses.push((license, unit));
        }
        let main = |license: &str| world.rules().family(license).is_exclusive();
        let mains: Vec<&SmolStr> = licenses.iter().map(|(license, _)| license).filter(|name| main(name)).collect();
        if let [one, other, ..] = &*mains {
            return Err(InvalidField(FIELD, format!("{one} and {other} exclude each other")));
        }
        let held = direct_holdings(account).find(|holding| main(&holding.license));
        if let (Some(held), [wanted]) = (held, &*mains)
            && held.license != **wanted
        {
            return Err(InvalidField(FIELD, format!("{} has to be removed before {wanted} is assigned", held.license)));
        }
        let extensions = body["serviceInfo"]["extensions"].as_array().map(Vec::as_slice).unwrap_or_default();
        for extension in extensions {
            if let Some(id) = extension["licenseId"].as_str().filter(|id| !ids.contains(id)) {
                let message = format!("an extension has the license {id}, which the user does not have");
                return Err(InvalidField("serviceInfo.extensions", message));
            }
        }
        Ok((licenses, echoed))
    }

    /// Applies an update completely, or not at all.
    pub(super) fn apply(&mut self, world: &mut EmulatedTenant, user: &str, update: UserUpdate) -> Result<(), ApiError> {
        let before = world.account(user).cloned().ok_or_else(|| ApiError::new(404, "User not found"))?;
        let wanted = |license: &str| update.licenses.iter().any(|(name, _)| name == license);
        let gone: Vec<SmolStr> =
            direct_holdings(&before).map(|held| held.license.clone()).filter(|license| !wanted(license)).collect();
        let come = update.licenses.iter().filter(|(license, _)| {
            !before
                .holdings
                .iter()
                .any(|held| held.license == *license && held.state.is_held() && held.origin != HoldingOrigin::Derived)
        });
        let steps = gone.iter().map(|license| (OperationKind::Remove, license));
        let steps = steps.chain(come.clone().map(|(license, _)| (OperationKind::Assign, license)));
        for (kind, license) in steps {
            let wish = ChangeRequest { kind, account: user, license, to: None, memberships: &[] };
            if let Err(refused) = world.execute(wish, 0) {
                let undone = before.clone();
                world.edit(user, |account| *account = undone);
                return Err(api_error(license, &refused));
            }
        }
        for license in &gone {
            self.units.release(license, user);
        }
        for (license, unit) in come {
            match unit {
                Some(number) if self.units.is_free_for(license, *number, user) => {
                    self.units.take(license, *number, user)
                }
                Some(_) | None => drop(self.units.unit_id_of(license, user)),
            }
        }
        let has_main = world.account(user).is_some_and(|account| {
            direct_holdings(account).any(|held| world.rules().family(&held.license).is_exclusive())
        });
        let memberships = if has_main { update.memberships } else { Vec::new() };
        let login = (update.login != update.email || before.login.is_some()).then_some(update.login);
        let is_changed = world.account(user).is_some_and(|now| {
            now.memberships != memberships
                || now.email != update.email
                || now.login != login
                || !update.echoed.is_empty()
        });
        if is_changed {
            world.edit(user, |account| {
                account.memberships = memberships;
                account.email = update.email;
                account.login = login;
                account.holdings.extend(update.echoed);
            });
        }
        self.documents.insert(SmolStr::new(user), update.document);
        self.updated.insert(SmolStr::new(user), world.now());
        Ok(())
    }
}

/// Returns the direct holdings of an account.
fn direct_holdings(account: &Account) -> impl Iterator<Item = &Holding> {
    account.holdings.iter().filter(|held| held.origin == HoldingOrigin::Direct && held.state.is_held())
}

/// Returns a license of the update without a free seat.
fn license_without_seat(world: &EmulatedTenant, account: &Account, update: &UserUpdate) -> Option<SmolStr> {
    let pools = world.state().counted_pools();
    let come =
        update.licenses.iter().filter(|(license, _)| !direct_holdings(account).any(|held| held.license == *license));
    come.map(|(license, _)| license)
        .find(|license| {
            let pool = pools.iter().find(|pool| pool.license == **license);
            pool.is_some_and(|pool| pool.total.is_some_and(|total| pool.used.unwrap_or(0) >= total))
        })
        .cloned()
}

/// Translates a refusal of the simulator.
fn api_error(license: &str, refused: &SimulatorRefusal) -> ApiError {
    match refused.reason {
        RefusalReason::NoSeat => ApiError::new(409, format!("No licenses are available of {license}")),
        RefusalReason::UnknownAccount => ApiError::new(404, "User not found"),
        RefusalReason::Forbidden => ApiError::new(403, refused.message.clone()),
        RefusalReason::Conflict => ApiError::new(409, refused.message.clone()),
        RefusalReason::Busy => ApiError::new(503, refused.message.clone()),
    }
}
