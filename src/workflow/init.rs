//! A starter manifest: small, complete, and already as it should be, so that the first plan is empty.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use smol_str::SmolStr;

use super::error::{WorkflowError, WorkflowErrorKind};
use super::schema;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Files, Finding};
use crate::model::{
    API_VERSION, Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus,
};
use crate::profile::profile::{Cardinality, LicenseCatalog};
use crate::profile::{self, Profile};

/// Who stands in a starter manifest; addresses that belong to nobody.
const PEOPLE: [&str; 2] = ["ana@acme.example", "bo@acme.example"];
/// Seats of each finite pool.
const SEATS: u64 = 10;
/// The name of the manifest file.
const MANIFEST_FILE: &str = "reseat.yaml";
/// The name of the schema beside it, for editors.
const SCHEMA_FILE: &str = "manifest.schema.json";

/// Writes a starter manifest for those [`vendors`] (all of them where none is named) into a folder, and says which
/// files it wrote.
///
/// # Errors
/// When a file is already there, or cannot be written. Nothing is ever written over.
pub fn write(folder: &Path, vendors: &[String], now: Timestamp) -> Result<Vec<PathBuf>, WorkflowError> {
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
    let there: Vec<_> = files
        .iter()
        .filter(|(path, _)| path.symlink_metadata().is_ok())
        .map(|(path, _)| {
            Finding::error(&codes::FILE_EXISTS, format!("`{}` is already there", path.display()))
                .help("name an empty folder with `--manifest PATH`")
        })
        .collect();
    if !there.is_empty() {
        return Err(WorkflowError::new(WorkflowErrorKind::Input, there, Files::default()));
    }
    let mut written = Vec::with_capacity(files.len());
    for (path, text) in files {
        create_file(&path, &text).map_err(|error| unwritable(&path, &error))?;
        written.push(path);
    }
    Ok(written)
}

/// The vendors that a starter can be made for.
pub fn vendors() -> Vec<&'static str> {
    profile::names().collect()
}

fn unwritable(path: &Path, error: &dyn std::fmt::Display) -> WorkflowError {
    let finding = Finding::error(&codes::FILE_UNWRITABLE, format!("`{}` cannot be written: {error}", path.display()))
        .help("make the folder writable, or name another one with `--manifest PATH`");
    WorkflowError::from_finding(WorkflowErrorKind::Internal, finding)
}

/// Writes a new file, and never over another one.
fn create_file(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

fn state_path(profile: &Profile) -> String {
    format!("state/{}.yaml", profile.starter.tenant)
}

/// The manifest: a tenant and an entry or two for each vendor.
fn manifest(profiles: &[&Profile]) -> String {
    let mut text = format!(
        "# yaml-language-server: $schema={SCHEMA_FILE}\n\
         # Who holds which license. Edit, then: reseat validate, reseat plan, reseat apply\n\
         apiVersion: {API_VERSION}\n\ntenants:\n"
    );
    for profile in profiles {
        let starter = &profile.starter;
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "  {}:\n    vendor: {}", starter.tenant, profile.name);
        let _ = writeln!(text, "    # A file that behaves like the vendor, to try things out.");
        let _ = writeln!(text, "    adapter: {{ file: {{ path: {} }} }}", state_path(profile));
        match profile.cardinality {
            Cardinality::TenantDefined => {
                let _ =
                    writeln!(text, "    exclusive: [[{}]]    # one of each list a person", starter.licenses.join(", "));
                text.push_str("    change: atomic\n");
            }
            Cardinality::One | Cardinality::OneMain | Cardinality::Set => {}
        }
    }
    text.push_str("\ngroups:\n");
    let _ = writeln!(text, "  everybody: {{ members: [{}] }}", PEOPLE.join(", "));
    text.push_str("\nassignments:\n");
    for profile in profiles {
        let starter = &profile.starter;
        for (license, to) in starter.licenses.iter().zip(license_holders(profile)) {
            let _ = writeln!(text, "  - license: {}/{license}\n    to: [{}]", starter.tenant, to.1);
        }
    }
    text
}

/// Who holds each of a starter's licenses: the people, and how the manifest names them.
fn license_holders(profile: &Profile) -> Vec<(Vec<&'static str>, String)> {
    let everybody = (PEOPLE.to_vec(), "group:everybody".to_owned());
    let each = PEOPLE.map(|person| (vec![person], person.to_owned()));
    match profile.cardinality {
        // Where licenses do not exclude each other, everybody can hold the first one.
        Cardinality::Set => std::iter::once(everybody).chain(each).collect(),
        Cardinality::One | Cardinality::OneMain | Cardinality::TenantDefined => each.to_vec(),
    }
}

/// The state that the manifest describes.
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
