//! The `runbook` adapter: a tenant that people change in the vendor's console, and that is read from the console's export.
//!
//! There is no writing half: what is to be done is handed over to people, and a later export shows what came of it.
//! What must hold: an export that was cut off, is being written or lacks a column is a fault and never an empty tenant;
//! whatever somebody puts in its place is seen at the next look.

mod accounts;
mod cells;
mod columns;
mod table;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use self::columns::ColumnMatcher;
use super::state::{self, FileVersion};
use super::{
    AdapterDescriptor, AdapterError, AdapterFuture, AdapterKind, Capabilities, Connection, ConnectionConfig, ErrorKind,
    Observe, PoolSource, WriteMode,
};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Finding, did_you_mean};
use crate::env::Clock;
use crate::model::{Account, AdapterSettings, Observation, Pool, TenantSettings};
use crate::profile::Rules;
use crate::profile::profile::ExportColumn;

/// The adapter for consoles that people work in.
pub static DESCRIPTOR: AdapterDescriptor = AdapterDescriptor {
    name: "runbook",
    kind: AdapterKind::Runbook,
    vendor: None,
    summary: "the console's export is read, and people follow written steps",
    synthetic: false,
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

/// How often an export that changes while it is read is read again.
const READS_MAX: u32 = 3;

fn connect(reach: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let AdapterSettings::Runbook(settings) = &reach.settings.adapter else { return Err(Vec::new()) };
    let unknown: Vec<Finding> = settings
        .columns
        .keys()
        .filter(|name| ExportColumn::parse(name).is_none())
        .map(|name| {
            let known = ExportColumn::NAMED.map(|(_, known)| known);
            let finding = Finding::error(&codes::EXPORT_COLUMN, format!("`columns` knows no `{name}`"));
            match did_you_mean(name, &known) {
                Some(help) => finding.help(help),
                None => finding.help(format!("it knows `{}`", known.join("`, `"))),
            }
        })
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let Some(export) = &settings.export else { return Err(vec![missing_export_finding(reach.settings, reach.rules)]) };
    let tenant = RunbookTenant {
        shared: Arc::new(ExportReader {
            path: export.clone(),
            settings: reach.settings.clone(),
            rules: reach.rules.clone(),
            clock: reach.access.clock,
            cache: Mutex::default(),
        }),
    };
    Ok(Connection { observe: Arc::new(tenant), execute: None })
}

/// How to get an export, and what it has to hold.
fn missing_export_finding(settings: &TenantSettings, rules: &Rules) -> Finding {
    let export = &rules.profile().procedure.export;
    let needed: Vec<&str> =
        ExportColumn::NAMED.iter().filter(|(column, _)| column.is_required()).map(|(_, name)| *name).collect();
    let message = format!("tenant `{}` is changed by hand, and no export of its console is named", settings.name);
    let help = format!(
        "{}; it needs a column for `{}`; then write `runbook: {{ export: exports/{}.csv }}`",
        export.instructions(),
        needed.join("` and `"),
        settings.name,
    );
    Finding::error(&codes::EXPORT_MISSING, message).help(help)
}

/// A tenant as the console's export shows it.
struct RunbookTenant {
    shared: Arc<ExportReader>,
}

struct ExportReader {
    path: PathBuf,
    settings: TenantSettings,
    rules: Rules,
    clock: Clock,
    /// What was read last, and of which version of the file.
    cache: Mutex<Option<(FileVersion, Arc<Observation>)>>,
}

impl ExportReader {
    /// The export as it is now.
    fn current(&self) -> Result<Arc<Observation>, AdapterError> {
        let mut read = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |error: std::io::Error| {
            let message = format!("the export `{}` cannot be read: {error}", self.path.display());
            let how = self.rules.profile().procedure.export.instructions();
            let finding = Finding::error(&codes::UNREADABLE, message).help(format!("{how}; put it there"));
            state::to_adapter_error(vec![finding])
        };
        for _ in 0..READS_MAX {
            let stamp = FileVersion::read(&self.path).map_err(failed)?;
            if let Some((_, known)) = read.as_ref().filter(|(of, _)| *of == stamp) {
                return Ok(Arc::clone(known));
            }
            *read = None;
            let found = self.load(stamp.modified());
            // Whoever wrote it meanwhile has made nonsense of whatever was found.
            if FileVersion::read(&self.path).map_err(failed)? == stamp {
                let observation = Arc::new(found.map_err(state::to_adapter_error)?);
                *read = Some((stamp, Arc::clone(&observation)));
                return Ok(observation);
            }
        }
        let message = format!("the export `{}` is being written just now", self.path.display());
        Err(AdapterError::new(ErrorKind::Unavailable, message).help("wait until it is complete"))
    }

    fn load(&self, modified: Option<Timestamp>) -> Result<Observation, Vec<Finding>> {
        if is_observation(&self.path) {
            return state::read(&self.path, &self.settings, &self.rules);
        }
        // A file from the future says nothing of it.
        let now = self.clock.time();
        let observed_at = modified.map_or(now, |modified| modified.min(now));
        let columns = ColumnMatcher::new(&self.rules, &self.settings);
        accounts::read(&self.path, &self.settings, &self.rules, &columns, observed_at)
    }

    /// Looks at the export without keeping others from their work.
    async fn read<T: Send + 'static>(
        self: Arc<Self>,
        look: impl FnOnce(&Observation) -> T + Send + 'static,
    ) -> Result<T, AdapterError> {
        let reading = tokio::task::spawn_blocking(move || self.current().map(|observation| look(&observation)));
        reading.await.unwrap_or_else(|error| {
            Err(AdapterError::new(ErrorKind::Io, format!("reading the export was stopped: {error}")))
        })
    }
}

/// Whether the file is an observation and no table.
fn is_observation(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["yaml", "yml", "json"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

impl Observe for RunbookTenant {
    fn observe(&self) -> AdapterFuture<'_, Observation> {
        Box::pin(Arc::clone(&self.shared).read(Observation::clone))
    }

    fn account<'a>(&'a self, id: &'a str) -> AdapterFuture<'a, Option<Account>> {
        let (shared, id) = (Arc::clone(&self.shared), id.to_owned());
        Box::pin(async move {
            let wanted = id.clone();
            let find = move |observation: &Observation| {
                (observation.accounts.iter().find(|account| account.id == wanted).cloned(), observation.complete)
            };
            match shared.read(find).await? {
                (None, false) => {
                    let message = format!("the export is incomplete and does not tell of the account `{id}`");
                    Err(AdapterError::new(ErrorKind::Unavailable, message))
                }
                (account, _) => Ok(account),
            }
        })
    }

    fn busy(&self) -> AdapterFuture<'_, Option<String>> {
        Box::pin(Arc::clone(&self.shared).read(|observation| observation.busy.clone()))
    }

    fn pools(&self) -> AdapterFuture<'_, Vec<Pool>> {
        Box::pin(Arc::clone(&self.shared).read(Observation::counted_pools))
    }

    fn is_immediate(&self) -> bool {
        // Nothing that was sent is under way to a file.
        true
    }
}

#[cfg(test)]
mod tests;
