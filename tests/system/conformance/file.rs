//! The `file` adapter: the tenant is the file.

use std::fs;

use reseat::emulator::TenantAction;
use reseat::model::Observation;

use super::kept;
use super::profile::Profile;
use super::rig::{Rig, Start, Trouble};
use super::start::observation;

/// A state file.
struct FileRig {
    folder: tempfile::TempDir,
    /// How long requests stay pending, in milliseconds.
    takes_ms: u64,
    /// The file's content before it became invalid.
    whole: Option<Vec<u8>>,
}

pub(crate) fn build(profile: &'static Profile, start: Start) -> Box<dyn Rig> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rig = FileRig { folder, takes_ms: start.takes_ms, whole: None };
    rig.write(&observation(profile, &start));
    Box::new(rig)
}

impl FileRig {
    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("state.json")
    }

    fn write(&self, state: &Observation) {
        let text = serde_json::to_vec_pretty(state).expect("a state has a form");
        fs::write(self.path(), text).expect("a state file can be written");
    }
}

impl Rig for FileRig {
    fn adapter(&self) -> String {
        // A manifest can only express whole seconds.
        format!("{{ file: {{ path: state.json, delay: {}s }} }}", self.takes_ms.div_ceil(1_000))
    }

    fn truth(&mut self) -> Observation {
        serde_json::from_slice(&fs::read(self.path()).expect("the state file is there")).expect("it is an observation")
    }

    fn act(&mut self, actions: &[TenantAction]) {
        let mut state = self.truth();
        for action in actions {
            kept::act(&mut state, action);
        }
        self.write(&state);
    }

    fn trouble(&mut self, trouble: Trouble) -> bool {
        if trouble == Trouble::Garbage {
            let whole = fs::read(self.path()).expect("the state file is there");
            fs::write(self.path(), &whole[..whole.len() / 2]).expect("a state file can be written");
            self.whole = Some(whole);
        }
        trouble == Trouble::Garbage
    }

    fn heal(&mut self) {
        if let Some(whole) = self.whole.take() {
            fs::write(self.path(), whole).expect("a state file can be written");
        }
    }

    fn folder(&self) -> Option<&std::path::Path> {
        Some(self.folder.path())
    }
}
