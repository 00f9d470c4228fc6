//! Synthetic tenants of any size for benchmarks: the same parameters always give the same bytes.
//!
//! A tenant has ten licenses that exclude each other, and one license per person. Of every thousand people, `changes`
//! differ between manifest and state: three in five hold another license, one in five holds none, and one in five is not in
//! the manifest. `reseat generate` and the benchmarks use it.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Number of licenses.
const POOLS: u64 = 10;

const FIRST_NAMES: [&str; 12] =
    ["alexandra", "bo", "carmen", "dimitri", "eleni", "farid", "grace", "hiroshi", "ines", "jan", "katarzyna", "luis"];
const LAST_NAMES: [&str; 10] =
    ["anderson", "brandt", "costa", "dubois", "eriksen", "fischer", "garcia", "haddad", "ivanova", "jensen"];

const DEPARTMENTS: [&str; 8] = ["Sales", "Support", "Finance", "Legal", "Design", "Field", "Research", "Board"];

/// Realistic rules, most of which hold.
const RULES: &str = r#"apiVersion: reseat/v1
policy:
  rules:
    - name: no-contractor-on-the-board
      on: person
      when: person.kind == "contractor" && person.department == "Board" && person.level == "10"
      message: person.email + " is a contractor"
    - name: contractors-not-nine
      on: assignment
      when: person.kind == "contractor" && assignment.license == "suite/plan-9" && person.department == "Treasury"
      message: '"contractors have no plan 9: " + person.email'
    - name: only-our-domain
      on: assignment
      when: assignment.ensure == "present" && !person.email.endsWith("@example.com")
      message: person.email + " has another domain"
    - name: seniors-only
      on: assignment
      when: >-
        assignment.license in ["suite/plan-7", "suite/plan-8"] && person.level != null && int(person.level) > 8 + size(person.country)
      message: '"level " + person.level + " is too high"'
    - name: urgent-needs-a-reason
      on: assignment
      when: assignment.priority > 100 && assignment.reason == null
      message: '"why is it urgent?"'
    - name: support-keeps-its-seats
      on: operation
      when: operation.effect == "loss" && person.department == "Support" && person.country == "CH"
      message: '"support loses " + operation.license'
    - name: no-gaps-for-legal
      on: operation
      when: (operation.parked || operation.kind == "cancel") && person.department == "Legal"
      message: person.email + " would be without a seat temporarily"
    - name: plan-three-is-full
      on: operation
      when: operation.kind == "assign" && operation.license == "suite/plan-3" && pool.total != null && pool.used_after > pool.total
      message: '"plan 3 is full"'
    - name: no-crowded-pool
      on: pool
      when: pool.total != null && pool.used_after * 100 > pool.total * 110
      message: pool.license + " is crowded"
    - name: no-storm
      on: plan
      when: plan.losses > 100000 || plan.operations > 10000000
      message: '"this plan takes " + string(plan.losses) + " seats"'
"#;

/// The parameters of a synthetic tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntheticTenant {
    /// Number of people.
    pub people: u64,
    /// Number of files for the assignments.
    pub files: u64,
    /// People of a thousand who differ.
    pub changes: u64,
    /// Whether people have attributes, and the policy has custom rules that use them.
    pub rules: bool,
}

/// The held and the desired license of a person.
struct SyntheticPerson {
    held: Option<u64>,
    desired: Option<u64>,
}

