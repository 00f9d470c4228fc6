//! Asking whoever sits at the terminal. What must hold: a wish to stop ends every question.

use std::io::BufRead;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::apply::Stop;
use crate::cli::output::say;

/// How soon a wish to stop is heeded.
const HEED_EVERY: Duration = Duration::from_millis(100);
/// The most of an answer that is read.
const ANSWER_MAX: usize = 2_000;

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
    stop: Stop,
}

impl Terminal {
    pub(super) fn new() -> Self {
        Self { lines: None, stop: Stop::new() }
    }

    /// Whose wish ends a question.
    pub(super) fn stops_with(&mut self, stop: Stop) {
        self.stop = stop;
    }

    /// Reads lines for as long as there are any: a thread that waits for one cannot be called back.
    fn lines(&mut self) -> &Receiver<String> {
        self.lines.get_or_insert_with(|| {
            let (sender, receiver) = channel();
            std::thread::spawn(move || {
                for line in std::io::stdin().lock().lines() {
                    let Ok(mut line) = line else { break };
                    let end = line.char_indices().map(|(at, _)| at).find(|at| *at >= ANSWER_MAX);
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
        say(text);
    }

    fn ask(&mut self, question: &str) -> Option<String> {
        say(question);
        let stop = self.stop.clone();
        let lines = self.lines();
        while !stop.is_stopped() {
            match lines.recv_timeout(HEED_EVERY) {
                Ok(line) => return Some(line.trim().to_owned()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        say("\n");
        None
    }
}
