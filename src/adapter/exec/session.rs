//! Requests and answers over the streams of one running program.
//!
//! Many may ask at the same time; numbers tell whose answer a line is. Threads stand at the streams, for a program's end must
//! be noticed while nobody asks. What must hold: whoever asked hears something, be it that the program ended; a program
//! that breaks the protocol is ended at once, for nothing that it says can be trusted any more; a write that was handed
//! over and not answered may be in effect.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};

use super::process::{self, ProcessExit, ProgramProcess, SpawnedProcess, lock, start};
use super::redaction::SecretRedactor;
use super::request::{ProtocolRequest, RequestLine};
use super::response::{Response, ResponseLine};
use crate::adapter::{AdapterError, ErrorKind};
use crate::model::ExecSettings;

/// The most bytes of a line: a page of some ten thousand accounts.
pub(super) const LINE_MAX_BYTES: usize = 16 * 1024 * 1024;
/// How long a program that is not needed any more may take to end by itself.
const END_GRACE: Duration = Duration::from_millis(500);
/// How long a program that closed its output may take to end: it tells how it ended then.
const STATUS_GRACE: Duration = Duration::from_millis(500);
/// The most requests that wait for an answer at the same time.
const CONCURRENCY_MAX: u32 = 64;
/// The most characters of a line at fault that are shown.
const EXCERPT_MAX: usize = 120;

/// Somebody who waits for an answer.
struct PendingRequest {
    answer: oneshot::Sender<Result<Response, AdapterError>>,
    word: &'static str,
    writes: bool,
}

#[derive(Default)]
struct PendingRequests {
    last: u64,
    waiting: BTreeMap<u64, PendingRequest>,
    /// How many requests other than the first were answered.
    answered: u64,
    /// Why nothing can be asked any more.
    ended: Option<AdapterError>,
}

/// What the threads at the streams and those who ask have in common.
struct SessionState {
    settings: ExecSettings,
    process: ProgramProcess,
    redactor: SecretRedactor,
    requests: Mutex<PendingRequests>,
}

/// One running program.
pub(super) struct ProgramSession {
    state: Arc<SessionState>,
    /// Lines for the program; `None` once no more will come.
    lines: Mutex<Option<Sender<Vec<u8>>>>,
    /// How many may ask at the same time.
    permits: Semaphore,
}

impl ProgramSession {
    /// Starts the program.
    ///
    /// # Errors
    /// When the system cannot start it.
    pub(super) fn open(settings: &ExecSettings, veil: SecretRedactor) -> std::io::Result<Self> {
        let SpawnedProcess { process, input, output } = start(settings, veil.variables())?;
        let common =
            Arc::new(SessionState { settings: settings.clone(), process, redactor: veil, requests: Mutex::default() });
        let (lines, to_write) = channel();
        thread::spawn(move || write_lines(input, &to_write));
        let reader = Arc::clone(&common);
        thread::spawn(move || reader.read_answers(output));
        Ok(Self { state: common, lines: Mutex::new(Some(lines)), permits: Semaphore::new(1) })
    }

    /// Lets so many ask at the same time; one may in any case.
    pub(super) fn set_concurrency(&self, concurrency: u32) {
        let more = concurrency.clamp(1, CONCURRENCY_MAX) - 1;
        self.permits.add_permits(usize::try_from(more).unwrap_or(0));
    }

    /// Why nothing can be asked any more, if that is so.
    pub(super) fn ended(&self) -> Option<AdapterError> {
        lock(&self.state.requests).ended.clone()
    }

    /// Whether it answered anything beside who it is.
    pub(super) fn was_useful(&self) -> bool {
        lock(&self.state.requests).answered > 1
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// What the program reports; that it ended, or broke the protocol; or that the time was over, which ends it.
    pub(super) async fn request(&self, request: ProtocolRequest) -> Result<Response, AdapterError> {
        let (word, writes) = (request.name(), request.is_write());
        // The time of a request counts from when the program can see it.
        let _turn = self.permits.acquire().await.map_err(|_| self.state.error("gave up", false))?;
        let answer = self.send(request)?;
        let time = self.state.settings.timeout;
        match tokio::time::timeout(time, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(self.ended().unwrap_or_else(|| self.state.error("gave up", writes))),
            Err(_) => {
                let said = format!("did not answer `{word}` within {} s", time.as_secs_f64());
                let error = self.state.error(&said, writes);
                let error = error.help("a longer `timeout` may be given in the tenant's `exec`");
                self.state.close(&error);
                self.state.process.kill();
                Err(error)
            }
        }
    }

    /// Hands a request over.
    fn send(
        &self,
        request: ProtocolRequest,
    ) -> Result<oneshot::Receiver<Result<Response, AdapterError>>, AdapterError> {
        let (word, writes) = (request.name(), request.is_write());
        let (answer, waits) = oneshot::channel();
        let mut table = lock(&self.state.requests);
        if let Some(ended) = &table.ended {
            return Err(AdapterError { maybe_in_effect: false, ..ended.clone() });
        }
        table.last += 1;
        let id = table.last;
        let mut line = serde_json::to_vec(&RequestLine { id, request })
            .map_err(|error| AdapterError::new(ErrorKind::Malformed, format!("a request has no form: {error}")))?;
        line.push(b'\n');
        table.waiting.insert(id, PendingRequest { answer, word, writes });
        let is_sent = lock(&self.lines).as_ref().is_some_and(|lines| lines.send(line).is_ok());
        if !is_sent {
            table.waiting.remove(&id);
            return Err(self.state.error("reads no more requests", false));
        }
        Ok(waits)
    }
}

impl Drop for ProgramSession {
    fn drop(&mut self) {
        // The end of its input tells the program to end.
        drop(lock(&self.lines).take());
        self.state.close(&self.state.error("is not needed any more", false));
        self.state.process.end(END_GRACE);
    }
}

/// Writes what comes, until nothing more comes or nobody reads.
fn write_lines(mut input: ChildStdin, lines: &Receiver<Vec<u8>>) {
    for line in lines {
        if input.write_all(&line).and_then(|()| input.flush()).is_err() {
            // The reading side tells how the program ended.
            return;
        }
    }
}

impl SessionState {
    /// An error about the program: it has done that.
    fn error(&self, what: &str, writes: bool) -> AdapterError {
        let message = format!("the program `{}` {what}", process::name(&self.settings));
        AdapterError { maybe_in_effect: writes, ..AdapterError::new(ErrorKind::Unavailable, message) }
    }

