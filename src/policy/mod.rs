//! What may be done: limits on removals, destroyed data acknowledged, seats that run out.
//!
//! A rule is one file with what it checks and why. A rule either *holds* losses of a license, for a number over a
//! limit means a mistake, or makes a finding; an error with a `P` code denies the plan. It stands apart from the
//! planner so that adding a rule touches nothing else.
//! What must hold: pure; a rule sees the plan and never changes it.

mod data_loss;
mod expiring;
mod last_holder;
mod limit;
mod seats;
mod settings;
mod written;

pub use data_loss::{Acknowledged, check as check_data_loss};
pub use expiring::check as check_expiring;
pub use last_holder::check as check_last_holder;
pub use limit::{Count, Exceeded, check as check_limits, check_waivers};
pub use seats::check as check_seats;
pub use settings::{Limit, Policy, Waiver, Window};
