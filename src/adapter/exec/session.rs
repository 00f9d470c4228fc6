//! Requests and responses over the streams of one running program.
//!
//! Several requests may wait at the same time; ids match their responses. Threads own the streams, because the end of the
//! program must be noticed even if no request waits. Every request ends with a response or an error. A program that
//! violates the protocol is killed at once. A write that was sent and not answered may be in effect.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use super::process::{self, ProcessExit, ProgramProcess, SpawnedProcess, lock, start};
use crate::adapter::protocol::request::{ProtocolRequest, RequestLine};
use crate::adapter::protocol::response::{Description, ResponseLine};
use crate::adapter::protocol::{MESSAGE_MAX_BYTES, SecretRedactor, permits};
use crate::adapter::{AdapterError, ErrorKind};
use crate::model::ExecSettings;

/// How long a program may take to exit after its input is closed.
const END_GRACE: Duration = Duration::from_millis(500);
/// How long a program may take to exit after it closed its output.
const STATUS_GRACE: Duration = Duration::from_millis(500);
/// The most characters of an invalid line that are shown.
const EXCERPT_MAX: usize = 120;

/// A request that waits for its response.
struct PendingRequest {
    response: oneshot::Sender<Result<ResponseLine, AdapterError>>,
    name: &'static str,
    is_write: bool,
}

#[derive(Default)]
struct PendingRequests {
    last_id: u64,
    by_id: BTreeMap<u64, PendingRequest>,
    answered: u64,
    /// Why the session accepts no more requests.
    ended: Option<AdapterError>,
}

/// The state that the session shares with its threads.
struct SessionState {
    settings: ExecSettings,
    process: ProgramProcess,
    redactor: SecretRedactor,
    requests: Mutex<PendingRequests>,
}

/// One running program.
pub(super) struct ProgramSession {
    state: Arc<SessionState>,
    /// The lines for the program; `None` once its input is closed.
    lines: Mutex<Option<Sender<Vec<u8>>>>,
    permits: Semaphore,
}

impl ProgramSession {
    /// Starts the program with the environment variables.
    ///
    /// # Errors
    /// If the system cannot start it.
    pub(super) fn open<'a>(
        settings: &ExecSettings,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
        redactor: SecretRedactor,
    ) -> std::io::Result<Self> {
        let SpawnedProcess { process, input, output } = start(settings, variables)?;
        let settings = settings.clone();
        let state = Arc::new(SessionState { settings, process, redactor, requests: Mutex::default() });
        let (lines, to_write) = channel();
        thread::spawn(move || write_lines(input, &to_write));
        let reader = Arc::clone(&state);
        thread::spawn(move || reader.read_responses(output));
        Ok(Self { state, lines: Mutex::new(Some(lines)), permits: Semaphore::new(1) })
    }

    /// Permits as many concurrent requests as the program allows.
    pub(super) fn set_concurrency(&self, description: &Description) {
        self.permits.add_permits(permits(description) - 1);
    }

    /// Returns why the session accepts no more requests.
    pub(super) fn ended(&self) -> Option<AdapterError> {
        lock(&self.state.requests).ended.clone()
    }

    /// Returns whether the program answered anything besides `describe`.
    pub(super) fn was_useful(&self) -> bool {
        lock(&self.state.requests).answered > 1
    }

    /// Sends a request and waits for its response.
    ///
    /// # Errors
    /// If the program reports an error, ends, violates the protocol, or exceeds the timeout, which ends it.
    pub(super) async fn request(&self, request: ProtocolRequest) -> Result<ResponseLine, AdapterError> {
        let (name, is_write) = (request.name(), request.is_write());
        // The timeout starts when the program can see the request. The semaphore is never closed.
        let _permit = self.permits.acquire().await;
        let response = self.send(request)?;
        let timeout = self.state.settings.timeout;
        match tokio::time::timeout(timeout, response).await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => Err(self.ended().unwrap_or_else(|| self.state.error("ended", is_write))),
            Err(_) => {
                let what = format!("did not answer `{name}` within {} s", timeout.as_secs_f64());
                let error = self.state.error(&what, is_write).help("set a longer `timeout` in the tenant's `exec`");
                self.state.close(&error);
                self.state.process.kill();
                Err(error)
            }
        }
    }

    /// Queues a request for the program.
    fn send(
        &self,
        request: ProtocolRequest,
    ) -> Result<oneshot::Receiver<Result<ResponseLine, AdapterError>>, AdapterError> {
        let (name, is_write) = (request.name(), request.is_write());
        let (response, receiver) = oneshot::channel();
        let mut requests = lock(&self.state.requests);
        if let Some(ended) = &requests.ended {
            return Err(AdapterError { maybe_in_effect: false, ..ended.clone() });
        }
        requests.last_id += 1;
        let id = requests.last_id;
        let mut line = serde_json::to_vec(&RequestLine { id, request })
            .map_err(|error| AdapterError::new(ErrorKind::Malformed, format!("cannot serialize `{name}`: {error}")))?;
        line.push(b'\n');
        requests.by_id.insert(id, PendingRequest { response, name, is_write });
        let is_sent = lock(&self.lines).as_ref().is_some_and(|lines| lines.send(line).is_ok());
        if !is_sent {
            requests.by_id.remove(&id);
            return Err(self.state.error("reads no more requests", false));
        }
        Ok(receiver)
    }
}

