//! `tenants`: settings, checked, with paths resolved.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::adapter;
use super::resolver::{Resolver, value_or};
use crate::diagnostic::Location;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::schema::{CostEntry, PoolEntry, RateEntry, TenantEntry};
use crate::manifest::sections::NamedSection;
use crate::manifest::yaml::{LenientList, Located, NamedEntries, OptionalField, excerpt};
use crate::model::{Mode, PoolSettings, RateLimit, SeatPrice, TenantDesired, TenantSettings};

/// The longest period of a rate limit: a day.
const RATE_MAX_SECONDS: u32 = 24 * 3600;

pub(super) fn resolve(resolver: &mut Resolver, tenants: NamedSection<TenantEntry>) -> BTreeMap<SmolStr, TenantDesired> {
    let mut resolved = BTreeMap::new();
    for (name, (source, tenant)) in tenants {
        if name.contains('/') {
            let message = format!("the tenant name `{}` contains a slash", excerpt(&name));
            resolver.error(&codes::INVALID_NAME, message, "choose a name without a slash", source);
            continue;
        }
        if !resolver.check_name("tenant", &Located { value: name.clone(), at: source }) {
            continue;
        }
        if let Some(settings) = tenant.and_then(|tenant| settings(resolver, &name, source, tenant)) {
            resolved.insert(
                name,
                TenantDesired {
                    settings,
                    entries: Vec::new(),
                    claims: Vec::new(),
                    excluded: Vec::new(),
                    named_only: false,
                },
            );
        }
    }
    resolved
}

/// Returns the tenants without assignments.
pub(super) fn clear_assignments(mut tenants: BTreeMap<SmolStr, TenantDesired>) -> BTreeMap<SmolStr, TenantDesired> {
    for tenant in tenants.values_mut() {
        tenant.entries.clear();
        tenant.claims.clear();
    }
    tenants
}

fn settings(resolver: &mut Resolver, name: &SmolStr, source: Location, tenant: TenantEntry) -> Option<TenantSettings> {
    let pools = pools(resolver, tenant.pools);
    let adapter = tenant.adapter.into_inner().and_then(|adapter| adapter::resolve(resolver, adapter));
    if let Some(none) = tenant.concurrency.get().filter(|number| number.value == 0) {
        resolver.error(&codes::VALUE_OUT_OF_RANGE, "`concurrency` is 0", "use at least 1", none.at);
    }
    let rates = rates(resolver, tenant.rates);
    let exclusive = lists(resolver, tenant.exclusive);
    if let Some(floor) = tenant.floor.get() {
        resolver.check_name("license", floor);
    }
    Some(TenantSettings {
        name: name.clone(),
        vendor: tenant.vendor.into_inner()?.value,
        mode: value_or(&tenant.manage, Mode::default()),
        concurrency: tenant.concurrency.value().copied(),
        rates,
        own_account: tenant.own_account.into_inner().map(|account| account.value),
        release_seats: value_or(&tenant.release_seats, false),
        pools,
        exclusive,
        change: tenant.change.value().copied(),
        floor: tenant.floor.into_inner().map(|floor| floor.value),
        loses: texts(tenant.loses).into_iter().map(String::from).collect(),
        adapter: adapter?,
        source,
    })
}

fn lists(
    resolver: &mut Resolver,
    lists: OptionalField<LenientList<Located<LenientList<Located<SmolStr>>>>>,
) -> Vec<Vec<SmolStr>> {
    let mut all = Vec::new();
    for list in lists.into_items() {
        all.push(
            list.value
                .0
                .into_iter()
                .filter(|name| resolver.check_name("license", name))
                .map(|name| name.value)
                .collect(),
        );
    }
    all
}

fn rates(resolver: &mut Resolver, rates: OptionalField<LenientList<Located<RateEntry>>>) -> Vec<RateLimit> {
    let mut resolved = Vec::new();
    for entry in rates.into_items() {
        let (Some(requests), Some(seconds)) = (entry.value.requests.into_inner(), entry.value.seconds.into_inner())
        else {
            continue;
        };
        if requests.value == 0 {
            resolver.error(&codes::VALUE_OUT_OF_RANGE, "`requests` is 0", "use at least 1", requests.at);
        } else if !(1..=RATE_MAX_SECONDS).contains(&seconds.value) {
            let message = format!("`seconds` is {}, not 1 to {RATE_MAX_SECONDS}", seconds.value);
            resolver.error(&codes::VALUE_OUT_OF_RANGE, message, "use a period of up to a day", seconds.at);
        } else {
            resolved.push(RateLimit { requests: requests.value, seconds: seconds.value });
        }
    }
    resolved
}

fn texts(list: OptionalField<LenientList<Located<SmolStr>>>) -> Vec<SmolStr> {
    list.into_items().into_iter().map(|text| text.value).collect()
}

fn pools(resolver: &mut Resolver, pools: OptionalField<NamedEntries<PoolEntry>>) -> BTreeMap<SmolStr, PoolSettings> {
    let mut resolved = BTreeMap::new();
    for (name, pool) in pools.into_entries() {
        if !resolver.check_name("license", &name) {
            continue;
        }
        let Some(pool) = pool else { continue };
        let expires = resolver.optional_date(&pool.expires);
        let cost = pool.cost.into_inner().and_then(|entry| cost(resolver, entry.value));
        let settings = PoolSettings {
            name: pool.name.into_inner().map(|name| name.value),
            country: pool.country.into_inner().map(|country| country.value),
            total: pool.total.value().copied(),
            reserve: value_or(&pool.reserve, 0),
            expires,
            cost,
            add_on: value_or(&pool.add_on, false),
            mode: pool.manage.value().copied(),
            source: Some(name.at),
        };
        resolved.insert(name.value, settings);
    }
    resolved
}

fn cost(resolver: &mut Resolver, entry: CostEntry) -> Option<SeatPrice> {
    let (amount, currency) = (entry.amount.into_inner(), entry.currency.into_inner());
    let amount = amount.and_then(|amount| super::money::check_amount(resolver, &amount).then_some(amount.value));
    let currency =
        currency.and_then(|currency| super::money::check_currency(resolver, &currency).then_some(currency.value));
    Some(SeatPrice { amount: amount?, currency: currency?, per: entry.per.into_inner()?.value })
}
