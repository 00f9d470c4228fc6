//! `adapter`: how to connect to a tenant, with paths, URLs and durations checked.

use core::net::IpAddr;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use smol_str::SmolStr;

use super::resolver::Resolver;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Location, Severity};
use crate::manifest::schema::{
    AdapterEntry, ApiAdapterEntry, BridgeAdapterEntry, ExecAdapterEntry, FileAdapterEntry, RunbookAdapterEntry,
};
use crate::manifest::yaml::{Located, NamedEntries, OptionalField, excerpt};
use crate::model::{AdapterSettings, ApiSettings, ExecSettings, RunbookSettings, SecretRef};

/// The longest delay of a pending request: a year.
const DELAY_MAX_SECONDS: u64 = 366 * 24 * 3600;

/// The default timeout of an `exec` request.
const EXEC_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest timeout of an `exec` request: an hour.
const EXEC_TIMEOUT_MAX_SECONDS: u64 = 3600;

/// The highest memory limit of a program in MiB: a tebibyte.
const EXEC_MEMORY_MAX_MIB: u64 = 1 << 20;

pub(super) fn resolve(resolver: &mut Resolver, adapter: Located<AdapterEntry>) -> Option<AdapterSettings> {
    match adapter.value {
        AdapterEntry::File(adapter) => file(resolver, adapter),
        AdapterEntry::Runbook(adapter) => runbook(resolver, adapter).map(AdapterSettings::Runbook),
        AdapterEntry::Api(adapter) => api(resolver, adapter).map(AdapterSettings::Api),
        AdapterEntry::Exec(exec_adapter) => exec(resolver, exec_adapter).map(AdapterSettings::Exec),
        AdapterEntry::Bridge(adapter) => bridge(resolver, adapter).map(AdapterSettings::Bridge),
    }
}

fn file(resolver: &mut Resolver, adapter: FileAdapterEntry) -> Option<AdapterSettings> {
    let delay = match adapter.delay.get() {
        None => Some(Duration::ZERO),
        Some(delay) => duration(resolver, delay, DELAY_MAX_SECONDS, "a year"),
    };
    let path = adapter.path.into_inner().and_then(|path| resolver.resolve_path(&path));
    Some(AdapterSettings::File { path: path?, delay: delay? })
}

fn runbook(resolver: &mut Resolver, adapter: RunbookAdapterEntry) -> Option<RunbookSettings> {
    let mut columns = BTreeMap::new();
    for (name, header) in adapter.columns.into_entries() {
        if let Some(header) = header {
            columns.insert(name.value, header.value);
        }
    }
    Some(RunbookSettings { export: optional_path(resolver, adapter.export)?, columns })
}

fn api(resolver: &mut Resolver, adapter: ApiAdapterEntry) -> Option<ApiSettings> {
    let key = optional_secret(resolver, adapter.key);
    let write_key = optional_secret(resolver, adapter.write_key);
    let ca = optional_path(resolver, adapter.ca);
    let inventory = optional_path(resolver, adapter.inventory);
    let proxy = match adapter.proxy.into_inner() {
        None => Some(None),
        Some(proxy) => check_url(resolver, &proxy).then(|| Some(proxy.value.to_string())),
    };
    let base_url = adapter.base_url.into_inner().filter(|url| check_url(resolver, url));
    if let Some(url) = base_url.as_ref().filter(|_| matches!(key, Some(Some(_))) || matches!(write_key, Some(Some(_))))
    {
        check_encryption(resolver, url);
    }
    Some(ApiSettings {
        base_url: base_url?.value.to_string(),
        key: key?,
        write_key: write_key?,
        ca: ca?,
        proxy: proxy?,
        inventory: inventory?,
    })
}

fn bridge(resolver: &mut Resolver, adapter: BridgeAdapterEntry) -> Option<ApiSettings> {
    let BridgeAdapterEntry { url, key, write_key, ca, proxy } = adapter;
    let inventory = OptionalField::default();
    api(resolver, ApiAdapterEntry { base_url: url, key, write_key, ca, proxy, inventory })
}

fn exec(resolver: &mut Resolver, adapter: ExecAdapterEntry) -> Option<ExecSettings> {
    let secrets = secrets(resolver, adapter.secrets);
    let timeout = match adapter.timeout.get() {
        None => Some(EXEC_TIMEOUT),
        Some(timeout) => duration(resolver, timeout, EXEC_TIMEOUT_MAX_SECONDS, "an hour")
            .filter(|duration| check_positive(resolver, *duration, timeout.at)),
    };
    let memory = match adapter.memory.get() {
        None => Some(None),
        Some(memory) if (1..=EXEC_MEMORY_MAX_MIB).contains(&memory.value) => Some(Some(memory.value << 20)),
        Some(memory) => {
            let message = format!("`memory` is {}, not 1 to {EXEC_MEMORY_MAX_MIB} MiB", memory.value);
            resolver.error(&codes::VALUE_OUT_OF_RANGE, message, "use a number such as `512`", memory.at);
            None
        }
    };
    let command = adapter.command.into_inner()?;
    let arguments: Vec<String> = command.value.0.iter().map(|argument| argument.value.to_string()).collect();
    if arguments.first().is_none_or(|program| program.trim().is_empty()) {
        resolver.error(&codes::VALUE_OUT_OF_RANGE, "empty command", "write the program and its arguments", command.at);
        return None;
    }
    let folder = folder(resolver, command.at);
    Some(ExecSettings { command: arguments, folder, secrets: secrets?, timeout: timeout?, memory: memory? })
}

