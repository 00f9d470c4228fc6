//! One test per page with a session.

use std::collections::BTreeSet;

use crate::examples::console::replay;
use crate::manual::{blocks, pages, text};
use crate::support::{Sandbox, check};

/// Runs the page's session in an empty folder.
fn session(path: &str) {
    let (now, count) = replay(&text(path), &Sandbox::new(), ".");
    assert!(count > 0, "{path} shows no command");
    check(path, &now);
}

/// Defines one test per page, and the list of all pages.
macro_rules! sessions {
    ($($name:ident: $path:literal,)+) => {
        /// The pages with a session.
        const SESSIONS: &[&str] = &[$($path),+];
        $(
            #[test]
            fn $name() {
                session($path);
            }
        )+
    };
}

sessions! {
    tutorial: "docs/tutorial.md",
    adopt: "docs/how-to/adopt.md",
    move_a_team: "docs/how-to/move-a-team.md",
    offboard: "docs/how-to/offboard.md",
    out_of_seats: "docs/how-to/out-of-seats.md",
    emergency: "docs/how-to/emergency.md",
    review: "docs/how-to/review.md",
    pipeline: "docs/how-to/pipeline.md",
    safety: "docs/explanation/safety.md",
    planner: "docs/explanation/planner.md",
}

#[test]
fn every_page_with_a_session_is_run() {
    let there: BTreeSet<String> = pages("docs")
        .into_iter()
        .filter(|path| blocks(&text(path)).iter().any(|(_, language, _)| language == "console"))
        .collect();
    assert_eq!(there, SESSIONS.iter().map(|path| (*path).to_owned()).collect());
}
