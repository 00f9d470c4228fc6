//! HTTP in front of the gateway and the control API.

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

/// The gateway and its URL.
pub(super) struct ServerState {
    gateway: Mutex<Gateway>,
    /// The URL without the path.
    pub(super) origin: String,
    /// The path of the API's base URL.
    pub(super) prefix: &'static str,
}

impl ServerState {
    pub(super) fn new(gateway: Gateway, origin: String, prefix: &'static str) -> Self {
        Self { gateway: Mutex::new(gateway), origin, prefix }
    }

    /// Locks the gateway. It is consistent even if a request panicked.
    pub(super) fn gateway(&self) -> MutexGuard<'_, Gateway> {
        self.gateway.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the router of all paths.
pub(super) fn router(state: Arc<ServerState>) -> Router {
    Router::new().fallback(serve).with_state(state)
}

async fn serve(
    State(state): State<Arc<ServerState>>,
    ConnectInfo(connection): ConnectInfo<ShapingHandle>,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX_BYTES).await else {
        return response(ApiReply::text(413, "the body is too large or incomplete"));
    };
    if let Some(path) = parts.uri.path().strip_prefix(control::PREFIX) {
        connection.set(ResponseShaping::default());
        return response(control::handle(&mut state.gateway(), parts.method.as_str(), path, &body));
    }
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let Some(target) = target.strip_prefix(state.prefix).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    else {
        return response(ApiReply::text(404, "not the URL that the emulator printed"));
    };
    let (Some(path), Ok(Query(query))) = (segments(target), Query::<Vec<(String, String)>>::try_from_uri(&parts.uri))
    else {
        return response(ApiReply::text(400, "the URL cannot be decoded"));
    };
    let request = ApiRequest {
        method: parts.method,
        path,
        query,
        headers: parts.headers,
        body: body.to_vec(),
        base_url: format!("{}{}", state.origin, state.prefix),
        failure: None,
    };
    let ShapedReply { reply, delay_ms, shaping } = state.gateway().handle(request, target);
    if delay_ms > 0 {
        sleep(Duration::from_millis(delay_ms)).await;
    }
    let Some(reply) = reply else {
        connection.set(ResponseShaping { byte_limit: Some(0), bytes_per_second: None });
        return Response::default();
    };
    connection.set(shaping);
    response(reply)
}

/// Returns the decoded segments of a path.
fn segments(target: &str) -> Option<Vec<String>> {
    let path = target.split('?').next().unwrap_or_default();
    let decode = |segment: &str| percent_decode_str(segment).decode_utf8().ok().map(|text| text.into_owned());
    path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect()
}

fn response(reply: ApiReply) -> Response {
    let ApiReply { status, media, headers, body } = reply;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let response_headers = response.headers_mut();
    response_headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response_headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
