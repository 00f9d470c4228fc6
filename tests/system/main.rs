//! The product under load and attack: conformance of adapters, simulated faults, kills, pipelines and hostile input.

mod conformance;
mod emulator;
mod hostile;
mod kill;
#[path = "../support/openapi.rs"]
mod openapi;
mod pipelines;
mod rendering;
mod shared_store;
mod simulation;
#[path = "../support/mod.rs"]
mod support;
