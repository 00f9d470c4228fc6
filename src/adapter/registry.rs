//! Finds a tenant's adapter and connects to the tenant.

use super::{AdapterDescriptor, Connection, ConnectionConfig, bridge, eight_by_eight, exec, file, runbook};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::model::TenantSettings;

/// All adapters.
pub static ADAPTERS: &[&AdapterDescriptor] =
    &[&eight_by_eight::DESCRIPTOR, &bridge::DESCRIPTOR, &exec::DESCRIPTOR, &file::DESCRIPTOR, &runbook::DESCRIPTOR];

/// Finds the adapter of a tenant.
pub(crate) fn find_adapter(settings: &TenantSettings) -> Option<&'static AdapterDescriptor> {
    let key = settings.adapter.name();
    adapters_of(&settings.vendor).find(|adapter| adapter.key == key)
}

fn adapters_of(vendor: &str) -> impl Iterator<Item = &'static AdapterDescriptor> {
    ADAPTERS.iter().copied().filter(move |adapter| adapter.vendor.is_none_or(|served| served == vendor))
}

/// Connects to a tenant. This reads, sends and runs nothing yet.
///
/// # Errors
/// Returns findings, without a location, if the vendor has no such adapter, a program would run without permission, or a
/// setting is invalid.
pub fn connect(config: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let settings = config.settings;
    let Some(adapter) = find_adapter(settings) else { return Err(vec![no_adapter_finding(settings)]) };
    if !config.access.allow_exec {
        check_no_programs(settings)?;
    }
    let mut connection = (adapter.connect)(config)?;
    if !config.access.allow_writes {
        connection.execute = None;
    }
    Ok(connection)
}

fn check_no_programs(settings: &TenantSettings) -> Result<(), Vec<Finding>> {
    let programs = settings.adapter.programs();
    let Some(program) = programs.first().and_then(|words| words.first()) else { return Ok(()) };
    let message = format!("tenant `{}` needs the program `{program}`, but programs are not allowed", settings.name);
    let help = "add `--allow-exec` if you trust this manifest, or use `--state FILE`";
    Err(vec![Finding::error(&codes::EXEC_NOT_ALLOWED, message).help(help)])
}

fn no_adapter_finding(settings: &TenantSettings) -> Finding {
    let (name, vendor, adapter) = (&settings.name, &settings.vendor, settings.adapter.name());
    let message = format!("tenant `{name}`: vendor `{vendor}` has no adapter `{adapter}`");
    let mut others: Vec<&str> = adapters_of(vendor).map(|other| other.key).collect();
    others.dedup();
    let help = format!("use one of these as its `adapter`: `{}`", others.join("`, `"));
    Finding::error(&codes::UNSUPPORTED_ADAPTER, message).help(help)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::adapter::AccessOptions;
    use crate::adapter::file::state::tests::settings;
    use crate::env::Clock;
    use crate::model::{AdapterSettings, ApiSettings, ExecSettings, SecretRef};
    use crate::profile::Rules;

    fn connect_with(adapter: AdapterSettings, access: AccessOptions) -> Result<Connection, Vec<Finding>> {
        let settings = TenantSettings { adapter, ..settings("wiki") };
        let rules = Rules::resolve(&settings).unwrap();
        connect(&ConnectionConfig { settings: &settings, rules: &rules, access })
    }

    #[test]
    fn read_only_connection_has_no_executor() {
        let file = || AdapterSettings::File { path: PathBuf::from("a.yaml"), delay: Duration::ZERO };
        assert!(connect_with(file(), AccessOptions::read_only(Clock::System)).unwrap().execute.is_none());
        assert!(connect_with(file(), AccessOptions::read_write(Clock::System)).unwrap().execute.is_some());
    }

    #[test]
    fn missing_adapter_is_a_finding_that_lists_the_others() {
        let api = AdapterSettings::Api(ApiSettings::new("https://vendor.example"));
        let findings = connect_with(api, AccessOptions::read_write(Clock::System)).err().unwrap();
        assert_eq!(findings[0].code, "A201");
        assert!(findings[0].help.as_ref().unwrap().contains("`file`"), "{findings:?}");
    }

    #[test]
    fn adapter_names_are_unique() {
        let names: std::collections::BTreeSet<_> = ADAPTERS.iter().map(|adapter| adapter.name).collect();
        assert_eq!(names.len(), ADAPTERS.len());
    }

    #[test]
    fn programs_include_those_of_secrets() {
        let print = || SecretRef::Command(vec!["pass".to_owned(), "show".to_owned()]);
        let exec = AdapterSettings::Exec(ExecSettings {
            command: vec!["bridge.py".to_owned()],
            folder: PathBuf::new(),
            secrets: BTreeMap::from([("TOKEN".into(), print())]),
            timeout: Duration::from_secs(1),
            memory: None,
        });
        let findings = check_no_programs(&TenantSettings { adapter: exec.clone(), ..settings("wiki") }).unwrap_err();
        assert_eq!(findings[0].code, codes::EXEC_NOT_ALLOWED.id);
        assert!(findings[0].message.contains("`bridge.py`"), "{findings:?}");
        assert_eq!(exec.programs(), [&["bridge.py".to_owned()][..], &["pass".to_owned(), "show".to_owned()]]);
        let api =
            AdapterSettings::Api(ApiSettings { key: Some(print()), ..ApiSettings::new("https://vendor.example") });
        assert_eq!(api.programs().len(), 1);
    }
}
