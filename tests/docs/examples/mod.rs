//! The examples and the README, run as their pages show.
//!
//! Every `console` block is a recorded session: its commands run in a copy of the example, in order, and
//! their output is compared byte for byte (`RESEAT_UPDATE=1` records it again). A validator that does not know our types
//! checks the files of the examples against the committed schemas.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read an example has to stop")]

mod bad;
pub(crate) mod console;
mod documents;
mod flows;
mod pages;
mod protocol;
mod readme;
mod rehearsal;
