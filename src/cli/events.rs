//! The stream of events for other programs: JSON lines in a file.
//!
//! A run is worth more than what is told of it: when the file cannot be written, that is said once, and the run goes on.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smol_str::SmolStr;

use super::error::CliError;
use super::exit::Exit;
use super::output::write_stderr;
use crate::apply::{Event, EventLine};
use crate::env::Clock;
use crate::report::escape::escape;

/// A file of events. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct EventFile(Arc<Mutex<EventFileState>>);

#[derive(Debug)]
struct EventFileState {
    /// `None` once it could not be written.
    file: Option<BufWriter<File>>,
    name: String,
    clock: Clock,
    run: Option<SmolStr>,
}

impl EventFile {
    /// The events of one run, in a new file of that name.
    pub(super) fn create(path: &Path, clock: Clock) -> Result<Self, CliError> {
        if path.as_os_str() == "-" {
            return Err(CliError::usage("events are not written to stdout, where the run is reported")
                .with_help("name a file: `--events events.jsonl`"));
        }
        let name = path.display().to_string();
        let file = File::create(path).map_err(|error| {
            CliError::new(Exit::Internal, format!("`{name}` cannot be written: {error}; nothing was sent"))
                .with_help("name a file in a folder that can be written to: `--events events.jsonl`")
        })?;
        let stream = EventFileState { file: Some(BufWriter::new(file)), name, clock, run: None };
        Ok(Self(Arc::new(Mutex::new(stream))))
    }

    /// Writes an event down.
    pub(super) fn write(&self, event: &Event) {
        let mut stream = self.lock();
        if let Event::Started { run, .. } = event {
            stream.run = Some(run.clone());
        }
        let EventFileState { file: Some(file), name, clock, run } = &mut *stream else { return };
        let line = EventLine { at: clock.time(), run: run.as_ref(), event };
        if let Err(error) = write_line(file, &line) {
            write_stderr(&format!(
                "events are no longer written: `{}`: {}\n",
                escape(name),
                escape(&error.to_string())
            ));
            stream.file = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, EventFileState> {
        // A line is written whole or is the last one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line is handed over as soon as it is there: whoever reads along should see what happens now.
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
        events.write(&Event::Recovering { run: "run-0".into(), operations: 2 });
        events.write(&Event::Started { run: "run-1".into(), operations: 3 });
        let pause = Duration::from_millis(1500);
        events.write(&Event::Retry {
            operation: OperationId("op-1".into()),
            attempt: 2,
            of: 5,
            pause,
            reason: "busy".to_owned(),
        });
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
    fn full_disk_stops_the_event_file_only() {
        let events = EventFile::create(Path::new("/dev/full"), clock()).unwrap();
        events.write(&Event::Started { run: "run-1".into(), operations: 3 });
        assert!(events.lock().file.is_none());
        events.write(&Event::Started { run: "run-1".into(), operations: 3 });
    }

    #[test]
    fn stdout_is_refused() {
        assert!(matches!(EventFile::create(Path::new("-"), clock()), Err(CliError::Message { exit: Exit::Usage, .. })));
    }
}
