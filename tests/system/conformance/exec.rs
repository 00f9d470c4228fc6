//! The `exec` adapter, with a program of the suite.

use std::fs;
use std::path::{Path, PathBuf};

use reseat::emulator::TenantAction;
use reseat::model::Observation;
use serde_json::{Value, json};

use super::kept;
use super::profile::Profile;
use super::rig::{Rig, Start, Trouble};
use super::start::observation;

/// The key that the program requires.
const SECRET: &str = "conformance-7f3a9c";

struct ExecRig {
    folder: tempfile::TempDir,
}

pub(crate) fn build(profile: &'static Profile, start: Start) -> Box<dyn Rig> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/system/conformance/bridge.py");
    fs::copy(program, folder.path().join("bridge.py")).expect("the program can be copied");
    let rig = ExecRig { folder };
    rig.put("state.json", &observation(profile, &start));
    rig.put("takes.json", &(start.takes_ms as f64 / 1_000.0));
    Box::new(rig)
}

impl ExecRig {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, value: &impl serde::Serialize) {
        let text = serde_json::to_vec(value).expect("it has a form");
        fs::write(self.path(name), text).expect("a file can be written");
    }

    /// Lets the program execute what is due, as it does for any request.
    fn read(&self) -> Observation {
        let text = fs::read(self.path("state.json")).expect("the tenant is there");
        serde_json::from_slice(&text).expect("it is an observation")
    }
}

impl Rig for ExecRig {
    fn adapter(&self) -> String {
        let secrets = "secrets: { TENANT_KEY: { env: TENANT_KEY } }";
        format!("{{ exec: {{ command: [python3, bridge.py], {secrets}, timeout: 20s }} }}")
    }

    fn truth(&mut self) -> Observation {
        self.read()
    }

    fn act(&mut self, actions: &[TenantAction]) {
        let mut state = self.read();
        for action in actions {
            kept::act(&mut state, action);
        }
        self.put("state.json", &state);
    }

    fn trouble(&mut self, trouble: Trouble) -> bool {
        let (name, much) = match trouble {
            Trouble::SecondPage => ("second-page", 1),
            Trouble::Throttle(times) => ("throttle", times),
            Trouble::LoseAnswer => ("lose-answer", 1),
            Trouble::WrongRole => ("wrong-role", 1),
            Trouble::WrongAccount => ("wrong-account", 1),
            Trouble::KeyExpires(requests) => ("key-requests", requests),
            Trouble::Garbage => ("garbage", 1),
            Trouble::GarbledAnswer => ("garbled-answer", 1),
            Trouble::MutationWhilePaging => ("mutation", 1),
            Trouble::Unknown => return false,
        };
        let troubles: Value = json!({ name: much });
        self.put("trouble.json", &troubles);
        true
    }

    fn heal(&mut self) {
        self.put("trouble.json", &json!({}));
    }

    fn folder(&self) -> Option<&Path> {
        Some(self.folder.path())
    }

    fn secret(&self) -> Option<&str> {
        Some(SECRET)
    }

    fn writes(&mut self) -> Option<usize> {
        Some(fs::read_to_string(self.path("log")).unwrap_or_default().lines().count())
    }

    fn flags(&self) -> &[&str] {
        &["--allow-exec"]
    }
}
