//! Where in a state file something stands.
//!
//! The fast readers keep no places, for a large state is nearly always right. When it is not, it is read once more
//! with places; JSON is YAML enough for that.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::name_of;
use crate::diagnostic::Source;
use crate::manifest::yaml::{self, Spanned};

/// Larger files get their findings without a line: reading with places is slow.
const PLACED_MAX_BYTES: usize = 64 << 20;

/// Something in a state file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// The value of `tenant`.
    Tenant,
    /// The value of `vendor`.
    Vendor,
    /// The license of the pool of that number.
    Pool(usize),
    /// The id of the account of that number.
    Account(usize),
    /// The license of a holding: the account's number, and its own.
    License(usize, usize),
    /// The state of a holding: the account's number, and its own.
    State(usize, usize),
}

type Place = Option<Spanned<IgnoredAny>>;

/// The places of an observation; all that is not asked for is passed over.
#[derive(Deserialize)]
struct Placed {
    tenant: Place,
    vendor: Place,
    #[serde(default)]
    pools: Vec<PlacedPool>,
    #[serde(default)]
    accounts: Vec<PlacedAccount>,
}

#[derive(Deserialize)]
struct PlacedPool {
    license: Place,
}

#[derive(Deserialize)]
struct PlacedAccount {
    id: Place,
    #[serde(default)]
    holdings: Vec<PlacedHolding>,
}

#[derive(Deserialize)]
struct PlacedHolding {
    license: Place,
    state: Place,
}

/// The places of one file, or its beginning where they cannot be told.
pub(super) struct Places {
    name: Arc<str>,
    placed: Option<Placed>,
}

impl Places {
    /// Reads the file once more.
    pub(super) fn read(path: &Path) -> Self {
        let name = name_of(path);
        let bytes = std::fs::read(path).ok().filter(|bytes| bytes.len() <= PLACED_MAX_BYTES);
        let placed = bytes.and_then(|bytes| {
            let text = yaml::decode(&bytes, &name, &mut Vec::new())?;
            yaml::parse(text, &name).ok()
        });
        Self { name, placed }
    }

    /// Where that is.
    pub(super) fn source(&self, at: At) -> Source {
        let place = self.placed.as_ref().and_then(|placed| match at {
            At::Tenant => placed.tenant.as_ref(),
            At::Vendor => placed.vendor.as_ref(),
            At::Pool(pool) => placed.pools.get(pool)?.license.as_ref(),
            At::Account(account) => placed.accounts.get(account)?.id.as_ref(),
            At::License(account, holding) => placed.accounts.get(account)?.holdings.get(holding)?.license.as_ref(),
            At::State(account, holding) => placed.accounts.get(account)?.holdings.get(holding)?.state.as_ref(),
        });
        let number = |count: u64| u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let (line, column) =
            place.map_or((1, 1), |place| (number(place.referenced.line()), number(place.referenced.column())));
        Source { file: Arc::clone(&self.name), line, column }
    }
}