impl Drop for ProgramSession {
    fn drop(&mut self) {
        // Closing its input asks the program to exit.
        drop(lock(&self.lines).take());
        self.state.close(&self.state.error("is no longer needed", false));
        self.state.process.end(END_GRACE);
    }
}

/// Writes lines until the channel or the program's input is closed.
fn write_lines(mut input: ChildStdin, lines: &Receiver<Vec<u8>>) {
    for line in lines {
        if input.write_all(&line).and_then(|()| input.flush()).is_err() {
            // The reading thread reports how the program ended.
            return;
        }
    }
}

impl SessionState {
    fn error(&self, what: &str, is_write: bool) -> AdapterError {
        let message = format!("the program `{}` {what}", process::name(&self.settings));
        AdapterError { maybe_in_effect: is_write, ..AdapterError::new(ErrorKind::Unavailable, message) }
    }

    /// Fails all pending and later requests with the error. The first error counts.
    fn close(&self, error: &AdapterError) {
        let pending = {
            let mut requests = lock(&self.requests);
            requests.ended.get_or_insert_with(|| error.clone());
            std::mem::take(&mut requests.by_id)
        };
        for request in pending.into_values() {
            // The receiver may have timed out.
            drop(request.response.send(Err(AdapterError { maybe_in_effect: request.is_write, ..error.clone() })));
        }
    }

    /// Reads responses until the program ends or violates the protocol.
    fn read_responses(&self, output: ChildStdout) {
        let mut output = BufReader::with_capacity(64 * 1024, output);
        let mut line = Vec::new();
        let violation = loop {
            line.clear();
            let mut limited = (&mut output).take(MESSAGE_MAX_BYTES as u64 + 1);
            match limited.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => break None,
                Ok(_) if line.len() > MESSAGE_MAX_BYTES => {
                    break Some(format!("wrote a line of more than {} MiB", MESSAGE_MAX_BYTES >> 20));
                }
                // A line without an end was truncated.
                Ok(_) if line.last() != Some(&b'\n') => break None,
                Ok(_) => {}
            }
            if let Err(violation) = self.dispatch(&line) {
                break Some(violation);
            }
        };
        match violation {
            Some(what) => {
                let help = "write one response a line to standard output, and logs to standard error";
                let error = AdapterError { kind: ErrorKind::Malformed, ..self.error(&what, false) };
                self.close(&error.help(help));
                self.process.kill();
            }
            None => {
                let exit = self.process.end(STATUS_GRACE);
                self.close(&self.exit_error(&exit));
            }
        }
    }

    /// Passes a line to the request that it answers.
    ///
    /// # Errors
    /// How the line violates the protocol.
    fn dispatch(&self, line: &[u8]) -> Result<(), String> {
        let clean = self.redactor.redact_json(line);
        let response: ResponseLine = serde_json::from_slice(&clean).map_err(|error| {
            let error = self.redactor.redact_text(&error.to_string());
            let text = self.redactor.redact_text(&String::from_utf8_lossy(&clean));
            format!("wrote an invalid response ({error}): `{}`", excerpt(text.trim_end(), EXCERPT_MAX))
        })?;
        let request = {
            let mut requests = lock(&self.requests);
            let request = requests.by_id.remove(&response.id);
            requests.answered += u64::from(request.is_some());
            match request {
                Some(request) => request,
                None if requests.ended.is_some() => return Ok(()),
                None if (1..=requests.last_id).contains(&response.id) => {
                    return Err(format!("answered request {} twice", response.id));
                }
                None => return Err(format!("answered request {}, which was never sent", response.id)),
            }
        };
        let response =
            response.check(request.name, request.is_write).map_err(|error| self.redactor.redact_error(error));
        let malformed = response.as_ref().err().filter(|error| error.kind == ErrorKind::Malformed);
        let violation = malformed.map(|error| format!("violated the protocol: {}", error.message));
        // The receiver may have timed out.
        drop(request.response.send(response));
        violation.map_or(Ok(()), Err)
    }

    /// Returns the error for a program that ended while it was needed.
    fn exit_error(&self, exit: &ProcessExit) -> AdapterError {
        let how = exit.status.map_or_else(|| "ended".to_owned(), |status| format!("ended ({status})"));
        let log = self.redactor.redact_log(&exit.log);
        let last = log.lines().rev().map(str::trim).find(|line| !line.is_empty());
        let last = last.map_or_else(String::new, |last| {
            format!("; the last line of its log is `{}`", excerpt(last, EXCERPT_MAX * 2))
        });
        AdapterError { body: Some(log).filter(|log| !log.is_empty()), ..self.error(&format!("{how}{last}"), false) }
    }
}

/// Returns at most that many characters.
fn excerpt(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
