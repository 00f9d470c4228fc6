//! Applies a plan exactly, and decides nothing.
//!
//! A [`RunRequest`] sends the operations that are ready: it checks each account again, journals, sends, and reads the
//! effect back. It is separate from the planner, so that reseat sends what was reviewed. Invariants: nothing is sent that
//! is not in the plan, except rollbacks; nothing is sent before it is journaled; an operation that may be in effect is
//! never sent again; nothing counts as applied before it was read back; every wait has a limit.

mod event;
pub mod manual;
mod operation;
mod options;
mod pacing;
mod policy_check;
pub mod preflight;
mod recover;
mod run;
mod stop;
mod target;
mod tenant;
mod unfinished;
mod usage;

pub use event::{Event, EventLine, EventSink};
pub use options::RunOptions;
pub use policy_check::RunError;
pub use recover::recover_unfinished;
pub use run::report::RunReport;
pub use run::request::RunRequest;
pub use stop::StopSignal;
pub use target::Target;
pub use unfinished::lost_memberships;

#[cfg(test)]
mod tests;
