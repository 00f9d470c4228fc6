//! Text from outside in every form of what is printed: it may be read, and does nothing.
//!
//! Whoever names a person, a license or a reason, and whatever a vendor answers, could otherwise break a table, mention
//! people, inject a link, markup, a terminal escape or a command of a CI server, or hide by characters that nobody sees. A
//! corpus and random mixtures of it go into every text of a plan, and what comes out is read by parsers that are not ours.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot set up its world has to stop")]

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
            // The text that did it is what one wants to know.
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
