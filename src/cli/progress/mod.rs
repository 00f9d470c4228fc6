//! What a run shows while it goes on: a bar on a terminal, a line every few seconds elsewhere, and anywhere at once
//! what nobody should have to guess.

mod tally;
mod words;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use smol_str::SmolStr;
use tokio::time::Instant;

use self::tally::Tally;
use self::words::{Notable, notable};
use super::output::say;
use crate::apply::Event;
use crate::model::Plan;

/// How long a log stays quiet about what is counted.
const LINE_EVERY: Duration = Duration::from_secs(5);
/// How long a log stays quiet while nothing changes.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// Most operations of which it is said what came of them after a kill; the others are counted.
const SETTLED_MAX: u64 = 20;
/// How often a bar is drawn anew while nothing happens.
const BAR_EVERY: Duration = Duration::from_millis(250);

/// How a run is shown while it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ShownAs {
    /// A bar, for who watches.
    Bar,
    /// Lines now and then, for logs.
    Lines,
    /// Not at all: somebody wants quiet.
    Nothing,
}

/// What is shown of a run. Clones share it.
#[derive(Clone)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    /// Whether only what asks for an answer is said.
    is_silent: bool,
    shown: Arc<Mutex<Shown>>,
}

struct Shown {
    tally: Tally,
    /// When a line with counts was last said, and how much was done then.
    said: Instant,
    said_done: usize,
    /// When something that happens often was last said, and how often it happened since.
    often: BTreeMap<(&'static str, SmolStr), (Instant, u64)>,
    has_ended: bool,
    /// How many operations were settled.
    settled: u64,
    /// Whether somebody reads something else just now.
    is_quiet: bool,
}

impl Progress {
    /// Of a run of that plan, or of none where something is only settled: a bar where somebody watches.
    pub(super) fn new(plan: Option<&Arc<Plan>>, shown_as: ShownAs) -> Self {
        let bar = plan.filter(|_| shown_as == ShownAs::Bar).map(|plan| {
            let bar = ProgressBar::new(plan.operations.len() as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:24} {wide_msg}") {
                bar.set_style(style);
            }
            bar
        });
        let tally = Tally::new(plan.cloned());
        let (said, often) = (Instant::now(), BTreeMap::new());
        let shown = Shown { tally, said, said_done: 0, often, has_ended: false, settled: 0, is_quiet: false };
        Self { bar, is_silent: shown_as == ShownAs::Nothing, shown: Arc::new(Mutex::new(shown)) }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        // Counts are whole after every event.
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event in, and says of it what has to be said at once.
    pub(super) fn take(&self, event: &Event) {
        let line = self.shown().take(event);
        if let Some(line) = line.filter(|_| !self.is_silent) {
            self.tell(&line);
        }
    }

    /// Shows how far the run is, now and then, until it ends.
    pub(super) async fn go_on(&self) -> Infallible {
        let every = if self.bar.is_some() { BAR_EVERY } else { LINE_EVERY };
        loop {
            tokio::time::sleep(every).await;
            if let Some(line) = self.line(Instant::now()) {
                match &self.bar {
                    None => self.tell(&line),
                    Some(bar) => {
                        bar.set_position(self.shown().tally.done() as u64);
                        bar.set_message(line);
                    }
                }
            }
        }
    }

    /// The line with counts, where it is time for one.
    fn line(&self, now: Instant) -> Option<String> {
        let mut shown = self.shown();
        let is_new = shown.tally.done() != shown.said_done || now - shown.said >= SIGN_OF_LIFE;
        if self.is_silent || shown.has_ended || shown.is_quiet || !(self.bar.is_some() || is_new) {
            return None;
        }
        (shown.said, shown.said_done) = (now, shown.tally.done());
        Some(shown.tally.line())
    }

