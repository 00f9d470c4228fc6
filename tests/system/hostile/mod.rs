//! Hostile manifests: one finding each, quickly, and never a panic.
#![expect(clippy::expect_used, reason = "a test that cannot set up its world has to stop")]

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use reseat::env::Now;
use reseat::manifest::{self, LoadedManifest};
use reseat::validate;

/// Far more than any case needs, even unoptimized and under load.
const PATIENCE: Duration = Duration::from_secs(20);

fn load(bytes: &[u8]) -> LoadedManifest {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("reseat.yaml"), bytes).expect("a file");
    load_folder(folder.path())
}

fn load_folder(path: &Path) -> LoadedManifest {
    let start = Instant::now();
    let loaded = manifest::load(path);
    validate::check(&loaded.desired, Now::at("2026-11-22T10:00:00Z".parse().expect("a time")));
    assert!(start.elapsed() < PATIENCE, "it took {:?}", start.elapsed());
    loaded
}

fn codes(loaded: &LoadedManifest) -> Vec<&str> {
    let mut codes: Vec<_> = loaded.findings.iter().map(|finding| finding.code.as_str()).collect();
    codes.dedup();
    codes
}

#[test]
fn endless_brackets_are_refused() {
    for open in ["[", "{a: ", "- ", "{", "? ", "&a [", "!!seq ["] {
        let loaded = load(open.repeat(200_000).as_bytes());
        let codes = codes(&loaded);
        assert!(codes == ["M005"] || codes == ["M003"], "{open:?}: {codes:?}");
    }
}

#[test]
fn multiplying_aliases_are_refused() {
    let mut bomb = String::from("apiVersion: reseat/v1\ngroups:\n  a: { members: &a [x@acme.example] }\n");
    for number in 1..40 {
        let last = if number == 1 { "a".to_owned() } else { format!("b{}", number - 1) };
        bomb += &format!("  g{number}: {{ members: &b{number} [*{last}, *{last}] }}\n");
    }
    assert_eq!(codes(&load(bomb.as_bytes())), ["M005"]);
    let wide = format!(
        "apiVersion: reseat/v1\npeople:\n  a@x.example: {{ attributes: {{ a: &a \"{}\", b: [{}] }} }}\n",
        "x".repeat(100_000),
        vec!["*a"; 20_000].join(", ")
    );
    assert_eq!(codes(&load(wide.as_bytes())), ["M005"]);
    assert_eq!(codes(&load(b"a: &a [*a]\n")), ["M003"]);
}

#[test]
fn multiplying_groups_are_bounded() {
    let mut text = String::from("apiVersion: reseat/v1\ngroups:\n  g0:\n    members:\n");
    for number in 0..20_000 {
        text += &format!("      - u{number}@acme.example\n");
    }
    for number in 1..1_200 {
        text += &format!("  g{number}: {{ members: [group:g{}] }}\n", number - 1);
    }
    assert_eq!(codes(&load(text.as_bytes())), ["M005"]);
}

#[test]
fn circle_of_many_groups_is_one_finding() {
    let mut text = String::from("apiVersion: reseat/v1\ngroups:\n");
    for number in 0..20_000 {
        text += &format!("  g{number}: {{ members: [group:g{}] }}\n", (number + 1) % 20_000);
    }
    assert_eq!(codes(&load(text.as_bytes())), ["R103"]);
}

#[test]
fn expensive_expressions_are_refused() {
    let list = vec!["1"; 300].join(", ");
    let loops = format!("[{list}].all(a, [{list}].all(b, [{list}].all(c, a + b + c > 0)))");
    let doubling = "[\"xx\"].map(a, [a+a].map(b, [b+b].map(c, [c+c].map(d, [d+d])))) == []";
    let deep = format!("{}true{}", "(".repeat(2_000), ")".repeat(2_000));
    let negations = format!("{}true", "!".repeat(4_000));
    let sum = format!("{}1 > 0", "1 + ".repeat(1_000));
    let people: String = (0..1_000).map(|number| format!("  u{number}@acme.example: {{}}\n")).collect();
    for expression in [&loops, doubling, &deep, &negations, &sum, "person", "(", "1 +", "person.email.b.c == 1"] {
        let text = format!(
            "apiVersion: reseat/v1\npeople:\n{people}groups:\n  g: {{ where: {} }}\n",
            serde_json::to_string(expression).expect("a text")
        );
        let loaded = load(text.as_bytes());
        let found = codes(&loaded);
        let bounded = expression == negations || expression == sum;
        assert!(found == ["M113"] || (bounded && found.is_empty()), "{expression:.40}: {found:?}");
    }
}

