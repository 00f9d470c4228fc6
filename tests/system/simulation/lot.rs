//! The fate of a request.

use fastrand::Rng;

use super::faults::{Faults, strikes};

/// What happens to a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lot {
    Served,
    Throttled,
    Unreachable,
    Refused,
    Denied,
    Forgotten,
    LostBefore,
    LostAfter,
    Hangs,
}

impl Lot {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Denied => "denied",
            Self::Forgotten => "accepted and forgotten",
            Self::LostBefore => "request lost",
            Self::LostAfter => "answer lost",
            Self::Hangs => "hangs",
        }
    }

    /// Draws what happens to the next request.
    pub(crate) fn draw(rng: &mut Rng, faults: Faults) -> Self {
        let lots = [
            (faults.throttle, Self::Throttled),
            (faults.unreachable, Self::Unreachable),
            (faults.refuse, Self::Refused),
            (faults.forget, Self::Forgotten),
            (faults.lost_request, Self::LostBefore),
            (faults.lost_answer, Self::LostAfter),
            (faults.hang, Self::Hangs),
        ];
        let struck = lots.into_iter().find(|(chance, _)| strikes(rng, *chance));
        struck.map_or(Self::Served, |(_, lot)| lot)
    }
}
