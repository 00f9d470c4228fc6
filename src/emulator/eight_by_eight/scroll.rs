//! The list of users: filtered, sorted, and continued by an opaque id.
//!
//! A list contains the users at its start: it omits later ones, skips deleted ones, and shows the current state.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use smol_str::SmolStr;

use super::replies::{USERS, error};
use super::{EightByEightApi, filter, quirks};
use crate::emulator::api::{ApiReply, ApiRequest};
use crate::emulator::tenant::EmulatedTenant;

/// The default and the maximum size of a page.
const PAGE: usize = 100;
const PAGE_MAX: usize = 1000;
/// The most lists that can be continued.
const SCROLLS_MAX: usize = 1000;

/// A list that can be continued.
#[derive(Clone)]
struct Scroll {
    ids: Arc<Vec<SmolStr>>,
    from: usize,
    size: usize,
    page: usize,
    filter: Option<String>,
    sort: Option<String>,
    until: Timestamp,
}

/// The lists that can be continued, by id.
#[derive(Default)]
pub(super) struct OpenScrolls {
    open: BTreeMap<String, Scroll>,
    last_number: u64,
}

impl EightByEightApi {
    pub(super) fn list(&mut self, world: &mut EmulatedTenant, request: &ApiRequest) -> ApiReply {
        let scroll = match request.parameter("scrollId") {
            Some(id) => match self.resume_scroll(world, request, id) {
                Ok(scroll) => scroll,
                Err(reply) => return reply,
            },
            None => match self.start_scroll(world, request) {
                Ok(scroll) => scroll,
                Err(reply) => return reply,
            },
        };
        let thin = quirks(world).thin_list;
        let until = scroll.ids.len().min(scroll.from + scroll.size);
        let ids: Vec<SmolStr> = scroll.ids[scroll.from.min(until)..until].to_vec();
        let data: Vec<Value> = ids.iter().filter_map(|id| self.list_entry(world, id, thin)).collect();
        let has_more = until < scroll.ids.len();
        let mut pagination = json!({
            "pageSize": scroll.size, "pageNumber": scroll.page, "hasMore": has_more,
            "filter": scroll.filter, "sort": scroll.sort, "nextScrollId": null,
        });
        let base = &request.base_url;
        let mut links = json!({ "self": { "href": format!("{base}/users") } });
        if has_more {
            let next = self.save_scroll(world, Scroll { from: until, page: scroll.page + 1, ..scroll });
            links["next"] = json!({ "href": format!("{base}/users?scrollId={next}") });
            pagination["nextScrollId"] = next.into();
        }
        let mut page = json!({ "data": data, "pagination": pagination, "_links": links });
        if world.config().extra_fields {
            page["generatedBy"] = json!({ "node": 7 });
        }
        ApiReply::json(200, USERS, &page)
    }

    fn start_scroll(&mut self, world: &EmulatedTenant, request: &ApiRequest) -> Result<Scroll, ApiReply> {
        let wrong = |field: &str, code: &str, message: &str| {
            error(world, USERS, 400, "Validation error", Some(code), Some(field), message)
        };
        let size = match request.parameter("pageSize").map(str::parse::<usize>) {
            None => PAGE,
            Some(Ok(size)) if (1..=PAGE_MAX).contains(&size) => size,
            Some(_) => return Err(wrong("pageSize", "VALIDATION_ERROR", "pageSize is from 1 to 1000")),
        };
        let cap = world.config().page_size.map_or(usize::MAX, |size| usize::try_from(size).unwrap_or(usize::MAX));
        let (filter, sort) = (request.parameter("filter"), request.parameter("sort"));
        let ids = filter::select_accounts(world.visible_accounts(), filter, sort).map_err(|fault| match fault {
            filter::InvalidParameter::Filter => wrong("filter", "VALIDATION_ERROR", "Invalid filter syntax"),
            filter::InvalidParameter::Sort => wrong("sort", "VALIDATION_ERROR", "Invalid sort parameter"),
        })?;
        Ok(Scroll {
            ids: Arc::new(ids),
            from: 0,
            size: size.min(cap),
            page: 0,
            filter: filter.map(str::to_owned),
            sort: sort.map(str::to_owned),
            until: Timestamp::MAX,
        })
    }

    fn resume_scroll(&mut self, world: &EmulatedTenant, request: &ApiRequest, id: &str) -> Result<Scroll, ApiReply> {
        if request.query.len() > 1 {
            let message = "Cannot use scrollId with other first-page query parameters";
            let (title, code) = ("Conflicting query parameters", "CONFLICTING_QUERY_PARAMETER");
            return Err(error(world, USERS, 400, title, Some(code), None, message));
        }
        let now = world.now();
        self.scrolls.open.retain(|_, scroll| scroll.until > now);
        self.scrolls.open.get(id).cloned().ok_or_else(|| {
            let message = "scrollId is unknown or has expired; begin again without it";
            error(world, USERS, 400, "Validation error", None, Some("scrollId"), message)
        })
    }

    fn save_scroll(&mut self, world: &EmulatedTenant, scroll: Scroll) -> String {
        let scrolls = &mut self.scrolls;
        scrolls.last_number += 1;
        if scrolls.open.len() >= SCROLLS_MAX {
            scrolls.open.pop_first();
        }
        let id = format!(
            "{:09}{}",
            scrolls.last_number,
            crate::emulator::random::stable_id("scroll", &scrolls.last_number.to_string())
        );
        let life = SignedDuration::from_secs(i64::from(quirks(world).scroll_seconds));
        let until = world.now().saturating_add(life).unwrap_or(Timestamp::MAX);
        scrolls.open.insert(id.clone(), Scroll { until, ..scroll });
        id
    }
}
