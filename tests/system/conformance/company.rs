//! A manifest for a rig's tenant, and runs of the program.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::profile::Profile;
use super::rig::{Rig, Start};

/// The output and exit code of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The results.
    pub(crate) stdout: String,
    /// The diagnostics.
    pub(crate) stderr: String,
    /// The exit code.
    pub(crate) status: i32,
}

impl Ran {
    /// Returns the results as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A manifest folder and its tenant.
pub(crate) struct Company {
    pub(crate) rig: Box<dyn Rig>,
    pub(crate) profile: &'static Profile,
    folder: tempfile::TempDir,
    /// Returns everything that was printed.
    pub(crate) printed: String,
}

/// Returns a person's address.
pub(crate) fn email(name: &str) -> String {
    format!("{name}@acme.example")
}

impl Company {
    /// Creates a company whose manifest matches the initial state.
    pub(crate) fn new(profile: &'static Profile, start: Start) -> Self {
        let rig = (profile.build)(profile, start);
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { rig, profile, folder, printed: String::new() }
    }

    /// Returns the first and the second license.
    pub(crate) fn licenses(&self) -> [&'static str; 2] {
        self.profile.licenses
    }

    /// Returns the manifest's folder.
    pub(crate) fn path(&self) -> &Path {
        self.rig.folder().unwrap_or_else(|| self.folder.path())
    }

    /// Writes the manifest with the holders of the first and the second license.
    pub(crate) fn wish(&self, first: &[&str], second: &[&str]) {
        self.wish_with(first, second, "");
    }

    /// Writes the manifest with additional text at the end.
    pub(crate) fn wish_with(&self, first: &[&str], second: &[&str], more: &str) {
        let Profile { vendor, tenant, licenses, .. } = self.profile;
        let people = |names: &[&str]| names.iter().map(|name| email(name)).collect::<Vec<_>>().join(", ");
        let beside = if tenant.is_empty() { String::new() } else { format!("{tenant}, ") };
        let text = format!(
            "apiVersion: reseat/v1\n\
             tenants:\n  t: {{ vendor: {vendor}, {beside}adapter: {} }}\n\
             assignments:\n\
             - {{ license: \"t/{}\", to: [{}] }}\n\
             - {{ license: \"t/{}\", to: [{}] }}\n\
             policy:\n  data_loss: warn\n  limits: {{ losses: {{ percent: null, count: null, window: null }} }}\n{more}",
            self.rig.adapter(),
            licenses[0],
            people(first),
            licenses[1],
            people(second),
        );
        fs::write(self.path().join("reseat.yaml"), text).expect("a manifest can be written");
    }

    /// Runs the program.
    pub(crate) fn run(&mut self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reseat"));
        command.args(arguments).args(self.rig.flags()).current_dir(self.path()).env_clear();
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin").env("HOME", self.path()).env("RESEAT_ACTOR", "conformance");
        if let Some(secret) = self.rig.secret() {
            command.env("TENANT_KEY", secret);
        }
        let output = command.stdin(Stdio::null()).output().expect("the program starts");
        let ran = Ran {
            stdout: String::from_utf8(output.stdout).expect("the program prints UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("the program prints UTF-8"),
            status: output.status.code().unwrap_or(-1),
        };
        self.printed.push_str(&ran.stdout);
        self.printed.push_str(&ran.stderr);
        ran
    }

    /// Observes the tenant.
    pub(crate) fn observe(&mut self) -> Value {
        let ran = self.run(&["observe", "t", "--format", "json"]);
        assert_eq!(ran.status, 0, "{ran:?}");
        ran.json()
    }

    /// Plans.
    pub(crate) fn plan(&mut self) -> Value {
        let ran = self.run(&["plan", "--format", "json"]);
        assert_eq!(ran.status, 0, "{ran:?}");
        ran.json()
    }

    /// Plans and applies; returns the outcomes, or nothing if the run could not start.
    pub(crate) fn apply(&mut self, wait: &str) -> Ran {
        self.run(&["apply", "--yes", "--format", "json", "--wait", wait])
    }

    /// Applies, with manual steps where necessary, until everything is done.
    pub(crate) fn bring_about(&mut self) {
        let plan = self.plan();
        let ran = self.apply("60s");
        if ran.status == 7 {
            self.rig.work_by_hand(&plan);
            let ran = self.run(&["resume", "--format", "json"]);
            assert_eq!(ran.status, 0, "{ran:?}");
            return;
        }
        assert_eq!(ran.status, 0, "{ran:?}");
    }

    /// Observes and plans, and expects an empty plan.
    pub(crate) fn expect_converged(&mut self) {
        let plan = self.plan();
        assert_eq!(plan["operations"].as_array().map(Vec::len), Some(0), "{:#}", plan["operations"]);
    }

    /// Returns which of the suite's two licenses a person holds at the vendor.
    pub(crate) fn holds(&mut self, name: &str) -> Vec<String> {
        let licenses = self.licenses();
        let truth = self.rig.truth();
        let account = truth.accounts.iter().find(|account| account.email == email(name));
        let account = account.unwrap_or_else(|| panic!("{name} is gone"));
        let counts = |license: &&str| licenses.contains(license);
        let mut held: Vec<_> = account
            .holdings
            .iter()
            .filter(|holding| holding.state.is_held())
            .map(|holding| &*holding.license)
            .filter(counts)
            .map(str::to_owned)
            .collect();
        held.sort();
        held
    }

    /// Returns the same as a word: `first`, `second`, `both` or `nothing`.
    pub(crate) fn lot(&mut self, name: &str) -> &'static str {
        let [first, second] = self.licenses();
        let held = self.holds(name);
        match (held.iter().any(|license| license == first), held.iter().any(|license| license == second)) {
            (true, true) => "both",
            (true, false) => "first",
            (false, true) => "second",
            (false, false) => "nothing",
        }
    }
}