    /// Tells everybody who waits, and whoever comes later, why there is no answer. The first reason counts.
    fn close(&self, why: &AdapterError) {
        let waiting = {
            let mut table = lock(&self.requests);
            table.ended.get_or_insert_with(|| why.clone());
            std::mem::take(&mut table.waiting)
        };
        for waiter in waiting.into_values() {
            // Whoever does not wait any more need not hear it.
            drop(waiter.answer.send(Err(AdapterError { maybe_in_effect: waiter.writes, ..why.clone() })));
        }
    }

    /// Reads answers until the program ends or breaks the protocol.
    fn read_answers(&self, output: ChildStdout) {
        let mut output = BufReader::with_capacity(64 * 1024, output);
        let mut line = Vec::new();
        let broken = loop {
            line.clear();
            let mut limited = (&mut output).take(LINE_MAX_BYTES as u64 + 1);
            match limited.read_until(b'\n', &mut line) {
                // A line without an end was cut off, whatever it says.
                Ok(0) | Err(_) => break None,
                Ok(_) if line.len() > LINE_MAX_BYTES => {
                    break Some(format!("wrote a line of more than {} MiB", LINE_MAX_BYTES >> 20));
                }
                Ok(_) if line.last() != Some(&b'\n') => break None,
                Ok(_) => {}
            }
            if let Err(broken) = self.dispatch(&line) {
                break Some(broken);
            }
        };
        match broken {
            Some(what) => {
                let help = "standard output is for answers, one a line; write a log to standard error";
                let error = AdapterError { kind: ErrorKind::Malformed, ..self.error(&what, false) };
                self.close(&error.help(help));
                self.process.kill();
            }
            None => {
                let end = self.process.end(STATUS_GRACE);
                self.close(&self.exit_error(&end));
            }
        }
    }

    /// Gives one line to whom it belongs.
    fn dispatch(&self, line: &[u8]) -> Result<(), String> {
        let shown = |line: &[u8]| {
            let text = self.redactor.redact_text(&String::from_utf8_lossy(line));
            let cut: String = text.trim_end().chars().take(EXCERPT_MAX).collect();
            if cut.len() < text.trim_end().len() { format!("{cut}...") } else { cut }
        };
        let clean = self.redactor.redact_json(line);
        let answer: ResponseLine = serde_json::from_slice(&clean).map_err(|error| {
            let fault = self.redactor.redact_text(&error.to_string());
            format!("wrote a line that is no answer ({fault}): `{}`", shown(&clean))
        })?;
        let waiter = {
            let mut table = lock(&self.requests);
            let waiter = table.waiting.remove(&answer.id);
            table.answered += u64::from(waiter.is_some());
            match waiter {
                Some(waiter) => waiter,
                None if table.ended.is_some() => return Ok(()),
                None if (1..=table.last).contains(&answer.id) => {
                    return Err(format!("answered request {} twice", answer.id));
                }
                None => return Err(format!("answered request {}, which was never made", answer.id)),
            }
        };
        let said = answer.into_response(waiter.word, waiter.writes).map_err(|error| self.redactor.redact_error(error));
        let broken = said.as_ref().err().filter(|error| error.kind == ErrorKind::Malformed);
        let broken = broken.map(|error| error.message.clone());
        // Whoever does not wait any more need not hear it.
        drop(waiter.answer.send(said));
        broken.map_or(Ok(()), |what| Err(format!("broke the protocol: {what}")))
    }

    /// What is to be said of a program that ended while it was needed.
    fn exit_error(&self, end: &ProcessExit) -> AdapterError {
        let how = end.status.map_or_else(|| "ended".to_owned(), |status| format!("ended ({status})"));
        let log = self.redactor.redact_log(&end.log);
        let last = log.lines().rev().map(str::trim).find(|line| !line.is_empty());
        let said = last.map_or_else(String::new, |last| {
            let cut: String = last.chars().take(EXCERPT_MAX * 2).collect();
            format!("; the last line of its log is `{cut}`")
        });
        AdapterError { body: Some(log).filter(|log| !log.is_empty()), ..self.error(&format!("{how}{said}"), false) }
    }
}
