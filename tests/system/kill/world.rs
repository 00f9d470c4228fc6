//! A company with a tenant of each kind of vendor, stored in files, and runs of the program.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

/// People per tenant.
const PEOPLE: usize = 8;

/// The manifest: everyone moves, gains or loses something at each tenant.
const MANIFEST: &str = "\
apiVersion: reseat/v1
tenants:
  phones: { vendor: 8x8, concurrency: 4, adapter: { file: { path: state/phones.yaml, delay: 1s } } }
  spaces: { vendor: avaya-spaces, adapter: { file: { path: state/spaces.yaml, delay: 1s } } }
  office: { vendor: officeseries, adapter: { file: { path: state/office.yaml } } }
  wiki:
    vendor: generic
    exclusive: [[reader, editor]]
    change: remove-then-assign
    adapter: { file: { path: state/wiki.yaml } }
";

/// Each tenant's name, vendor, old license, new license, and a license that one person gains.
const TENANTS: [(&str, &str, &str, &str); 4] = [
    ("phones", "8x8", "X2", "X4"),
    ("spaces", "avaya-spaces", "essential", "business"),
    ("office", "officeseries", "main/mail", "main/projects"),
    ("wiki", "generic", "reader", "editor"),
];

/// A company in a temporary folder.
pub(crate) struct World {
    folder: tempfile::TempDir,
}

/// What everyone holds, by tenant and account.
pub(crate) type Held = BTreeMap<String, Vec<String>>;

fn email(person: usize) -> String {
    format!("p{person}@acme.example")
}

impl World {
    /// Creates a company whose requests take effect at once, so that hundreds of runs fit into a minute.
    pub(crate) fn prompt() -> Self {
        let world = Self::new();
        let path = world.path().join("reseat.yaml");
        let manifest = fs::read_to_string(&path).expect("a manifest can be read");
        world.write("reseat.yaml", &manifest.replace(", delay: 1s", ""));
        world
    }

    /// Creates a company in which some requests take a second to take effect.
    pub(crate) fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        let mut manifest = MANIFEST.to_owned();
        let all: Vec<String> = (0..PEOPLE).map(email).collect();
        manifest.push_str("assignments:\n");
        for (tenant, vendor, old, new) in TENANTS {
            // The last two keep or lose their license; all others get the new one.
            let moved = all[..PEOPLE - 2].join(", ");
            writeln!(manifest, "  - {{ license: {tenant}/{new}, to: [{moved}] }}").expect("a string takes text");
            if old != "essential" {
                let stays = &all[PEOPLE - 1];
                writeln!(manifest, "  - {{ license: {tenant}/{old}, to: [{stays}] }}").expect("a string takes text");
            }
            world.write(&format!("state/{tenant}.yaml"), &state(tenant, vendor, old, new));
        }
        writeln!(
            manifest,
            "acknowledgements:\n  - {{ tenant: phones, people: [{}], note: exported }}\npolicy:\n  limits: {{ losses: \
             {{ percent: null }} }}",
            all.join(", ")
        )
        .expect("a string takes text");
        world.write("reseat.yaml", &manifest);
        world
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }

    /// Prepares the program with an empty environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_reseat")));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("RESEAT_ACTOR", "tester")
            .env("HOME", self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// Starts the program.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().expect("the program starts")
    }

    /// Runs until a run succeeds, the plan is empty and nothing is in flight; returns what everyone holds. An operation in
    /// flight while a plan is made is left to the next plan.
    pub(crate) fn converge(&self, arguments: &[&str]) -> Held {
        let mut said = String::new();
        let is_on_its_way = |held: &String| held.ends_with(" pending") || held.ends_with(" removing");
        for _ in 0..20 {
            let output = self.run(arguments);
            said = told(&output);
            let planned = self.run(&["plan", "--detailed-exitcode"]);
            said.push_str(&told(&planned));
            let held = self.held();
            let is_quiet = !held.values().flatten().any(is_on_its_way);
            if is_quiet && output.status.success() && planned.status.code() == Some(0) {
                return held;
            }
            sleep(Duration::from_millis(200));
        }
        panic!("it did not converge:\n{said}");
    }

    /// Returns what everyone holds, unless the state file is torn.
    pub(crate) fn held(&self) -> Held {
        let mut held = Held::new();
        for (tenant, ..) in TENANTS {
            let observed = self.run(&["observe", tenant, "--format", "json"]);
            assert!(observed.status.success(), "{tenant} cannot be read: {}", told(&observed));
            let document: Value = serde_json::from_slice(&observed.stdout).expect("an observation is JSON");
            for account in document["accounts"].as_array().into_iter().flatten() {
                let name = format!("{tenant} {}", account["id"].as_str().unwrap_or_default());
                let holdings = account["holdings"].as_array().into_iter().flatten();
                let mut licenses: Vec<String> = holdings
                    .filter(|one| matches!(one["state"].as_str(), Some("active" | "pending" | "removing")))
                    .map(|one| {
                        format!(
                            "{} {}",
                            one["license"].as_str().unwrap_or_default(),
                            one["state"].as_str().unwrap_or_default()
                        )
                    })
                    .collect();
                licenses.extend(account["memberships"].as_array().into_iter().flatten().map(ToString::to_string));
                licenses.sort();
                held.insert(name, licenses);
            }
        }
        held
    }
}

/// Returns the same without memberships, which only the plan that took them away restores.
pub(crate) fn licenses(held: &Held) -> Held {
    let is_license = |one: &&String| !one.starts_with('"');
    held.iter().map(|(account, held)| (account.clone(), held.iter().filter(is_license).cloned().collect())).collect()
}

/// Returns everything a run printed.
pub(crate) fn told(output: &Output) -> String {
    format!(
        "{}{}--- {:?}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        output.status.code()
    )
}

fn state(tenant: &str, vendor: &str, old: &str, new: &str) -> String {
    let mut text = format!(
        "apiVersion: reseat/v1\nkind: observation\ntenant: {tenant}\nvendor: {vendor}\n\
         observed_at: 2026-11-21T10:00:00Z\ncomplete: true\npools:\n"
    );
    for license in [old, new] {
        let total = if license == "essential" { "null".to_owned() } else { (PEOPLE + 1).to_string() };
        writeln!(text, "  - {{ license: {license}, total: {total} }}").expect("a string takes text");
    }
    text.push_str("accounts:\n");
    for person in 0..PEOPLE {
        let memberships = if vendor == "8x8" { " memberships: [rg-1]," } else { "" };
        writeln!(
            text,
            "  - {{ id: u-{person}, email: {},{memberships} holdings: [{{ license: {old} }}] }}",
            email(person)
        )
        .expect("a string takes text");
    }
    text
}
