//! Requests and responses compared with the API description that GitHub publishes.
//!
//! `.ci/forge` downloads the description; without it, the test reports itself as skipped. GitLab's description does not
//! cover notes of merge requests.

use std::io::Write as _;
use std::path::Path;

use super::*;

/// The requests of reseat, as in the description.
const OPERATIONS: [(&str, &str); 4] = [
    ("GET", "/user"),
    ("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}"),
];

struct Published {
    document: Value,
    /// The text of the first comment in the list, if not the published one.
    first: Mutex<Option<String>>,
    faults: Mutex<Vec<String>>,
    seen: Mutex<Vec<(&'static str, &'static str)>>,
}

impl Published {
    fn read() -> Option<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/forge/api.github.com.json");
        let Ok(text) = std::fs::read(&path) else {
            let told = format!("skipped: GitHub's description of comments, for `{}` is not there\n", path.display());
            let _ = std::io::stderr().write_all(told.as_bytes());
            return None;
        };
        let document = serde_json::from_slice(&text).unwrap();
        let (first, faults, seen) = (Mutex::default(), Mutex::default(), Mutex::default());
        Some(Self { document, first, faults, seen })
    }

    /// Resolves a reference in the description.
    fn follow<'d>(&'d self, value: &'d Value) -> &'d Value {
        match value["$ref"].as_str() {
            Some(reference) => self.document.pointer(reference.trim_start_matches('#')).unwrap(),
            None => value,
        }
    }

    fn complain(&self, fault: String) {
        self.faults.lock().unwrap().push(fault);
    }

    fn answer(&self, method: &str, uri: &Uri, body: &[u8]) -> (u16, Value) {
        let fits = |template: &str| {
            let (parts, path) = (template.split('/'), uri.path().trim_start_matches("/api"));
            parts.clone().count() == path.split('/').count()
                && parts.zip(path.split('/')).all(|(part, own)| part == own || part.starts_with('{'))
        };
        let asked = OPERATIONS.iter().find(|(known, path)| *known == method && fits(path));
        let Some((method, path)) = asked else { panic!("{method} {uri} is an unexpected request") };
        self.seen.lock().unwrap().push((method, path));
        let operation = &self.document["paths"][path][method.to_lowercase()];
        assert!(operation.is_object(), "{method} {path} is not described");
        self.check_query(operation, uri);
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if !schema.is_null() {
            let validator = jsonschema::draft7::new(schema).unwrap();
            let value: Value = serde_json::from_slice(body).unwrap();
            validator.iter_errors(&value).for_each(|error| self.complain(format!("{method} {path}: {error}")));
        }
        let status = ["200", "201"].into_iter().find(|status| operation["responses"][status].is_object()).unwrap();
        let examples = &operation["responses"][status]["content"]["application/json"]["examples"];
        let example = examples.as_object().unwrap().values().next().unwrap();
        let mut value = self.follow(example)["value"].clone();
        if let (Some(text), Some(list)) = (&*self.first.lock().unwrap(), value.as_array_mut()) {
            list[0]["body"] = text.as_str().into();
        }
        (status.parse().unwrap(), value)
    }

    fn check_query(&self, operation: &Value, uri: &Uri) {
        let described = operation["parameters"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> = described
            .iter()
            .map(|parameter| self.follow(parameter))
            .filter(|parameter| parameter["in"] == "query")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        for pair in uri.query().into_iter().flat_map(|query| query.split('&')) {
            let name = pair.split('=').next().unwrap_or_default();
            if !names.contains(&name) {
                self.complain(format!("{uri}: `{name}` is not described"));
            }
        }
    }
}

#[tokio::test]
async fn github_requests_and_responses_match_its_description() {
    let Some(published) = Published::read() else { return };
    let published = Arc::new(published);
    let own = Arc::clone(&published);
    let router = Router::new().fallback(move |method: Method, uri: Uri, body: Bytes| {
        let (status, value) = own.answer(method.as_str(), &uri, &body);
        async move { (StatusCode::from_u16(status).unwrap(), value.to_string()) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("token"), TOKEN).unwrap();
    let place = CommentTarget {
        kind: ForgeKind::Github,
        api: format!("http://127.0.0.1:{port}/api"),
        repository: "octocat/Hello-World".to_owned(),
        request: 1347,
        token: SecretRef::File(folder.path().join("token")),
        wait: Duration::ZERO,
    };
    let body = format!("{MARKER}text");
    let message = CommentDraft { marker: MARKER, body: &body, create_if_missing: true };
    assert_eq!(publish_comment(&place, message, Clock::System).await.unwrap(), CommentAction::Created);
    *published.first.lock().unwrap() = Some(format!("{MARKER}old"));
    assert_eq!(
        publish_comment(&place, message, Clock::System).await.unwrap(),
        CommentAction::Updated,
        "the token owns the comment"
    );
    *published.first.lock().unwrap() = Some(body.clone());
    assert_eq!(publish_comment(&place, message, Clock::System).await.unwrap(), CommentAction::Unchanged);
    task.abort();
    assert_eq!(*published.faults.lock().unwrap(), Vec::<String>::new());
    let seen = published.seen.lock().unwrap();
    assert!(OPERATIONS.iter().all(|operation| seen.contains(operation)), "{seen:?}");
}
