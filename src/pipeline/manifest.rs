//! The manifest's side of the flow: files read, names resolved, everything checked.

use std::path::Path;

use crate::manifest::{self, Loaded};

/// Reads and checks a manifest, and tells everything that is wrong with it.
pub fn check(path: &Path) -> Loaded {
    manifest::load(path)
}
