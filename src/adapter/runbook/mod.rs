//! The `runbook` adapter: reads the export of a vendor's console, in which people make the changes.
//!
//! It has no executor: the runbook hands operations over to people, and a later export shows their effect. An export that is
//! truncated, being written or without a required column is an error, never an empty tenant.

mod accounts;
mod cells;
mod columns;
mod table;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use self::columns::ColumnMatcher;
use super::file::state::{self, FileVersion};
use super::{
    AdapterDescriptor, AdapterError, AdapterFuture, Capabilities, Connection, ConnectionConfig, ErrorKind, Observe,
    PoolSource, WriteMode,
};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, did_you_mean};
use crate::env::Clock;
use crate::model::{Account, AdapterSettings, Observation, Pool, TenantSettings};
use crate::profile::Rules;
use crate::profile::definition::ExportColumn;

pub(super) static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "runbook",
    key: "runbook",
    vendor: None,
    capabilities: Capabilities {
        write_mode: WriteMode::Manual,
        asynchronous: true,
        paged: false,
        pools: PoolSource::Operator,
        memberships: true,
        batch: false,
        throttles: false,
        cancels: true,
        busy: false,
        credentials: false,
    },
    read_credentials: &[],
    write_credentials: &[],
    connect,
};

/// The most attempts to read an export that changes while it is read.
const READS_MAX: u32 = 3;

fn connect(config: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let AdapterSettings::Runbook(settings) = &config.settings.adapter else { return Err(Vec::new()) };
    let unknown = settings.columns.keys().filter(|name| ExportColumn::parse(name).is_none());
    let findings: Vec<Finding> = unknown.map(|name| unknown_column_finding(name)).collect();
    if !findings.is_empty() {
        return Err(findings);
    }
    let Some(path) = settings.export.clone() else {
        return Err(vec![missing_export_finding(config.settings, config.rules)]);
    };
    let reader = ExportReader {
        path,
        settings: config.settings.clone(),
        rules: config.rules.clone(),
        clock: config.access.clock,
        cache: Mutex::default(),
    };
    Ok(Connection { observe: Arc::new(RunbookTenant { reader: Arc::new(reader) }), execute: None })
}

fn unknown_column_finding(name: &str) -> Finding {
    let known = ExportColumn::NAMED.map(|(_, known)| known);
    let help = did_you_mean(name, &known).unwrap_or_else(|| format!("use one of `{}`", known.join("`, `")));
    Finding::error(&codes::EXPORT_COLUMN, format!("unknown key `{name}` in `columns`")).help(help)
}

/// Reports that the tenant names no export, and explains how to create one.
fn missing_export_finding(settings: &TenantSettings, rules: &Rules) -> Finding {
    let required: Vec<&str> =
        ExportColumn::NAMED.iter().filter(|(column, _)| column.is_required()).map(|(_, name)| *name).collect();
    let message = format!("tenant `{}` is changed in the vendor's console, but names no export of it", settings.name);
    let help = format!(
        "{}; it needs a column for `{}`; then write `runbook: {{ export: exports/{}.csv }}`",
        rules.profile().procedure.export.instructions(),
        required.join("` and `"),
        settings.name,
    );
    Finding::error(&codes::EXPORT_MISSING, message).help(help)
}

/// A tenant as its export shows it.
struct RunbookTenant {
    reader: Arc<ExportReader>,
}

struct ExportReader {
    path: PathBuf,
    settings: TenantSettings,
    rules: Rules,
    clock: Clock,
    /// The last observation, and the version of its file.
    cache: Mutex<Option<(FileVersion, Arc<Observation>)>>,
}

impl ExportReader {
    /// Reads the export unless the cached version is current.
    fn current(&self) -> Result<Arc<Observation>, AdapterError> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let unreadable = |error: std::io::Error| {
            let message = format!("the export `{}` cannot be read: {error}", self.path.display());
            let help = format!("{}; put it there", self.rules.profile().procedure.export.instructions());
            state::to_adapter_error(vec![Finding::error(&codes::UNREADABLE, message).help(help)])
        };
        for _ in 0..READS_MAX {
            let version = FileVersion::read(&self.path).map_err(unreadable)?;
            if let Some((_, observation)) = cache.as_ref().filter(|(cached, _)| *cached == version) {
                return Ok(Arc::clone(observation));
            }
            *cache = None;
            let loaded = self.load(version.modified());
            // If the file changed meanwhile, the result is meaningless.
            if FileVersion::read(&self.path).map_err(unreadable)? == version {
                let observation = Arc::new(loaded.map_err(state::to_adapter_error)?);
                *cache = Some((version, Arc::clone(&observation)));
                return Ok(observation);
            }
        }
        let message = format!("the export `{}` is currently being written", self.path.display());
        Err(AdapterError::new(ErrorKind::Unavailable, message).help("wait until it is complete"))
    }

    fn load(&self, modified: Option<Timestamp>) -> Result<Observation, Vec<Finding>> {
        if is_observation(&self.path) {
            return state::read(&self.path, &self.settings, &self.rules);
        }
        // A modification time in the future is wrong.
        let now = self.clock.time();
        let observed_at = modified.map_or(now, |modified| modified.min(now));
        let columns = ColumnMatcher::new(&self.rules, &self.settings);
        accounts::read(&self.path, &self.settings, &self.rules, &columns, observed_at)
    }

    /// Reads from the export on a blocking thread.
    async fn read<T: Send + 'static>(
        self: Arc<Self>,
        read: impl FnOnce(&Observation) -> T + Send + 'static,
    ) -> Result<T, AdapterError> {
        let reading = tokio::task::spawn_blocking(move || self.current().map(|observation| read(&observation)));
        reading.await.unwrap_or_else(|error| {
            Err(AdapterError::new(ErrorKind::Io, format!("reading the export was canceled: {error}")))
        })
    }
}

/// Whether the file is an observation rather than a table.
fn is_observation(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

impl Observe for RunbookTenant {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(Arc::clone(&self.reader).read(Observation::clone))
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        let (reader, wanted) = (Arc::clone(&self.reader), id.to_owned());
        Box::pin(async move {
            let find = move |observation: &Observation| {
                (observation.accounts.iter().find(|account| account.id == wanted).cloned(), observation.complete)
            };
            match reader.read(find).await? {
                (None, false) => {
                    let message = format!("the export is incomplete and does not contain the account `{id}`");
                    Err(AdapterError::new(ErrorKind::Unavailable, message))
                }
                (account, _) => Ok(account),
            }
        })
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        Box::pin(Arc::clone(&self.reader).read(|observation| observation.busy.clone()))
    }

    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(Arc::clone(&self.reader).read(Observation::counted_pools))
    }

    fn is_immediate(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests;
