//! The cost of a run: time, CPU, memory and disk.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Ticks per second in `/proc/self/stat`; a constant of the Linux user interface.
const TICKS: f64 = 100.0;

/// The CPU time of this process in seconds; 0 if the system does not report it.
pub(crate) struct Usage(f64);

impl Usage {
    /// Returns the CPU time so far, and resets the memory peak.
    pub(crate) fn now() -> Self {
        // If the system refuses, the peak covers the whole program.
        let _ = fs::write("/proc/self/clear_refs", "5");
        Self::read()
    }

    fn read() -> Self {
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // The name of the program is in parentheses and may contain blanks.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        Self((ticks(11) + ticks(12)) / TICKS)
    }
}

/// The cost of one way to send the operations.
pub(crate) struct Figures {
    /// Operations per second.
    pub(crate) rate: f64,
    /// Microseconds of CPU per operation.
    pub(crate) cpu: f64,
    memory: u64,
    journal: Option<u64>,
}

impl Figures {
    pub(crate) fn of(operations: usize, time: Duration, before: &Usage) -> Self {
        let count = operations as f64;
        let memory = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = memory.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let memory = peak.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        Self {
            rate: count / time.as_secs_f64(),
            cpu: (Usage::read().0 - before.0) * 1e6 / count,
            memory,
            journal: None,
        }
    }

    /// Adds the size of the store in that folder.
    pub(crate) fn with_journal(self, folder: &Path) -> Self {
        let files = fs::read_dir(folder.join(".reseat")).into_iter().flatten().flatten();
        let bytes = files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum();
        Self { journal: Some(bytes), ..self }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:7.0} operations/s  {:6.0} us of CPU each", self.rate, self.cpu)?;
        write!(f, "  peak {} MiB", self.memory / 1024)?;
        match self.journal {
            Some(bytes) => write!(f, "  store {:.1} MiB", bytes as f64 / f64::from(1 << 20)),
            None => Ok(()),
        }
    }
}
