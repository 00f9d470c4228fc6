//! The outside world as arguments: the clock and the environment's variables.
//!
//! Nothing else in the library asks the system for the time or for a variable, so that every other part is a
//! function of what it is given.

pub mod actor;
pub mod ci;
pub mod clock;
pub mod secret;
pub mod variable;

pub use actor::actor;
pub use clock::{Clock, Now, SimulatedClock};
pub use secret::Secret;
