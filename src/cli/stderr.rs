//! Writing to stderr.

use std::io::{self, Write as _};

/// Writes to stderr, and ignores a closed one.
pub(super) fn write_stderr(text: &str) {
    let mut err = io::stderr().lock();
    drop(err.write_all(text.as_bytes()).and_then(|()| err.flush()));
}
