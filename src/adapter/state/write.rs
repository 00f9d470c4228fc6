//! From an observation to a file, in the form that was found.
//!
//! A new file is written beside the old one, synced and renamed over it, and then the folder is synced: whoever
//! reads, and whenever the machine stops, there is a whole file.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;

use super::{Form, Spelling, quote};
use crate::model::{Account, Observation, Pool};

/// Why a state file was not written.
#[derive(Debug)]
pub struct WriteError {
    /// What the system said.
    pub error: io::Error,
    /// Whether the new file may be there all the same.
    pub maybe_written: bool,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the state file cannot be written: {}", self.error)
    }
}

impl std::error::Error for WriteError {}

/// An observation as it is written: the fields of the format in its order, with the vendor's names of licenses.
#[derive(Serialize)]
struct Written<'a> {
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
    form: &Form,
    spelling: &Spelling,
) -> Result<Vec<u8>, io::Error> {
    // Named one by one, so that a new field cannot be forgotten here.
    let Observation { api_version, kind, tenant, vendor, observed_at: _, complete, busy, pools, accounts } =
        observation;
    let mut written = Written {
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
    if !spelling.is_plain() {
        for pool in written.pools.to_mut() {
            pool.license = spelling.theirs(&pool.license).clone();
        }
        for holding in written.accounts.to_mut().iter_mut().flat_map(|account| &mut account.holdings) {
            holding.license = spelling.theirs(&holding.license).clone();
        }
    }
    let mut text = Vec::with_capacity(1024 + 192 * accounts.len());
    match form {
        Form::Json { pretty: false } => serde_json::to_writer(&mut text, &written)?,
        Form::Json { pretty: true } => serde_json::to_writer_pretty(&mut text, &written)?,
        Form::Yaml { header } => {
            text.extend_from_slice(header.as_bytes());
            text.extend_from_slice(quote::yaml(&written).map_err(io::Error::other)?.as_bytes());
        }
    }
    if text.last() != Some(&b'\n') {
        text.push(b'\n');
    }
    Ok(text)
}

/// Puts a new file in the place of the old one.
///
/// # Errors
/// When the system refuses; the old file is still there then, or the new one as a whole.
pub fn replace(path: &Path, text: &[u8]) -> Result<(), WriteError> {
    // A symlink stays one; what it leads to is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let before = |error| WriteError { error, maybe_written: false };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".reseat-").tempfile_in(folder).map_err(before)?;
    file.write_all(text).map_err(before)?;
    if let Ok(about) = std::fs::metadata(&target) {
        file.as_file().set_permissions(about.permissions()).map_err(before)?;
    }
    file.as_file().sync_all().map_err(before)?;
    file.persist(&target).map_err(|error| before(error.error))?;
    sync_folder(folder).map_err(|error| WriteError { error, maybe_written: true })
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    // Other systems sync the rename with the file.
    Ok(())
}
