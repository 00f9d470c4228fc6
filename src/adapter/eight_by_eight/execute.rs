//! The writing half.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use reqwest::Method;
use smol_str::SmolStr;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, sleep_until};

use super::EightByEightTenant;
use super::errors::{RequestKind, operation_error, response_error};
use super::membership::Membership;
use super::names::{LicenseNames, is_number_license};
use super::observe::UserReading;
use super::update::{self, UserEdit};
use super::wire::{JsonObject, OPERATIONS, USERS, WireLicense, WireOperation as Underway};
use crate::adapter::http::HttpResponse;
use crate::adapter::{AdapterError, AdapterFuture, ErrorKind, Execute, OperationHandle, Receipt, TenantHealth};
use crate::model::{Operation, OperationKind};

/// How long a change waits until the vendor has room for another operation.
const CAPACITY_WAIT_MAX: Duration = Duration::from_secs(60);

/// What a change asks for: the user as they are now, and the user as they are to be.
const REQUESTS_PER_CHANGE: u32 = 2;

/// A user that is being put; dropping it lets others.
struct UserLock<'a> {
    phones: &'a EightByEightTenant,
    id: SmolStr,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Drop for UserLock<'_> {
    fn drop(&mut self) {
        self.guard = None;
        let mut writing = self.phones.user_locks.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits has a share of it.
        if writing.get(&self.id).is_some_and(|one| Arc::strong_count(one) == 1) {
            writing.remove(&self.id);
        }
    }
}

