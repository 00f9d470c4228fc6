//! `tenants`: settings with paths resolved.

use std::collections::BTreeMap;
use std::time::Duration;

use smol_str::SmolStr;

use super::{Scope, or};
use crate::diagnostic::Location;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::schema::{Adapter, CostEntry, PoolEntry, RateEntry, Tenant};
use crate::manifest::sections::Table;
use crate::manifest::yaml::{At, Given, List, Named, shown};
use crate::model::{AdapterSettings, Cost, Mode, PoolSettings, Rate, SecretRef, TenantDesired, TenantSettings};

/// The longest time that a rate counts in: a day.
const RATE_MAX_SECONDS: u32 = 24 * 3600;

/// The longest delay of a pending request: a year.
const DELAY_MAX_SECONDS: u64 = 366 * 24 * 3600;

pub(super) fn resolve(scope: &mut Scope, tenants: Table<Tenant>) -> BTreeMap<SmolStr, TenantDesired> {
    let mut resolved = BTreeMap::new();
    for (name, (source, tenant)) in tenants {
        if name.contains('/') {
            let message = format!("the tenant `{}` has a slash in its name", shown(&name));
            scope.error(&codes::BAD_NAME, message, "write a name without a slash", source);
            continue;
        }
        if !scope.name("tenant", &At { value: name.clone(), at: source }) {
            continue;
        }
        if let Some(settings) = tenant.and_then(|tenant| settings(scope, &name, source, tenant)) {
            resolved
                .insert(name, TenantDesired { settings, entries: Vec::new(), claims: Vec::new(), named_only: false });
        }
    }
    resolved
}

/// The same tenants as if nobody wished anything of them.
pub(super) fn without_wishes(mut tenants: BTreeMap<SmolStr, TenantDesired>) -> BTreeMap<SmolStr, TenantDesired> {
    for tenant in tenants.values_mut() {
        tenant.entries.clear();
        tenant.claims.clear();
    }
    tenants
}

fn settings(scope: &mut Scope, name: &SmolStr, source: Location, tenant: Tenant) -> Option<TenantSettings> {
    let pools = pools(scope, tenant.pools);
    let adapter = tenant.adapter.into_inner().and_then(|adapter| adapter_settings(scope, adapter.value));
    if let Some(none) = tenant.concurrency.get().filter(|number| number.value == 0) {
        scope.error(&codes::BAD_VALUE, "no operation may be in flight", "write a number from 1", none.at);
    }
    let rates = rates(scope, tenant.rates);
    let exclusive = lists(scope, tenant.exclusive);
    if let Some(floor) = tenant.floor.get() {
        scope.name("license", floor);
    }
    Some(TenantSettings {
        name: name.clone(),
        vendor: tenant.vendor.into_inner()?.value,
        mode: or(&tenant.manage, Mode::default()),
        concurrency: tenant.concurrency.value().copied(),
        rates,
        own_account: tenant.own_account.into_inner().map(|account| account.value),
        release_seats: or(&tenant.release_seats, false),
        pools,
        exclusive,
        change: tenant.change.value().copied(),
        floor: tenant.floor.into_inner().map(|floor| floor.value),
        loses: texts(tenant.loses).into_iter().map(String::from).collect(),
        adapter: adapter?,
        source,
    })
}

fn lists(scope: &mut Scope, lists: Given<List<At<List<At<SmolStr>>>>>) -> Vec<Vec<SmolStr>> {
    let mut all = Vec::new();
    for list in lists.into_inner().map(|lists| lists.value.0).unwrap_or_default() {
        all.push(list.value.0.into_iter().filter(|name| scope.name("license", name)).map(|name| name.value).collect());
    }
    all
}

fn rates(scope: &mut Scope, rates: Given<List<At<RateEntry>>>) -> Vec<Rate> {
    let mut resolved = Vec::new();
    for entry in rates.into_inner().map(|rates| rates.value.0).unwrap_or_default() {
        let (Some(requests), Some(seconds)) = (entry.value.requests.into_inner(), entry.value.seconds.into_inner())
        else {
            continue;
        };
        if requests.value == 0 {
            scope.error(&codes::BAD_VALUE, "no request may be sent", "write a number from 1", requests.at);
        } else if !(1..=RATE_MAX_SECONDS).contains(&seconds.value) {
            let message = format!("`{}` is not a time from a second to a day", seconds.value);
            scope.error(&codes::BAD_VALUE, message, "write a number of seconds from 1 to 86400", seconds.at);
        } else {
            resolved.push(Rate { requests: requests.value, seconds: seconds.value });
        }
    }
    resolved
}

fn texts(list: Given<List<At<SmolStr>>>) -> Vec<SmolStr> {
    list.into_inner().map(|list| list.value.0).unwrap_or_default().into_iter().map(|text| text.value).collect()
}

