//! Isolation for tests that run the built program: a temporary folder, an empty environment, a fixed clock,
//! and golden files.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot set up its world has to stop")]

mod golden;
pub(crate) mod prerequisites;
mod sandbox;

pub(crate) use golden::check;
pub(crate) use sandbox::{Output, Sandbox};

// Every test binary compiles this module and uses only a part of it; naming everything here prevents
// warnings about dead code.
const _: () = {
    let _ = Sandbox::new;
    let _ = Sandbox::copy_example;
    let _ = Sandbox::write::<&str>;
    let _ = Sandbox::read;
    let _ = Sandbox::path;
    let _ = Sandbox::run;
    let _ = Sandbox::run_with;
    let _ = Sandbox::shell;
    let _ = Output::render;
    let _ = check;
    let _ = prerequisites::ALL;
    let _ = |one: &prerequisites::Prerequisite| (one.suite, one.needs, one.is_met());
    let _ = |output: Output| (output.command, output.stdout, output.stderr, output.status);
};
