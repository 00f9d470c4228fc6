//! A vendor's response to an operation that it does not refuse.

use std::fmt;

use smol_str::SmolStr;

/// The longest handle, in bytes.
const HANDLE_MAX_BYTES: usize = 512;

/// The vendor's id of an operation in progress, such as `op_123`. The journal keeps it, so that a later run can poll the
/// operation after a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationHandle(SmolStr);

impl OperationHandle {
    /// Creates a handle; `None` if the text is empty, too long or contains control characters.
    pub fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= HANDLE_MAX_BYTES && !text.chars().any(char::is_control);
        fits.then(|| Self(SmolStr::new(text)))
    }

    /// The vendor's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A vendor's response to an operation that it does not refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// Done according to the vendor; the executor reads it back.
    Done,
    /// Accepted; the effect comes later. The handle, if any, can be polled.
    Accepted(Option<OperationHandle>),
    /// Already in effect.
    Already,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handle_rejects_empty_long_and_control_text() {
        assert_eq!(OperationHandle::new("op_1").unwrap().as_str(), "op_1");
        for text in ["", "op\n1", "\u{1b}[2J", &"x".repeat(HANDLE_MAX_BYTES + 1)] {
            assert_eq!(OperationHandle::new(text), None, "{text:?}");
        }
    }
}
