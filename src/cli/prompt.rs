//! Questions on the terminal during a run.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use dialoguer::Input;
use dialoguer::theme::SimpleTheme;

use super::stderr::write_stderr;
use crate::apply::StopSignal;
use crate::workflow::ui::Prompt;

/// The appearance of all prompts.
pub(super) const PROMPT_THEME: SimpleTheme = SimpleTheme;

/// Interval at which a question checks for a stop signal.
const STOP_POLL_INTERVAL: Duration = Duration::from_millis(100);

/// The terminal of the process.
pub(super) struct TerminalPrompt;

impl Prompt for TerminalPrompt {
    fn show(&mut self, text: &str) {
        write_stderr(text);
    }

    fn ask(&mut self, question: &str, stop: &StopSignal) -> Option<String> {
        let question = question.to_owned();
        let (sender, answers) = channel();
        let mode = TerminalMode::save();
        // Reading cannot be interrupted, so a thread reads the answer.
        thread::spawn(move || {
            let input = Input::<String>::with_theme(&PROMPT_THEME).with_prompt(question).allow_empty(true);
            // The receiver may be gone after a stop signal.
            let _ = sender.send(input.interact_text().ok());
        });
        loop {
            match answers.recv_timeout(STOP_POLL_INTERVAL) {
                Ok(answer) => return answer.map(|answer| answer.trim().to_owned()),
                Err(RecvTimeoutError::Timeout) if !stop.is_stopped() => {}
                Err(_) => {
                    mode.restore();
                    write_stderr("\n");
                    return None;
                }
            }
        }
    }
}

/// The mode of the terminal before a question. An abandoned question leaves it in raw mode.
struct TerminalMode {
    #[cfg(unix)]
    attributes: Option<rustix::termios::Termios>,
}

impl TerminalMode {
    fn save() -> Self {
        Self {
            #[cfg(unix)]
            attributes: rustix::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }

    fn restore(self) {
        #[cfg(unix)]
        if let Some(attributes) = self.attributes {
            // Best effort: the terminal may be gone.
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Now, &attributes);
        }
    }
}
