//! Reading the manifest: files, sections, and what they resolve to.
//!
//! It is the only user of a YAML reader, and stands apart so that everything above works on resolved facts.

pub mod yaml;
