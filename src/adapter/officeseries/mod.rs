//! OfficeSeries through a bridge that a team runs itself: the contract is reseat's own, for the vendor publishes none.
//!
//! `reseat emulate officeseries` serves the same contract. A change replaces the set of products that a person has in
//! one subscription, by a tag of the row that was read just before.
//! What must hold: a change touches one product and keeps all others, whoever gave them; a row that changed meanwhile
//! is read again before anything is sent.

mod rows;
mod wire;

use std::sync::Arc;

use reqwest::Method;
use smol_str::SmolStr;

use self::wire::{Me, Row};
use super::bridge::{Bridge, JSON, refusal};
use super::http::HttpResponse;
use super::{
    AdapterDescriptor, AdapterError, AdapterFuture, Capabilities, Connection, ConnectionConfig, CredentialRequirement,
    ErrorKind, Execute, Observe, PoolSource, Receipt, RequestLimiter, TenantHealth, WriteMode,
};
use crate::diagnostic::Finding;
use crate::model::{Account, Observation, Operation, OperationKind, Pool};

/// How often a change is made again because the row changed meanwhile.
const ATTEMPTS: usize = 4;

/// What the adapter is.
pub static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "officeseries",
    key: "api",
    vendor: Some("officeseries"),
    capabilities: Capabilities {
        write_mode: WriteMode::Direct,
        asynchronous: false,
        paged: true,
        pools: PoolSource::Vendor,
        memberships: false,
        batch: false,
        throttles: true,
        cancels: false,
        busy: false,
        credentials: true,
    },
    read_credentials: &[CredentialRequirement {
        setting: "key",
        privilege: "may read subscriptions and their license assignments",
    }],
    write_credentials: &[CredentialRequirement {
        setting: "write_key",
        privilege: "Subscription Administrator or User Administrator of the subscriptions",
    }],
    connect,
};

fn connect(reach: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let tenant = Arc::new(Office { bridge: Bridge::new(reach)? });
    let execute: Arc<dyn Execute> = Arc::<Office>::clone(&tenant);
    Ok(Connection { observe: tenant, execute: Some(execute) })
}

/// The tenant behind a bridge.
struct Office {
    bridge: Bridge,
}

impl Office {
    async fn change(&self, operation: &Operation) -> Result<Receipt, AdapterError> {
        let gives = match operation.kind {
            OperationKind::Assign => true,
            OperationKind::Remove => false,
            OperationKind::Cancel | OperationKind::Change | OperationKind::Restore | OperationKind::Release => {
                let message = format!("the vendor cannot `{}` a license", operation.kind.as_str());
                return Err(AdapterError::new(ErrorKind::Unsupported, message));
            }
        };
        let license = self.bridge.theirs(&operation.license);
        let Some((subscription, product)) = license.split_once('/') else {
            let message = format!("`{license}` names no subscription");
            return Err(AdapterError::new(ErrorKind::NotFound, message).help("write it as `subscription/product`"));
        };
        let path = ["subscriptions", subscription, "license-assignments", &*operation.account];
        let mut attempt = 1;
        loop {
            let reply = self.bridge.client.get(&path, &[], JSON).await?;
            if !reply.is_success() {
                return Err(self.refused(&reply, false, license));
            }
            let row: Row = reply.json()?;
            if row.products.iter().any(|held| held == product) == gives {
                return Ok(Receipt::Already);
            }
            if !gives && row.inherited.iter().any(|held| held == product) {
                let message = format!("`{license}` was not given to this person directly");
                return Err(AdapterError::new(ErrorKind::Forbidden, message).help("change what it comes from"));
            }
            let tag = reply.header("etag").map(SmolStr::new).or(row.etag);
            let Some(tag) = tag else {
                let message = "the bridge gives no tag of the row, so nobody could tell whether it changed meanwhile";
                return Err(AdapterError::new(ErrorKind::Malformed, message));
            };
            let mut products: Vec<&str> =
                row.products.iter().map(SmolStr::as_str).filter(|held| *held != product).collect();
            if gives {
                products.push(product);
            }
            let body = serde_json::json!({ "products": products }).to_string().into_bytes();
            let reply = self.bridge.client.send_if_match(Method::PUT, &path, JSON, body, &tag).await?;
            if reply.is_success() {
                return Ok(Receipt::Done);
            }
            // Surely nothing was done: somebody else was faster, perhaps an operation of ours on another product.
            if reply.status != 412 || attempt == ATTEMPTS {
                return Err(self.refused(&reply, true, license));
            }
            attempt += 1;
        }
    }

    /// The error that such an answer is.
    fn refused(&self, reply: &HttpResponse, write: bool, license: &str) -> AdapterError {
        let said = refusal(reply);
        match (reply.status, &*said.code) {
            (409, "NoLicensesAvailable") => reply
                .error(ErrorKind::NoSeat, format!("no seat of `{license}` is free"))
                .help(self.bridge.rules.profile().no_seat_help),
            (422, "SubscriptionNotActive") => reply
                .error(ErrorKind::Conflict, format!("the subscription of `{license}` is not active"))
                .help("renew it at the vendor"),
            (403, "NotYours") => reply.error(ErrorKind::Forbidden, said.message),
            (412 | 428, _) => reply.error(ErrorKind::Conflict, "the row changed while it was being changed"),
            _ => self.bridge.refused(reply, write),
        }
    }
}

impl Observe for Office {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(self.read())
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        Box::pin(self.read_account(id))
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        // Changes take effect at once, and no page speaks of times without them.
        Box::pin(async { Ok(None) })
    }

    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(self.read_pools())
    }

    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async {
            let reply = self.bridge.client.get(&["me"], &[], JSON).await?;
            if !reply.is_success() {
                return Err(self.bridge.refused(&reply, false));
            }
            let Me { role } = reply.json()?;
            let roles = self.bridge.rules.profile().administrator.roles;
            let may_write = role.as_deref().is_none_or(|role| roles.contains(&role));
            Ok(self.bridge.health(role, may_write))
        })
    }

    fn limiter(&self) -> Option<Arc<RequestLimiter>> {
        Some(self.bridge.client.limiter())
    }
}

impl Execute for Office {
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt> {
        Box::pin(self.change(operation))
    }
}
