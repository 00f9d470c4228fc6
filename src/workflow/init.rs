//! `reseat init`: writes a small starter manifest whose first plan is empty.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use smol_str::SmolStr;

use super::error::WorkflowError;
use super::exit::Exit;
use super::schema;
use super::session::Session;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Files, Finding};
use crate::model::{
    API_VERSION, Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus,
};
use crate::profile::definition::{Cardinality, LicenseCatalog};
use crate::profile::{self, Profile};
use crate::report::escape::escape;

/// The people of a starter manifest; their domain is reserved.
const PEOPLE: [&str; 2] = ["ana@acme.example", "bo@acme.example"];
/// Seats of each counted pool.
const SEATS: u64 = 10;
/// The manifest file.
const MANIFEST_FILE: &str = "reseat.yaml";
/// The schema beside it, for editors.
const SCHEMA_FILE: &str = "manifest.schema.json";

/// Writes a starter manifest for the named vendors, or for all.
///
/// # Errors
/// If a file exists or cannot be written.
pub fn init(vendors: &[String], session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    let folder = session.manifest_path(None)?;
    let mut text = String::new();
    for path in write(&folder, vendors, session.clock.time())? {
        let _ = writeln!(text, "wrote {}", escape(&path.to_string_lossy()));
    }
    text.push_str("edit reseat.yaml, then: reseat validate, reseat plan, reseat apply\n");
    session.ui.info(&text);
    Ok(Exit::Done)
}

/// Writes the files and returns their paths. Existing files are never overwritten.
fn write(folder: &Path, vendors: &[String], now: Timestamp) -> Result<Vec<PathBuf>, WorkflowError> {
    let folder = folder.strip_prefix(".").unwrap_or(folder);
    let wanted = |profile: &&&Profile| vendors.is_empty() || vendors.iter().any(|name| name == profile.name);
    let profiles: Vec<&Profile> = profile::PROFILES.iter().filter(wanted).copied().collect();
    let mut files = vec![
        (folder.join(MANIFEST_FILE), manifest(&profiles)),
        (folder.join(SCHEMA_FILE), schema::manifest_schema().map_err(|error| unwritable(folder, &error))?),
    ];
    for profile in &profiles {
        let text = serde_yaml::to_string(&observation(profile, now)).map_err(|error| unwritable(folder, &error))?;
        files.push((folder.join(state_path(profile)), text));
    }
    let existing: Vec<_> = files
        .iter()
        .filter(|(path, _)| path.symlink_metadata().is_ok())
        .map(|(path, _)| {
            Finding::error(&codes::FILE_EXISTS, format!("`{}` already exists", path.display()))
                .help("name an empty folder with `--manifest PATH`")
        })
        .collect();
    if !existing.is_empty() {
        return Err(WorkflowError::new(Exit::Input, existing, Files::default()));
    }
    let mut written = Vec::with_capacity(files.len());
    for (path, text) in files {
        create_file(&path, &text).map_err(|error| unwritable(&path, &error))?;
        written.push(path);
    }
    Ok(written)
}

/// Returns the vendors with a profile.
pub fn vendors() -> Vec<&'static str> {
    profile::names().collect()
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> WorkflowError {
    let finding = Finding::error(&codes::FILE_UNWRITABLE, format!("cannot write `{}`: {error}", path.display()))
        .help("make the folder writable, or name another one with `--manifest PATH`");
    WorkflowError::from_finding(Exit::Internal, finding)
}

/// Writes a new file.
fn create_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

fn state_path(profile: &Profile) -> String {
    format!("state/{}.yaml", profile.starter.tenant)
}

/// Returns the manifest text.
fn manifest(profiles: &[&Profile]) -> String {
    let mut text = format!(
        "# yaml-language-server: $schema={SCHEMA_FILE}\n\
         # Who holds which license. Edit, then: reseat validate, reseat plan, reseat apply\n\
         apiVersion: {API_VERSION}\n\ntenants:\n"
    );
    for profile in profiles {
        let starter = &profile.starter;
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {}:\n    vendor: {}", starter.tenant, profile.name);
        let _ = writeln!(text, "    # A file that simulates the vendor.");
        let _ = writeln!(text, "    adapter: {{ file: {{ path: {} }} }}", state_path(profile));
        match profile.cardinality {
            Cardinality::TenantDefined => {
                let _ = writeln!(
                    text,
                    "    exclusive: [[{}]]    # one of each list per person",
                    starter.licenses.join(", ")
                );
                text.push_str("    change: atomic\n");
            }
            Cardinality::One | Cardinality::OneMain | Cardinality::Set => {}
        }
    }
    text.push_str("\ngroups:\n");
    let _ = writeln!(text, "  everyone: {{ members: [{}] }}", PEOPLE.join(", "));
    text.push_str("\nassignments:\n");
    for profile in profiles {
        let starter = &profile.starter;
        for (license, to) in starter.licenses.iter().zip(license_holders(profile)) {
            let _ = writeln!(text, "  - license: {}/{license}\n    to: [{}]", starter.tenant, to.1);
        }
    }
    text
}

/// Returns the holders of each license, and how the manifest names them.
fn license_holders(profile: &Profile) -> Vec<(Vec<&'static str>, String)> {
    let everyone = (PEOPLE.to_vec(), "group:everyone".to_owned());
    let each = PEOPLE.map(|person| (vec![person], person.to_owned()));
    match profile.cardinality {
        // Licenses that do not exclude each other can be held by everyone.
        Cardinality::Set => std::iter::once(everyone).chain(each).collect(),
        Cardinality::One | Cardinality::OneMain | Cardinality::TenantDefined => each.to_vec(),
    }
}

/// Returns the state that the manifest describes.
fn observation(profile: &Profile, now: Timestamp) -> Observation {
    let pool = |license: &str, total| Pool {
        license: SmolStr::new(license),
        total,
        used: None,
        expires: None,
        status: PoolStatus::Active,
    };
    let mut pools: Vec<_> = profile.floor.iter().map(|floor| pool(floor, None)).collect();
    if let LicenseCatalog::Closed(all) = profile.licenses {
        pools.extend(
            all.iter().filter(|license| Some(**license) != profile.floor).map(|license| pool(license, Some(SEATS))),
        );
    } else {
        pools.extend(profile.starter.licenses.iter().map(|license| pool(license, Some(SEATS))));
    }
    let holders = license_holders(profile);
    let holdings = |person: &str| {
        let held = profile.starter.licenses.iter().zip(&holders).filter(|(_, (people, _))| people.contains(&person));
        held.map(|(license, _)| holding(license)).collect()
    };
    let accounts = PEOPLE.iter().enumerate().map(|(number, person)| Account {
        id: SmolStr::new(format!("u-{}", number + 1)),
        email: SmolStr::new(person),
        login: None,
        origin: AccountOrigin::Managed,
        memberships: Vec::new(),
        holdings: holdings(person),
    });
    Observation {
        api_version: SmolStr::new_static(API_VERSION),
        kind: SmolStr::new_static("observation"),
        tenant: SmolStr::new(profile.starter.tenant),
        vendor: SmolStr::new(profile.name),
        observed_at: now,
        complete: true,
        busy: None,
        pools,
        accounts: accounts.collect(),
    }
}

fn holding(license: &str) -> Holding {
    Holding {
        license: SmolStr::new(license),
        state: HoldingState::Active,
        origin: HoldingOrigin::Direct,
        trial: false,
        expires: None,
        due: None,
    }
}
