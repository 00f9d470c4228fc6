//! What a run shows while it goes on: a bar on a terminal, a line every few seconds elsewhere, and anywhere at once
//! what nobody should have to guess.

mod messages;
mod tally;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use smol_str::SmolStr;
use tokio::time::Instant;

use self::messages::{EventMessage, message_for};
use self::tally::RunTally;
use super::output::write_stderr;
use crate::apply::Event;
use crate::model::Plan;

/// How long a log stays quiet about what is counted.
const LINE_INTERVAL: Duration = Duration::from_secs(5);
/// How long a log stays quiet while nothing changes.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(30);
/// Most operations of which it is said what came of them after a kill; the others are counted.
const RECOVERED_MAX: u64 = 20;
/// How often a bar is drawn anew while nothing happens.
const BAR_INTERVAL: Duration = Duration::from_millis(250);

/// How a run is shown while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProgressMode {
    /// A bar, for who watches.
    Bar,
    /// Lines now and then, for logs.
    Lines,
    /// Not at all: somebody wants quiet.
    Silent,
}

/// What is shown of a run. Clones share it.
#[derive(Clone)]
pub(super) struct ProgressDisplay {
    bar: Option<ProgressBar>,
    /// Whether only what asks for an answer is said.
    is_silent: bool,
    state: Arc<Mutex<DisplayState>>,
}

struct DisplayState {
    tally: RunTally,
    /// When a line with counts was last said, and how much was done then.
    last_line_at: Instant,
    last_line_done: usize,
    /// When something that happens often was last said, and how often it happened since.
    recent: BTreeMap<(&'static str, SmolStr), (Instant, u64)>,
    has_ended: bool,
    /// How many operations were settled.
    recovered: u64,
    /// Whether somebody reads something else just now.
    is_suppressed: bool,
}

impl ProgressDisplay {
    /// Of a run of that plan, or of none where something is only settled: a bar where somebody watches.
    pub(super) fn new(plan: Option<&Arc<Plan>>, shown_as: ProgressMode) -> Self {
        let bar = plan.filter(|_| shown_as == ProgressMode::Bar).map(|plan| {
            let bar = ProgressBar::new(plan.operations.len() as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        let tally = RunTally::new(plan.cloned());
        let (said, often) = (Instant::now(), BTreeMap::new());
        let shown = DisplayState {
            tally,
            last_line_at: said,
            last_line_done: 0,
            recent: often,
            has_ended: false,
            recovered: 0,
            is_suppressed: false,
        };
        Self { bar, is_silent: shown_as == ProgressMode::Silent, state: Arc::new(Mutex::new(shown)) }
    }

    fn state(&self) -> MutexGuard<'_, DisplayState> {
        // Counts are whole after every event.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event in, and says of it what has to be said at once.
    pub(super) fn handle(&self, event: &Event) {
        let line = self.state().handle(event);
        if let Some(line) = line.filter(|_| !self.is_silent) {
            self.print(&line);
        }
    }

    /// Shows how far the run is, now and then, until it ends.
    pub(super) async fn run(&self) -> Infallible {
        let every = if self.bar.is_some() { BAR_INTERVAL } else { LINE_INTERVAL };
        loop {
            tokio::time::sleep(every).await;
            if let Some(line) = self.status_line(Instant::now()) {
                match &self.bar {
                    None => self.print(&line),
                    Some(bar) => {
                        bar.set_position(self.state().tally.done() as u64);
                        bar.set_message(line);
                    }
                }
            }
        }
    }

    /// The line with counts, where it is time for one.
    fn status_line(&self, now: Instant) -> Option<String> {
        let mut shown = self.state();
        let is_new = shown.tally.done() != shown.last_line_done || now - shown.last_line_at >= HEARTBEAT_INTERVAL;
        if self.is_silent || shown.has_ended || shown.is_suppressed || !(self.bar.is_some() || is_new) {
            return None;
        }
        (shown.last_line_at, shown.last_line_done) = (now, shown.tally.done());
        Some(shown.tally.status_line())
    }

    /// Says something beside the bar.
    pub(super) fn print(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| write_stderr(&format!("{line}\n"))),
            None => write_stderr(&format!("{line}\n")),
        }
    }

    /// What is under way, for whoever wants to stop it: a line for each tenant, and who is between two licenses.
    pub(super) fn in_flight(&self) -> Vec<String> {
        let shown = self.state();
        let mut lines = shown.tally.in_flight();
        if let Some(people) = shown.tally.between_licenses() {
            lines.push(format!("between two licenses: {people}"));
        }
        lines
    }

    /// Takes the bar away, and says what was only counted.
    pub(super) fn finish(&self) {
        let more = self.state().recovered.saturating_sub(RECOVERED_MAX);
        if more > 0 && !self.is_silent {
            self.print(&format!("and {more} more were settled; `reseat history show RUN` lists them"));
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl DisplayState {
    /// Counts an event; what is to be said of it, if anything is.
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
        message_for(event).and_then(|notable| self.rate_limit(notable))
    }

    /// The line, unless the same was said a moment ago; then it is counted.
    fn rate_limit(&mut self, notable: EventMessage) -> Option<String> {
        let EventMessage { line, rate_limit_key: about } = notable;
        let Some(about) = about else { return Some(line) };
        let now = Instant::now();
        match self.recent.get_mut(&about) {
            Some((last, more)) if now - *last < LINE_INTERVAL => {
                *more += 1;
                None
            }
            known => {
                let more = known.map_or(0, |(_, more)| *more);
                self.recent.insert(about, (now, 0));
                Some(if more == 0 { line } else { format!("{line} (and {more} more like it)") })
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
        let said = |event: &Event| message_for(event).and_then(|notable| progress.state().rate_limit(notable));
        assert!(said(&throttled("phones")).is_some());
        assert!(said(&throttled("phones")).is_none());
        assert!(said(&throttled("office")).is_some(), "another tenant is another matter");
        tokio::time::advance(LINE_INTERVAL).await;
        assert!(said(&throttled("phones")).unwrap().ends_with("(and 1 more like it)"));
    }

    #[test]
    fn recovered_operations_are_listed_up_to_a_limit() {
        let progress = progress();
        let settled = Event::Recovered {
            run: "run-1".into(),
            operation: crate::model::OperationId("op-1".into()),
            person: "ana@acme.example".into(),
            outcome: crate::model::Outcome::Applied,
            message: None,
        };
        let said = (0..RECOVERED_MAX + 2).filter(|_| progress.state().handle(&settled).is_some()).count();
        assert_eq!((said as u64, progress.state().recovered), (RECOVERED_MAX, RECOVERED_MAX + 2));
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
