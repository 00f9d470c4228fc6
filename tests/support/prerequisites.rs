//! Programs, servers and files that some test suites need and a machine may not have.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Something outside the crate that a test suite needs.
pub(crate) struct Prerequisite {
    /// The suite that does not run without it.
    pub(crate) suite: &'static str,
    /// What is needed, and how to provide it.
    pub(crate) needs: &'static str,
    is_met: fn() -> bool,
}

impl Prerequisite {
    /// Returns whether this machine provides the prerequisite.
    pub(crate) fn is_met(&self) -> bool {
        (self.is_met)()
    }
}

/// Git that merges without a work tree.
pub(crate) const GIT: Prerequisite = Prerequisite { suite: "pipelines", needs: "Git 2.38 or later", is_met: has_git };
/// A PostgreSQL server.
pub(crate) const POSTGRES: Prerequisite = Prerequisite {
    suite: "store on PostgreSQL",
    needs: "a server in RESEAT_TEST_POSTGRES; `.ci/postgres COMMAND` starts one",
    is_met: || is_set("RESEAT_TEST_POSTGRES"),
};
/// Python, for the bridges of the `exec` adapter.
pub(crate) const PYTHON: Prerequisite =
    Prerequisite { suite: "exec adapter in Python", needs: "python3", is_met: || succeeds("python3", &["--version"]) };
/// The official schema of SARIF 2.1.0.
pub(crate) const SARIF: Prerequisite = Prerequisite {
    suite: "SARIF against its official schema",
    needs: "the schema in RESEAT_TEST_SARIF_SCHEMA; `.ci/run` downloads it",
    is_met: || is_set("RESEAT_TEST_SARIF_SCHEMA"),
};
/// GitHub's description of its API.
pub(crate) const GITHUB: Prerequisite = Prerequisite {
    suite: "comments against GitHub's API description",
    needs: "target/forge/api.github.com.json; `.ci/forge` downloads it",
    is_met: || Path::new(env!("CARGO_MANIFEST_DIR")).join("target/forge/api.github.com.json").is_file(),
};
/// 8x8's description of its API.
pub(crate) const EIGHT_BY_EIGHT: Prerequisite = Prerequisite {
    suite: "requests against 8x8's API description",
    needs: "../shared/specs/8x8 next to the checkout",
    is_met: || description("8x8/user-api-v1.yaml").is_some(),
};

/// All prerequisites.
pub(crate) const ALL: [&Prerequisite; 6] = [&GIT, &POSTGRES, &PYTHON, &SARIF, &GITHUB, &EIGHT_BY_EIGHT];

/// Returns the path of a vendor's API description, which lies next to the checkout.
pub(crate) fn description(name: &str) -> Option<PathBuf> {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1).take(2);
    folders.map(|folder| folder.join("shared/specs").join(name)).find(|path| path.is_file())
}

fn has_git() -> bool {
    let output = Command::new("git").args(["merge-tree", "-h"]).output();
    output.is_ok_and(|output| [output.stdout, output.stderr].concat().windows(10).any(|text| text == b"write-tree"))
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let command = &mut Command::new(program);
    command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn is_set(variable: &str) -> bool {
    #[expect(clippy::disallowed_methods, reason = "these variables are for tests, not for the program")]
    std::env::var_os(variable).is_some()
}
