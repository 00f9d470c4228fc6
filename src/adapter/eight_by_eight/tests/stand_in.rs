//! A mock server of the API: users, scrolls, operations and injected faults.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::KEY;

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Path and query, below the base.
    pub(crate) path: String,
    pub(crate) accept: String,
    pub(crate) content_type: String,
    pub(crate) body: Value,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Said {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    pub(crate) fn problem(status: u16, code: &str, message: &str) -> Self {
        let errors = json!([{ "code": code, "message": message }]);
        Self::json(status, &json!({ "status": status, "title": "Error", "errors": errors }))
    }
}

/// Overrides the answer to a request; `None` keeps the default.
type Hook = Box<dyn FnMut(&Asked, &mut Inner) -> Option<Said> + Send>;

/// An operation in progress.
struct Underway {
    shown: Value,
    /// How many more polls it takes.
    polls: u32,
    body: Option<(String, Value)>,
}

/// The state of the server.
#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) users: BTreeMap<String, Value>,
    pub(crate) page: usize,
    /// How many polls an operation takes.
    pub(crate) polls: u32,
    pub(crate) asked: Vec<(Asked, Said)>,
    operations: BTreeMap<String, Underway>,
}

/// The server, until it is dropped.
pub(crate) struct StandIn {
    port: u16,
    folder: tempfile::TempDir,
    inner: Arc<Mutex<Inner>>,
    task: JoinHandle<()>,
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Shared {
    inner: Arc<Mutex<Inner>>,
    hook: Arc<Mutex<Hook>>,
}

impl StandIn {
    pub(crate) async fn start(users: impl IntoIterator<Item = Value>) -> Self {
        Self::with(users, |_, _| None).await
    }

    /// Starts a server whose answers `hook` can override.
    pub(crate) async fn with(
        users: impl IntoIterator<Item = Value>,
        hook: impl FnMut(&Asked, &mut Inner) -> Option<Said> + Send + 'static,
    ) -> Self {
        let users =
            users.into_iter().map(|user| (user["basicInfo"]["userId"].as_str().unwrap().to_owned(), user)).collect();
        let inner = Arc::new(Mutex::new(Inner { users, page: 2, polls: 1, ..Inner::default() }));
        let shared = Shared { inner: Arc::clone(&inner), hook: Arc::new(Mutex::new(Box::new(hook))) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(answer).with_state(shared);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("key"), KEY).unwrap();
        Self { port, folder, inner, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/admin-provisioning", self.port)
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("key")
    }

    /// A file beside the key.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Methods and paths so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.inner().asked.iter().map(|(asked, _)| format!("{} {}", asked.method, asked.path)).collect()
    }

    /// The bodies that were put.
    pub(crate) fn puts(&self) -> Vec<Value> {
        let inner = self.inner();
        inner.asked.iter().filter(|(asked, _)| asked.method == Method::PUT).map(|(one, _)| one.body.clone()).collect()
    }
}

async fn answer(State(shared): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let asked = Asked {
        method,
        path: uri.to_string().trim_start_matches("/admin-provisioning").to_owned(),
        accept: text("accept"),
        content_type: text("content-type"),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    let mut inner = shared.inner.lock().unwrap();
    let said = if text("x-api-key") != KEY {
        Said::problem(401, "FORBIDDEN", "no such key")
    } else {
        let hooked = (shared.hook.lock().unwrap())(&asked, &mut inner);
        hooked.unwrap_or_else(|| inner.answer(&asked))
    };
    inner.asked.push((asked, said.clone()));
    let mut response = (StatusCode::from_u16(said.status).unwrap(), said.body).into_response();
    for (name, value) in said.headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

impl Inner {
    /// What the vendor would say.
    pub(crate) fn answer(&mut self, asked: &Asked) -> Said {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (asked.method.as_str(), &*segments) {
            ("GET", ["users"]) => self.list(query),
            ("GET", ["users", id]) => match self.users.get(*id) {
                Some(user) => Said::json(200, user),
                None => Said::problem(404, "NOT_FOUND", "Resource not found"),
            },
            ("PUT", ["users", id]) => self.put(id, &asked.body),
            ("GET", ["operations", id]) => self.poll(id),
            _ => Said { status: 404, headers: Vec::new(), body: b"no route".to_vec() },
        }
    }

    fn list(&self, query: &str) -> Said {
        let parameters: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let from: usize = match parameters.get("scrollId") {
            Some(_) if parameters.len() > 1 => {
                return Said::problem(400, "CONFLICTING_QUERY_PARAMETER", "Cannot use scrollId with others");
            }
            Some(scroll) => scroll.trim_start_matches("from-").parse().unwrap(),
            None => 0,
        };
        let data: Vec<&Value> = self.users.values().skip(from).take(self.page).collect();
        let until = from + data.len();
        let more = until < self.users.len();
        let next = more.then(|| format!("from-{until}"));
        Said::json(200, &json!({ "data": data, "pagination": { "hasMore": more, "nextScrollId": next } }))
    }

    fn put(&mut self, id: &str, body: &Value) -> Said {
        if !self.users.contains_key(id) {
            return Said::problem(404, "NOT_FOUND", "User not found");
        }
        let numbers = body["serviceInfo"]["licenses"].as_array().into_iter().flatten();
        if numbers.filter_map(|one| one["name"].as_str()).any(|name| name.contains("DID")) {
            return Said::problem(400, "VALIDATION_ERROR", "DID subscriptions must not be sent");
        }
        let operation = format!("op_{}", self.operations.len() + 1);
        let shown = json!({
            "operationId": operation, "status": "PENDING", "resourceType": "USER", "resourceId": id,
            "operationType": "UPDATE", "createdTime": "2026-11-22T10:00:00Z",
        });
        let body = Some((id.to_owned(), body.clone()));
        let polls = self.polls;
        self.operations.insert(operation, Underway { shown: shown.clone(), polls, body });
        Said::json(202, &shown)
    }

    fn poll(&mut self, id: &str) -> Said {
        let Some(operation) = self.operations.get_mut(id) else {
            return Said::problem(404, "NOT_FOUND", "Operation not found");
        };
        if operation.polls > 0 {
            operation.polls -= 1;
            operation.shown["status"] = "IN_PROGRESS".into();
            return Said::json(200, &operation.shown);
        }
        operation.shown["status"] = "COMPLETED".into();
        let shown = operation.shown.clone();
        if let Some((id, body)) = operation.body.take() {
            self.replace(&id, body);
        }
        Said::json(200, &shown)
    }

    /// Applies an update: removing a license removes memberships, and numbers stay.
    pub(crate) fn replace(&mut self, id: &str, mut body: Value) {
        let Some(before) = self.users.get(id) else { return };
        for field in ["userId", "createdTime", "lastUpdatedTime"] {
            body["basicInfo"][field] = before["basicInfo"][field].clone();
        }
        let list = |user: &Value| user["serviceInfo"]["licenses"].as_array().cloned().unwrap_or_default();
        let is_number = |one: &Value| one["name"].as_str().is_some_and(|name| name.contains("DID"));
        let mut licenses = list(&body);
        for one in licenses.iter_mut().filter(|one| one["id"].is_null()) {
            one["id"] = format!("new-{id}").into();
        }
        let had = list(before).into_iter().filter(|one| !is_number(one)).count();
        if licenses.len() < had {
            body["assignmentInfo"] = json!({ "ringGroups": [], "ucCallQueues": [] });
        }
        licenses.extend(list(before).into_iter().filter(is_number));
        body["serviceInfo"]["licenses"] = licenses.into();
        self.users.insert(id.to_owned(), body);
    }
}
