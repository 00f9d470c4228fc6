//! Obstacles besides a kill: a concurrent run, a deleted store, a full disk, a clock that is set
//! back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::kill::world::{World, licenses, told};

const APPLY: [&str; 2] = ["apply", "--yes"];
/// Longer than any case takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until a condition holds.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "it never came to be: {what}");
        sleep(Duration::from_millis(5));
    }
}

/// Starts a run that has sent a request.
fn under_way(world: &World) -> Child {
    let child = world.start(&["apply", "--yes", "--events", "events.jsonl"]);
    let events = world.path().join("events.jsonl");
    wait_until("something is sent", || fs::read_to_string(&events).is_ok_and(|text| text.contains("\"sent\"")));
    child
}

#[test]
fn concurrent_run_names_the_lock_holder() {
    let world = World::new();
    let first = under_way(&world);
    let second = world.run(&APPLY);
    assert_eq!(second.status.code(), Some(9), "{}", told(&second));
    assert!(told(&second).contains("tester"), "{}", told(&second));
    let ended = first.wait_with_output().expect("the first run ends");
    assert_eq!(ended.status.code(), Some(0), "{}", told(&ended));
}

#[test]
fn run_after_a_kill_names_unfinished_operations_and_the_next_command() {
    let world = World::new();
    let mut run = under_way(&world);
    // A person has given up a license, and only this plan restores the memberships.
    let phones = world.path().join("state/phones.yaml");
    wait_until("a person has given up a license", || {
        fs::read_to_string(&phones).is_ok_and(|text| text.contains("holdings: []"))
    });
    run.kill().expect("a run can be killed");
    run.wait().expect("a killed program ends");
    let said = told(&world.run(&["apply", "--yes", "--events", "again.jsonl"]));
    let events = fs::read_to_string(world.path().join("again.jsonl")).expect("the events are there");
    assert!(events.contains("\"settled\"") && events.contains("\"ended\""), "{events}");
    assert!(said.contains("which was interrupted"), "{said}");
    assert!(said.contains("recovered `op-"), "{said}");
    assert!(said.contains("`reseat resume` would continue the interrupted one"), "{said}");
    assert!(said.contains("(phones: rg-1)"), "{said}");
    assert_eq!(licenses(&world.converge(&APPLY)), licenses(&World::prompt().converge(&APPLY)));
}

#[test]
fn store_that_is_deleted_under_a_run_stops_it_and_the_next_one_converges() {
    let world = World::new();
    let run = under_way(&world);
    fs::remove_dir_all(world.path().join(".reseat")).expect("the store can be deleted");
    let ended = run.wait_with_output().expect("the run ends");
    assert_eq!(ended.status.code(), Some(1), "{}", told(&ended));
    assert_eq!(licenses(&world.converge(&APPLY)), licenses(&World::new().converge(&APPLY)));
}

#[test]
fn first_signal_drains_and_shows_what_is_in_flight() {
    let world = World::new();
    let run = under_way(&world);
    let asked = Command::new("kill").args(["-TERM", &run.id().to_string()]).status().expect("a signal can be sent");
    assert!(asked.success());
    let ended = run.wait_with_output().expect("the run ends");
    let said = told(&ended);
    assert!(matches!(ended.status.code(), Some(6 | 7)), "{said}");
    assert!(said.contains("stopping: nothing new is sent") && said.contains("reseat resume"), "{said}");
    let resumed = world.run(&["resume"]);
    assert!(resumed.status.success(), "{}", told(&resumed));
    assert_eq!(world.held(), World::new().converge(&APPLY));
}

#[test]
fn folder_that_cannot_be_written_to_is_an_error_and_nothing_is_sent() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    let before = world.held();
    let rights = |mode| fs::set_permissions(world.path(), fs::Permissions::from_mode(mode)).expect("rights can be set");
    rights(0o555);
    if fs::write(world.path().join("probe"), "").is_ok() {
        println!("not run: this user may write everywhere");
        rights(0o755);
        return;
    }
    let refused = world.run(&APPLY);
    rights(0o755);
    assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
    assert_eq!(world.held(), before);
}

/// A small disk, mounted while this value lives.
struct Disk(PathBuf);

impl Disk {
    /// Mounts the disk, if this user may mount one.
    fn mount(at: &Path, kilobytes: u32) -> Option<Self> {
        fs::create_dir_all(at).ok()?;
        let size = format!("size={kilobytes}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output().ok()?;
        mounted.status.success().then(|| Self(at.to_owned()))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).output());
    }
}

#[test]
fn full_disk_stops_the_run_and_the_next_one_converges() {
    let world = World::new();
    let at = world.path().join("disk");
    let Some(disk) = Disk::mount(&at, 2_000) else {
        println!("not run: this user may not mount a small disk");
        return;
    };
    let ballast = at.join("ballast");
    // Enough space remains to start the run, but not to finish it.
    let mut stopped = 0;
    for left in [60_000, 150_000, 250_000, 400_000] {
        let world = World::prompt();
        let url = format!("sqlite:{}", at.join("store.db").display());
        fs::write(&ballast, vec![0; 2_000 * 1024 - left]).expect("the disk has room for that");
        let hindered = world.run(&["apply", "--yes", "--store", &url]);
        let said = told(&hindered);
        assert!(matches!(hindered.status.code(), Some(0 | 1)), "{left}: {said}");
        stopped += u32::from(!hindered.status.success());
        fs::remove_file(&ballast).expect("the ballast can go");
        let end = world.converge(&["apply", "--yes", "--store", &url]);
        assert_eq!(licenses(&end), licenses(&World::prompt().converge(&APPLY)), "{left}");
        for entry in fs::read_dir(&at).expect("the disk can be read") {
            drop(fs::remove_file(entry.expect("an entry can be read").path()));
        }
    }
    assert!(stopped > 0, "the disk was never full");
    drop(disk);
}

#[test]
fn clock_set_back_stops_nothing() {
    let world = World::prompt();
    let at = |clock: &str, arguments: &[&str]| {
        world.command(arguments).env("SOURCE_DATE_EPOCH", clock).output().expect("the program runs")
    };
    let still = world.path().join("reseat.yaml");
    let manifest = fs::read_to_string(&still).expect("a manifest");
    let first = at("1795262400", &APPLY);
    assert!(first.status.success(), "{}", told(&first));
    fs::write(
        &still,
        manifest.replace("p7@acme.example] }\n  - { license: spaces", "p6@acme.example] }\n  - { license: spaces"),
    )
    .expect("a manifest can be written");
    // One year earlier.
    let second = at("1763726400", &APPLY);
    assert!(second.status.success(), "{}", told(&second));
    let history = at("1763726400", &["history"]);
    let said = told(&history);
    let (newer, older) = (said.find("run-20251121"), said.find("run-20261121"));
    assert!(newer.is_some() && newer < older, "the last run stands first, whatever its clock said: {said}");
}
