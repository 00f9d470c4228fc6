//! The traits of an adapter: reading a tenant and changing it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{AdapterError, OperationHandle, Receipt, RequestLimiter, TenantHealth};
use crate::model::{Account, Observation, Operation, Pool};

/// The future of one result.
pub type AdapterFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, AdapterError>> + Send + 'a>>;

/// The future of one result per operation, in the order of the operations.
pub type BatchFuture<'a, T> = Pin<Box<dyn Future<Output = Vec<Result<T, AdapterError>>> + Send + 'a>>;

/// Reads a tenant.
pub trait Observe: Send + Sync {
    /// Reads all pools and accounts.
    fn observe(&self) -> AdapterFuture<'_, Observation>;

    /// Reads one account by the vendor's id; `None` if it certainly does not exist.
    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>>;

    /// Returns why the vendor currently refuses changes, if it does.
    fn busy(&self) -> AdapterFuture<'_, Option<String>>;

    /// Reads the pools, and nothing else if the vendor allows that.
    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(async { Ok(self.observe().await?.counted_pools()) })
    }

    /// Whether the first read after a crash shows everything that was sent, as with a file. Otherwise the executor keeps
    /// reading until the wait ends before a write counts as absent.
    fn is_immediate(&self) -> bool {
        false
    }

    /// Polls an accepted operation: [`Receipt::Accepted`] while it is in progress, [`Receipt::Done`] when it is done, an
    /// error if it failed or cannot be polled. Adapters without handles are read instead.
    fn poll<'a>(&'a self, operation: &'a Operation, handle: &'a OperationHandle) -> AdapterFuture<'a, Receipt> {
        let (_, handle) = (operation, handle.clone());
        Box::pin(async { Ok(Receipt::Accepted(Some(handle))) })
    }

    /// Checks the tenant, with one small request if the vendor has one.
    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async {
            self.busy().await?;
            Ok(TenantHealth::default())
        })
    }

    /// Returns the limiter of the adapter's requests, if any; the executor takes its tokens there.
    fn limiter(&self) -> Option<Arc<RequestLimiter>> {
        None
    }
}

/// Changes a tenant.
pub trait Execute: Send + Sync {
    /// Sends one operation once, and returns the vendor's response. The effect may come later.
    fn execute<'a>(&'a self, operation: &'a Operation) -> AdapterFuture<'a, Receipt>;

    /// Returns how many requests one call of [`execute`](Self::execute) sends. The executor takes their tokens before it
    /// journals the operation, so that nothing that counts as sent still waits.
    fn requests_per_call(&self) -> u32 {
        1
    }

    /// Checks whether the vendor would accept changes, as far as possible without one.
    fn health(&self) -> AdapterFuture<'_, TenantHealth> {
        Box::pin(async { Ok(TenantHealth::default()) })
    }

    /// Returns how many operations of one kind a request can carry; at least one.
    fn batch_size(&self) -> usize {
        1
    }

    /// Sends several operations, each once, in one request if the vendor supports that. A failed operation does not affect
    /// the others.
    fn execute_batch<'a>(&'a self, operations: &'a [&'a Operation]) -> BatchFuture<'a, Receipt> {
        Box::pin(async move {
            let mut receipts = Vec::with_capacity(operations.len());
            for operation in operations {
                receipts.push(self.execute(operation).await);
            }
            receipts
        })
    }
}

/// A connection to a tenant.
#[derive(Clone)]
pub struct Connection {
    /// Reads the tenant.
    pub observe: Arc<dyn Observe>,
    /// Changes the tenant; `None` if changes are not allowed or people make them.
    pub execute: Option<Arc<dyn Execute>>,
}
