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
                Event::Sent(operation) => message(bar.as_ref(), "sent", &operation.0),
                Event::Waiting(operation) => message(bar.as_ref(), "waiting for", &operation.0),
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
