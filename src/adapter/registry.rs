//! From what the manifest says of a tenant to a way to reach it.

use std::sync::Arc;

use super::Connection;
use super::file::FileTenant;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::env::Clock;
use crate::model::{AdapterSettings, TenantSettings};
use crate::vendor::Rules;

/// Makes the way to reach a tenant. Nothing is read or sent yet.
///
/// # Errors
/// When this version has no such adapter; the finding has no place, for only the manifest's files know it.
pub fn connect(settings: &TenantSettings, rules: &Rules, clock: Clock) -> Result<Connection, Vec<Finding>> {
    match &settings.adapter {
        AdapterSettings::File { path, delay } => {
            let tenant = Arc::new(FileTenant::new(path.clone(), *delay, settings.clone(), rules.clone(), clock));
            let execute: Arc<dyn super::Execute> = Arc::<FileTenant>::clone(&tenant);
            Ok(Connection { observe: tenant, execute: Some(execute) })
        }
        AdapterSettings::Runbook { .. } | AdapterSettings::Api { .. } | AdapterSettings::Exec { .. } => {
            let adapter = settings.adapter.name();
            let message =
                format!("tenant `{}` is reached through `{adapter}`, which this version cannot do", settings.name);
            Err(vec![Finding::error(&codes::NO_ADAPTER, message).help(
                "give its state with `--state FILE`, an observation, or write `adapter: { file: { path: ... } }`",
            )])
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::adapter::state::tests::settings;

    #[test]
    fn tenants_are_reached_through_files_only() {
        let adapters = [
            (AdapterSettings::File { path: PathBuf::from("a.yaml"), delay: Duration::ZERO }, true),
            (AdapterSettings::Runbook { export: None }, false),
            (AdapterSettings::Api { base_url: "https://vendor.example".to_owned(), key: None }, false),
            (AdapterSettings::Exec { command: Vec::new() }, false),
        ];
        for (adapter, is_there) in adapters {
            let settings = TenantSettings { adapter, ..settings("wiki") };
            let rules = Rules::resolve(&settings).unwrap();
            match connect(&settings, &rules, Clock::System) {
                Ok(connection) => assert!(is_there && connection.execute.is_some()),
                Err(findings) => {
                    assert!(!is_there);
                    assert_eq!(findings[0].code, "A201");
                    assert!(findings[0].message.contains(settings.adapter.name()));
                }
            }
        }
    }
}