fn pools(scope: &mut Scope, pools: Given<Named<PoolEntry>>) -> BTreeMap<SmolStr, PoolSettings> {
    let mut resolved = BTreeMap::new();
    for (name, pool) in pools.into_inner().map(|pools| pools.value.0).unwrap_or_default() {
        if !scope.name("license", &name) {
            continue;
        }
        let Some(pool) = pool else { continue };
        let expires = scope.day(&pool.expires);
        let cost = pool.cost.into_inner().and_then(|entry| cost(scope, entry.value));
        let settings = PoolSettings {
            name: pool.name.into_inner().map(|name| name.value),
            country: pool.country.into_inner().map(|country| country.value),
            total: pool.total.value().copied(),
            reserve: or(&pool.reserve, 0),
            expires,
            cost,
            add_on: or(&pool.add_on, false),
            mode: pool.manage.value().copied(),
            source: Some(name.at),
        };
        resolved.insert(name.value, settings);
    }
    resolved
}

fn cost(scope: &mut Scope, entry: CostEntry) -> Option<Cost> {
    let (amount, currency) = (entry.amount.into_inner(), entry.currency.into_inner());
    let amount = amount.and_then(|amount| super::money::is_amount(scope, &amount).then_some(amount.value));
    let currency = currency.and_then(|currency| super::money::is_currency(scope, &currency).then_some(currency.value));
    Some(Cost { amount: amount?, currency: currency?, per: entry.per.into_inner()?.value })
}

fn adapter_settings(scope: &mut Scope, adapter: Adapter) -> Option<AdapterSettings> {
    match adapter {
        Adapter::File(file) => {
            let delay = match file.delay.get() {
                None => Some(Duration::ZERO),
                Some(delay) => duration(scope, delay),
            };
            let path = file.path.into_inner().and_then(|path| scope.path(&path));
            Some(AdapterSettings::File { path: path?, delay: delay? })
        }
        Adapter::Runbook(runbook) => match runbook.export.into_inner() {
            None => Some(AdapterSettings::Runbook { export: None }),
            Some(export) => Some(AdapterSettings::Runbook { export: Some(scope.path(&export)?) }),
        },
        Adapter::Api(api) => {
            let key = match api.key.into_inner() {
                None => None,
                Some(key) => Some(secret(scope, key)?),
            };
            let base_url = api.base_url.into_inner()?;
            check_url(scope, &base_url).then(|| AdapterSettings::Api { base_url: base_url.value.to_string(), key })
        }
        Adapter::Exec(exec) => {
            let command = exec.command.into_inner()?;
            let words: Vec<String> = command.value.0.into_iter().map(|word| word.value.to_string()).collect();
            if words.is_empty() {
                scope.error(
                    &codes::BAD_VALUE,
                    "the command is empty",
                    "write the program and its arguments",
                    command.at,
                );
                return None;
            }
            Some(AdapterSettings::Exec { command: words })
        }
    }
}

/// A secret's path is relative to the file that holds it, and may lie anywhere.
fn secret(scope: &mut Scope, secret: At<SecretRef>) -> Option<SecretRef> {
    let empty = match &secret.value {
        SecretRef::Env(name) => name.is_empty() || name.contains(['=', '\0']),
        SecretRef::File(path) => path.as_os_str().is_empty(),
        SecretRef::Command(words) => words.first().is_none_or(String::is_empty),
    };
    if empty {
        let help = "write `{ env: NAME }`, `{ file: PATH }` or `{ command: [PROGRAM, ARG] }`";
        scope.error(&codes::BAD_VALUE, "the reference to the secret leads nowhere", help, secret.at);
        return None;
    }
    let SecretRef::File(path) = &secret.value else { return Some(secret.value) };
    let holder = scope.files.get(secret.at.file).map(|file| file.path.clone()).unwrap_or_default();
    Some(SecretRef::File(holder.parent().map_or_else(|| path.clone(), |folder| folder.join(path))))
}

fn duration(scope: &mut Scope, text: &At<SmolStr>) -> Option<Duration> {
    let seconds = ["s", "m", "h"].into_iter().zip([1, 60, 3600]).find_map(|(unit, seconds)| {
        let number = text.value.strip_suffix(unit)?;
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| number.parse::<u64>().ok()?.checked_mul(seconds)).flatten()
    });
    let seconds = seconds.or_else(|| (text.value == "0").then_some(0));
    match seconds {
        Some(seconds) if seconds <= DELAY_MAX_SECONDS => Some(Duration::from_secs(seconds)),
        _ => {
            let message = format!("`{}` is not a duration of up to a year", shown(&text.value));
            scope.error(&codes::BAD_DURATION, message, "write it as in `30s`, `10m` or `2h`", text.at);
            None
        }
    }
}

fn check_url(scope: &mut Scope, url: &At<SmolStr>) -> bool {
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
    scope.error(&codes::BAD_URL, message, help, url.at);
    false
}
