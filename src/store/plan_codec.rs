//! Compression of stored plans: JSON and zlib.

use std::io::Read as _;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde_json::Value;

use super::StoreError;
use crate::model::Plan;

/// The largest plan that is decompressed, in bytes: about four million operations.
const MAX_BYTES: u64 = 1 << 31;

/// Compresses a plan. The fast level is ten times as fast as the best one, and its result a fifth larger.
pub(super) fn pack(plan: &Plan) -> Result<Vec<u8>, StoreError> {
    let failed =
        |error: &dyn std::fmt::Display| StoreError::Corrupted(format!("the plan cannot be compressed: {error}"));
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    {
        let mut buffer = std::io::BufWriter::with_capacity(1 << 16, &mut encoder);
        serde_json::to_writer(&mut buffer, plan).map_err(|error| failed(&error))?;
        std::io::Write::flush(&mut buffer).map_err(|error| failed(&error))?;
    }
    encoder.finish().map_err(|error| failed(&error))
}

/// Decompresses a plan.
pub(super) fn unpack(packed: &[u8]) -> Result<Plan, StoreError> {
    let failed = |error: &dyn std::fmt::Display| StoreError::Corrupted(format!("a plan cannot be read: {error}"));
    let mut json = Vec::new();
    ZlibDecoder::new(packed).take(MAX_BYTES).read_to_end(&mut json).map_err(|error| failed(&error))?;
    match serde_json::from_slice(&json) {
        Ok(plan) => Ok(plan),
        Err(error) => upgrade(&json).ok_or_else(|| failed(&error)),
    }
}

/// Reads a plan of a version whose plans had no changes. It serves to recover and undo its run; it cannot be resumed,
/// because its digest covers the old document.
fn upgrade(json: &[u8]) -> Option<Plan> {
    let mut plan: Value = serde_json::from_slice(json).ok()?;
    let fields = plan.as_object_mut().filter(|fields| !fields.contains_key("changes"))?;
    fields.insert("changes".to_owned(), Value::Array(Vec::new()));
    for operation in fields.get_mut("operations")?.as_array_mut()? {
        let operation = operation.as_object_mut()?;
        operation.insert("change".to_owned(), Value::from(""));
        if let Some(on_failure) = operation.get_mut("on_failure") {
            *on_failure = Value::from("roll-back");
        }
    }
    serde_json::from_value(plan).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::plan::tests::{operation, plan};
    use serde_json::json;

    #[test]
    fn plan_of_an_older_version_is_readable() {
        let plan = plan(json!({ "operations": [operation("op-1", json!({ "on_failure": "roll-back" }))] }));
        let mut old = serde_json::to_value(&plan).unwrap();
        old.as_object_mut().unwrap().remove("changes");
        let fields = old["operations"][0].as_object_mut().unwrap();
        fields.remove("change");
        fields["on_failure"] = json!("give-back");
        let upgraded = upgrade(&serde_json::to_vec(&old).unwrap()).unwrap();
        assert_eq!(upgraded.operations[0].on_failure, plan.operations[0].on_failure);
        assert_eq!((upgraded.changes.len(), upgraded.digest), (0, plan.digest));
    }
}
