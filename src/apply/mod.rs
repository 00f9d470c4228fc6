//! Carries a plan out, and decides nothing.
//!
//! An [`Executor`] takes the operations that are ready, looks at each person once more, writes to the journal, sends,
//! and reads back what came of it. It stands apart from the planner so that what was reviewed is what is sent.
//! What must hold: nothing is sent that is not in the plan, save an old license that is given back; nothing is sent
//! before the journal has it; an operation that may be in effect is never sent again; nothing is called applied that
//! was not read back; every wait has an end.

mod bench;
pub mod by_hand;
mod conclusion;
mod course;
mod event;
mod executor;
mod fate;
mod gate;
mod give_back;
mod left_open;
mod pace;
mod patience;
pub mod precheck;
mod schedule;
mod settle;
mod sight;
mod step;
mod stop;
mod target;
mod touch;
mod world;

pub use conclusion::Conclusion;
pub use event::{Event, EventLine, Watch};
pub use executor::Executor;
pub use gate::Halt;
pub use left_open::lost_memberships;
pub use settle::settle_open;
pub use stop::Stop;
pub use target::Target;

#[cfg(test)]
mod tests;
