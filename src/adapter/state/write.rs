//! From an observation to the text of a file, in the form that was found.

use std::borrow::Cow;
use std::io;

use jiff::Timestamp;
use serde::Serialize;

use super::{LicenseSpelling, StateFileEncoding, quote};
use crate::model::{Account, Observation, Pool};

/// An observation as it is written: the fields of the format in its order, with the vendor's names of licenses.
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

/// The text of a state file, as of that moment.
///
/// # Errors
/// When the observation has no such form.
pub fn encode(
    observation: &Observation,
    observed_at: Timestamp,
    form: &StateFileEncoding,
    spelling: &LicenseSpelling,
) -> Result<Vec<u8>, io::Error> {
    // Named one by one, so that a new field cannot be forgotten here.
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
