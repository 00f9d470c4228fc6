//! OfficeSeries, behind a contract of our own: the vendor publishes no interface.
//!
//! The contract is for bridges that teams run themselves, and every answer says that it is synthetic. A write replaces
//! the set of products that a person has in one subscription. What must hold: a write is as a whole or not at all, and
//! one that was made from an old set is refused; a subscription that is not active takes no change.

use serde_json::{Value, json};
use smol_str::SmolStr;

use super::api::{Api, ApiError, ApiHandler, ApiReply, ApiRequest};
use super::config::RetryHint;
use super::config::validate::SupportedQuirks;
use super::fixtures::{account, direct, observation, pool};
use super::random::stable_id;
use super::tenant::{ChangeRequest, EmulatedTenant};
use crate::model::{Account, HoldingOrigin, Observation, OperationKind, Pool, PoolStatus};
use crate::profile::simulator::{RefusalReason, SimulatorRefusal, SimulatorReply};

/// The media type of everything.
const JSON: &str = "application/json";
/// Entries of a page where nothing is said, and the most.
const PAGE: usize = 100;
const PAGE_MAX: usize = 1000;

/// The interface.
pub(super) static FACE: Api = Api {
    vendor: "officeseries",
    synthetic: true,
    prefix: "/api",
    key_header: "authorization",
    retry_hint: RetryHint::Seconds,
    quirks: SupportedQuirks { operations: false, jobs: false, sets: true },
    sample_tenant: starter,
    open: |_| Box::new(Office),
};

/// The service; the simulator knows all that there is.
struct Office;

impl ApiHandler for Office {
    fn advance(&mut self, _: &mut EmulatedTenant) {}

    fn handle(&mut self, world: &mut EmulatedTenant, request: &ApiRequest) -> ApiReply {
        match (request.method.as_str(), &*request.segments()) {
            ("GET", ["subscriptions"]) => ok(world, subscriptions(world)),
            ("GET", ["subscriptions", subscription, rest @ ..]) => {
                if !subscriptions_of(world).iter().any(|known| known == subscription) {
                    return wrong(404, "NotFound", "there is no such subscription");
                }
                match rest {
                    ["products"] => ok(world, products(world, subscription)),
                    ["license-assignments"] => page(world, request, subscription),
                    ["license-assignments", user] => match world.visible_account(user) {
                        Some(account) => {
                            let tag = tag(account, subscription);
                            let row = row(world, account, subscription);
                            ok(world, row).header("etag", tag)
                        }
                        None => wrong(404, "UnknownUser", "there is no such user"),
                    },
                    _ => wrong(404, "NotFound", "there is no such resource"),
                }
            }
            ("PUT", ["subscriptions", subscription, "license-assignments", user]) => {
                put(world, request, subscription, user).unwrap_or_else(|refused| refused)
            }
            ("GET", ["me"]) => ok(world, json!({ "role": role(world) })),
            (_, ["subscriptions", ..]) => wrong(405, "MethodNotAllowed", "not a method of this resource"),
            _ => wrong(404, "NotFound", "there is no such resource"),
        }
    }

    fn error_reply(&self, _: &EmulatedTenant, _: &ApiRequest, refusal: &ApiError) -> ApiReply {
        let code = refusal.code.as_deref().unwrap_or(match refusal.status {
            401 => "Unauthorized",
            403 => "Forbidden",
            429 => "TooManyRequests",
            503 => "ServiceUnavailable",
            _ => "Error",
        });
        wrong(refusal.status, code, &refusal.message)
    }
}

fn role(world: &EmulatedTenant) -> &'static str {
    if world.config().wrong_role { "Reader" } else { "Subscription Administrator" }
}

fn ok(world: &EmulatedTenant, mut body: Value) -> ApiReply {
    if world.config().extra_fields {
        strange(&mut body);
    }
    ApiReply::json(200, JSON, &body)
}

/// Adds a field that no page lists to every object.
fn strange(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(strange),
        Value::Object(fields) => {
            fields.values_mut().for_each(strange);
            fields.insert("x_later".to_owned(), json!({ "since": 2027 }));
        }
        _ => {}
    }
}

fn wrong(status: u16, code: &str, message: &str) -> ApiReply {
    ApiReply::json(status, JSON, &json!({ "code": code, "message": message }))
}

