//! The part of GitHub's API that one comment needs.
#![expect(clippy::expect_used, reason = "a test that cannot set up its world has to stop")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

#[derive(Default)]
struct Seen {
    comments: Vec<String>,
    tokens: Vec<String>,
    writes: u32,
}

/// A forge with one pull request and its comments.
pub(crate) struct Forge {
    address: String,
    seen: Arc<Mutex<Seen>>,
}

impl Forge {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &shared);
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn comments(&self) -> Vec<String> {
        self.seen.lock().expect("nobody panics").comments.clone()
    }

    /// Returns the number of write requests.
    pub(crate) fn writes(&self) -> u32 {
        self.seen.lock().expect("nobody panics").writes
    }

    /// Returns the distinct authorization headers.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let mut tokens = self.seen.lock().expect("nobody panics").tokens.clone();
        tokens.sort();
        tokens.dedup();
        tokens
    }
}

fn answer(mut stream: TcpStream, seen: &Mutex<Seen>) {
    let mut reader = BufReader::new(stream.try_clone().expect("a socket"));
    let mut line = String::new();
    let mut lines = Vec::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        lines.push(std::mem::take(&mut line).trim_end().to_owned());
    }
    let header = |name: &str| {
        let prefix = format!("{name}: ");
        lines.iter().find(|line| line.to_lowercase().starts_with(&prefix)).map(|line| line[prefix.len()..].to_owned())
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let mut seen = seen.lock().expect("nobody panics");
    seen.tokens.extend(header("authorization"));
    let shown = |number: usize, body: &str| json!({ "id": number + 1, "body": body, "user": { "login": "bot", "id": 1, "type": "Bot" }, "html_url": "http://forge.example/1" });
    let said = || serde_json::from_slice::<Value>(&body).ok().and_then(|body| Some(body["body"].as_str()?.to_owned()));
    let mut request = lines.first().map(String::as_str).unwrap_or_default().split(' ');
    let (method, path) = (request.next().unwrap_or_default(), request.next().unwrap_or_default());
    let path = path.split('?').next().unwrap_or_default();
    seen.writes += u32::from(method != "GET");
    let (status, value) = match (method, path, said()) {
        ("GET", "/repos/acme/licenses/issues/1/comments", _) => {
            ("200 OK", seen.comments.iter().enumerate().map(|(number, body)| shown(number, body)).collect())
        }
        ("POST", "/repos/acme/licenses/issues/1/comments", Some(said)) => {
            seen.comments.push(said.clone());
            ("201 Created", shown(seen.comments.len() - 1, &said))
        }
        ("PATCH", "/repos/acme/licenses/issues/comments/1", Some(said)) if !seen.comments.is_empty() => {
            seen.comments[0].clone_from(&said);
            ("200 OK", shown(0, &said))
        }
        ("GET", "/user", _) => ("200 OK", json!({ "login": "bot", "id": 1, "type": "Bot" })),
        _ => ("404 Not Found", json!({ "message": "Not Found" })),
    };
    let text = value.to_string();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    drop(stream.write_all(answer.as_bytes()));
}
