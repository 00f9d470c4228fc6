//! Operations that people perform in a vendor's console.
//!
//! They bypass the limiters: reseat checks them against a fresh reading, journals them, and hands them over together, as a
//! document or at the terminal. Invariants: nothing is handed over before the journal has it; a step that was reported as
//! done is pending until a later reading shows it; a step is handed over again only with a warning.

pub(crate) mod executor;
mod handover;
mod log;
mod previous;
mod selection;

pub use self::executor::{HandoverError, HandoverLog, HandoverResult, ManualExecutor, ManualTask, StepReport};
pub(crate) use self::handover::{HandoverOutcome, hand_over, is_interactive};
