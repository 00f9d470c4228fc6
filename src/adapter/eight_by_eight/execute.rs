//! The writing half.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use reqwest::Method;
use smol_str::SmolStr;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, sleep_until};

use super::Phones;
use super::membership::Membership;
use super::names::{Names, is_number};
use super::observe::Reading;
use super::refusal::{Asked, failed, refused};
use super::update::{self, Edit};
use super::wire::{License, OPERATIONS, Object, Operation as Underway, USERS};
use crate::adapter::http::{Reply, reserved};
use crate::adapter::{AdapterError, Answer, ErrorKind, Execute, Handle, Health, Receipt};
use crate::model::{Operation, OperationKind};

/// How long a change waits until the vendor has room for another operation.
const ROOM_LIMIT: Duration = Duration::from_secs(60);

/// What a change asks for: the user as they are now, and the user as they are to be.
const CHANGE_REQUESTS: u32 = 2;

/// A user that is being put; dropping it lets others.
struct Writing<'a> {
    phones: &'a Phones,
    id: SmolStr,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.guard = None;
        let mut writing = self.phones.writing.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waits has a share of it.
        if writing.get(&self.id).is_some_and(|one| Arc::strong_count(one) == 1) {
            writing.remove(&self.id);
        }
    }
}

impl Phones {
    /// Waits until nobody of this process puts the user.
    async fn alone(&self, id: &SmolStr) -> Writing<'_> {
        let one = {
            let mut writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(writing.entry(id.clone()).or_insert_with(|| Arc::new(Mutex::new(()))))
        };
        Writing { phones: self, id: id.clone(), guard: Some(one.lock_owned().await) }
    }

    async fn carry_out(&self, operation: &Operation) -> Result<Receipt, AdapterError> {
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
        let _alone = self.alone(&operation.account).await;
        let absent = || AdapterError::new(ErrorKind::NotFound, format!("there is no user `{}`", operation.account));
        let Some(reading) = self.user(&operation.account).await? else { return Err(absent()) };
        match operation.kind {
            OperationKind::Remove => self.remove(operation, &reading).await,
            OperationKind::Assign => self.assign(operation, &reading).await,
            _ => self.restore(operation, &reading).await,
        }
    }

    /// The names that tell which of these licenses the operation is about.
    async fn names_for(&self, license: &str, reading: &Reading) -> Result<Names, AdapterError> {
        let own = Names::new(&self.settings);
        let held = || reading.person.licenses.iter().flatten();
        if own.is_told(license) && held().all(|license| own.is_certain(license)) {
            return Ok(own);
        }
        let mut names = self.known().await?.names.clone();
        held().for_each(|license| names.see(license));
        Ok(names)
    }

    async fn remove(&self, operation: &Operation, reading: &Reading) -> Result<Receipt, AdapterError> {
        let names = self.names_for(&operation.license, reading).await?;
        let is_it = |license: &License| names.ours(license).is_some_and(|name| name == operation.license);
        if !update::licenses(&reading.value).iter().any(|license| !is_number(license) && is_it(license)) {
            return Ok(Receipt::Already);
        }
        self.put(operation, reading, &Edit::Remove(&is_it)).await
    }

    async fn assign(&self, operation: &Operation, reading: &Reading) -> Result<Receipt, AdapterError> {
        let ours = &operation.license;
        let names = self.names_for(ours, reading).await?;
        let mut held = update::licenses(&reading.value).into_iter().filter(|license| !is_number(license));
        if held.any(|license| names.ours(&license).is_some_and(|name| name == *ours)) {
            return Ok(Receipt::Already);
        }
        let theirs = names.theirs(ours);
        let mut unit = License {
            id: None,
            name: Some(theirs.name.to_string()),
            country: theirs.country.map(|country| country.to_string()),
        };
        if is_number(&unit) {
            let message = format!("`{ours}` follows phone numbers and cannot be assigned");
            return Err(AdapterError::new(ErrorKind::Forbidden, message).help("assign a phone number instead"));
        }
        let inventory = self.inventory().await?;
        if !inventory.units.is_empty() {
            let known = self.known().await?;
            let mut handed_out = self.handed_out.lock().unwrap_or_else(PoisonError::into_inner);
            let is_taken = |id: &str| known.held.contains(id) || handed_out.contains(id);
            if let Some(free) = inventory.free(&known.names, ours, is_taken).cloned() {
                // Whatever comes of it: a unit that was refused once is not tried again.
                handed_out.extend(free.id.clone());
                unit = License { country: free.country.or(unit.country), ..free };
            }
        }
        self.put(operation, reading, &Edit::Assign(&unit)).await
    }

    async fn restore(&self, operation: &Operation, reading: &Reading) -> Result<Receipt, AdapterError> {
        let mut wanted = Vec::with_capacity(operation.memberships.len());
        for text in &operation.memberships {
            let Some(membership) = Membership::parse(text) else {
                let message = format!("`{text}` is no membership that this interface can give back");
                return Err(AdapterError::new(ErrorKind::Unsupported, message)
                    .help("add the person by hand; the interface's own are `ring-group/ID` and `call-queue/ID`"));
            };
            wanted.push(membership);
        }
        let held = reading.person.memberships.as_deref().unwrap_or_default();
        if operation.memberships.iter().all(|text| held.contains(text)) {
            return Ok(Receipt::Already);
        }
        self.put(operation, reading, &Edit::Restore(&wanted)).await
    }

    /// Sends the whole user with that change.
    async fn put(&self, operation: &Operation, reading: &Reading, edit: &Edit<'_>) -> Result<Receipt, AdapterError> {
        let malformed = |text: &str| AdapterError::new(ErrorKind::Malformed, text);
        let body = update::body(&reading.value, edit).ok_or_else(|| malformed("the user has not the shape of one"))?;
        let body = serde_json::to_vec(&body).map_err(|_| malformed("the user cannot be written"))?;
        self.room().await?;
        let reply = self.client.send(Method::PUT, &["users", &operation.account], USERS, USERS, body).await?;
        if !reply.is_success() {
            return Err(refused(&self.rules, &reply, Asked::Write));
        }
        // Whatever is not clearly said is looked up.
        let Some(Object(underway)) = reply.maybe_json::<Object<Underway>>() else { return Ok(Receipt::Accepted(None)) };
        let handle = underway.operation_id.as_deref().and_then(Handle::new);
        match underway.status.as_deref() {
            Some("COMPLETED") => Ok(Receipt::Done),
            Some("FAILED") => Err(failed(&self.rules, &underway, &reply)),
            Some(_) | None => {
                if let Some(handle) = &handle {
                    self.flights.begin(handle);
                }
                Ok(Receipt::Accepted(handle))
            }
        }
    }

    /// Waits until the vendor has room for another operation.
    async fn room(&self) -> Result<(), AdapterError> {
        let limit = Instant::now() + ROOM_LIMIT;
        while let Some(handle) = self.flights.in_the_way() {
            if Instant::now() >= limit {
                let message = "the vendor carries out as many operations as it does at a time";
                let pause = Some(Duration::from_secs(5));
                return Err(AdapterError::new(ErrorKind::Throttled, message).after(pause));
            }
            // What it says is for whoever waits for that operation; here it only matters whether it is over.
            let _ = self.ask(&handle).await;
        }
        Ok(())
    }

    /// Asks for an operation when that is due.
    pub(super) async fn ask(&self, handle: &Handle) -> Result<Receipt, AdapterError> {
        sleep_until(self.flights.turn(handle)).await;
        let reply = self.client.get_once(&["operations", handle.as_str()], &[], OPERATIONS).await?;
        if reply.status == 404 && self.flights.is_young(handle) {
            return Ok(Receipt::Accepted(Some(handle.clone())));
        }
        let answer = self.fate(handle, &reply);
        let is_over = match &answer {
            Ok(receipt) => !matches!(receipt, Receipt::Accepted(_)),
            Err(error) => matches!(
                error.kind,
                ErrorKind::NotFound | ErrorKind::Conflict | ErrorKind::NoSeat | ErrorKind::Forbidden
            ),
        };
        if is_over {
            self.flights.end(handle);
        }
        answer
    }

    fn fate(&self, handle: &Handle, reply: &Reply) -> Result<Receipt, AdapterError> {
        if reply.status == 404 {
            let message = format!("the vendor does not know the operation `{handle}`");
            return Err(reply.error(ErrorKind::NotFound, message));
        }
        if !reply.is_success() {
            return Err(refused(&self.rules, reply, Asked::Read));
        }
        let Object(underway): Object<Underway> = reply.json()?;
        match underway.status.as_deref() {
            Some("PENDING" | "IN_PROGRESS") => Ok(Receipt::Accepted(Some(handle.clone()))),
            Some("COMPLETED") => Ok(Receipt::Done),
            Some("FAILED") => Err(failed(&self.rules, &underway, reply)),
            // The person has to be looked at.
            Some(_) | None => {
                let message = format!("the vendor does not say what became of the operation `{handle}`");
                Err(reply.error(ErrorKind::Malformed, message))
            }
        }
    }
}

impl Execute for Phones {
    fn execute<'a>(&'a self, operation: &'a Operation) -> Answer<'a, Receipt> {
        Box::pin(async move {
            let is_ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).remove(&operation.account);
            let requests = if is_ready { CHANGE_REQUESTS } else { 0 };
            reserved(requests, self.carry_out(operation)).await
        })
    }

    fn ready<'a>(&'a self, operations: &'a [&'a Operation]) -> Answer<'a, ()> {
        Box::pin(async move {
            for operation in operations {
                self.client.reserve(CHANGE_REQUESTS).await?;
                self.ready.lock().unwrap_or_else(PoisonError::into_inner).insert(operation.account.clone());
            }
            Ok(())
        })
    }

    fn health(&self) -> Answer<'_, Health> {
        // Whether updates are taken can be told only by one; that the key is let in can be told by a reading.
        Box::pin(async move {
            let reply = self.client.get_as_writer(&["users"], &[("pageSize", "1")], USERS).await?;
            self.health_of(&reply)
        })
    }
}
