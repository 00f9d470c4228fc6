//! reseat: license assignments as code.
//!
//! This page describes the architecture. The README explains how to use the program, and `CONTRIBUTING.md` how to
//! change it.
//!
//! # Data flow
//!
//! Data flows in one direction. Each arrow is a function, and each box is plain data.
//!
//! ```text
//!  YAML files ──manifest──▶ Desired ─┐
//!                                    ├──diff──▶ changes ──plan──▶ Plan ──apply──▶ Run
//!  tenant ──adapter──▶ Observation ──┘            ▲                │               │
//!                                              policy            report          store
//! ```
//!
//! [`workflow`] has one file per command with its whole flow. [`cli`] parses the arguments and prints.
//!
//! # The path of one person
//!
//! From the manifest to the outcome, the license of a person passes through these types:
//!
//! | step | types |
//! |---|---|
//! | read | [`manifest::schema::ManifestFile`] as written, [`manifest::LoadedManifest`] with positions |
//! | resolve | [`model::Desired`]: a `DesiredEntry` per entry, and a `Claim` per person that it names |
//! | observe | [`model::Observation`], [`model::Account`], [`model::Holding`] |
//! | compare | [`diff::DesiredAssignment`] (the claims of a person for a license), [`diff::CandidateChange`] with its [`diff::LicenseTransition`]s |
//! | decide | `Admission` (admitted or waiting), then `DraftOperation` in a `TenantPlan` |
//! | plan | [`model::Change`] and [`model::Operation`] in a [`model::Plan`] |
//! | execute | `ScheduledOperation`, then `OperationResult` |
//! | report | [`model::Outcome`] in a [`model::Run`] |
//!
//! # Layers
//!
//! Dependencies point down; `tests/tidy` enforces it. The modules from `model` to `plan` are synchronous and pure: the same inputs
//! yield the same bytes, and time is an argument.
//!
//! | layer | modules | content |
//! |---|---|---|
//! | L6 | [`cli`] | arguments, output, exit codes |
//! | L5 | [`workflow`] | the flow of every command |
//! | L4 | [`report`], [`apply`], [`emulator`] | documents; execution of plans; simulated tenants over HTTP |
//! | L3 | [`plan`], [`adapter`], [`store`], [`forge`] | the planner; connections to tenants; journal and lock; pull request comments |
//! | L2 | [`diff`], [`policy`], [`validate`] | current against desired state; rules; manifest checks |
//! | L1 | [`manifest`], [`profile`] | YAML; vendor profiles and the simulator |
//! | L0 | [`model`], [`expression`], [`diagnostic`], [`mod@env`] | shared types; CEL; findings; clock, variables and secrets |
//!
//! The planner and the adapters meet only in [`model`]: a plan contains everything that the executor needs, and an adapter
//! does not know why an operation exists.
//!
//! # Where to change what
//!
//! | to change | see |
//! |---|---|
//! | the manifest's syntax | `manifest/schema/`, one file per section; the JSON Schema follows |
//! | the checks of a manifest | `validate/`, one file per rule |
//! | expressions and their limits | `expression/` |
//! | the text of a finding | `diagnostic/catalog/`, one file per letter; `reseat explain` prints it |
//! | the facts about a vendor | `profile/`, one file per vendor; its behavior is in `profile/simulator` |
//! | what a holding's state or origin means for a desired assignment | `diff/exclusive_set.rs` |
//! | who gets a scarce seat | `plan/admission.rs` |
//! | who moves first, and who is parked | `plan/move_order.rs`; `plan/overfull_pools.rs` for pools over their total |
//! | who waits for whose seat | `plan/seat_tokens.rs` |
//! | the operations of a change | `plan/draft.rs` |
//! | what policy holds or denies | `policy/rules/`, one file per rule |
//! | how an operation is sent and verified | `apply/operation/` |
//! | concurrency, retries and back-off | `apply/pacing/` |
//! | the next operation, and people between two licenses | `apply/run/schedule/` |
//! | what a failure or shortage means for other operations | `apply/run/` |
//! | the text of a document | `report/`, one folder per document |
//! | the flow of a command | `workflow/`, one file per command |
//!
//! # The laws of a plan
//!
//! Every plan satisfies nine laws. `plan/laws/` tests them as properties of random tenants, and against brute force where the
//! best answer is guaranteed:
//!
//! 1. *Seat ledger*: in no order that the graph allows does an assignment make a pool exceed its seats.
//! 2. *Order*: cancel, remove, assign, restore, for one person among licenses that exclude each other.
//! 3. *No needless gap*: a person gives up a seat only when the new one is certain; as few people as possible are parked.
//! 4. *Scarcity*: the best set by rank is admitted, and all others wait.
//! 5. *Unknown is not absent*: an incomplete observation causes no loss.
//! 6. *Hands off*: unmanaged and inherited licenses are reported and never changed.
//! 7. *Convergence*: planning again after an apply yields no operations.
//! 8. *Stability*: the order of files, keys and lists changes nothing.
//! 9. *Linear*: time, memory and edges grow in proportion to people, holdings and operations.
//!
//! # Invariants
//!
//! - Invalid external input yields a [`diagnostic::Finding`], never a panic.
//! - Only [`mod@env`] reads the clock and the environment; only `cli` prints.
//! - Tables are ordered, so that a plan is the same on every machine.
//! - Files, nesting, retries, waits and bodies have limits.

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