fn check_positive(resolver: &mut Resolver, duration: Duration, at: Location) -> bool {
    if duration.is_zero() {
        resolver.error(&codes::VALUE_OUT_OF_RANGE, "the timeout is 0", "write it as in `60s`", at);
    }
    !duration.is_zero()
}

/// Returns the folder of the file at a location.
fn folder(resolver: &Resolver, at: Location) -> PathBuf {
    let holder = resolver.files.get(at.file).map(|file| file.path.clone()).unwrap_or_default();
    holder.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Resolves an optional path; returns `None` if it is invalid.
fn optional_path(resolver: &mut Resolver, path: OptionalField<SmolStr>) -> Option<Option<PathBuf>> {
    match path.into_inner() {
        None => Some(None),
        Some(path) => resolver.resolve_path(&path).map(Some),
    }
}

/// Resolves an optional secret reference; returns `None` if it is invalid.
fn optional_secret(resolver: &mut Resolver, given: OptionalField<SecretRef>) -> Option<Option<SecretRef>> {
    match given.into_inner() {
        None => Some(None),
        Some(given) => secret(resolver, given).map(Some),
    }
}

/// Resolves the secrets of a program, by environment variable.
fn secrets(
    resolver: &mut Resolver,
    given: OptionalField<NamedEntries<Located<SecretRef>>>,
) -> Option<BTreeMap<SmolStr, SecretRef>> {
    let mut resolved = BTreeMap::new();
    let mut is_valid = true;
    for (name, value) in given.into_entries() {
        let is_variable = !name.value.is_empty()
            && !name.value.starts_with(|first: char| first.is_ascii_digit())
            && name.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_variable {
            let message = format!("invalid environment variable name `{}`", excerpt(&name.value));
            resolver.error(
                &codes::VALUE_OUT_OF_RANGE,
                message,
                "use letters, digits and `_`, as in `TOOL_TOKEN`",
                name.at,
            );
            is_valid = false;
        }
        match value.map(|value| secret(resolver, value)) {
            Some(Some(secret)) => drop(resolved.insert(name.value, secret)),
            Some(None) | None => is_valid = false,
        }
    }
    is_valid.then_some(resolved)
}

/// Resolves a secret reference. Its path is relative to the manifest file, and may be outside the manifest's folder.
fn secret(resolver: &mut Resolver, secret: Located<SecretRef>) -> Option<SecretRef> {
    let empty = match &secret.value {
        SecretRef::Env(name) => name.is_empty() || name.contains(['=', '\0']),
        SecretRef::File(path) => path.as_os_str().is_empty(),
        SecretRef::Command(arguments) => arguments.first().is_none_or(String::is_empty),
    };
    if empty {
        let help = "write `{ env: NAME }`, `{ file: PATH }` or `{ command: [PROGRAM, ARG] }`";
        resolver.error(&codes::VALUE_OUT_OF_RANGE, "empty secret reference", help, secret.at);
        return None;
    }
    let SecretRef::File(path) = &secret.value else { return Some(secret.value) };
    Some(SecretRef::File(folder(resolver, secret.at).join(path)))
}

/// Parses a duration of at most `most_seconds`, which messages call `most`.
fn duration(resolver: &mut Resolver, text: &Located<SmolStr>, most_seconds: u64, most: &str) -> Option<Duration> {
    let seconds = ["s", "m", "h"].into_iter().zip([1, 60, 3600]).find_map(|(unit, seconds)| {
        let number = text.value.strip_suffix(unit)?;
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| number.parse::<u64>().ok()?.checked_mul(seconds)).flatten()
    });
    let seconds = seconds.or_else(|| (text.value == "0").then_some(0));
    match seconds {
        Some(seconds) if seconds <= most_seconds => Some(Duration::from_secs(seconds)),
        _ => {
            let message = format!("invalid duration `{}`: the maximum is {most}", excerpt(&text.value));
            resolver.error(&codes::INVALID_DURATION, message, "write it as in `30s`, `10m` or `2h`", text.at);
            None
        }
    }
}

fn check_url(resolver: &mut Resolver, url: &Located<SmolStr>) -> bool {
    let lower = url.value.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let authority = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let (message, help) = match authority {
        None | Some("") => ("invalid URL", "write it as in `https://api.example.com/v1`"),
        // The URL is not shown, because it contains a secret before the `@`.
        Some(authority) if authority.contains('@') => {
            ("the URL contains a user name or a password", "remove it and reference the credential in `key`")
        }
        Some(_) if url.value.contains(|character: char| character.is_whitespace() || character.is_control()) => {
            ("the URL contains a blank", "remove the blank")
        }
        Some(_) => return true,
    };
    resolver.error(&codes::INVALID_URL, message, help, url.at);
    false
}

/// Warns if a key would be sent over the network without encryption.
fn check_encryption(resolver: &mut Resolver, url: &Located<SmolStr>) {
    let lower = url.value.to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("http://") else { return };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    };
    let stays = match host.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    };
    if !stays {
        let message = format!("the key for `{}` is sent without encryption", excerpt(host));
        resolver.report(
            Severity::Warning,
            &codes::UNENCRYPTED_URL,
            message,
            Some("write `https://...`".to_owned()),
            url.at,
        );
    }
}
