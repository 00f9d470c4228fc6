//! What a run costs: time, processor, memory, disk.

use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Ticks of a second in `/proc/self/stat`; Linux has shown this number to programs for ever.
const TICKS: f64 = 100.0;

/// The processor's time that this process has used, in seconds; 0 where the system does not say.
pub(crate) struct Usage(f64);

impl Usage {
    /// What was used so far; the peak of memory begins anew here.
    pub(crate) fn now() -> Self {
        // Where the system does not take it, the peak is that of the whole program.
        let _ = fs::write("/proc/self/clear_refs", "5");
        Self::read()
    }

    fn read() -> Self {
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        // The name of the program stands in brackets and may hold blanks.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |place: usize| fields.get(place).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
        Self((ticks(11) + ticks(12)) / TICKS)
    }
}

/// What one way to send the operations came to.
pub(crate) struct Figures {
    /// Operations a second.
    pub(crate) rate: f64,
    /// Microseconds of a processor an operation.
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

    /// The same figures with the size of the store in that folder.
    pub(crate) fn with_journal(self, folder: &Path) -> Self {
        let files = fs::read_dir(folder.join(".reseat")).into_iter().flatten().flatten();
        let bytes = files.filter_map(|file| file.metadata().ok()).map(|about| about.len()).sum();
        Self { journal: Some(bytes), ..self }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:7.0} operations/s  {:6.0} us of a processor each", self.rate, self.cpu)?;
        write!(f, "  peak {} MiB", self.memory / 1024)?;
        match self.journal {
            Some(bytes) => write!(f, "  store {:.1} MiB", bytes as f64 / f64::from(1 << 20)),
            None => Ok(()),
        }
    }
}
