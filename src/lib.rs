//! reseat: license assignments as code.
//!
//! # Layers
//!
//! Arrows point down only; a test holds them.
//!
//! | layer | modules | for |
//! |---|---|---|
//! | L5 | [`cli`], [`pipeline`] | the commands; the one place that names the whole flow |
//! | L4 | [`report`], [`apply`] | plans and runs as text and data; carrying a plan out |
//! | L3 | [`plan`], [`adapter`], [`store`] | the planner; the ways to reach a tenant; journal and lock |
//! | L2 | [`diff`], [`policy`], [`validate`] | current against desired; what may be done; what is wrong with a manifest |
//! | L1 | [`manifest`], [`vendor`] | reading YAML; profiles and the twin |
//! | L0 | [`model`], [`diagnostic`], [`mod@env`] | the vocabulary; findings; clock and variables |

pub mod adapter;
pub mod apply;
pub mod cli;
pub mod diagnostic;
pub mod diff;
pub mod env;
pub mod manifest;
pub mod model;
pub mod pipeline;
pub mod plan;
pub mod policy;
pub mod report;
pub mod store;
pub mod validate;
pub mod vendor;
