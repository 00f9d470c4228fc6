//! The progress of a run: a bar on a terminal, status lines in a log, and messages for important events.

mod messages;
mod tally;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use smol_str::SmolStr;
use tokio::time::Instant;

use self::messages::{EventMessage, message_for};
use self::tally::RunTally;
use super::stderr::write_stderr;
use crate::apply::Event;
use crate::model::Plan;
use crate::workflow::ui::Progress;

/// Shortest interval between status lines, and between repeated messages.
const LINE_INTERVAL: Duration = Duration::from_secs(5);
/// Interval of status lines without changes.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30);
/// Most recovered operations that are listed; the others are counted.
const RECOVERED_MAX: u64 = 20;
/// Interval at which the bar is redrawn.
const BAR_INTERVAL: Duration = Duration::from_millis(250);

/// How progress is displayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProgressMode {
    /// A bar on a terminal.
    Bar,
    /// Status lines in a log.
    Lines,
    /// Nothing, with `--quiet`.
    Silent,
}

/// The progress display of a run.
pub(super) struct ProgressDisplay {
    bar: Option<ProgressBar>,
    /// Whether messages are suppressed.
    is_silent: bool,
    state: Mutex<DisplayState>,
}

struct DisplayState {
    tally: RunTally,
    /// The time of the last status line, and how many operations were done.
    last_line_at: Instant,
    last_line_done: usize,
    /// The time of the last message per key, and how often it was suppressed since.
    recent: BTreeMap<(&'static str, SmolStr), (Instant, u64)>,
    has_ended: bool,
    /// Number of recovered operations.
    recovered: u64,
    /// Whether a walkthrough uses the terminal.
    is_suppressed: bool,
}

impl ProgressDisplay {
    /// Returns the display of a plan, or of a recovery without a plan.
    pub(super) fn new(plan: Option<&Arc<Plan>>, mode: ProgressMode) -> Self {
        let bar = plan.filter(|_| mode == ProgressMode::Bar).map(|plan| {
            let bar = ProgressBar::new(plan.operations.len() as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        let tally = RunTally::new(plan.cloned());
        let state = DisplayState {
            tally,
            last_line_at: Instant::now(),
            last_line_done: 0,
            recent: BTreeMap::new(),
            has_ended: false,
            recovered: 0,
            is_suppressed: false,
        };
        Self { bar, is_silent: mode == ProgressMode::Silent, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, DisplayState> {
        // Never left inconsistent by a panic, so a poisoned lock is safe to reuse.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the status line if one is due.
    fn status_line(&self, now: Instant) -> Option<String> {
        let mut state = self.state();
        let is_new = state.tally.done() != state.last_line_done || now - state.last_line_at >= HEARTBEAT_INTERVAL;
        if self.is_silent || state.has_ended || state.is_suppressed || !(self.bar.is_some() || is_new) {
            return None;
        }
        (state.last_line_at, state.last_line_done) = (now, state.tally.done());
        Some(state.tally.status_line())
    }
}

impl Progress for ProgressDisplay {
    fn handle(&self, event: &Event) {
        let line = self.state().handle(event);
        if let Some(line) = line.filter(|_| !self.is_silent) {
            self.print(&line);
        }
    }

    fn interval(&self) -> Duration {
        if self.bar.is_some() { BAR_INTERVAL } else { LINE_INTERVAL }
    }

    fn refresh(&self) {
        let Some(line) = self.status_line(Instant::now()) else { return };
        match &self.bar {
            None => self.print(&line),
            Some(bar) => {
                bar.set_position(self.state().tally.done() as u64);
                bar.set_message(line);
            }
        }
    }

    fn print(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| write_stderr(&format!("{line}\n"))),
            None => write_stderr(&format!("{line}\n")),
        }
    }

    fn in_flight(&self) -> Vec<String> {
        let state = self.state();
        let mut lines = state.tally.in_flight();
        if let Some(people) = state.tally.between_licenses() {
            lines.push(format!("between two licenses: {people}"));
        }
        lines
    }

    fn finish(&self) {
        let more = self.state().recovered.saturating_sub(RECOVERED_MAX);
        if more > 0 && !self.is_silent {
            self.print(&format!("and {more} more recovered; `reseat history show RUN` lists them"));
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl DisplayState {
    /// Counts an event, and returns its message if it has one.
    fn handle(&mut self, event: &Event) -> Option<String> {
        self.tally.count(event);
        self.has_ended |= matches!(event, Event::Ended { .. });
        match event {
            Event::HandedOver { document: None, .. } => self.is_suppressed = true,
            Event::Done { .. } => self.is_suppressed = false,
            _ => {}
        }
        if matches!(event, Event::Recovered { .. }) {
            self.recovered += 1;
            if self.recovered > RECOVERED_MAX {
                return None;
            }
        }
        message_for(event).and_then(|message| self.rate_limit(message))
    }

    /// Returns the message, unless a similar one was shown recently; then it is counted.
    fn rate_limit(&mut self, message: EventMessage) -> Option<String> {
        let EventMessage { line, rate_limit_key } = message;
        let Some(key) = rate_limit_key else { return Some(line) };
        let now = Instant::now();
        match self.recent.get_mut(&key) {
            Some((last, more)) if now - *last < LINE_INTERVAL => {
                *more += 1;
                None
            }
            known => {
                let more = known.map_or(0, |(_, more)| *more);
                self.recent.insert(key, (now, 0));
                Some(if more == 0 { line } else { format!("{line} (repeated {more} times)") })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plan::tests::{operation, plan};
    use serde_json::json;

    fn throttled(tenant: &str) -> Event {
        Event::Throttled { tenant: tenant.into(), pause: Duration::from_secs(1), in_flight: 4 }
    }

    fn progress() -> ProgressDisplay {
        ProgressDisplay::new(
            Some(&Arc::new(plan(json!({ "operations": [operation("op-1", json!({}))] })))),
            ProgressMode::Lines,
        )
    }

    #[tokio::test(start_paused = true)]
    async fn repeated_message_is_rate_limited_and_counted() {
        let progress = progress();
        let shown = |event: &Event| message_for(event).and_then(|message| progress.state().rate_limit(message));
        assert!(shown(&throttled("phones")).is_some());
        assert!(shown(&throttled("phones")).is_none());
        assert!(shown(&throttled("office")).is_some(), "each tenant has a separate limit");
        tokio::time::advance(LINE_INTERVAL).await;
        assert!(shown(&throttled("phones")).unwrap().ends_with("(repeated 1 times)"));
    }

    #[test]
    fn recovered_operations_are_listed_up_to_a_limit() {
        let progress = progress();
        let recovered = Event::Recovered {
            run: "run-1".into(),
            operation: crate::model::OperationId("op-1".into()),
            person: "ana@acme.example".into(),
            outcome: crate::model::Outcome::Applied,
            message: None,
        };
        let shown = (0..RECOVERED_MAX + 2).filter(|_| progress.state().handle(&recovered).is_some()).count();
        assert_eq!((shown as u64, progress.state().recovered), (RECOVERED_MAX, RECOVERED_MAX + 2));
    }

    #[tokio::test(start_paused = true)]
    async fn log_is_quiet_without_changes_except_for_a_heartbeat() {
        let progress = progress();
        tokio::time::advance(LINE_INTERVAL).await;
        assert_eq!(progress.status_line(Instant::now()), None);
        tokio::time::advance(HEARTBEAT_INTERVAL).await;
        assert_eq!(progress.status_line(Instant::now()).as_deref(), Some("0 of 1 done"));
        let done = Event::Done {
            operation: crate::model::OperationId("op-1".into()),
            outcome: crate::model::Outcome::Applied,
            message: None,
        };
        progress.handle(&done);
        assert!(progress.status_line(Instant::now()).unwrap().starts_with("1 of 1 done"));
        assert_eq!(progress.status_line(Instant::now()), None);
    }
}