/// The two halves of a license's name.
fn halves(license: &str) -> (&str, &str) {
    license.split_once('/').unwrap_or(("", license))
}

/// The ids of the subscriptions that there are, in the order of pools.
fn subscriptions_of(world: &EmulatedTenant) -> Vec<SmolStr> {
    let mut ids: Vec<SmolStr> = Vec::new();
    let held = world.state().accounts.iter().flat_map(|account| &account.holdings).map(|holding| &holding.license);
    for license in world.state().pools.iter().map(|pool| &pool.license).chain(held) {
        let id = halves(license).0;
        if !ids.iter().any(|known| known == id) {
            ids.push(id.into());
        }
    }
    ids
}

/// The worst status of a subscription's pools: they are bought together.
fn status(world: &EmulatedTenant, subscription: &str) -> PoolStatus {
    let today = crate::env::clock::day_of(world.now());
    let pools = world.state().pools.iter().filter(|pool| halves(&pool.license).0 == subscription);
    let of = |pool: &Pool| {
        if pool.expires.is_some_and(|expires| expires <= today) { PoolStatus::Expired } else { pool.status }
    };
    pools.map(of).find(|status| *status != PoolStatus::Active).unwrap_or_default()
}

fn subscriptions(world: &EmulatedTenant) -> Value {
    let shown = |id: &SmolStr| {
        let word = match status(world, id) {
            PoolStatus::Active if world.config().unknown_words => "Grandfathered",
            PoolStatus::Active => "Active",
            PoolStatus::Expired => "Expired",
            PoolStatus::Inactive | PoolStatus::Suspended => "Inactive",
        };
        json!({ "id": id, "name": format!("Synthetic {id}"), "status": word })
    };
    Value::Array(subscriptions_of(world).iter().map(shown).collect())
}

fn products(world: &EmulatedTenant, subscription: &str) -> Value {
    let counted = world.state().counted_pools();
    let pools = counted.iter().filter(|pool| halves(&pool.license).0 == subscription);
    let shown = |pool: &Pool| {
        let product = halves(&pool.license).1;
        json!({
            "productId": product, "name": product, "total": pool.total, "assigned": pool.used.unwrap_or(0),
            "expires": pool.expires,
        })
    };
    Value::Array(pools.map(shown).collect())
}

/// The products that a person has in a subscription.
fn held<'a>(account: &'a Account, subscription: &'a str) -> impl Iterator<Item = (&'a str, bool)> {
    account.holdings.iter().filter(|holding| holding.state.is_held()).filter_map(move |holding| {
        let (own, product) = halves(&holding.license);
        (own == subscription).then_some((product, holding.origin == HoldingOrigin::Direct))
    })
}

fn row(_: &EmulatedTenant, account: &Account, subscription: &str) -> Value {
    let products: Vec<&str> = held(account, subscription).map(|(product, _)| product).collect();
    let inherited: Vec<&str> =
        held(account, subscription).filter(|(_, direct)| !direct).map(|(product, _)| product).collect();
    json!({
        "userId": account.id, "email": account.email, "products": products, "inherited": inherited,
        "origin": account.origin.to_string(), "etag": tag(account, subscription),
    })
}

/// The version of a row: another one whenever the row is another one.
fn tag(account: &Account, subscription: &str) -> String {
    let mut products: Vec<&str> = held(account, subscription).map(|(product, _)| product).collect();
    products.sort_unstable();
    format!("\"{}\"", stable_id("row", &format!("{}\n{}\n{}", account.id, account.email, products.join("\n"))))
}

fn page(world: &EmulatedTenant, request: &ApiRequest, subscription: &str) -> ApiReply {
    let number = |name: &str, default: usize| match request.parameter(name) {
        None | Some("") => Some(default),
        Some(text) => text.parse().ok(),
    };
    let (Some(skip), Some(take)) = (number("skip", 0), number("take", PAGE)) else {
        return wrong(400, "BadRequest", "`skip` and `take` are numbers");
    };
    let cap = world.config().page_size.map_or(PAGE_MAX, |size| usize::try_from(size).unwrap_or(PAGE_MAX));
    let all = world.visible_accounts();
    let total = all.len();
    let items: Vec<Value> = all
        .skip(skip)
        .take(take.clamp(1, PAGE_MAX).min(cap))
        .map(|account| row(world, account, subscription))
        .collect();
    ok(world, json!({ "items": items, "total": total }))
}

