//! `adapter`: the way to reach a tenant, with paths, addresses and times resolved.

use core::net::IpAddr;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use smol_str::SmolStr;

use super::resolver::Resolver;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Location, Severity};
use crate::manifest::schema::{AdapterEntry, ApiAdapterEntry, ExecAdapterEntry, FileAdapterEntry, RunbookAdapterEntry};
use crate::manifest::yaml::{Located, NamedEntries, OptionalField, excerpt};
use crate::model::{AdapterSettings, ApiSettings, ExecSettings, RunbookSettings, SecretRef};

/// The longest delay of a pending request: a year.
const DELAY_MAX_SECONDS: u64 = 366 * 24 * 3600;

/// How long a program may take for one request, where nothing is said.
const EXEC_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest time that a program may take for one request: an hour.
const EXEC_TIMEOUT_MAX_SECONDS: u64 = 3600;

/// The most memory of a program, in MiB: a tebibyte.
const EXEC_MEMORY_MAX_MIB: u64 = 1 << 20;

pub(super) fn resolve(scope: &mut Resolver, adapter: Located<AdapterEntry>) -> Option<AdapterSettings> {
    match adapter.value {
        AdapterEntry::File(adapter) => file(scope, adapter),
        AdapterEntry::Runbook(adapter) => runbook(scope, adapter).map(AdapterSettings::Runbook),
        AdapterEntry::Api(adapter) => api(scope, adapter).map(AdapterSettings::Api),
        AdapterEntry::Exec(exec_adapter) => exec(scope, exec_adapter).map(AdapterSettings::Exec),
    }
}

fn file(scope: &mut Resolver, adapter: FileAdapterEntry) -> Option<AdapterSettings> {
    let delay = match adapter.delay.get() {
        None => Some(Duration::ZERO),
        Some(delay) => duration(scope, delay, DELAY_MAX_SECONDS, "a year"),
    };
    let path = adapter.path.into_inner().and_then(|path| scope.resolve_path(&path));
    Some(AdapterSettings::File { path: path?, delay: delay? })
}

fn runbook(scope: &mut Resolver, adapter: RunbookAdapterEntry) -> Option<RunbookSettings> {
    let mut columns = BTreeMap::new();
    for (name, header) in adapter.columns.into_inner().map(|columns| columns.value.0).unwrap_or_default() {
        if let Some(header) = header {
            columns.insert(name.value, header.value);
        }
    }
    Some(RunbookSettings { export: optional_path(scope, adapter.export)?, columns })
}