#[test]
fn yaml_1_1_words_and_invalid_dates_are_findings_or_strings() {
    let entry = |rest: &str| {
        format!(
            "apiVersion: reseat/v1\ntenants: {{ a: {{ vendor: generic, adapter: {{ runbook: {{}} }} }} }}\n\
             assignments:\n  - {{ license: a/x, to: [], {rest} }}\n"
        )
    };
    for text in ["yes", "no", "on", "off", "y", "n", "12:30:45", "1_000", "0b1", "=", "2026-01-01"] {
        assert!(load(entry(&format!("reason: {text}")).as_bytes()).findings.is_empty(), "{text}");
    }
    for (text, code) in [
        ("reason: 012", "M103"),
        ("reason: 1e3", "M103"),
        ("reason: true", "M103"),
        ("reason: .inf", "M103"),
        ("priority: 0x1F", "M103"),
        ("priority: 012", "M103"),
        ("priority: 99999999999999999999", "M103"),
        ("priority: 1.5", "M103"),
        ("starts: 2026-13-40", "M107"),
        ("starts: 2026-1-1", "M107"),
        ("starts: 2026-01-01T00:00:00", "M107"),
        ("starts: -2026-01-01", "M107"),
        ("starts: 20260101", "M103"),
    ] {
        assert_eq!(codes(&load(entry(text).as_bytes())), [code], "{text}");
    }
}

#[test]
fn invalid_utf_8_is_refused() {
    for (bytes, code) in [
        (&b"apiVersion: reseat/v1\n# \0\n"[..], "M007"),
        (b"apiVersion: reseat/v1\r# lone\n", "M007"),
        (b"apiVersion: \xff\n", "M002"),
        (b"\xfe\xff\0a", "M002"),
        (b"\x1b[2J", "M007"),
        (b"groups:\n\ta: {}\n", "M003"),
    ] {
        assert_eq!(codes(&load(bytes)), [code], "{bytes:?}");
    }
    let huge = format!("apiVersion: reseat/v1\nwaivers: \"{}\"\n", "x".repeat(5_000_000));
    let loaded = load(huge.as_bytes());
    assert_eq!(codes(&loaded), ["M103"]);
    assert!(format!("{:?}", loaded.findings).len() < 1_000, "a finding repeats the file");
}

#[cfg(unix)]
#[test]
fn symlinks_outside_and_loops_are_refused() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("secret.yaml"), "apiVersion: reseat/v1\n").expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.yaml"), "apiVersion: reseat/v1\ndirectory:\n  - csv: people.csv\n")
        .expect("a file");
    symlink(outside.path().join("secret.yaml"), folder.path().join("b.yaml")).expect("a link");
    symlink(outside.path(), folder.path().join("c")).expect("a link");
    symlink(".", folder.path().join("d")).expect("a link");
    symlink("e.yaml", folder.path().join("e.yaml")).expect("a link");
    symlink(outside.path().join("secret.yaml"), folder.path().join("people.csv")).expect("a link");
    let mut found: Vec<_> = load_folder(folder.path())
        .findings
        .iter()
        .map(|finding| format!("{} {}", finding.code, finding.source.as_ref().map_or("", |at| &at.file)))
        .collect();
    found.sort();
    assert_eq!(found, ["M201 a.yaml", "M201 b.yaml", "M201 c", "M202 e.yaml", "M203 d"]);
}

const SEED: &str = include_str!("seed.yaml");

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Reading a manifest with mutated bytes never panics.
    #[test]
    fn mutated_manifests_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..6_u8, any::<u8>()), 1..12),
    ) {
        let mut bytes = SEED.as_bytes().to_vec();
        for (index, kind, byte) in changes {
            let at = index.index(bytes.len().max(1));
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => { bytes.remove(at); }
                2 => bytes.insert(at, byte),
                3 => bytes.truncate(at.max(20)),
                4 => bytes.insert(at, b" \n:-[]{}&*!|>'\"#%@,?~0"[usize::from(byte) % 22]),
                _ => { let copy = bytes[at..(at + 30).min(bytes.len())].to_vec(); bytes.splice(at..at, copy); }
            }
        }
        load(&bytes);
        review(&bytes);
    }
}

/// Compares a manifest with the seed as the trusted one: it changes no tenants, limits or waivers.
fn review(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).expect("a folder");
        std::fs::write(path.join("reseat.yaml"), bytes).expect("a file");
        path
    };
    let (base, head) = (write("base", SEED.as_bytes()), write("head", bytes));
    let trusted = manifest::load_trusted(&base, &head);
    let settings = |loaded: &LoadedManifest| -> Vec<_> {
        loaded.desired.tenants.values().map(|tenant| tenant.settings.clone()).collect()
    };
    let said = |loaded: &LoadedManifest| format!("{:?} {:?}", loaded.policy.organization, loaded.policy.waivers.len());
    let before = (settings(&trusted.loaded), said(&trusted.loaded));
    let loaded = manifest::load_reviewed(&head, trusted);
    assert_eq!((settings(&loaded), said(&loaded)), before);
}
