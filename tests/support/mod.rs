//! A closed world for tests that run the built program: its own folder, an empty environment, a clock that stands
//! still, and stored outputs to compare with.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot set up its world has to stop")]

mod golden;
pub(crate) mod prerequisites;
mod sandbox;

pub(crate) use golden::check;
pub(crate) use sandbox::{Output, Sandbox};

// Every test binary compiles this module for itself and uses its own part of it; naming all doors here keeps the
// rest from counting as dead code.
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
    let _ = |output: Output| (output.command, output.stdout, output.stderr, output.status);
};
