//! The `runbook` adapter, with a person who does the steps and exports again.

use std::fs;
use std::path::{Path, PathBuf};

use reseat::emulator::TenantAction;
use reseat::model::{Observation, Operation};
use serde_json::Value;

use super::kept;
use super::profile::Profile;
use super::rig::{Rig, Start, Trouble};
use super::start::{holding, observation};

struct RunbookRig {
    folder: tempfile::TempDir,
    whole: Option<Vec<u8>>,
}

pub(crate) fn build(profile: &'static Profile, start: Start) -> Box<dyn Rig> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let rig = RunbookRig { folder, whole: None };
    rig.export(&observation(profile, &start));
    Box::new(rig)
}

impl RunbookRig {
    fn path(&self) -> PathBuf {
        self.folder.path().join("export.json")
    }

    fn export(&self, state: &Observation) {
        fs::write(self.path(), serde_json::to_vec(state).expect("a state has a form"))
            .expect("an export can be written");
    }
}

impl Rig for RunbookRig {
    fn adapter(&self) -> String {
        "{ runbook: { export: export.json } }".to_owned()
    }

    fn truth(&mut self) -> Observation {
        serde_json::from_slice(&fs::read(self.path()).expect("the export is there")).expect("it is an observation")
    }

    fn act(&mut self, actions: &[TenantAction]) {
        let mut state = self.truth();
        for action in actions {
            kept::act(&mut state, action);
        }
        self.export(&state);
    }

    fn trouble(&mut self, trouble: Trouble) -> bool {
        if trouble == Trouble::Garbage {
            let whole = fs::read(self.path()).expect("the export is there");
            fs::write(self.path(), &whole[..whole.len() / 2]).expect("an export can be written");
            self.whole = Some(whole);
        }
        trouble == Trouble::Garbage
    }

    fn heal(&mut self) {
        if let Some(whole) = self.whole.take() {
            fs::write(self.path(), whole).expect("an export can be written");
        }
    }

    fn folder(&self) -> Option<&Path> {
        Some(self.folder.path())
    }

    fn work_by_hand(&mut self, plan: &Value) {
        let operations: Vec<Operation> =
            serde_json::from_value(plan["operations"].clone()).expect("operations are operations");
        let mut state = self.truth();
        for operation in operations {
            let used = |state: &mut Observation, license: &str, more: i64| {
                let pool = state.pools.iter_mut().find(|pool| pool.license == license).expect("the pool is there");
                pool.used = pool.used.map(|used| used.saturating_add_signed(more));
            };
            match operation.kind.as_str() {
                "assign" => {
                    kept::account(&mut state, &operation.account).holdings.push(holding(&operation.license));
                    used(&mut state, &operation.license, 1);
                }
                "remove" => {
                    kept::account(&mut state, &operation.account)
                        .holdings
                        .retain(|held| held.license != operation.license);
                    used(&mut state, &operation.license, -1);
                }
                other => panic!("nobody plans to {other} here"),
            }
        }
        self.export(&state);
    }
}
