//! A file of run events as JSON lines, for other programs.
//!
//! A run never fails because of this file: the first write error is reported, and the run continues.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smol_str::SmolStr;

use super::error::WorkflowError;
use super::exit::Exit;
use crate::apply::{Event, EventLine};
use crate::env::Clock;
use crate::report::escape::escape;

/// An event file. Clones write to the same file.
#[derive(Clone, Debug)]
pub(super) struct EventFile(Arc<Mutex<EventFileState>>);

#[derive(Debug)]
struct EventFileState {
    /// `None` after a write error.
    file: Option<BufWriter<File>>,
    name: String,
    clock: Clock,
    run: Option<SmolStr>,
}

impl EventFile {
    /// Creates the file.
    pub(super) fn create(path: &Path, clock: Clock) -> Result<Self, WorkflowError> {
        if path.as_os_str() == "-" {
            return Err(WorkflowError::usage("events cannot be written to stdout, which has the run's report")
                .with_help("name a file: `--events events.jsonl`"));
        }
        let name = path.display().to_string();
        let file = File::create(path).map_err(|error| {
            WorkflowError::message(Exit::Internal, format!("cannot write `{name}`: {error}; nothing was sent"))
                .with_help("name a file in a writable folder: `--events events.jsonl`")
        })?;
        let state = EventFileState { file: Some(BufWriter::new(file)), name, clock, run: None };
        Ok(Self(Arc::new(Mutex::new(state))))
    }

    /// Writes an event. Returns a message for the first write error, and ignores later events.
    pub(super) fn write(&self, event: &Event) -> Result<(), String> {
        let mut state = self.lock();
        if let Event::Started { run, .. } = event {
            state.run = Some(run.clone());
        }
        let EventFileState { file, name, clock, run } = &mut *state;
        let Some(writer) = file else { return Ok(()) };
        let line = EventLine { at: clock.time(), run: run.as_ref(), event };
        write_line(writer, &line).map_err(|error| {
            let message =
                format!("events are not written any more: `{}`: {}", escape(name), escape(&error.to_string()));
            *file = None;
            message
        })
    }

    fn lock(&self) -> MutexGuard<'_, EventFileState> {
        // Never left inconsistent by a panic: a line is written completely or is the last one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes and flushes a line, so that readers can follow the run.
fn write_line(file: &mut BufWriter<File>, line: &EventLine<'_>) -> io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")?;
    file.flush()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::OperationId;

    fn clock() -> Clock {
        Clock::Fixed("2026-11-21T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn each_event_is_one_line_with_time_and_run() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.jsonl");
        let events = EventFile::create(&path, clock()).unwrap();
        events.write(&Event::Recovering { run: "run-0".into(), operations: 2 }).unwrap();
        events.write(&Event::Started { run: "run-1".into(), operations: 3 }).unwrap();
        let pause = Duration::from_millis(1500);
        events
            .write(&Event::Retry {
                operation: OperationId("op-1".into()),
                attempt: 2,
                of: 5,
                pause,
                reason: "busy".to_owned(),
            })
            .unwrap();
        let expected = concat!(
            r#"{"at":"2026-11-21T12:00:00Z","run":null,"event":"settling","settles":"run-0","operations":2}"#,
            "\n",
            r#"{"at":"2026-11-21T12:00:00Z","run":"run-1","event":"started","operations":3}"#,
            "\n",
            r#"{"at":"2026-11-21T12:00:00Z","run":"run-1","event":"retry","operation":"op-1","attempt":2,"of":5,"pause_seconds":1.5,"reason":"busy"}"#,
            "\n",
        );
        assert_eq!(std::fs::read_to_string(path).unwrap(), expected);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn full_disk_is_reported_once() {
        let events = EventFile::create(Path::new("/dev/full"), clock()).unwrap();
        assert!(events.write(&Event::Started { run: "run-1".into(), operations: 3 }).is_err());
        assert!(events.write(&Event::Started { run: "run-1".into(), operations: 3 }).is_ok());
    }

    #[test]
    fn stdout_is_refused() {
        assert_eq!(EventFile::create(Path::new("-"), clock()).unwrap_err().exit(), Exit::Usage);
    }
}
