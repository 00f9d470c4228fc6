//! Keys: required, limited, and never shown.

use std::fs;
use std::path::Path;

use crate::conformance::company::Company;
use crate::conformance::profile::Profile;
use crate::conformance::rig::{Start, Trouble};

pub(super) fn wrong_role(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    company.wish(&["bo", "cy"], &["ana"]);
    assert!(company.rig.trouble(Trouble::WrongRole), "every role may write");
    let ran = company.apply("20s");
    assert_eq!(ran.status, 8, "{ran:?}");
    assert!(ran.stdout.contains("role") || ran.stderr.contains("role"), "no remedy: {ran:?}");
    assert_eq!((company.lot("ana"), company.lot("cy"), company.lot("di")), ("first", "nothing", "second"));
    company.rig.heal();
    company.bring_about();
    company.expect_converged();
}

pub(super) fn wrong_account(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    company.wish(&["bo", "cy"], &["ana"]);
    assert!(company.rig.trouble(Trouble::WrongAccount), "every account is the right one");
    let ran = company.run(&["plan"]);
    assert_eq!(ran.status, 8, "{ran:?}");
    assert!(ran.stderr.contains("account"), "it does not say that the account is the wrong one: {ran:?}");
    company.rig.heal();
    company.bring_about();
    company.expect_converged();
}

pub(super) fn expired_key(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    company.wish(&["bo", "cy"], &["ana"]);
    let planned = company.run(&["plan", "--out", "plan.json"]);
    assert_eq!(planned.status, 0, "{planned:?}");
    assert!(company.rig.trouble(Trouble::KeyExpires(6)), "keys are for ever");
    let ran = company.run(&["apply", "plan.json", "--wait", "20s"]);
    assert_eq!(ran.status, 8, "{ran:?}");
    company.rig.heal();
    // The next run recovers unfinished operations and plans the rest again.
    let ran = company.apply("60s");
    assert_eq!(ran.status, 0, "{ran:?}");
    let lots = ["ana", "bo", "cy", "di"].map(|name| company.lot(name));
    assert_eq!(lots, ["second", "first", "first", "nothing"]);
    company.expect_converged();
}

/// Returns everything printed and stored during successful and failing runs.
pub(super) fn secrets(profile: &'static Profile) {
    let mut company = Company::new(profile, Start::default());
    let secret = company.rig.secret().expect("a secret leads to the tenant").to_owned();
    company.wish(&["bo", "cy"], &["ana"]);
    for arguments in [&["observe", "t"][..], &["plan", "--out", "plan.json"], &["doctor"]] {
        let ran = company.run(arguments);
        assert!([0, 8].contains(&ran.status), "{ran:?}");
    }
    let events = ["apply", "--yes", "--events", "events.jsonl", "--wait", "60s"];
    let ran = company.run(&events);
    assert_eq!(ran.status, 0, "{ran:?}");
    company.wish(&["bo"], &["ana", "cy"]);
    company.rig.trouble(Trouble::WrongRole);
    let ran = company.run(&events);
    assert_eq!(ran.status, 8, "{ran:?}");
    for arguments in [&["history"][..], &["audit", "export"]] {
        let ran = company.run(arguments);
        assert_eq!(ran.status, 0, "{ran:?}");
    }
    assert!(!company.printed.contains(&secret), "a secret was printed");
    let mut looked_at = 0;
    look_for(company.path(), secret.as_bytes(), &mut looked_at);
    assert!(looked_at >= 3, "there was little to look at");
}

/// Returns the text of every file below a folder, without the given words.
fn look_for(folder: &Path, words: &[u8], looked_at: &mut usize) {
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            look_for(&path, words, looked_at);
        } else {
            let bytes = fs::read(&path).expect("a file can be read");
            assert!(!bytes.windows(words.len()).any(|window| window == words), "a secret is in {}", path.display());
            *looked_at += 1;
        }
    }
}
