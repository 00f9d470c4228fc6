//! Writes an observation in the encoding and spelling of its file.

use std::borrow::Cow;
use std::io;

use jiff::Timestamp;
use serde::Serialize;

use super::{StateFileEncoding, quote};
use crate::adapter::LicenseSpelling;
use crate::model::{Account, Observation, Pool};

/// An observation in the field order of the format.
#[derive(Serialize)]
struct StateDocument<'a> {
    #[serde(rename = "apiVersion")]
    api_version: &'a str,
    kind: &'a str,
    tenant: &'a str,
    vendor: &'a str,
    observed_at: Timestamp,
    complete: bool,
    busy: &'a Option<String>,
    pools: Cow<'a, [Pool]>,
    accounts: Cow<'a, [Account]>,
}

/// Returns the text of a state file, with the given time of observation.
///
/// # Errors
/// Fails if the observation cannot be serialized.
pub(crate) fn encode(
    observation: &Observation,
    observed_at: Timestamp,
    form: &StateFileEncoding,
    spelling: &LicenseSpelling,
) -> Result<Vec<u8>, io::Error> {
    // Without `..`, so that the compiler reports a new field here.
    let Observation { api_version, kind, tenant, vendor, observed_at: _, complete, busy, pools, accounts } =
        observation;
    let mut written = StateDocument {
        api_version,
        kind,
        tenant,
        vendor,
        observed_at,
        complete: *complete,
        busy,
        pools: Cow::Borrowed(pools),
        accounts: Cow::Borrowed(accounts),
    };
    if !spelling.is_identity() {
        for pool in written.pools.to_mut() {
            pool.license = spelling.vendor_name(&pool.license).clone();
        }
        for holding in written.accounts.to_mut().iter_mut().flat_map(|account| &mut account.holdings) {
            holding.license = spelling.vendor_name(&holding.license).clone();
        }
    }
    let mut text = Vec::with_capacity(1024 + 192 * accounts.len());
    match form {
        StateFileEncoding::Json { pretty: false } => serde_json::to_writer(&mut text, &written)?,
        StateFileEncoding::Json { pretty: true } => serde_json::to_writer_pretty(&mut text, &written)?,
        StateFileEncoding::Yaml { header } => {
            text.extend_from_slice(header.as_bytes());
            text.extend_from_slice(quote::to_yaml(&written).map_err(io::Error::other)?.as_bytes());
        }
    }
    if text.last() != Some(&b'\n') {
        text.push(b'\n');
    }
    Ok(text)
}
