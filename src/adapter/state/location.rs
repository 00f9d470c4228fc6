//! Where in a state file something stands.
//!
//! The fast readers keep no places, for a large state is nearly always right. When it is not, it is read once more
//! with places; JSON is YAML enough for that.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::display_name;
use crate::diagnostic::Source;
use crate::manifest::yaml::{self, Spanned};

/// Larger files get their findings without a line: reading with places is slow.
const LOCATED_MAX_BYTES: usize = 64 << 20;

/// Something in a state file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservationField {
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

type FieldSpan = Option<Spanned<IgnoredAny>>;

/// The places of an observation; all that is not asked for is passed over.
#[derive(Deserialize)]
struct ObservationSpans {
    tenant: FieldSpan,
    vendor: FieldSpan,
    #[serde(default)]
    pools: Vec<PoolSpans>,
    #[serde(default)]
    accounts: Vec<AccountSpans>,
}

#[derive(Deserialize)]
struct PoolSpans {
    license: FieldSpan,
}

#[derive(Deserialize)]
struct AccountSpans {
    id: FieldSpan,
    #[serde(default)]
    holdings: Vec<HoldingSpans>,
}

#[derive(Deserialize)]
struct HoldingSpans {
    license: FieldSpan,
    state: FieldSpan,
}

/// The places of one file, or its beginning where they cannot be told.
pub(super) struct StateFileLocations {
    name: Arc<str>,
    spans: Option<ObservationSpans>,
}

impl StateFileLocations {
    /// Reads the file once more.
    pub(super) fn read(path: &Path) -> Self {
        let name = display_name(path);
        let bytes = std::fs::read(path).ok().filter(|bytes| bytes.len() <= LOCATED_MAX_BYTES);
        let placed = bytes.and_then(|bytes| {
            let text = yaml::decode_text(&bytes, &name, &mut Vec::new())?;
            yaml::parse(text, &name).ok()
        });
        Self { name, spans: placed }
    }

    /// Where that is.
    pub(super) fn source(&self, at: ObservationField) -> Source {
        let place = self.spans.as_ref().and_then(|placed| match at {
            ObservationField::Tenant => placed.tenant.as_ref(),
            ObservationField::Vendor => placed.vendor.as_ref(),
            ObservationField::Pool(pool) => placed.pools.get(pool)?.license.as_ref(),
            ObservationField::Account(account) => placed.accounts.get(account)?.id.as_ref(),
            ObservationField::License(account, holding) => {
                placed.accounts.get(account)?.holdings.get(holding)?.license.as_ref()
            }
            ObservationField::State(account, holding) => {
                placed.accounts.get(account)?.holdings.get(holding)?.state.as_ref()
            }
        });
        let number = |count: u64| u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        let (line, column) =
            place.map_or((1, 1), |place| (number(place.referenced.line()), number(place.referenced.column())));
        Source { file: Arc::clone(&self.name), line, column }
    }
}
