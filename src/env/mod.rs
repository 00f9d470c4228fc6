//! The process environment: clock, environment variables and secrets.
//!
//! No other module reads the system's time or an environment variable.

pub mod actor;
pub mod ci;
pub mod clock;
pub mod secret;
pub mod variable;

pub use actor::actor;
pub use clock::{Clock, Now, SimulatedClock};
pub use secret::Secret;
