//! Asking whoever sits at the terminal. What must hold: a wish to stop ends every question.

use std::io::BufRead;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::apply::StopSignal;
use crate::cli::output::write_stderr;

/// How soon a wish to stop is heeded.
const STOP_POLL_INTERVAL: Duration = Duration::from_millis(100);
/// The most of an answer that is read.
const ANSWER_MAX_BYTES: usize = 2_000;

/// Somebody who reads and answers.
pub(super) trait Prompt {
    /// Shows a text.
    fn show(&mut self, text: &str);

    /// Asks for a line; nothing when there is none to come, or somebody wishes to stop.
    fn ask(&mut self, question: &str) -> Option<String>;
}

/// The terminal of this process.
pub(super) struct Terminal {
    lines: Option<Receiver<String>>,
    stop: StopSignal,
}

impl Terminal {
    pub(super) fn new() -> Self {
        Self { lines: None, stop: StopSignal::new() }
    }

    /// Whose wish ends a question.
    pub(super) fn set_stop(&mut self, stop: StopSignal) {
        self.stop = stop;
    }

    /// Reads lines for as long as there are any: a thread that waits for one cannot be called back.
    fn lines(&mut self) -> &Receiver<String> {
        self.lines.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            std::thread::spawn(move || {
                for line in std::io::stdin().lock().lines() {
                    let Ok(mut line) = line else { break };
                    let end = line.char_indices().map(|(at, _)| at).find(|at| *at >= ANSWER_MAX_BYTES);
                    line.truncate(end.unwrap_or(line.len()));
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
            receiver
        })
    }
}

impl Prompt for Terminal {
    fn show(&mut self, text: &str) {
        write_stderr(text);
    }

    fn ask(&mut self, question: &str) -> Option<String> {
        write_stderr(question);
        let stop = self.stop.clone();
        let lines = self.lines();
        while !stop.is_stopped() {
            match lines.recv_timeout(STOP_POLL_INTERVAL) {
                Ok(line) => return Some(line.trim().to_owned()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        write_stderr("\n");
        None
    }
}
