//! What an adapter is: the reading half and the writing half of a tenant.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{AdapterError, OperationHandle, Receipt, RequestLimiter, TenantHealth};
use crate::model::{Account, Observation, Operation, Pool};

/// What an adapter promises to answer.
pub type AdapterFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, AdapterError>> + Send + 'a>>;

/// What an adapter promises to answer to several operations: one answer each, in their order.
pub type BatchFuture<'a, T> = Pin<Box<dyn Future<Output = Vec<Result<T, AdapterError>>> + Send + 'a>>;

/// The reading half.
pub trait Observe: Send + Sync {
    /// Reads everything: pools and accounts.
    fn observe(&self) -> AdapterFuture<'_, Observation>;

    /// Reads one account afresh, by the vendor's id; `None` where there is surely no such account.
    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>>;

    /// Why the vendor refuses changes just now, if it does.
    fn busy(&self) -> AdapterFuture<'_, Option<String>>;

    /// Reads the pools afresh, and nothing else where the vendor lets us.
    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(async { Ok(self.observe().await?.counted_pools()) })
    }

    /// Whether what was sent by a program that died is to be seen at the first look, or never comes: so it is with
    /// a file, and not with a network. Then nobody waits for it after a crash.
    fn is_immediate(&self) -> bool {
        false
    }

    /// Asks what became of an operation that was accepted, by what the vendor called it: [`Receipt::Accepted`] while it
    /// is at work, [`Receipt::Done`] when it says that it is done, an error where it failed for good or cannot be asked.
    /// A vendor that calls nothing by a name is read instead.
    fn poll<'a>(&'a self, operation: &'a Operation, handle: &'a OperationHandle) -> AdapterFuture<'a, Receipt> {
        let (_, handle) = (operation, handle.clone());
        Box::pin(async { Ok(Receipt::Accepted(Some(handle))) })
    }

    /// How the tenant is, and how much it lets us ask: one small request where the vendor has one.
    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async {
            self.busy().await?;
            Ok(TenantHealth::default())
        })
    }

    /// Returns the limiter that the adapter's own requests pass, if it has one; the executor takes its tokens there.
    fn limiter(&self) -> Option<Arc<RequestLimiter>> {
        None
    }
}

/// The writing half.
pub trait Execute: Send + Sync {
    /// Sends one operation, once. It returns when the vendor answered, which need not mean that the effect is there.
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt>;

    /// Returns how many requests one call of [`execute`](Self::execute) sends. The executor takes their tokens before it
    /// journals the operation, so that nothing that counts as sent still waits.
    fn requests_per_call(&self) -> u32 {
        1
    }

    /// Whether changes would be let through, as far as can be told without one.
    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async { Ok(TenantHealth::default()) })
    }

    /// How many operations one request can carry, all of one kind; at least one.
    fn batch_size(&self) -> usize {
        1
    }

    /// Sends several operations, each once, and together where the vendor takes them so. One that fails takes no
    /// other along. There is one answer for each operation, in their order.
    fn execute_batch<'a>(&'a self, operations: &'a [&'a Operation]) -> BatchFuture<'a, Receipt> {
        Box::pin(async move {
            let mut answers = Vec::with_capacity(operations.len());
            for operation in operations {
                answers.push(self.execute(operation).await);
            }
            answers
        })
    }
}

/// A tenant that can be reached.
#[derive(Clone)]
pub struct Connection {
    /// The reading half.
    pub observe: Arc<dyn Observe>,
    /// The writing half, where there is one.
    pub execute: Option<Arc<dyn Execute>>,
}
