//! The vendors that an emulator can stand for; a new one is a folder and a line here.

use super::service::Face;
use super::{avaya_spaces, eight_by_eight, officeseries};

/// Every interface there is.
static FACES: &[&Face] = &[&avaya_spaces::FACE, &eight_by_eight::FACE, &officeseries::FACE];

/// The interface of that vendor.
pub(super) fn find(vendor: &str) -> Option<&'static Face> {
    FACES.iter().copied().find(|face| face.vendor == vendor)
}

/// The vendors that an emulator can stand for.
pub fn vendors() -> Vec<&'static str> {
    FACES.iter().map(|face| face.vendor).collect()
}
