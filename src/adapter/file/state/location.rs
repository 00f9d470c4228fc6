//! Locations of the fields in a state file.
//!
//! The fast readers keep no locations, because a large state file is nearly always valid. An invalid one is read again by
//! the YAML reader, which also reads JSON.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::display_name;
use crate::adapter::validate::ObservationField;
use crate::diagnostic::Source;
use crate::manifest::yaml::{self, Spanned};

/// Findings of larger files have no line, because reading with locations is slow.
const LOCATED_MAX_BYTES: usize = 64 << 20;

type FieldSpan = Option<Spanned<IgnoredAny>>;

/// The spans of an observation's fields.
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

/// The locations of one file.
pub(super) struct StateFileLocations {
    name: Arc<str>,
    spans: Option<ObservationSpans>,
}

impl StateFileLocations {
    /// Reads the file again, with locations.
    pub(super) fn read(path: &Path) -> Self {
        let name = display_name(path);
        let bytes = std::fs::read(path).ok().filter(|bytes| bytes.len() <= LOCATED_MAX_BYTES);
        let placed = bytes.and_then(|bytes| {
            let text = yaml::decode_text(&bytes, &name, &mut Vec::new())?;
            yaml::parse(text, &name).ok()
        });
        Self { name, spans: placed }
    }

    /// Returns the location of a field, or the beginning of the file if it is unknown.
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
