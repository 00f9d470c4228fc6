//! Type errors: what is wrong with a part of an expression.

/// A part of an expression that can never be valid.
pub(super) struct TypeError {
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// The part of the expression.
    pub(super) id: u64,
}

/// Returns a type error for the part with that ID.
pub(super) fn type_error<T>(
    id: u64,
    message: impl Into<String>,
    help: impl Into<Option<String>>,
) -> Result<T, TypeError> {
    Err(TypeError { message: message.into(), help: help.into(), id })
}

/// Shortens a text to fit into a message.
pub(super) fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
