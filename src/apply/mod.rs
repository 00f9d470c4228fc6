//! Carries a plan out, and decides nothing.
//!
//! An [`Executor`] takes the operations that are ready, looks at each person once more, writes to the journal, sends,
//! and reads back what came of it. It stands apart from the planner so that what was reviewed is what is sent.
//! What must hold: nothing is sent that is not in the plan, save an old license that is given back; nothing is sent
//! before the journal has it; an operation that may be in effect is never sent again; nothing is called applied that
//! was not read back; every wait has an end.

mod event;
pub mod manual;
mod operation;
mod pacing;
mod policy_check;
pub mod preflight;
mod recover;
mod run;
mod stop;
mod target;
mod unfinished;
mod usage;

pub use event::{Event, EventLine, EventSink};
pub use policy_check::RunError;
pub use recover::recover_unfinished;
pub use run::executor::Executor;
pub use run::report::RunReport;
pub use stop::StopSignal;
pub use target::Target;
pub use unfinished::lost_memberships;

#[cfg(test)]
mod tests;
