//! The report of a plan, one module per format.

pub(crate) mod cost;
pub mod graph;
pub mod html;
pub mod markdown;
#[cfg(test)]
pub(crate) mod tests;
mod text;

pub use self::text::{summarize_plan, text, trusted_differences_text};