/// Returns a deterministic pseudorandom number (the finalizer of SplitMix64).
fn mix(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl SyntheticTenant {
    fn person(&self, person: u64) -> SyntheticPerson {
        let dice = mix(person);
        let wished = dice % POOLS;
        if (dice >> 8) % 1000 >= self.changes {
            return SyntheticPerson { held: Some(wished), desired: Some(wished) };
        }
        match (dice >> 32) % 5 {
            0 => SyntheticPerson { held: None, desired: Some(wished) },
            1 => SyntheticPerson { held: Some(wished), desired: None },
            _ => {
                SyntheticPerson { held: Some((wished + 1 + (dice >> 40) % (POOLS - 1)) % POOLS), desired: Some(wished) }
            }
        }
    }

    fn email(person: u64) -> String {
        let dice = mix(person ^ 0x5eed);
        let first = FIRST_NAMES[usize::try_from(dice % 12).unwrap_or(0)];
        let last = LAST_NAMES[usize::try_from((dice >> 16) % 10).unwrap_or(0)];
        format!("{first}.{last}{person}@example.com")
    }

    /// Writes `manifest/` and `state.json` into a folder that does not contain them.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        let manifest = folder.join("manifest");
        fs::create_dir_all(folder)?;
        fs::create_dir(&manifest)?;
        fs::write(manifest.join("tenant.yaml"), self.tenant())?;
        if self.rules {
            fs::write(manifest.join("people.csv"), self.directory())?;
            fs::write(manifest.join("rules.yaml"), RULES)?;
        }
        let files = self.files.max(1);
        for file in 0..files {
            fs::write(manifest.join(format!("assignments-{file:04}.yaml")), self.assignments(file, files))?;
        }
        fs::write(folder.join("state.json"), self.state())
    }

    fn tenant(&self) -> String {
        let licenses: Vec<String> = (0..POOLS).map(|pool| format!("plan-{pool}")).collect();
        format!(
            "apiVersion: reseat/v1\n\
             tenants:\n  suite:\n    vendor: generic\n    exclusive: [[{}]]\n    change: remove-then-assign\n    \
             adapter: {{ runbook: {{}} }}\n{}\
             policy:\n  limits:\n    losses: {{ percent: 25, count: null, window: null }}\n",
            licenses.join(", "),
            if self.rules { "directory: [{ csv: people.csv }]\n" } else { "" }
        )
    }

    /// Returns the directory of all people as CSV.
    fn directory(&self) -> String {
        let mut text = "email,kind,department,country,level\n".to_owned();
        for person in 0..self.people {
            let dice = mix(person ^ 0xd1ce);
            let of = |words: &[&'static str], shift: u32| {
                words[usize::try_from((dice >> shift) % words.len() as u64).unwrap_or(0)]
            };
            let _ = writeln!(
                text,
                "{},{},{},{},{}",
                Self::email(person),
                of(&["staff", "staff", "staff", "contractor"], 0),
                of(&DEPARTMENTS, 8),
                of(&["DE", "FR", "PL", "SE", "US"], 16),
                (dice >> 24) % 9
            );
        }
        text
    }

    fn assignments(&self, file: u64, files: u64) -> String {
        let mut named = vec![String::new(); usize::try_from(POOLS).unwrap_or(0)];
        for person in (0..self.people).filter(|person| person % files == file) {
            if let Some(wished) = self.person(person).desired {
                let list = &mut named[usize::try_from(wished).unwrap_or(0)];
                // Writing to a string cannot fail.
                let _ = writeln!(list, "      - {}", Self::email(person));
            }
        }
        let mut text = "apiVersion: reseat/v1\nassignments:\n".to_owned();
        for (pool, list) in named.iter().enumerate() {
            let to = if list.is_empty() { "    to: []\n" } else { "    to:\n" };
            let _ = write!(text, "  - license: suite/plan-{pool}\n{to}{list}");
        }
        text
    }

    fn state(&self) -> String {
        let mut accounts = String::new();
        let mut used = vec![0u64; usize::try_from(POOLS).unwrap_or(0)];
        // A vendor lists people in an arbitrary order.
        let mut order: Vec<u64> = (0..self.people).collect();
        order.sort_by_key(|person| mix(person ^ 0x0bde));
        for person in order {
            let comma = if accounts.is_empty() { "" } else { "," };
            let _ = write!(
                accounts,
                "{comma}\n    {{ \"id\": \"u-{person}\", \"email\": \"{}\", \"holdings\": [",
                Self::email(person)
            );
            if let Some(held) = self.person(person).held {
                used[usize::try_from(held).unwrap_or(0)] += 1;
                let _ = write!(
                    accounts,
                    "{{ \"license\": \"plan-{held}\", \"state\": \"active\", \"origin\": \"direct\", \"trial\": false, \
                     \"expires\": null }}"
                );
            }
            accounts.push_str("] }");
        }
        let mut pools = String::new();
        for (pool, used) in used.iter().enumerate() {
            let comma = if pools.is_empty() { "" } else { "," };
            let total = used + used / 500;
            let _ =
                write!(pools, "{comma}\n    {{ \"license\": \"plan-{pool}\", \"total\": {total}, \"used\": {used} }}");
        }
        format!(
            "{{\n  \"apiVersion\": \"reseat/v1\",\n  \"kind\": \"observation\",\n  \"tenant\": \"suite\",\n  \
             \"vendor\": \"generic\",\n  \"observed_at\": \"2026-11-21T10:00:00Z\",\n  \"complete\": true,\n  \
             \"pools\": [{pools}\n  ],\n  \"accounts\": [{accounts}\n  ]\n}}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_deterministic() {
        let tenant = SyntheticTenant { people: 200, files: 3, changes: 100, rules: true };
        assert_eq!(tenant.state(), tenant.state());
        let lines: usize = (0..3).map(|file| tenant.assignments(file, 3).matches("@example.com").count()).sum();
        assert_eq!(lines, (0..200).filter(|person| tenant.person(*person).desired.is_some()).count());
        let differ = (0..10_000).filter(|person| {
            let person = SyntheticTenant { changes: 10, ..tenant }.person(*person);
            person.held != person.desired
        });
        assert!((60..140).contains(&differ.count()), "about one in a hundred differs");
    }
}
