//! The words of the contract. Fields that are not ours are passed over.

use jiff::civil::Date;
use serde::Deserialize;
use smol_str::SmolStr;

/// A subscription.
#[derive(Debug, Deserialize)]
pub(super) struct Subscription {
    pub(super) id: SmolStr,
    pub(super) status: SmolStr,
}

/// A product of a subscription.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Product {
    pub(super) product_id: SmolStr,
    #[serde(default)]
    pub(super) total: Option<u64>,
    #[serde(default)]
    pub(super) assigned: Option<u64>,
    #[serde(default)]
    pub(super) expires: Option<Date>,
}

/// What a person has in a subscription.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) user_id: SmolStr,
    pub(super) email: SmolStr,
    pub(super) products: Vec<SmolStr>,
    /// Those of them that come from elsewhere.
    #[serde(default)]
    pub(super) inherited: Vec<SmolStr>,
    /// Whether the account may be changed here; it may where nothing is said.
    #[serde(default)]
    pub(super) origin: Option<SmolStr>,
    #[serde(default)]
    pub(super) etag: Option<SmolStr>,
}

/// A page of rows.
#[derive(Debug, Deserialize)]
pub(super) struct Rows {
    pub(super) items: Vec<Row>,
    pub(super) total: usize,
}

/// Who the key is of.
#[derive(Debug, Deserialize)]
pub(super) struct Me {
    #[serde(default)]
    pub(super) role: Option<String>,
}
