//! Golden files: recorded output, compared as text and updated by one switch.

use std::fs;
use std::path::Path;

use similar::TextDiff;

/// Reviewers do not read longer files.
const MAX_LINES: usize = 80;

/// Compares `actual` with the golden file at `path`, relative to the crate.
///
/// With `RESEAT_UPDATE=1` in the environment, it updates the file; review it before you commit it.
pub(crate) fn check(path: &str, actual: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if wants_update() {
        fs::create_dir_all(file.parent().expect("a file stands in a folder")).expect("a folder can be made");
        fs::write(&file, actual).expect("a stored text can be written");
        return;
    }
    let stored = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        stored == actual,
        "{path} differs from the recorded output (RESEAT_UPDATE=1 records it again):\n{}",
        TextDiff::from_lines(&stored, actual).unified_diff().header("stored", "now")
    );
    let lines = stored.lines().count();
    assert!(
        !path.ends_with(".txt") || lines <= MAX_LINES,
        "{path} has {lines} lines; tell the story with less, at most {MAX_LINES}"
    );
}

/// Returns whether golden files are to be updated.
fn wants_update() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the switch is for people who run the tests, not for the program")]
    std::env::var_os("RESEAT_UPDATE").is_some_and(|value| value == "1")
}
