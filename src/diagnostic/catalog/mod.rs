//! The finding codes, a file a letter.

pub mod adapter;
pub mod apply;
pub mod manifest;
pub mod plan;
pub mod policy;
pub mod reference;