impl EightByEightTenant {
    /// Waits until nobody of this process puts the user.
    async fn lock_user(&self, id: &SmolStr) -> UserLock<'_> {
        let one = {
            let mut writing = self.user_locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(writing.entry(id.clone()).or_insert_with(|| Arc::new(Mutex::new(()))))
        };
        UserLock { phones: self, id: id.clone(), guard: Some(one.lock_owned().await) }
    }

    async fn execute_operation(&self, operation: &Operation) -> Result<Receipt, AdapterError> {
        let unsupported = |message: &str, help: &str| AdapterError::new(ErrorKind::Unsupported, message).help(help);
        match operation.kind {
            OperationKind::Remove | OperationKind::Assign | OperationKind::Restore => {}
            OperationKind::Release => {
                let help = self.rules.profile().removal.release.unwrap_or_default();
                return Err(unsupported("the interface takes no seats back", help));
            }
            OperationKind::Change => {
                return Err(unsupported("no license turns into another one", "remove the one and assign the other"));
            }
            OperationKind::Cancel => return Err(unsupported("no request can be taken back", "wait until it is done")),
        }
        let _alone = self.lock_user(&operation.account).await;
        let absent = || AdapterError::new(ErrorKind::NotFound, format!("there is no user `{}`", operation.account));
        let Some(reading) = self.read_user(&operation.account).await? else { return Err(absent()) };
        match operation.kind {
            OperationKind::Remove => self.remove(operation, &reading).await,
            OperationKind::Assign => self.assign(operation, &reading).await,
            _ => self.restore(operation, &reading).await,
        }
    }

    /// The names that tell which of these licenses the operation is about.
    async fn names_for(&self, license: &str, reading: &UserReading) -> Result<LicenseNames, AdapterError> {
        let own = LicenseNames::new(&self.settings);
        let held = || reading.user.licenses.iter().flatten();
        if own.is_declared(license) && held().all(|license| own.is_certain(license)) {
            return Ok(own);
        }
        let mut names = self.tenant_licenses().await?.names.clone();
        held().for_each(|license| names.record(license));
        Ok(names)
    }

    async fn remove(&self, operation: &Operation, reading: &UserReading) -> Result<Receipt, AdapterError> {
        let names = self.names_for(&operation.license, reading).await?;
        let is_it = |license: &WireLicense| names.manifest_name(license).is_some_and(|name| name == operation.license);
        if !update::licenses(&reading.value).iter().any(|license| !is_number_license(license) && is_it(license)) {
            return Ok(Receipt::Already);
        }
        self.put_user(operation, reading, &UserEdit::Remove(&is_it)).await
    }

    async fn assign(&self, operation: &Operation, reading: &UserReading) -> Result<Receipt, AdapterError> {
        let ours = &operation.license;
        let names = self.names_for(ours, reading).await?;
        let mut held = update::licenses(&reading.value).into_iter().filter(|license| !is_number_license(license));
        if held.any(|license| names.manifest_name(&license).is_some_and(|name| name == *ours)) {
            return Ok(Receipt::Already);
        }
        let theirs = names.vendor_license(ours);
        let mut unit = WireLicense {
            id: None,
            name: Some(theirs.name.to_string()),
            country: theirs.country.map(|country| country.to_string()),
        };
        if is_number_license(&unit) {
            let message = format!("`{ours}` follows phone numbers and cannot be assigned");
            return Err(AdapterError::new(ErrorKind::Forbidden, message).help("assign a phone number instead"));
        }
        let inventory = self.inventory().await?;
        if !inventory.units.is_empty() {
            let known = self.tenant_licenses().await?;
            let mut handed_out = self.assigned_units.lock().unwrap_or_else(PoisonError::into_inner);
            let is_taken = |id: &str| known.held.contains(id) || handed_out.contains(id);
            if let Some(free) = inventory.find_free(&known.names, ours, is_taken).cloned() {
                // Whatever comes of it: a unit that was refused once is not tried again.
                handed_out.extend(free.id.clone());
                unit = WireLicense { country: free.country.or(unit.country), ..free };
            }
        }
        self.put_user(operation, reading, &UserEdit::Assign(&unit)).await
    }

    async fn restore(&self, operation: &Operation, reading: &UserReading) -> Result<Receipt, AdapterError> {
        let mut wanted = Vec::with_capacity(operation.memberships.len());
        for text in &operation.memberships {
            let Some(membership) = Membership::parse(text) else {
                let message = format!("`{text}` is no membership that this interface can give back");
                return Err(AdapterError::new(ErrorKind::Unsupported, message)
                    .help("add the person by hand; the interface's own are `ring-group/ID` and `call-queue/ID`"));
            };
            wanted.push(membership);
        }
        let held = reading.user.memberships.as_deref().unwrap_or_default();
        if operation.memberships.iter().all(|text| held.contains(text)) {
            return Ok(Receipt::Already);
        }
        self.put_user(operation, reading, &UserEdit::Restore(&wanted)).await
    }

    /// Sends the whole user with that change.
    async fn put_user(
        &self,
        operation: &Operation,
        reading: &UserReading,
        edit: &UserEdit<'_>,
    ) -> Result<Receipt, AdapterError> {
        let malformed = |text: &str| AdapterError::new(ErrorKind::Malformed, text);
        let body = update::body(&reading.value, edit).ok_or_else(|| malformed("the user has not the shape of one"))?;
        let body = serde_json::to_vec(&body).map_err(|_| malformed("the user cannot be written"))?;
        self.wait_for_capacity().await?;
        let reply = self.client.send(Method::PUT, &["users", &operation.account], USERS, USERS, body).await?;
        if !reply.is_success() {
            return Err(response_error(&self.rules, &reply, RequestKind::Write));
        }
        // Whatever is not clearly said is looked up.
        let Some(JsonObject(underway)) = reply.maybe_json::<JsonObject<Underway>>() else {
            return Ok(Receipt::Accepted(None));
        };
        let handle = underway.operation_id.as_deref().and_then(OperationHandle::new);
        match underway.status.as_deref() {
            Some("COMPLETED") => Ok(Receipt::Done),
            Some("FAILED") => Err(operation_error(&self.rules, &underway, &reply)),
            Some(_) | None => {
                if let Some(handle) = &handle {
                    self.pending.add(handle);
                }
                Ok(Receipt::Accepted(handle))
            }
        }
    }

    /// Waits until the vendor has room for another operation.
    async fn wait_for_capacity(&self) -> Result<(), AdapterError> {
        let limit = Instant::now() + CAPACITY_WAIT_MAX;
        while let Some(handle) = self.pending.oldest_if_full() {
            if Instant::now() >= limit {
                let message = "the vendor carries out as many operations as it does at a time";
                let pause = Some(Duration::from_secs(5));
                return Err(AdapterError::new(ErrorKind::Throttled, message).with_retry_after(pause));
            }
            // What it says is for whoever waits for that operation; here it only matters whether it is over.
            let _ = self.poll_operation(&handle).await;
        }
        Ok(())
    }

    /// Asks for an operation when that is due.
    pub(super) async fn poll_operation(&self, handle: &OperationHandle) -> Result<Receipt, AdapterError> {
        sleep_until(self.pending.next_poll(handle)).await;
        let reply = self.client.get_once(&["operations", handle.as_str()], &[], OPERATIONS).await?;
        if reply.status == 404 && self.pending.is_recent(handle) {
            return Ok(Receipt::Accepted(Some(handle.clone())));
        }
        let answer = self.operation_result(handle, &reply);
        let is_over = match &answer {
            Ok(receipt) => !matches!(receipt, Receipt::Accepted(_)),
            Err(error) => matches!(
                error.kind,
                ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Forbidden
            ),
        };
        if is_over {
            self.pending.remove(handle);
        }
        answer
    }

    fn operation_result(&self, handle: &OperationHandle, reply: &HttpResponse) -> Result<Receipt, AdapterError> {
        if reply.status == 404 {
            let message = format!("the vendor does not know the operation `{handle}`");
            return Err(reply.error(ErrorKind::NotFound, message));
        }
        if !reply.is_success() {
            return Err(response_error(&self.rules, reply, RequestKind::Read));
        }
        let JsonObject(underway): JsonObject<Underway> = reply.json()?;
        match underway.status.as_deref() {
            Some("PENDING" | "IN_PROGRESS") => Ok(Receipt::Accepted(Some(handle.clone()))),
            Some("COMPLETED") => Ok(Receipt::Done),
            Some("FAILED") => Err(operation_error(&self.rules, &underway, reply)),
            // The person has to be looked at.
            Some(_) | None => {
                let message = format!("the vendor does not say what became of the operation `{handle}`");
                Err(reply.error(ErrorKind::Malformed, message))
            }
        }
    }
}

impl Execute for EightByEightTenant {
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        Box::pin(self.execute_operation(operation))
    }

    fn requests_per_call(&self) -> u32 {
        REQUESTS_PER_CHANGE
    }

    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        // Whether updates are taken can be told only by one; that the key is let in can be told by a reading.
        Box::pin(async move {
            let reply = self.client.get_as_writer(&["users"], &[("pageSize", "1")], USERS).await?;
            self.health_of(&reply)
        })
    }
}
