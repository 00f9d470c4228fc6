//! Avaya Spaces, behind a contract of our own: the vendor publishes no interface for licenses.
//!
//! The contract is for bridges that teams run themselves, and every answer says that it is synthetic. It keeps to what
//! the vendor's pages tell of the console: jobs with a row for each person, which can only be cancelled as a whole, upgrades
//! that were cancelled and wait for somebody to confirm or resume them, synchronizations that lock everything out.

mod answer;
mod jobs;
mod users;

use serde_json::{Value, json};

use self::answer::{JSON, ok, wrong};
use self::jobs::Jobs;
use super::api::{Api, ApiError, ApiHandler, ApiReply, ApiRequest};
use super::config::validate::SupportedQuirks;
use super::config::{Jobs as Knob, RetryHint};
use super::fixtures::{account, direct, observation, pool};
use super::tenant::EmulatedTenant;
use crate::model::{AccountOrigin, Observation, Pool};

/// The interface.
pub(super) static FACE: Api = Api {
    vendor: "avaya-spaces",
    synthetic: true,
    prefix: "",
    key_header: "authorization",
    retry_hint: RetryHint::Seconds,
    quirks: SupportedQuirks { operations: false, jobs: true, sets: false },
    sample_tenant: starter,
    open: |_| Box::new(Spaces { jobs: Jobs::default() }),
};

/// What the interface keeps beside the simulator.
struct Spaces {
    jobs: Jobs,
}

/// The knobs of this interface.
fn manners(world: &EmulatedTenant) -> Knob {
    world.config().jobs.clone().unwrap_or_default()
}

impl ApiHandler for Spaces {
    fn advance(&mut self, world: &mut EmulatedTenant) {
        self.jobs.advance(world);
    }

    fn handle(&mut self, world: &mut EmulatedTenant, request: &ApiRequest) -> ApiReply {
        let is_write = request.method.as_str() == "POST";
        if is_write && let Some(reason) = world.state().busy.clone() {
            return wrong(409, "SYNC_IN_PROGRESS", &reason);
        }
        match (request.method.as_str(), &*request.segments()) {
            ("GET", ["spaces", "users"]) => self.list(world, request),
            ("GET", ["spaces", "users", id]) => match world.visible_account(id) {
                Some(account) => ok(world, 200, self.user(world, account)),
                None => wrong(404, "UNKNOWN_USER", "there is no such user"),
            },
            ("GET", ["spaces", "licenses"]) => ok(world, 200, licenses(world)),
            ("GET", ["spaces", "status"]) => {
                let role = if world.config().wrong_role { "READER" } else { "ADMINISTRATOR" };
                ok(world, 200, json!({ "busy": world.state().busy, "role": role }))
            }
            ("POST", ["spaces", "license-jobs"]) => self.jobs.post(world, request),
            ("POST", ["spaces", "deallocate"]) => self.jobs.deallocate(world, request),
            ("GET", ["spaces", "license-jobs", id]) => self.jobs.show(world, id),
            ("POST", ["spaces", "license-jobs", id, "cancel"]) => self.jobs.cancel(world, id),
            ("POST", ["spaces", "users", id, "confirm-cancel"]) => self.jobs.confirm(world, id),
            ("POST", ["spaces", "users", id, "resume"]) => self.jobs.resume(world, id),
            ("POST", ["spaces", "audit"]) => self.jobs.audit(world),
            ("GET", ["spaces", "audits", id]) => self.jobs.show_audit(world, id),
            (
                _,
                ["spaces", "users" | "licenses" | "status" | "license-jobs" | "deallocate" | "audit" | "audits", ..],
            ) => wrong(405, "METHOD_NOT_ALLOWED", "not a method of this resource"),
            _ => wrong(404, "NOT_FOUND", "there is no such resource"),
        }
    }

    fn error_reply(&self, _: &EmulatedTenant, _: &ApiRequest, refusal: &ApiError) -> ApiReply {
        let code = refusal.code.as_deref().unwrap_or(match refusal.status {
            401 => "UNAUTHORIZED",
            403 => "FORBIDDEN",
            429 => "TOO_MANY_REQUESTS",
            503 => "SERVICE_UNAVAILABLE",
            _ => "ERROR",
        });
        ApiReply::json(refusal.status, JSON, &json!({ "code": code, "message": refusal.message }))
    }
}

/// The contract's name of a license: with a capital letter.
fn theirs(license: &str) -> String {
    let mut letters = license.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn licenses(world: &EmulatedTenant) -> Value {
    let shown = |pool: &Pool| {
        let is_floor = world.rules().is_floor(&pool.license);
        json!({
            "type": theirs(&pool.license), "total": pool.total.filter(|_| !is_floor), "used": pool.used.unwrap_or(0),
            "expires": pool.expires, "status": pool.status.as_str().to_uppercase(),
        })
    };
    Value::Array(world.state().counted_pools().iter().map(shown).collect())
}

/// Six people: one belongs to a directory group, one was made at the vendor, one has a trial.
fn starter() -> Observation {
    let mut group = account("u-5", "ed@acme.example", vec![direct("business")]);
    group.origin = AccountOrigin::Group("CN=Synthetic Sales".into());
    let mut local = account("u-6", "fay@acme.example", vec![direct("essential")]);
    local.origin = AccountOrigin::VendorLocal;
    let mut trial = direct("business");
    trial.trial = true;
    let accounts = vec![
        account("u-1", "ana@acme.example", vec![direct("essential")]),
        account("u-2", "bo@acme.example", vec![direct("business")]),
        account("u-3", "cy@acme.example", vec![direct("power")]),
        account("u-4", "di@acme.example", vec![trial]),
        group,
        local,
    ];
    let mut essential = pool("essential", 0);
    essential.total = None;
    let pools = vec![essential, pool("business", 4), pool("power", 2)];
    observation("spaces", "avaya-spaces", pools, accounts)
}
