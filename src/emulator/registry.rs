//! The vendors that an emulator can stand for; a new one is a folder and a line here.

use super::api::Api;
use super::{avaya_spaces, eight_by_eight, officeseries};

/// Every interface there is.
static APIS: &[&Api] = &[&avaya_spaces::FACE, &eight_by_eight::API, &officeseries::FACE];

/// The interface of that vendor.
pub(super) fn find_api(vendor: &str) -> Option<&'static Api> {
    APIS.iter().copied().find(|face| face.vendor == vendor)
}

/// The vendors that an emulator can stand for.
pub fn vendors() -> Vec<&'static str> {
    APIS.iter().map(|face| face.vendor).collect()
}