    /// Says something beside the bar.
    pub(super) fn tell(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| say(&format!("{line}\n"))),
            None => say(&format!("{line}\n")),
        }
    }

    /// What is under way, for whoever wants to stop it: a line for each tenant, and who is between two licenses.
    pub(super) fn under_way(&self) -> Vec<String> {
        let shown = self.shown();
        let mut lines = shown.tally.open();
        if let Some(people) = shown.tally.between() {
            lines.push(format!("between two licenses: {people}"));
        }
        lines
    }

    /// Takes the bar away, and says what was only counted.
    pub(super) fn end(&self) {
        let more = self.shown().settled.saturating_sub(SETTLED_MAX);
        if more > 0 && !self.is_silent {
            self.tell(&format!("and {more} more were settled; `reseat history show RUN` lists them"));
        }
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Shown {
    /// Counts an event; what is to be said of it, if anything is.
    fn take(&mut self, event: &Event) -> Option<String> {
        self.tally.count(event);
        self.has_ended |= matches!(event, Event::Ended { .. });
        match event {
            Event::HandedOver { document: None, .. } => self.is_quiet = true,
            Event::Done { .. } => self.is_quiet = false,
            _ => {}
        }
        if matches!(event, Event::Settled { .. }) {
            self.settled += 1;
            if self.settled > SETTLED_MAX {
                return None;
            }
        }
        notable(event).and_then(|notable| self.rare(notable))
    }

    /// The line, unless the same was said a moment ago; then it is counted.
    fn rare(&mut self, notable: Notable) -> Option<String> {
        let Notable { line, about } = notable;
        let Some(about) = about else { return Some(line) };
        let now = Instant::now();
        match self.often.get_mut(&about) {
            Some((last, more)) if now - *last < LINE_EVERY => {
                *more += 1;
                None
            }
            known => {
                let more = known.map_or(0, |(_, more)| *more);
                self.often.insert(about, (now, 0));
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

    fn progress() -> Progress {
        Progress::new(Some(&Arc::new(plan(json!({ "operations": [operation("op-1", json!({}))] })))), ShownAs::Lines)
    }

    #[tokio::test(start_paused = true)]
    async fn same_trouble_is_said_once_in_a_while_and_counted() {
        let progress = progress();
        let said = |event: &Event| notable(event).and_then(|notable| progress.shown().rare(notable));
        assert!(said(&throttled("phones")).is_some());
        assert!(said(&throttled("phones")).is_none());
        assert!(said(&throttled("office")).is_some(), "another tenant is another matter");
        tokio::time::advance(LINE_EVERY).await;
        assert!(said(&throttled("phones")).unwrap().ends_with("(and 1 more like it)"));
    }

    #[test]
    fn only_some_of_what_is_settled_is_said_and_the_rest_is_counted() {
        let progress = progress();
        let settled = Event::Settled {
            run: "run-1".into(),
            operation: crate::model::OperationId("op-1".into()),
            person: "ana@acme.example".into(),
            outcome: crate::model::Outcome::Applied,
            message: None,
        };
        let said = (0..SETTLED_MAX + 2).filter(|_| progress.shown().take(&settled).is_some()).count();
        assert_eq!((said as u64, progress.shown().settled), (SETTLED_MAX, SETTLED_MAX + 2));
    }

    #[tokio::test(start_paused = true)]
    async fn log_is_quiet_while_nothing_changes_and_gives_a_sign_of_life() {
        let progress = progress();
        tokio::time::advance(LINE_EVERY).await;
        assert_eq!(progress.line(Instant::now()), None);
        tokio::time::advance(SIGN_OF_LIFE).await;
        assert_eq!(progress.line(Instant::now()).as_deref(), Some("0 of 1 done"));
        let done = Event::Done {
            operation: crate::model::OperationId("op-1".into()),
            outcome: crate::model::Outcome::Applied,
            message: None,
        };
        progress.take(&done);
        assert!(progress.line(Instant::now()).unwrap().starts_with("1 of 1 done"));
        assert_eq!(progress.line(Instant::now()), None);
    }
}
