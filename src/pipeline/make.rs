//! From a manifest and observations to a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

use smol_str::SmolStr;

use super::manifest::Manifest;
use super::problem::{Kind, Problem};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply as codes;
use crate::env::Now;
use crate::env::clock::day_of;
use crate::model::{Digest, Hashing, Inputs, Observation, ObservationInput, Past, Plan};
use crate::plan::{self, PastLosses, Request};
use crate::store::{Store, StoreUrl};

/// What was observed, by tenant.
pub type Observations = BTreeMap<SmolStr, Observation>;

/// Makes the plan.
///
/// # Errors
/// When the store is there and cannot be read.
pub async fn plan(
    manifest: &Manifest,
    observations: &Observations,
    store: &StoreUrl,
    now: Now,
) -> Result<Plan, Problem> {
    let past_losses = past_losses(manifest, store, now).await?;
    pure(manifest, observations, &past_losses, now).map_err(|error| {
        Problem::finding(
            Kind::Internal,
            Finding::error(&codes::PLAN_UNWRITABLE, format!("the plan has no JSON form: {error}")),
        )
    })
}

fn pure(
    manifest: &Manifest,
    observations: &Observations,
    past_losses: &PastLosses,
    now: Now,
) -> Result<Plan, serde_json::Error> {
    let request = Request {
        desired: &manifest.desired,
        rules: &manifest.rules,
        observations,
        policy: &manifest.policy,
        past_losses,
        differences: &manifest.differences,
        now,
    };
    // The digest of a large observation takes about as long as the plan, and neither needs the other.
    thread::scope(|scope| {
        let inputs = scope.spawn(|| inputs(manifest, observations));
        plan::make(&request, || inputs.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// The digests of everything that a plan is made from.
fn inputs(manifest: &Manifest, observations: &Observations) -> Result<Inputs, serde_json::Error> {
    let mut inputs =
        Inputs { manifest: manifest.digest.clone(), policy: manifest.policy.digest()?, observations: BTreeMap::new() };
    for (tenant, observation) in observations {
        let input = ObservationInput {
            digest: digest(observation)?,
            observed_at: observation.observed_at,
            complete: observation.complete,
        };
        inputs.observations.insert(tenant.clone(), input);
    }
    Ok(inputs)
}

/// The digest of an observation as compact JSON, hashed as it is written: a large one fills hundreds of megabytes.
fn digest(observation: &Observation) -> Result<Digest, serde_json::Error> {
    let mut buffer = BufWriter::with_capacity(1 << 16, HashWriter(Hashing::default()));
    serde_json::to_writer(&mut buffer, observation)?;
    let HashWriter(hashing) = buffer.into_inner().map_err(|error| serde_json::Error::io(error.into_error()))?;
    Ok(hashing.finish())
}

/// A hash that can be written to.
struct HashWriter(Hashing);

impl io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The losses within the window of the policy that the store remembers; none where there is no store.
async fn past_losses(manifest: &Manifest, store: &StoreUrl, now: Now) -> Result<PastLosses, Problem> {
    let mut losses = PastLosses::new();
    let Some(store) = Store::open_existing(store).await? else { return Ok(losses) };
    for (name, tenant) in &manifest.desired.tenants {
        let Some(window) = manifest.policy.at(name).losses.window else { continue };
        let past = store.past(Past::first_day(day_of(now.time), window.days), None).await?;
        let licenses: BTreeSet<_> = tenant.entries.iter().map(|entry| &entry.license).collect();
        for license in licenses {
            let known = tenant.settings.pools.get(license).and_then(|pool| pool.name.as_ref()).unwrap_or(license);
            let lost = past.within(name, known, day_of(now.time), window.days).losses;
            if lost > 0 {
                losses.insert((name.clone(), license.clone()), lost);
            }
        }
    }
    Ok(losses)
}

/// Writes a plan file, whole or not at all.
///
/// # Errors
/// When the folder cannot be written to.
pub fn write(plan: &Plan, path: &Path) -> Result<(), Problem> {
    let failed = |error: &dyn std::fmt::Display| {
        let finding =
            Finding::error(&codes::PLAN_UNWRITABLE, format!("`{}` cannot be written: {error}", path.display()))
                .help("name a file in a folder that is there and can be written to");
        Problem::finding(Kind::Internal, finding)
    };
    let bytes = plan::to_bytes(plan).map_err(|error| failed(&error))?;
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        // A device or a pipe, such as /dev/stdout, is written to and not replaced.
        return fs::write(path, bytes).map_err(|error| failed(&error));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(failed(&format_args!("there is no folder `{}`", folder.display())));
    }
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".reseat-").tempfile_in(folder)?;
        file.write_all(&bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| failed(&error))
}
