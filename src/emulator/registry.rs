//! The API that the emulator of each vendor serves.

use super::api::Api;
use super::{bridge, eight_by_eight};
use crate::profile::{self, Profile};

/// The vendors whose own API is emulated. All others are served through the bridge protocol.
static OWN_APIS: &[(&str, &Api)] = &[(eight_by_eight::VENDOR, &eight_by_eight::API)];

/// Returns the API and the profile of a vendor.
pub(super) fn find(vendor: &str) -> Option<(&'static Api, &'static Profile)> {
    let profile = profile::find(vendor)?;
    let own = OWN_APIS.iter().find(|(name, _)| *name == vendor);
    Some((own.map_or(&bridge::API, |(_, api)| *api), profile))
}

/// Returns the vendors that can be emulated.
pub fn vendors() -> Vec<&'static str> {
    profile::names().collect()
}
