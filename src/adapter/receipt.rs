//! What a vendor says to an operation that it does not refuse.

use std::fmt;

use smol_str::SmolStr;

/// The longest handle that is kept, in bytes.
const HANDLE_MAX_BYTES: usize = 512;

/// What a vendor calls an operation that it is at work on, such as `op_123`. It is kept in the journal, so that whoever
/// goes on after a crash can ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationHandle(SmolStr);

impl OperationHandle {
    /// The vendor's word, if it can be one: not empty, not too long, and without control characters.
    pub fn new(word: &str) -> Option<Self> {
        let fits = !word.is_empty() && word.len() <= HANDLE_MAX_BYTES && !word.chars().any(char::is_control);
        fits.then(|| Self(SmolStr::new(word)))
    }

    /// The vendor's word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a vendor said to an operation that it did not refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// Done, as the vendor says; to be read back.
    Done,
    /// Accepted; the effect comes later, and the vendor can be asked for it by the handle, if it gave one.
    Accepted(Option<OperationHandle>),
    /// There was nothing to do.
    Already,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_a_short_word_without_surprises() {
        assert_eq!(OperationHandle::new("op_1").unwrap().as_str(), "op_1");
        for word in ["", "op\n1", "\u{1b}[2J", &"x".repeat(HANDLE_MAX_BYTES + 1)] {
            assert_eq!(OperationHandle::new(word), None, "{word:?}");
        }
    }
}
