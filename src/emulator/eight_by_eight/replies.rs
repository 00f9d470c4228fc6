//! Media types and errors.

use serde_json::{Value, json};

use crate::emulator::api::ApiReply;
use crate::emulator::random::stable_id;
use crate::emulator::tenant::EmulatedTenant;

/// The media type of users.
pub(super) const USERS: &str = "application/vnd.users.v1+json";
/// The media type of operations.
pub(super) const OPERATIONS: &str = "application/vnd.operations.v1+json";

/// Returns whether a media range includes `media`.
pub(super) fn accepts(kind: &str, media: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == media || kind == "*/*" || kind == "application/*"
}

/// Returns the title of an error.
pub(super) fn title(status: u16) -> &'static str {
    match status {
        400 => "Validation error",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        408 => "Request Timeout",
        409 => "Conflict",
        424 => "Failed Dependency",
        429 => "Too Many Requests",
        501 => "Not Implemented",
        503 => "Service unavailable",
        _ => "Internal Server Error",
    }
}

/// Returns the usual code of an error.
fn code_of(status: u16) -> &'static str {
    match status {
        400 => "VALIDATION_ERROR",
        401 | 403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        408 => "REQUEST_TIMEOUT",
        409 => "CONFLICT",
        429 => "TOO_MANY_REQUESTS",
        503 => "SERVICE_UNAVAILABLE",
        _ => "UNKNOWN",
    }
}

/// Returns the body of an error.
pub(super) fn problem(
    world: &EmulatedTenant,
    status: u16,
    title: &str,
    code: Option<&str>,
    field: Option<&str>,
    message: &str,
) -> Value {
    let mut entry = json!({ "code": code.unwrap_or_else(|| code_of(status)), "message": message });
    if let Some(field) = field {
        entry["field"] = field.into();
    }
    let mut body = json!({ "status": status, "title": title, "time": world.now(), "errors": [entry] });
    if world.config().extra_fields {
        body["traceRegion"] = "synthetic-1".into();
    }
    body
}

/// Returns an error response.
pub(super) fn error(
    world: &EmulatedTenant,
    media: &'static str,
    status: u16,
    title: &str,
    code: Option<&str>,
    field: Option<&str>,
    message: &str,
) -> ApiReply {
    let body = problem(world, status, title, code, field, message);
    let id = stable_id("response", &format!("{message}{}", world.now()));
    // The documentation requires a UUID.
    let uuid = format!("{}-{}-4{}-8{}-{}0000", &id[..8], &id[8..12], &id[12..15], &id[..3], &id[..8]);
    ApiReply::json(status, media, &body).header("x-response-id", uuid)
}
