//! What a run shows while it goes on: a bar on a terminal, and what nobody should have to guess anywhere.

use indicatif::{ProgressBar, ProgressStyle};

use super::output::say;
use crate::apply::{Event, Watch};
use crate::report::escape::escape;

/// The bar, where somebody watches.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar for so many operations, or none where nobody watches.
    pub(super) fn new(operations: usize, is_watched: bool) -> Self {
        let bar = is_watched.then(|| {
            let bar = ProgressBar::new(operations as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            bar
        });
        Self { bar }
    }

    /// Whoever is told of what happens.
    pub(super) fn watch(&self) -> Watch {
        let bar = self.bar.clone();
        Watch::new(move |event| {
            let tell = |text: String| match &bar {
                Some(bar) => bar.println(text),
                None => say(&format!("{text}\n")),
            };
            match event {
                Event::Settling { run, operations } => {
                    let operations = *operations;
                    tell(format!(
                        "an earlier run, {}, left {operations} operations open; reading what came of them",
                        escape(run)
                    ));
                }
                Event::Settled { run, operation, person, outcome, .. } => tell(format!(
                    "settled `{}` of {} ({}): {}",
                    escape(&operation.0),
                    escape(run),
                    escape(person),
                    outcome.as_str()
                )),
                Event::Busy { tenant, reason } => {
                    tell(format!("waiting: `{}` takes no changes just now ({})", escape(tenant), escape(reason)));
                }
                Event::Started { .. } => {}
                Event::Sent { operation } => message(bar.as_ref(), "sent", &operation.0),
                Event::Waiting { operation } => message(bar.as_ref(), "waiting for", &operation.0),
                Event::Free { tenant } => tell(format!("`{}` takes changes again", escape(tenant))),
                Event::Throttled { tenant, pause, in_flight } => tell(format!(
                    "waiting: `{}` asks for a rest of {pause:.1?}; then {in_flight} in flight",
                    escape(tenant)
                )),
                Event::Retry { operation, attempt, of, pause, reason } => tell(format!(
                    "`{}` is sent again in {pause:.1?}, attempt {attempt} of {of}: {}",
                    escape(&operation.0),
                    escape(reason)
                )),
                Event::BreakerOpened { tenant, removals_only, failures, pause, reason } => {
                    let what = if *removals_only { "no removals" } else { "nothing more" };
                    tell(format!(
                        "`{}` failed {failures} times in a row: {what} for {pause:.0?} ({})",
                        escape(tenant),
                        escape(reason)
                    ));
                }
                Event::BreakerClosed { tenant } => tell(format!("`{}` works again", escape(tenant))),
                Event::PoolShort { tenant, reason, waiting, .. } => {
                    tell(format!("`{}`: {}; {waiting} wait for a seat", escape(tenant), escape(reason)));
                }
                Event::Draining { in_flight, closing } => tell(format!(
                    "draining: {in_flight} in flight, and {closing} more so that nobody is left between two licenses"
                )),
                Event::LockLost { in_flight } => {
                    tell(format!("the lock is lost: nothing more is sent; waiting for {in_flight} in flight"));
                }
                Event::GaveBack { tenant, person, license, .. } => tell(format!(
                    "{} has `{}` again, for the new license did not come",
                    escape(person),
                    escape(&format!("{tenant}/{license}"))
                )),
                Event::Stranded(stranded) => {
                    tell(format!(
                        "{} is left without a license: {}",
                        escape(&stranded.person),
                        escape(&stranded.reason)
                    ));
                }
                Event::Done { .. } => {
                    if let Some(bar) = &bar {
                        bar.inc(1);
                    }
                }
            }
        })
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn message(bar: Option<&ProgressBar>, what: &str, operation: &str) {
    if let Some(bar) = bar {
        bar.set_message(format!("{what} {}", escape(operation)));
    }
}
