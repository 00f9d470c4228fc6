//! reseat: license assignments as code.
//!
//! This page is the map: how data flows, where a thing lives, and what must hold. The README says how to use the
//! program; `CONTRIBUTING.md` says how to change it.
//!
//! # The flow
//!
//! Data flows one way. Each arrow is a function that could be called with data from elsewhere, and each box is plain
//! data that can be looked at.
//!
//! ```text
//!  YAML files ──manifest──▶ Desired ─┐
//!                                    ├──diff──▶ changes ──plan──▶ Plan ──apply──▶ outcomes
//!  tenant ──adapter──▶ Observation ──┘            ▲                │                 │
//!                                              policy            report            store
//! ```
//!
//! [`workflow`] is the one place that names the whole flow; [`cli`] puts arguments in front of it and reports behind it.
//!
//! # Layers
//!
//! Arrows point down only; `tests/tidy` holds them. From `model` to `plan` everything is synchronous and pure: the same
//! inputs give the same bytes, and time is an argument.
//!
//! | layer | modules | for |
//! |---|---|---|
//! | L5 | [`cli`], [`workflow`] | the commands; the one place that names the whole flow |
//! | L4 | [`report`], [`apply`] | plans, runs and findings as text and data; carrying a plan out |
//! | L3 | [`plan`], [`adapter`], [`store`], [`forge`] | the planner; the ways to reach a tenant; journal and lock; comments on pull requests |
//! | L2 | [`diff`], [`policy`], [`validate`] | current against desired; what may be done; what is wrong with a manifest |
//! | L1 | [`manifest`], [`profile`] | reading YAML; profiles and the simulator |
//! | L0 | [`model`], [`expression`], [`diagnostic`], [`mod@env`] | the vocabulary; CEL within a budget; findings; clock and variables |
//!
//! The planner and the adapters never meet except in [`model`]: a plan holds everything that an executor needs, and an
//! adapter knows nothing of why.
//!
//! # Where a thing lives
//!
//! | to change | look in |
//! |---|---|
//! | what may stand in a manifest | `manifest/schema/`, a file a section; the JSON Schema follows from it |
//! | what is wrong with a manifest that can be read | `validate/`, a file a rule |
//! | what an expression may name, and what it may cost | `expression/` |
//! | what a finding means | `diagnostic/catalog/`, a file a letter; `reseat explain` prints it |
//! | what a vendor is like | `profile/`, a file a vendor, data only; its behavior is the simulator's |
//! | what a holding of some state or origin means for a wish | `diff/slot.rs` |
//! | who gets a scarce seat | `plan/admission.rs`, on the flow of `plan/flow.rs` |
//! | who moves first, and who is parked | `plan/trails.rs`, and `plan/overfull.rs` where a pool is over its total |
//! | who waits for whose seat | `plan/tokens.rs` |
//! | which operations make up a change | `plan/draft.rs` |
//! | what policy holds back or denies | `policy/`, a file a rule |
//! | how an operation is sent and read back | `apply/step.rs` |
//! | when, how often and how soon again something is sent | `apply/pace/` |
//! | which operation is next, and who is between two licenses | `apply/schedule/` |
//! | what a refusal, a stop or a shortage means for the others | `apply/course/` |
//! | how anything looks | `report/`, a folder a document |
//!
//! # The laws of a plan
//!
//! The planner promises nine things, stated as properties over random worlds in `plan/laws/`, and against brute force
//! where a best answer is promised:
//!
//! 1. *Seat ledger*: in no order that the graph allows does an arrival make a pool exceed its seats.
//! 2. *Order*: cancel, remove, assign, restore, for one person among licenses that exclude each other.
//! 3. *No needless gap*: a seat is given up only when the new one is certain; as few people as possible go first.
//! 4. *Scarcity*: the best set by rank is admitted, all others wait in line.
//! 5. *Unknown is not absent*: nothing is lost because a part of a tenant could not be read.
//! 6. *Hands off*: what is not ours is reported and left alone.
//! 7. *Convergence*: planning again after a plan was applied gives nothing.
//! 8. *Stability*: the order of files, keys and lists changes nothing.
//! 9. *Linear*: time, memory and edges grow with people, holdings and operations.
//!
//! # What every part relies on
//!
//! - Whatever comes from outside is input: it makes a [`diagnostic::Finding`], never a panic.
//! - Nothing reads the clock or a variable but [`mod@env`]; nothing prints but `cli/output.rs`.
//! - Tables are ordered, so that a plan is the same on every machine.
//! - Everything has a limit: files, depth, retries, waits, bodies.

pub mod adapter;
pub mod apply;
pub mod cli;
pub mod diagnostic;
pub mod diff;
pub mod emulator;
pub mod env;
pub mod expression;
pub mod forge;
pub mod manifest;
pub mod model;
pub mod plan;
pub mod policy;
pub mod profile;
pub mod report;
pub mod store;
pub mod validate;
pub mod workflow;
