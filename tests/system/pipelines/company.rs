//! A company with a repository, a fork and a vendor.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot set up its world has to stop")]

use std::cell::Cell;
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::support::prerequisites::GIT;
use crate::support::{Output, Sandbox};

/// The start of every job: a running clock, and no Git settings of a user.
const JOB: &str = "unset SOURCE_DATE_EPOCH; export GIT_AUTHOR_NAME=ana GIT_AUTHOR_EMAIL=ana@acme.example \
                   GIT_COMMITTER_NAME=ana GIT_COMMITTER_EMAIL=ana@acme.example RESEAT_WORK=../handed; ";

/// The repository `origin.git` with its checkout `admin`, the fork `fork.git` with its checkout `stranger`, and an
/// emulator.
pub(crate) struct Company {
    sandbox: Sandbox,
    requests: Cell<u32>,
}

impl Company {
    /// Returns nothing if this machine has no Git that merges without a work tree.
    pub(crate) fn new() -> Option<Self> {
        let sandbox = Sandbox::new();
        if !GIT.is_met() {
            return None;
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let state = fs::read_to_string(root.join("examples/rehearsal/state.yaml")).expect("the rehearsal has a state");
        // Cy and Flo hold nothing yet.
        let state =
            state.replace("email: flo@acme.example\n    holdings: [{ license: X2 }]", "email: flo@acme.example");
        let state = state.replace("total: 10, used: 4", "total: 10, used: 3");
        let mut sandbox = sandbox.write("state.yaml", state);
        for script in ["observe", "export", "plan", "comment", "apply"] {
            let text = fs::read(root.join(format!("examples/pipelines/shell/{script}.sh"))).expect("a script");
            sandbox = sandbox.write(&format!("admin/pipelines/{script}.sh"), text);
        }
        let company = Self { sandbox, requests: Cell::new(0) };
        company.do_it("reseat emulate 8x8 --state state.yaml --format json > emulator.json 2> emulator.log < /dev/null & echo $! > emulator.pid");
        let url = company.emulator();
        let write = |name: &str, text: String| {
            let path = company.sandbox.path().join("admin/licenses").join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        };
        write(
            "tenants.yaml",
            format!(
                "apiVersion: reseat/v1\ntenants:\n  phones:\n    vendor: 8x8\n    adapter: {{ api: {{ base_url: \"{url}\", key: {{ env: READ_KEY }}, write_key: {{ env: WRITE_KEY }} }} }}\n"
            ),
        );
        let entry = |license: &str, people: &[&str]| {
            let people: String = people.iter().map(|name| format!("      - {name}@acme.example\n")).collect();
            format!("apiVersion: reseat/v1\nassignments:\n  - license: phones/{license}\n    to:\n{people}")
        };
        write("x2.yaml", entry("X2", &["ana", "bo", "ed"]));
        write("x4.yaml", entry("X4", &["di"]));
        write("fax.yaml", "apiVersion: reseat/v1\n".to_owned());
        company.do_it(
            "cd admin; git init -q -b main; chmod +x pipelines/*; git add -A; git commit -qm first; cd ..; \
             git clone -q --bare admin origin.git; git -C admin remote add origin ../origin.git; \
             git clone -q --bare origin.git fork.git; git clone -q fork.git stranger; mkdir plans",
        );
        Some(company)
    }

    /// Returns the sandbox.
    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    fn emulator(&self) -> String {
        for _ in 0..600 {
            let text = self.sandbox.read("emulator.json");
            if let Some(url) = text.split("\"base_url\":\"").nth(1).and_then(|rest| rest.split('"').next()) {
                return url.to_owned();
            }
            sleep(Duration::from_millis(50));
        }
        panic!("the emulator did not start: {}", self.sandbox.read("emulator.log"));
    }

    /// Runs a shell command line in the sandbox's folder, as a job does.
    pub(crate) fn run(&self, line: &str) -> Output {
        self.sandbox.shell(&format!("{JOB}{line}"))
    }

    fn do_it(&self, line: &str) {
        let output = self.run(line);
        assert_eq!(output.status, 0, "{}", output.render());
    }

    /// Creates a pull request in the fork with the shell commands, and returns its commit.
    pub(crate) fn request_by(&self, line: &str) -> String {
        let number = self.requests.get() + 1;
        self.requests.set(number);
        self.do_it(&format!(
            "cd stranger; git fetch -q ../origin.git main; git checkout -q -b request-{number} FETCH_HEAD; {line}; git add -A; \
             git commit -qm request; git push -q origin HEAD; \
             git -C ../origin.git fetch -q ../fork.git request-{number}:refs/pull/{number}/head"
        ));
        let head = self.run("git -C stranger rev-parse HEAD");
        head.stdout.trim().to_owned()
    }

    /// Creates a pull request that adds lines to a file of the manifest.
    pub(crate) fn request(&self, file: &str, lines: &str) -> String {
        self.request_by(&format!("printf '%s\\n' '{lines}' >> licenses/{file}"))
    }

    /// Adds lines to a file of the manifest on the base branch.
    pub(crate) fn push(&self, file: &str, lines: &str) {
        self.do_it(&format!(
            "cd admin; git pull -q origin main; printf '%s\\n' '{lines}' >> licenses/{file}; git commit -qam more; \
             git push -q origin main"
        ));
    }

    /// Merges a commit into the base branch.
    pub(crate) fn merge(&self, head: &str) {
        self.do_it(&format!(
            "cd admin; git pull -q origin main; git fetch -q origin '+refs/pull/*:refs/pull/*'; \
             git merge -q --no-ff -m merged {head}; git push -q origin main"
        ));
    }

    /// Runs the observe job, which has the read credential, and the plan job, which has none. Each starts
    /// with a checkout of the base branch. The plan is stored under its commit.
    pub(crate) fn plan(&self, head: &str) -> Output {
        self.plan_with(head, "")
    }

    /// Runs both jobs with additional shell commands before the plan.
    pub(crate) fn plan_with(&self, head: &str, before: &str) -> Output {
        self.do_it(
            "rm -rf handed job; mkdir handed; git clone -q origin.git job; cd job; \
             READ_KEY=canary-read pipelines/observe.sh > ../state.digest",
        );
        self.run(&format!(
            "rm -rf job change; git clone -q origin.git job; cd job; git fetch -q origin '+refs/pull/*:refs/pull/*'; \
             pipelines/export.sh \"$(git rev-parse HEAD)\" {head} ../change; {before}pipelines/plan.sh ../change; \
             cp ../handed/plan.json ../plans/{head}.json"
        ))
    }

    /// Runs the comment job.
    pub(crate) fn comment(&self, head: &str, url: &str) -> Output {
        self.run(&format!(
            "cd job; export RESEAT_REPORT=https://ci.example/report; RESEAT_FORGE_TOKEN=canary-forge pipelines/comment.sh {head} --forge github --repository acme/licenses \
             --request 1 --api {url}"
        ))
    }

    /// Runs the apply job, with additional shell commands before it.
    pub(crate) fn apply(&self, before: &str) -> Output {
        self.run(&format!(
            "{before}rm -rf job; git clone -q origin.git job; cd job; export READ_KEY=canary-read WRITE_KEY=canary-write; \
             pipelines/apply.sh ../plans --store sqlite:../store.db --wait 30s"
        ))
    }

    /// Expects that planning the base branch again yields nothing.
    pub(crate) fn assert_converged(&self) {
        let planned = self.run(
            "rm -rf job; git clone -q origin.git job; cd job; READ_KEY=canary-read reseat plan licenses --detailed-exitcode",
        );
        assert_eq!(planned.status, 0, "{}", planned.render());
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        let _ = self.sandbox.shell("kill \"$(cat emulator.pid)\"").status;
    }
}
