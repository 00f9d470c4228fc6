//! Hostile text in every report format stays readable and inert.
//!
//! A hostile name, reason or vendor message could break a table, mention people, inject links, markup, terminal escapes or
//! CI commands, or hide behind invisible characters. These tests put a corpus and random mixtures of it into every text
//! field, and parse the output with independent parsers.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot set up its input must stop")]

mod corpus;
mod documents;
mod everywhere;
mod markdown;
mod markup;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use proptest::test_runner::{Config, TestRunner};

use self::corpus::{HARMFUL, mixture};

/// Checks every text of the corpus, and random mixtures of them.
fn for_hostile_text(check: impl Fn(&str)) {
    for text in HARMFUL {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(text))) {
            // Record the text that caused the failure.
            let said = format!("with {text:?}");
            drop(std::fs::write(std::env::temp_dir().join("hostile-text.txt"), &said));
            resume_unwind(panic);
        }
    }
    let mut runner = TestRunner::new(Config { failure_persistence: None, cases: 60, ..Config::default() });
    let ran = runner.run(&mixture(), |text| {
        check(&text);
        Ok(())
    });
    if let Err(error) = ran {
        resume_unwind(Box::new(error.to_string()));
    }
}
