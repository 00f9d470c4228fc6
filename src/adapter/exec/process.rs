//! A program that runs beside us: started, held within limits, and ended with everything that it started.
//!
//! It stands apart from the protocol, for nothing here knows what the lines mean. What must hold: no shell; the program sees
//! nothing of our environment but what is listed; its process group is killed before its number can belong to somebody
//! else; what it logs costs bounded memory.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::env::variable;
use crate::model::ExecSettings;

/// The most bytes of the program's log that are kept: the last ones.
const LOG_MAX_BYTES: usize = 8 * 1024;
/// How long the end of the log is waited for after the program ended.
const LOG_GRACE: Duration = Duration::from_millis(500);
/// How long a killed program may take to be gone.
const KILL_GRACE: Duration = Duration::from_secs(2);
/// How often somebody looks whether the program ended.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// The program as it is named in messages.
pub(super) fn name(settings: &ExecSettings) -> &str {
    settings.command.first().map_or("", String::as_str)
}

/// The file to run: a path is relative to the folder of the manifest file, a plain name is looked for in `PATH`.
fn file(settings: &ExecSettings) -> io::Result<PathBuf> {
    let program = Path::new(name(settings));
    if program.components().count() < 2 && !name(settings).contains('/') {
        return Ok(program.to_owned());
    }
    // The working directory of the new process is another one: only an absolute path means the same there.
    std::path::absolute(settings.folder.join(program))
}

/// The ends of a program's three streams that are ours, and the process itself.
pub(super) struct SpawnedProcess {
    pub(super) process: ProgramProcess,
    pub(super) input: ChildStdin,
    pub(super) output: ChildStdout,
}

/// The end of what a program logs.
#[derive(Default)]
struct LogTail {
    bytes: VecDeque<u8>,
    /// Whether something before it was dropped.
    is_cut: bool,
}

impl LogTail {
    /// Whole lines only: half of a secret is not recognized as one.
    fn lines(&self) -> Vec<u8> {
        let whole = self.bytes.iter().skip_while(|byte| self.is_cut && **byte != b'\n');
        whole.copied().collect()
    }
}

/// A running program.
pub(super) struct ProgramProcess {
    /// `None` once it is gone and its number may belong to somebody else.
    child: Mutex<Option<Child>>,
    log: Arc<Mutex<LogTail>>,
    log_ended: Mutex<Receiver<()>>,
}

/// How a program ended.
pub(super) struct ProcessExit {
    /// The status, if it is known.
    pub(super) status: Option<ExitStatus>,
    /// The last lines of its log.
    pub(super) log: Vec<u8>,
}

/// Starts a program with nothing in its environment but what every program needs and those variables.
///
/// # Errors
/// When the system cannot start it.
pub(super) fn start<'a>(
    settings: &ExecSettings,
    variables: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> io::Result<SpawnedProcess> {
    let mut command = Command::new(file(settings)?);
    command.args(settings.command.get(1..).unwrap_or_default());
    if !settings.folder.as_os_str().is_empty() {
        command.current_dir(&settings.folder);
    }
    command.env_clear();
    for name in variable::INHERITED {
        if let Some(value) = variable::read(name) {
            command.env(name, value);
        }
    }
    command.envs(variables);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own: it can be ended with all that it started, and a Ctrl-C at the terminal is for us to answer.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(input), Some(output), Some(errors)) = streams else {
        return Err(io::Error::other("its streams cannot be reached"));
    };
    let log = Arc::new(Mutex::new(LogTail::default()));
    let (ended, log_ended) = channel();
    let process =
        ProgramProcess { child: Mutex::new(Some(child)), log: Arc::clone(&log), log_ended: Mutex::new(log_ended) };
    if let Some(bytes) = settings.memory {
        process.limit(bytes)?;
    }
    thread::spawn(move || collect_log(errors, &log, &ended));
    Ok(SpawnedProcess { process, input, output })
}

/// Keeps the end of what the program logs, until it logs no more.
fn collect_log(mut errors: ChildStderr, log: &Mutex<LogTail>, ended: &Sender<()>) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = errors.read(&mut bytes) {
        let mut log = lock(log);
        log.bytes.extend(&bytes[..count]);
        let over = log.bytes.len().saturating_sub(LOG_MAX_BYTES);
        log.is_cut |= over > 0;
        log.bytes.drain(..over);
    }
    // Nobody may wait any more.
    let _ = ended.send(());
}

impl ProgramProcess {
    /// Kills the program and everything in its group. It is still to be told how it ended.
    pub(super) fn kill(&self) {
        if let Some(child) = lock(&self.child).as_mut() {
            kill(child);
        }
    }

    /// Lets the program end by itself for so long, kills what is left of it, and tells how it ended.
    pub(super) fn end(&self, grace: Duration) -> ProcessExit {
        let mut status = None;
        // Whoever comes second waits here and finds it gone.
        let mut child = lock(&self.child);
        if let Some(mut child) = child.take() {
            wait_for(grace, || has_ended(&mut child));
            // While the program is not waited for, its number is its own and that of its group.
            kill(&mut child);
            wait_for(KILL_GRACE, || {
                status = child.try_wait().ok().flatten();
                status.is_some()
            });
        }
        drop(child);
        let _ = lock(&self.log_ended).recv_timeout(LOG_GRACE);
        ProcessExit { status, log: lock(&self.log).lines() }
    }

    /// Holds the program and whatever it starts to so many bytes of memory of their own.
    #[cfg(target_os = "linux")]
    fn limit(&self, bytes: u64) -> io::Result<()> {
        use rustix::process::{Resource, Rlimit, prlimit};

        let pid = lock(&self.child).as_ref().and_then(pid_of);
        let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
        // Memory that is written to, and not addresses that are only reserved, as many runtimes do.
        prlimit(pid, Resource::Data, limit).map(drop).or_else(|error| {
            // It may have ended already; its end tells more than this.
            if error == rustix::io::Errno::SRCH { Ok(()) } else { Err(error.into()) }
        })
    }

    /// No other system lets one process limit another.
    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "on Linux it can fail")]
    fn limit(&self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ProgramProcess {
    fn drop(&mut self) {
        if let Some(child) = lock(&self.child).as_mut() {
            kill(child);
            wait_for(KILL_GRACE, || child.try_wait().is_ok_and(|status| status.is_some()));
        }
    }
}

/// Locks, also where somebody panicked: what is held here is fine at every moment.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until something is so, or the time is over.
fn wait_for(time: Duration, mut is_so: impl FnMut() -> bool) {
    let mut left = time;
    while !is_so() && !left.is_zero() {
        let step = POLL_INTERVAL.min(left);
        thread::sleep(step);
        left -= step;
    }
}

#[cfg(unix)]
fn pid_of(child: &Child) -> Option<rustix::process::Pid> {
    i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw)
}

#[cfg(unix)]
fn kill(child: &mut Child) {
    if let Some(pid) = pid_of(child) {
        // There may be nothing left of it.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(child: &mut Child) {
    // There may be nothing left of it.
    let _ = child.kill();
}

/// Whether the program ended; its number stays its own.
#[cfg(unix)]
fn has_ended(child: &mut Child) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};

    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    pid_of(child).is_none_or(|pid| !matches!(waitid(WaitId::Pid(pid), options), Ok(None)))
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> bool {
    child.try_wait().is_ok_and(|status| status.is_some())
}
