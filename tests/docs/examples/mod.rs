//! The examples and the README, run as their pages say.
//!
//! Every `console` block of a page is a recorded session: its commands are run in a copy of the example, in order, and
//! what they print is compared byte for byte (`RESEAT_UPDATE=1` records anew). The files of the examples are also
//! checked against the stored schemas by a validator that knows nothing of our types.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read an example has to stop")]

mod bad;
pub(crate) mod console;
mod documents;
mod flows;
mod pages;
mod protocol;
mod readme;
mod rehearsal;
