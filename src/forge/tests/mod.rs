//! Tests with fake forges: one comment, only of reseat, and never the token.

mod published;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::*;
use crate::diagnostic::catalog::adapter as codes;

const TOKEN: &str = "t0ken-of-nobody";
const MARKER: &str = "<!-- reseat-comment 0123456789abcdef -->\n";

/// The start of a request, the status and headers of its response, and whether it takes effect nevertheless.
type Fault = (&'static str, u16, Vec<(&'static str, String)>, bool);

/// The state of the fake.
#[derive(Default)]
struct Inner {
    /// Authors and texts, numbered from 1.
    remarks: Vec<(String, String)>,
    asked: Vec<String>,
    /// Responses that come first, each once.
    faults: Vec<Fault>,
    /// Whether the token belongs to an app without a name.
    is_program: bool,
}

/// A fake forge on this machine, stopped on drop.
struct Fake {
    kind: ForgeKind,
    port: u16,
    folder: tempfile::TempDir,
    inner: Arc<Mutex<Inner>>,
    task: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Fake {
    async fn start(kind: ForgeKind) -> Self {
        let inner = Arc::new(Mutex::new(Inner::default()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(answer).with_state((kind, Arc::clone(&inner)));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
        Self { kind, port, folder, inner, task }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn place(&self) -> CommentTarget {
        CommentTarget {
            kind: self.kind,
            api: format!("http://127.0.0.1:{}/api", self.port),
            repository: "acme/licenses".to_owned(),
            request: 7,
            token: SecretRef::File(self.folder.path().join("token")),
            wait: Duration::from_secs(5),
        }
    }

    async fn publish(&self, body: &str, is_news: bool) -> Result<CommentAction, Vec<Finding>> {
        let body = format!("{MARKER}{body}");
        publish_comment(
            &self.place(),
            CommentDraft { marker: MARKER, body: &body, create_if_missing: is_news },
            Clock::System,
        )
        .await
    }

    /// Returns the code and the message of a rejection.
    async fn refusal(&self) -> (String, String) {
        let findings = self.publish("a", true).await.unwrap_err();
        let shown = format!("{findings:?}");
        assert!(!shown.contains(TOKEN), "{shown}");
        (findings[0].code.to_string(), format!("{} {}", findings[0].message, findings[0].help.clone().unwrap()))
    }

    fn texts(&self) -> Vec<String> {
        self.inner().remarks.iter().map(|(_, body)| body.replace(MARKER, "").trim().to_owned()).collect()
    }

    fn writes(&self) -> usize {
        self.inner().asked.iter().filter(|asked| !asked.starts_with("GET")).count()
    }
}

async fn answer(
    State((kind, inner)): State<(ForgeKind, Arc<Mutex<Inner>>)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut inner = inner.lock().unwrap();
    let asked =
        format!("{method} {}", uri.path_and_query().map_or("", |path| path.as_str()).trim_start_matches("/api"));
    inner.asked.push(asked.clone());
    let signed = match kind {
        ForgeKind::Github => ("authorization", format!("Bearer {TOKEN}")),
        ForgeKind::Gitlab => ("private-token", TOKEN.to_owned()),
    };
    assert_eq!(headers[signed.0], signed.1);
    assert!(headers.contains_key("user-agent"), "GitHub requires a user agent");
    let place = inner.faults.iter().position(|(what, ..)| asked.starts_with(what));
    let fault = place.map(|place| inner.faults.remove(place));
    let is_done = fault.as_ref().is_none_or(|(.., is_done)| *is_done);
    let (status, said) = if is_done { normal(kind, &mut inner, &asked, &body) } else { (200, Value::Null) };
    match fault {
        None => (StatusCode::from_u16(status).unwrap(), said.to_string()).into_response(),
        Some((_, status, headers, _)) => {
            let message = json!({ "message": format!("no, {TOKEN}") }).to_string();
            let mut response = (StatusCode::from_u16(status).unwrap(), message).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
    }
}

fn normal(kind: ForgeKind, inner: &mut Inner, asked: &str, body: &[u8]) -> (u16, Value) {
    let (list, one) = match kind {
        ForgeKind::Github => ("/repos/acme/licenses/issues/7/comments", "/repos/acme/licenses/issues/comments/"),
        ForgeKind::Gitlab => {
            ("/projects/acme%2Flicenses/merge_requests/7/notes", "/projects/acme%2Flicenses/merge_requests/7/notes/")
        }
    };
    let change = if kind == ForgeKind::Github { "PATCH" } else { "PUT" };
    let text = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["body"].as_str().unwrap().to_owned();
    if asked == "GET /user" {
        return match kind {
            ForgeKind::Github if inner.is_program => {
                (403, json!({ "message": "Resource not accessible by integration" }))
            }
            ForgeKind::Github => (200, json!({ "login": "reseat-bot", "type": "User", "id": 1 })),
            ForgeKind::Gitlab => (200, json!({ "id": 1, "username": "reseat-bot" })),
        };
    }
    if let Some(id) = asked.strip_prefix(&format!("{change} {one}")) {
        let place = id.parse::<usize>().unwrap() - 1;
        inner.remarks[place].1 = text(body);
        return (200, shown(kind, place, &inner.remarks[place]));
    }
    if asked == format!("POST {list}") {
        inner.remarks.push(("reseat-bot".to_owned(), text(body)));
        let place = inner.remarks.len() - 1;
        return (201, shown(kind, place, &inner.remarks[place]));
    }
    let query = asked.strip_prefix(&format!("GET {list}?")).unwrap_or_else(|| panic!("{asked}"));
    let number = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.parse::<usize>().ok()).unwrap();
    let (page, size) = (number("page="), number("per_page="));
    let all: Vec<Value> = inner.remarks.iter().enumerate().map(|(place, remark)| shown(kind, place, remark)).collect();
    (200, all.into_iter().skip((page - 1) * size).take(size).collect())
}

fn shown(kind: ForgeKind, place: usize, (author, body): &(String, String)) -> Value {
    let id = place + 1;
    match kind {
        ForgeKind::Github => {
            let kind = if author.ends_with("bot") || author.ends_with("[bot]") { "Bot" } else { "User" };
            json!({ "id": id, "body": body, "user": { "login": author, "type": kind, "id": 9 }, "created_at": "2026-11-21T10:00:00Z" })
        }
        ForgeKind::Gitlab => {
            let number = if author == "reseat-bot" { 1 } else { 2 };
            json!({ "id": id, "body": body.trim(), "author": { "id": number, "username": author }, "system": author == "gitlab" })
        }
    }
}

#[tokio::test]
async fn comment_is_created_replaced_and_left_unchanged() {
    for kind in [ForgeKind::Github, ForgeKind::Gitlab] {
        let fake = Fake::start(kind).await;
        assert_eq!(fake.publish("nothing", false).await.unwrap(), CommentAction::Silent, "{kind:?}");
        assert_eq!(fake.publish("one\n", true).await.unwrap(), CommentAction::Created);
        assert_eq!(fake.publish("one\n", true).await.unwrap(), CommentAction::Unchanged);
        assert_eq!(fake.publish("two\n", true).await.unwrap(), CommentAction::Updated);
        assert_eq!(
            fake.publish("short\n", false).await.unwrap(),
            CommentAction::Updated,
            "an old comment is shortened"
        );
        assert_eq!((fake.texts(), fake.writes()), (vec!["short".to_owned()], 3));
    }
}

#[tokio::test]
async fn own_comment_is_found_on_a_later_page() {
    for kind in [ForgeKind::Github, ForgeKind::Gitlab] {
        let fake = Fake::start(kind).await;
        let talk = (0..230).map(|index| ("ana".to_owned(), format!("words {index}")));
        fake.inner().remarks.extend(talk);
        fake.inner().remarks.push(("reseat-bot".to_owned(), format!("{MARKER}old")));
        assert_eq!(fake.publish("new", true).await.unwrap(), CommentAction::Updated);
        assert_eq!(fake.texts()[230], "new");
    }
}

#[tokio::test]
async fn comments_of_others_are_never_changed() {
    for (kind, is_program) in [(ForgeKind::Github, false), (ForgeKind::Github, true), (ForgeKind::Gitlab, false)] {
        let fake = Fake::start(kind).await;
        fake.inner().is_program = is_program;
        fake.inner().remarks.push(("mallory".to_owned(), format!("{MARKER}all is well")));
        fake.inner().remarks.push(("reseat-bot".to_owned(), format!("quoting {MARKER}")));
        assert_eq!(fake.publish("true", true).await.unwrap(), CommentAction::Created, "{kind:?}");
        assert_eq!(fake.publish("truer", true).await.unwrap(), CommentAction::Updated);
        assert_eq!(fake.texts(), ["all is well", "quoting", "truer"]);
    }
}

#[tokio::test]
async fn rate_limit_is_respected_and_the_request_retried() {
    for kind in [ForgeKind::Github, ForgeKind::Gitlab] {
        let fake = Fake::start(kind).await;
        let rest = || vec![("retry-after", "1".to_owned())];
        fake.inner().faults = vec![("POST", 429, rest(), false), ("GET /user", 429, rest(), false)];
        let began = std::time::Instant::now();
        assert_eq!(fake.publish("a", true).await.unwrap(), CommentAction::Created, "{kind:?}");
        assert!(began.elapsed() >= Duration::from_secs(2));
        assert_eq!(fake.texts(), ["a"]);
    }
    // GitHub also uses 403.
    let fake = Fake::start(ForgeKind::Github).await;
    fake.inner().faults = vec![
        ("POST", 403, vec![("retry-after", "1".to_owned())], false),
        (
            "GET /repos",
            403,
            vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", "1".to_owned())],
            false,
        ),
    ];
    assert_eq!(fake.publish("a", true).await.unwrap(), CommentAction::Created);
}

#[tokio::test]
async fn rate_limit_longer_than_the_wait_is_a_finding() {
    let fake = Fake::start(ForgeKind::Github).await;
    fake.inner().faults = vec![("POST", 403, vec![("retry-after", "3600".to_owned())], false)];
    let (code, said) = fake.refusal().await;
    assert_eq!(code, codes::FORGE_UNREACHABLE.id, "{said}");
    assert!(said.contains("--wait"), "{said}");
    assert_eq!(fake.texts(), [""; 0]);
}

#[tokio::test]
async fn lost_response_creates_no_second_comment() {
    for kind in [ForgeKind::Github, ForgeKind::Gitlab] {
        let fake = Fake::start(kind).await;
        fake.inner().faults = vec![("POST", 502, Vec::new(), true)];
        assert_eq!(fake.publish("a", true).await.unwrap(), CommentAction::Created, "{kind:?}");
        assert_eq!((fake.texts(), fake.writes()), (vec!["a".to_owned()], 1));
        fake.inner().faults = vec![("PUT", 502, Vec::new(), false), ("PATCH", 502, Vec::new(), false)];
        assert_eq!(fake.publish("b", true).await.unwrap_err()[0].code, codes::FORGE_UNREACHABLE.id);
    }
}

#[tokio::test]
async fn rejection_has_help_and_never_the_token() {
    for kind in [ForgeKind::Github, ForgeKind::Gitlab] {
        for (status, code, word) in [
            (401, codes::FORGE_DENIED.id, "RESEAT_FORGE_TOKEN"),
            (403, codes::FORGE_DENIED.id, "RESEAT_FORGE_TOKEN"),
            (404, codes::FORGE_NOT_FOUND.id, "--repository"),
            (422, codes::FORGE_REFUSED.id, "--dry-run"),
            (302, codes::FORGE_REFUSED.id, "--api"),
        ] {
            let fake = Fake::start(kind).await;
            fake.inner().faults = vec![("POST", status, Vec::new(), false)];
            let (found, said) = fake.refusal().await;
            assert_eq!(found, code, "{status}: {said}");
            assert!(said.contains(word) && said.contains("`acme/licenses` request 7"), "{said}");
        }
    }
}

#[tokio::test]
async fn missing_token_is_reported_before_any_request() {
    let fake = Fake::start(ForgeKind::Gitlab).await;
    std::fs::remove_file(fake.folder.path().join("token")).unwrap();
    assert_eq!(fake.refusal().await.0, codes::FORGE_DENIED.id);
    assert!(fake.inner().asked.is_empty());
}

#[tokio::test]
async fn token_is_never_sent_unencrypted() {
    let fake = Fake::start(ForgeKind::Github).await;
    for api in [
        "http://forge.example/api",
        "http://127.0.0.1.evil.example",
        "ftp://forge.example",
        "https://u@forge.example",
        "x",
    ] {
        let place = CommentTarget { api: api.to_owned(), ..fake.place() };
        let message = CommentDraft { marker: MARKER, body: MARKER, create_if_missing: true };
        let findings = publish_comment(&place, message, Clock::System).await.unwrap_err();
        assert_eq!(findings[0].code, codes::INVALID_FORGE_URL.id, "{api}");
    }
}
