//! Runs the built program in a temporary folder with an empty environment.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The time of every run: 2026-11-21T12:00:00Z.
const NOW: &str = "1795262400";

/// A temporary folder to run the program in, deleted on drop.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
}

/// The output and exit code of a run.
#[must_use = "look at what the program printed"]
pub(crate) struct Output {
    /// The command as a user would type it.
    pub(crate) command: String,
    /// The results.
    pub(crate) stdout: String,
    /// The diagnostics.
    pub(crate) stderr: String,
    /// The exit code; -1 after a signal.
    pub(crate) status: i32,
}

impl Sandbox {
    /// Creates an empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Adds a copy of `examples/NAME`, as a folder of that name.
    pub(crate) fn copy_example(self, name: &str) -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
        copy(&from, &self.folder.path().join(name));
        self
    }

    /// Adds a file.
    pub(crate) fn write<T: AsRef<[u8]>>(self, path: &str, text: T) -> Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
        self
    }

    /// Returns the text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `reseat` with the arguments and no input.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &[], "")
    }

    /// Runs `reseat` with the arguments, additional variables, and the input.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Output {
        let mut command = Command::new(program());
        command.args(arguments);
        self.finish(command, format!("reseat {}", arguments.join(" ")), variables, input)
    }

    /// Runs a shell command line in which `reseat` is the built program.
    pub(crate) fn shell(&self, line: &str) -> Output {
        let mut command = Command::new("/bin/sh");
        command.args(["-eu", "-c", line]);
        self.finish(command, line.to_owned(), &[], "")
    }

    fn finish(&self, mut command: Command, shown: String, variables: &[(&str, &str)], input: &str) -> Output {
        let folder = program().parent().expect("the program is in a folder").to_path_buf();
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("SOURCE_DATE_EPOCH", NOW)
            .env("RESEAT_ACTOR", "ana@acme.example")
            .env("HOME", self.folder.path())
            .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
            .envs(variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("the input is a pipe");
        // The program may end without reading its input.
        drop(stdin.write_all(input.as_bytes()));
        drop(stdin);
        let output = child.wait_with_output().expect("the program ends");
        Output {
            command: shown,
            stdout: self.redact(&output.stdout),
            stderr: self.redact(&output.stderr),
            status: output.status.code().unwrap_or(-1),
        }
    }

    /// Replaces the sandbox's path, which differs between runs.
    fn redact(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8(bytes.to_vec()).expect("the program prints UTF-8");
        text.replace(&self.folder.path().display().to_string(), "[SANDBOX]")
    }
}

impl Output {
    /// Returns command, stdout, stderr and exit code as one text.
    pub(crate) fn render(&self) -> String {
        let mut text = format!("$ {}\n{}", self.command, self.stdout);
        for (name, part) in [("stderr", &self.stderr)] {
            if !part.is_empty() {
                write!(text, "--- {name}\n{part}").expect("a string takes text");
            }
        }
        writeln!(text, "--- status {}", self.status).expect("a string takes text");
        text
    }
}

/// Returns the path of the built program.
fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_reseat"))
}

/// Copies a folder without dot files, which runs leave behind.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("a folder can be read");
        let name = entry.file_name();
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().expect("an entry has a type").is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).expect("a file can be copied");
        }
    }
}
