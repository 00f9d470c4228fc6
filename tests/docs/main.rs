//! Documentation that runs: examples, manual, reference pages, schemas, and one good and one bad example per finding code.

mod codes;
mod examples;
mod manual;
mod reference;
mod rules;
mod schemas;
#[path = "../support/mod.rs"]
mod support;