fn put(world: &mut EmulatedTenant, request: &ApiRequest, subscription: &str, user: &str) -> Result<ApiReply, ApiReply> {
    if !subscriptions_of(world).iter().any(|known| known == subscription) {
        return Err(wrong(404, "NotFound", "there is no such subscription"));
    }
    let before = world.account(user).cloned().ok_or_else(|| wrong(404, "UnknownUser", "there is no such user"))?;
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let listed =
        body["products"].as_array().and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    let wanted = listed.ok_or_else(|| wrong(400, "BadRequest", "`products` is a list of texts"))?;
    match request.header("if-match") {
        None if world.config().sets.clone().unwrap_or_default().match_required => {
            return Err(wrong(428, "PreconditionRequired", "give the row's tag in `If-Match`"));
        }
        Some(sent) if sent != "*" && sent != tag(&before, subscription) => {
            return Err(wrong(412, "PreconditionFailed", "the row has changed since"));
        }
        None | Some(_) => {}
    }
    if status(world, subscription) != PoolStatus::Active {
        return Err(wrong(422, "SubscriptionNotActive", "the subscription is not active"));
    }
    let known = |product: &&str| {
        let license = format!("{subscription}/{product}");
        world.state().pools.iter().any(|pool| pool.license == license)
            || before.holdings.iter().any(|holding| holding.license == license)
    };
    if let Some(product) = wanted.iter().find(|product| !known(product)) {
        let message = "the subscription has no such product";
        return Err(ApiReply::json(
            400,
            JSON,
            &json!({ "code": "UnknownProduct", "productId": product, "message": message }),
        ));
    }
    // What comes is first, for only that can fail for want of a seat.
    let mut steps: Vec<(OperationKind, String)> = Vec::new();
    for product in &wanted {
        if !held(&before, subscription).any(|(held, _)| held == *product) {
            steps.push((OperationKind::Assign, (*product).to_owned()));
        }
    }
    for (product, _) in held(&before, subscription).filter(|(held, _)| !wanted.contains(held)) {
        steps.push((OperationKind::Remove, product.to_owned()));
    }
    let mut is_touched = false;
    for (kind, product) in steps {
        let license = format!("{subscription}/{product}");
        match world.execute(ChangeRequest { kind, account: user, license: &license, to: None }, 0) {
            Ok(answer) => is_touched |= answer != SimulatorReply::Already,
            Err(refused) => {
                if is_touched {
                    world.edit(user, |account| *account = before);
                }
                return Err(refusal(&product, &refused));
            }
        }
    }
    let Some(account) = world.account(user) else { return Err(wrong(404, "UnknownUser", "there is no such user")) };
    let (tag, row) = (tag(account, subscription), row(world, account, subscription));
    Ok(ok(world, row).header("etag", tag))
}

/// What the simulator refused, in the contract's words.
fn refusal(product: &str, refused: &SimulatorRefusal) -> ApiReply {
    let (status, code) = match refused.reason {
        RefusalReason::NoSeat => (409, "NoLicensesAvailable"),
        RefusalReason::UnknownAccount => (404, "NotFound"),
        RefusalReason::Forbidden => (403, "NotYours"),
        RefusalReason::Conflict => (409, "Conflict"),
        RefusalReason::Busy => (503, "ServiceUnavailable"),
    };
    ApiReply::json(status, JSON, &json!({ "code": code, "productId": product, "message": refused.message }))
}

/// Four people, two subscriptions, and one of them not active.
fn starter() -> Observation {
    let accounts = vec![
        account("u-1", "ana@acme.example", vec![direct("main/timesheet"), direct("main/projects")]),
        account("u-2", "bo@acme.example", vec![direct("main/timesheet")]),
        account("u-3", "cy@acme.example", vec![direct("branch/timesheet")]),
        account("u-4", "di@acme.example", Vec::new()),
    ];
    let mut branch = pool("branch/timesheet", 5);
    branch.status = PoolStatus::Inactive;
    observation("office", "officeseries", vec![pool("main/timesheet", 3), pool("main/projects", 1), branch], accounts)
}
