//! Every environment variable that the program reads by name.
//!
//! Variables named in a manifest (`{ env: NAME }`) are secrets and are read through [`read`] as well, at the
//! moment they are needed.

/// Seconds since 1970: the time that a plan is made at, so that equal inputs give equal bytes.
pub const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";
/// Set to anything: no color, whatever the terminal says.
pub const NO_COLOR: &str = "NO_COLOR";

/// The value of a variable; `None` where it is unset or not UTF-8.
pub fn read(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    std::env::var(name).ok()
}