fn api(scope: &mut Resolver, adapter: ApiAdapterEntry) -> Option<ApiSettings> {
    let key = optional_secret(scope, adapter.key);
    let write_key = optional_secret(scope, adapter.write_key);
    let ca = optional_path(scope, adapter.ca);
    let inventory = optional_path(scope, adapter.inventory);
    let proxy = match adapter.proxy.into_inner() {
        None => Some(None),
        Some(proxy) => check_url(scope, &proxy).then(|| Some(proxy.value.to_string())),
    };
    let base_url = adapter.base_url.into_inner().filter(|url| check_url(scope, url));
    if let Some(url) = base_url.as_ref().filter(|_| matches!(key, Some(Some(_))) || matches!(write_key, Some(Some(_))))
    {
        check_encryption(scope, url);
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

fn exec(scope: &mut Resolver, adapter: ExecAdapterEntry) -> Option<ExecSettings> {
    let secrets = secrets(scope, adapter.secrets);
    let timeout = match adapter.timeout.get() {
        None => Some(EXEC_TIMEOUT),
        Some(timeout) => duration(scope, timeout, EXEC_TIMEOUT_MAX_SECONDS, "an hour")
            .filter(|duration| check_positive(scope, *duration, timeout.at)),
    };
    let memory = match adapter.memory.get() {
        None => Some(None),
        Some(memory) if (1..=EXEC_MEMORY_MAX_MIB).contains(&memory.value) => Some(Some(memory.value << 20)),
        Some(memory) => {
            let message = format!("`{}` is not a number of MiB from 1 to {EXEC_MEMORY_MAX_MIB}", memory.value);
            scope.error(&codes::VALUE_OUT_OF_RANGE, message, "write a number as in `512`", memory.at);
            None
        }
    };
    let command = adapter.command.into_inner()?;
    let words: Vec<String> = command.value.0.iter().map(|word| word.value.to_string()).collect();
    if words.first().is_none_or(|program| program.trim().is_empty()) {
        scope.error(
            &codes::VALUE_OUT_OF_RANGE,
            "the command is empty",
            "write the program and its arguments",
            command.at,
        );
        return None;
    }
    let folder = folder(scope, command.at);
    Some(ExecSettings { command: words, folder, secrets: secrets?, timeout: timeout?, memory: memory? })
}

fn check_positive(scope: &mut Resolver, duration: Duration, at: Location) -> bool {
    if duration.is_zero() {
        scope.error(&codes::VALUE_OUT_OF_RANGE, "no request can be answered in no time", "write it as in `60s`", at);
    }
    !duration.is_zero()
}

/// The folder of the file that holds a place.
fn folder(scope: &Resolver, at: Location) -> PathBuf {
    let holder = scope.files.get(at.file).map(|file| file.path.clone()).unwrap_or_default();
    holder.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A path that need not be given: `None` where it is wrong.
fn optional_path(scope: &mut Resolver, path: OptionalField<SmolStr>) -> Option<Option<PathBuf>> {
    match path.into_inner() {
        None => Some(None),
        Some(path) => scope.resolve_path(&path).map(Some),
    }
}

/// A secret that need not be given: `None` where the reference is wrong.
fn optional_secret(scope: &mut Resolver, given: OptionalField<SecretRef>) -> Option<Option<SecretRef>> {
    match given.into_inner() {
        None => Some(None),
        Some(given) => secret(scope, given).map(Some),
    }
}

/// The secrets of a program, by the variables that it gets.
fn secrets(
    scope: &mut Resolver,
    given: OptionalField<NamedEntries<Located<SecretRef>>>,
) -> Option<BTreeMap<SmolStr, SecretRef>> {
    let mut resolved = BTreeMap::new();
    let mut is_whole = true;
    for (name, value) in given.into_inner().map(|secrets| secrets.value.0).unwrap_or_default() {
        let is_variable = !name.value.is_empty()
            && !name.value.starts_with(|first: char| first.is_ascii_digit())
            && name.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_variable {
            let message = format!("`{}` is not the name of an environment variable", excerpt(&name.value));
            scope.error(
                &codes::VALUE_OUT_OF_RANGE,
                message,
                "write letters, digits and `_`, as in `TOOL_TOKEN`",
                name.at,
            );
            is_whole = false;
        }
        match value.map(|value| secret(scope, value)) {
            Some(Some(secret)) => drop(resolved.insert(name.value, secret)),
            Some(None) | None => is_whole = false,
        }
    }
    is_whole.then_some(resolved)
}

/// A secret's path is relative to the file that holds it, and may lie anywhere.
fn secret(scope: &mut Resolver, secret: Located<SecretRef>) -> Option<SecretRef> {
    let empty = match &secret.value {
        SecretRef::Env(name) => name.is_empty() || name.contains(['=', '\0']),
        SecretRef::File(path) => path.as_os_str().is_empty(),
        SecretRef::Command(words) => words.first().is_none_or(String::is_empty),
    };
    if empty {
        let help = "write `{ env: NAME }`, `{ file: PATH }` or `{ command: [PROGRAM, ARG] }`";
        scope.error(&codes::VALUE_OUT_OF_RANGE, "the reference to the secret leads nowhere", help, secret.at);
        return None;
    }
    let SecretRef::File(path) = &secret.value else { return Some(secret.value) };
    Some(SecretRef::File(folder(scope, secret.at).join(path)))
}

/// A time of at most that many seconds, which people call `most`.
fn duration(scope: &mut Resolver, text: &Located<SmolStr>, most_seconds: u64, most: &str) -> Option<Duration> {
    let seconds = ["s", "m", "h"].into_iter().zip([1, 60, 3600]).find_map(|(unit, seconds)| {
        let number = text.value.strip_suffix(unit)?;
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| number.parse::<u64>().ok()?.checked_mul(seconds)).flatten()
    });
    let seconds = seconds.or_else(|| (text.value == "0").then_some(0));
    match seconds {
        Some(seconds) if seconds <= most_seconds => Some(Duration::from_secs(seconds)),
        _ => {
            let message = format!("`{}` is not a duration of up to {most}", excerpt(&text.value));
            scope.error(&codes::INVALID_DURATION, message, "write it as in `30s`, `10m` or `2h`", text.at);
            None
        }
    }
}

fn check_url(scope: &mut Resolver, url: &Located<SmolStr>) -> bool {
    let lower = url.value.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let authority = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let (message, help) = match authority {
        None | Some("") => ("this is not the address of an interface", "write it as in `https://api.example.com/v1`"),
        // The address is not shown: what stands before the `@` is a secret.
        Some(authority) if authority.contains('@') => {
            ("the address holds a user or a password", "remove it, and name the credential in `key`")
        }
        Some(_) if url.value.contains(|character: char| character.is_whitespace() || character.is_control()) => {
            ("the address holds a blank", "write it without blanks")
        }
        Some(_) => return true,
    };
    scope.error(&codes::INVALID_URL, message, help, url.at);
    false
}

/// Warns where a key would go over the network for everybody to read.
fn check_encryption(scope: &mut Resolver, url: &Located<SmolStr>) {
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
        scope.report(
            Severity::Warning,
            &codes::UNENCRYPTED_URL,
            message,
            Some("write `https://...`".to_owned()),
            url.at,
        );
    }
}
