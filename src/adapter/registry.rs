//! From what the manifest says of a tenant to a way to reach it.

use super::{
    AdapterDescriptor, Connection, ConnectionConfig, avaya_spaces, eight_by_eight, exec, file, officeseries, runbook,
};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::adapter as codes;
use crate::model::{AdapterSettings, TenantSettings};

/// Every adapter there is; a new one is a folder and one line here.
pub static ADAPTERS: &[&AdapterDescriptor] = &[
    &avaya_spaces::DESCRIPTOR,
    &eight_by_eight::DESCRIPTOR,
    &officeseries::DESCRIPTOR,
    &exec::DESCRIPTOR,
    &file::DESCRIPTOR,
    &runbook::DESCRIPTOR,
];

/// The adapter that reaches such a tenant.
pub fn find_adapter(settings: &TenantSettings) -> Option<&'static AdapterDescriptor> {
    let leads_there = |adapter: &&&AdapterDescriptor| {
        adapter.kind.as_str() == settings.adapter.name()
            && adapter.vendor.is_none_or(|vendor| vendor == settings.vendor)
    };
    ADAPTERS.iter().find(leads_there).copied()
}

/// Makes the way to reach a tenant. Nothing is read, sent or run yet.
///
/// # Errors
/// When there is no such adapter for the vendor, a program would run that may not, or a setting makes no sense; the
/// findings have no place, for only the manifest's files know it.
pub fn connect(reach: &ConnectionConfig<'_>) -> Result<Connection, Vec<Finding>> {
    let settings = reach.settings;
    let Some(adapter) = find_adapter(settings) else { return Err(vec![no_adapter_finding(settings)]) };
    if !reach.access.allow_exec {
        check_no_programs(settings)?;
    }
    let mut connection = (adapter.connect)(reach)?;
    if !reach.access.allow_writes {
        connection.execute = None;
    }
    Ok(connection)
}

/// Refuses a tenant that needs a program.
fn check_no_programs(settings: &TenantSettings) -> Result<(), Vec<Finding>> {
    let programs = settings.adapter.programs();
    let Some(program) = programs.first().and_then(|words| words.first()) else { return Ok(()) };
    let message = format!("tenant `{}` needs the program `{program}`, and no program may run", settings.name);
    let help = "give `--allow-exec` if you trust this manifest, or the tenant's state with `--state FILE`";
    Err(vec![Finding::error(&codes::EXEC_NOT_ALLOWED, message).help(help)])
}

/// Why there is no way, and which there are.
fn no_adapter_finding(settings: &TenantSettings) -> Finding {
    let (name, vendor, adapter) = (&settings.name, &settings.vendor, settings.adapter.name());
    let message = format!("tenant `{name}` is reached through `{adapter}`, which there is not for vendor `{vendor}`");
    let serves = |other: &&&AdapterDescriptor| other.vendor.is_none_or(|of| of == vendor);
    let mut others: Vec<&str> = ADAPTERS.iter().filter(serves).map(|other| other.kind.as_str()).collect();
    others.dedup();
    let help = format!("write one of these as its `adapter`: `{}`", others.join("`, `"));
    Finding::error(&codes::UNSUPPORTED_ADAPTER, message).help(help)
}

impl AdapterSettings {
    /// Whether nothing outside this machine is asked.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Runbook(_))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::adapter::AccessOptions;
    use crate::adapter::state::tests::settings;
    use crate::env::Clock;
    use crate::model::{ApiSettings, ExecSettings, SecretRef};
    use crate::profile::Rules;

    fn try_to_reach(adapter: AdapterSettings, access: AccessOptions) -> Result<Connection, Vec<Finding>> {
        let settings = TenantSettings { adapter, ..settings("wiki") };
        let rules = Rules::resolve(&settings).unwrap();
        connect(&ConnectionConfig { settings: &settings, rules: &rules, access })
    }

    #[test]
    fn whoever_only_looks_gets_no_way_to_change() {
        let file = || AdapterSettings::File { path: PathBuf::from("a.yaml"), delay: Duration::ZERO };
        assert!(try_to_reach(file(), AccessOptions::read_only(Clock::System)).unwrap().execute.is_none());
        assert!(try_to_reach(file(), AccessOptions::read_write(Clock::System)).unwrap().execute.is_some());
    }

    #[test]
    fn an_interface_that_nobody_knows_is_a_finding_that_tells_what_there_is() {
        let api = AdapterSettings::Api(ApiSettings::new("https://vendor.example"));
        let findings = try_to_reach(api, AccessOptions::read_write(Clock::System)).err().unwrap();
        assert_eq!(findings[0].code, "A201");
        assert!(findings[0].help.as_ref().unwrap().contains("`file`"), "{findings:?}");
    }

    #[test]
    fn names_of_adapters_are_theirs_alone() {
        let names: std::collections::BTreeSet<_> = ADAPTERS.iter().map(|adapter| adapter.name).collect();
        assert_eq!(names.len(), ADAPTERS.len());
    }

    #[test]
    fn programs_of_the_adapter_and_of_its_secrets_are_known() {
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
