//! From the wire to [`Core`] and back.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Query, Request as HttpRequest, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use percent_encoding::percent_decode_str;
use tokio::time::sleep;

use super::api::{ApiReply, ApiRequest};
use super::connection::{ResponseShaping, ShapingHandle};
use super::control;
use super::gateway::{Gateway, ShapedReply};

/// The most bytes of a request's body.
const BODY_MAX_BYTES: usize = 8 << 20;

/// The tenant, and where it is served.
pub(super) struct ServerState {
    gateway: Mutex<Gateway>,
    /// The address without the path.
    pub(super) origin: String,
    /// What the address of the interface ends with.
    pub(super) prefix: &'static str,
}

impl ServerState {
    pub(super) fn new(core: Gateway, origin: String, prefix: &'static str) -> Self {
        Self { gateway: Mutex::new(core), origin, prefix }
    }

    /// The tenant; a task that died with it in hand left it whole, for nothing is changed in two steps.
    pub(super) fn gateway(&self) -> MutexGuard<'_, Gateway> {
        self.gateway.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything that is served.
pub(super) fn router(shared: Arc<ServerState>) -> Router {
    Router::new().fallback(serve).with_state(shared)
}

async fn serve(
    State(shared): State<Arc<ServerState>>,
    ConnectInfo(hold): ConnectInfo<ShapingHandle>,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX_BYTES).await else {
        return plain_text(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large, or ended too early");
    };
    if let Some(path) = parts.uri.path().strip_prefix(control::PREFIX) {
        hold.set(ResponseShaping::default());
        return control::answer(&shared, &parts.method, path, &body);
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let Some(target) =
        target.strip_prefix(shared.prefix).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    else {
        return plain_text(StatusCode::NOT_FOUND, "nothing is served here; see the address that the emulator printed");
    };
    let (Some(path), Ok(Query(query))) = (segments(target), Query::<Vec<(String, String)>>::try_from_uri(&parts.uri))
    else {
        return plain_text(StatusCode::BAD_REQUEST, "the address cannot be decoded");
    };
    let request = ApiRequest {
        method: parts.method,
        path,
        query,
        headers: parts.headers,
        body: body.to_vec(),
        base_url: format!("{}{}", shared.origin, shared.prefix),
        failure: None,
    };
    let ShapedReply { reply, delay_ms, shaping: manner } = shared.gateway().handle(request, target);
    if delay_ms > 0 {
        sleep(Duration::from_millis(delay_ms)).await;
    }
    let Some(reply) = reply else {
        hold.set(ResponseShaping { byte_limit: Some(0), bytes_per_second: None });
        return plain_text(StatusCode::INTERNAL_SERVER_ERROR, "");
    };
    hold.set(manner);
    response(reply)
}

/// The segments of a path, decoded.
fn segments(target: &str) -> Option<Vec<String>> {
    let path = target.split('?').next().unwrap_or_default();
    let decode = |segment: &str| percent_decode_str(segment).decode_utf8().ok().map(|text| text.into_owned());
    path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
}

fn response(reply: ApiReply) -> Response {
    let ApiReply { status, media, headers, body } = reply;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let known = response.headers_mut();
    known.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            known.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// An answer that no vendor gives.
pub(super) fn plain_text(status: StatusCode, text: &str) -> Response {
    let mut response = Response::new(Body::from(format!("{text}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
