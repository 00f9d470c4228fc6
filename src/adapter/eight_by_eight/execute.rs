//! Changes of users.

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
use super::wire::{JsonObject, OPERATIONS, USERS, WireLicense, WireOperation};
use crate::adapter::http::HttpResponse;
use crate::adapter::{AdapterError, AdapterFuture, ErrorKind, Execute, OperationHandle, Receipt, TenantHealth};
use crate::model::{Operation, OperationKind};

/// How long a change waits until the vendor accepts another operation.
const CAPACITY_WAIT_MAX: Duration = Duration::from_secs(60);

/// A change reads the user and sends it back.
const REQUESTS_PER_CHANGE: u32 = 2;

/// The lock of a user, until it is dropped.
struct UserLock<'a> {
    tenant: &'a EightByEightTenant,
    id: SmolStr,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Drop for UserLock<'_> {
    fn drop(&mut self) {
        self.guard = None;
        let mut locks = self.tenant.user_locks.lock().unwrap_or_else(PoisonError::into_inner);
        // A waiting task holds a reference.
        if locks.get(&self.id).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            locks.remove(&self.id);
        }
    }
}

impl EightByEightTenant {
    /// Waits until no other task changes the user.
    async fn lock_user(&self, id: &SmolStr) -> UserLock<'_> {
        let lock = {
            let mut locks = self.user_locks.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(id.clone()).or_insert_with(|| Arc::new(Mutex::new(()))))
        };
        UserLock { tenant: self, id: id.clone(), guard: Some(lock.lock_owned().await) }
    }

    async fn execute_operation(&self, operation: &Operation) -> Result<Receipt, AdapterError> {
        let unsupported = |message: &str, help: &str| AdapterError::new(ErrorKind::Unsupported, message).help(help);
        match operation.kind {
            OperationKind::Remove | OperationKind::Assign | OperationKind::Restore => {}
            OperationKind::Release => {
                let help = self.rules.profile().removal.release.unwrap_or_default();
                return Err(unsupported("the API cannot release seats", help));
            }
            OperationKind::Change => {
                return Err(unsupported(
                    "the API cannot change one license into another",
                    "remove the old one and assign the new one",
                ));
            }
            OperationKind::Cancel => {
                return Err(unsupported("the API cannot cancel requests", "wait until the request is done"));
            }
        }
        let _lock = self.lock_user(&operation.account).await;
        let absent = || AdapterError::new(ErrorKind::NotFound, format!("unknown user `{}`", operation.account));
        let Some(reading) = self.read_user(&operation.account).await? else { return Err(absent()) };
        match operation.kind {
            OperationKind::Remove => self.remove(operation, &reading).await,
            OperationKind::Assign => self.assign(operation, &reading).await,
            _ => self.restore(operation, &reading).await,
        }
    }

    /// Returns the names that identify the operation's license among those of the user.
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
        let is_removed =
            |license: &WireLicense| names.manifest_name(license).is_some_and(|name| name == operation.license);
        if !update::licenses(&reading.value).iter().any(|license| !is_number_license(license) && is_removed(license)) {
            return Ok(Receipt::Already);
        }
        self.put_user(operation, reading, &UserEdit::Remove(&is_removed)).await
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
            let mut assigned = self.assigned_units.lock().unwrap_or_else(PoisonError::into_inner);
            let is_used = |id: &str| known.held.contains(id) || assigned.contains(id);
            if let Some(free) = inventory.find_free(&known.names, ours, is_used).cloned() {
                // Even if this fails: a refused unit is not tried again.
                assigned.extend(free.id.clone());
                unit = WireLicense { country: free.country.or(unit.country), ..free };
            }
        }
        self.put_user(operation, reading, &UserEdit::Assign(&unit)).await
    }

    async fn restore(&self, operation: &Operation, reading: &UserReading) -> Result<Receipt, AdapterError> {
        let mut wanted = Vec::with_capacity(operation.memberships.len());
        for text in &operation.memberships {
            let Some(membership) = Membership::parse(text) else {
                let message = format!("the API cannot restore the membership `{text}`");
                return Err(AdapterError::new(ErrorKind::Unsupported, message).help(
                    "add the person in the Admin Console; the API restores `ring-group/ID` and `call-queue/ID`",
                ));
            };
            wanted.push(membership);
        }
        let held = reading.user.memberships.as_deref().unwrap_or_default();
        if operation.memberships.iter().all(|text| held.contains(text)) {
            return Ok(Receipt::Already);
        }
        self.put_user(operation, reading, &UserEdit::Restore(&wanted)).await
    }

    /// Sends the whole user with the change.
    async fn put_user(
        &self,
        operation: &Operation,
        reading: &UserReading,
        edit: &UserEdit<'_>,
    ) -> Result<Receipt, AdapterError> {
        let malformed = |text: &str| AdapterError::new(ErrorKind::Malformed, text);
        let body = update::body(&reading.value, edit)
            .ok_or_else(|| malformed("the user does not match the API description"))?;
        let body = serde_json::to_vec(&body).map_err(|_| malformed("the user cannot be serialized"))?;
        self.wait_for_capacity().await?;
        let response = self.client.send(Method::PUT, &["users", &operation.account], USERS, USERS, body).await?;
        if !response.is_success() {
            return Err(response_error(&self.rules, &response, RequestKind::Write));
        }
        // An unclear response means that the effect must be read back.
        let Some(JsonObject(operation_status)) = response.maybe_json::<JsonObject<WireOperation>>() else {
            return Ok(Receipt::Accepted(None));
        };
        let handle = operation_status.operation_id.as_deref().and_then(OperationHandle::new);
        match operation_status.status.as_deref() {
            Some("COMPLETED") => Ok(Receipt::Done),
            Some("FAILED") => Err(operation_error(&self.rules, &operation_status, &response)),
            Some(_) | None => {
                if let Some(handle) = &handle {
                    self.pending.add(handle);
                }
                Ok(Receipt::Accepted(handle))
            }
        }
    }

    /// Waits until the vendor accepts another operation.
    async fn wait_for_capacity(&self) -> Result<(), AdapterError> {
        let limit = Instant::now() + CAPACITY_WAIT_MAX;
        while let Some(handle) = self.pending.oldest_if_full() {
            if Instant::now() >= limit {
                let message = "the vendor's limit of concurrent operations is reached";
                let pause = Some(Duration::from_secs(5));
                return Err(AdapterError::new(ErrorKind::Throttled, message).with_retry_after(pause));
            }
            // Here only the end of the operation matters, not its result.
            let _ = self.poll_operation(&handle).await;
        }
        Ok(())
    }

    /// Polls an operation when the poll is due.
    pub(super) async fn poll_operation(&self, handle: &OperationHandle) -> Result<Receipt, AdapterError> {
        sleep_until(self.pending.next_poll(handle)).await;
        let response = self.client.get_once(&["operations", handle.as_str()], &[], OPERATIONS).await?;
        if response.status == 404 && self.pending.is_recent(handle) {
            return Ok(Receipt::Accepted(Some(handle.clone())));
        }
        let answer = self.operation_result(handle, &response);
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

    fn operation_result(&self, handle: &OperationHandle, response: &HttpResponse) -> Result<Receipt, AdapterError> {
        if response.status == 404 {
            let message = format!("unknown operation `{handle}`");
            return Err(response.error(ErrorKind::NotFound, message));
        }
        if !response.is_success() {
            return Err(response_error(&self.rules, response, RequestKind::Read));
        }
        let JsonObject(operation_status): JsonObject<WireOperation> = response.json()?;
        match operation_status.status.as_deref() {
            Some("PENDING" | "IN_PROGRESS") => Ok(Receipt::Accepted(Some(handle.clone()))),
            Some("COMPLETED") => Ok(Receipt::Done),
            Some("FAILED") => Err(operation_error(&self.rules, &operation_status, response)),
            // The user must be read back.
            Some(_) | None => {
                let message = format!("the vendor did not report the result of the operation `{handle}`");
                Err(response.error(ErrorKind::Malformed, message))
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
        // Only a change could show whether changes are accepted. A read shows whether the key is.
        Box::pin(async move {
            let response = self.client.get_as_writer(&["users"], &[("pageSize", "1")], USERS).await?;
            self.health_of(&response)
        })
    }
}
