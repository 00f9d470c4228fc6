//! Plans as they are stored: JSON, packed.

use std::io::Read as _;

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::StoreError;
use crate::model::Plan;

/// Most bytes of a plan that is unpacked: some four million operations.
const MAX_BYTES: u64 = 1 << 31;

/// Packs a plan. The fast level is a fifth larger than the best one, and ten times as fast.
pub(super) fn pack(plan: &Plan) -> Result<Vec<u8>, StoreError> {
    let failed = |error: &dyn std::fmt::Display| StoreError::Corrupted(format!("the plan cannot be packed: {error}"));
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    {
        let mut buffer = std::io::BufWriter::with_capacity(1 << 16, &mut encoder);
        serde_json::to_writer(&mut buffer, plan).map_err(|error| failed(&error))?;
        std::io::Write::flush(&mut buffer).map_err(|error| failed(&error))?;
    }
    encoder.finish().map_err(|error| failed(&error))
}

/// Unpacks a plan.
pub(super) fn unpack(packed: &[u8]) -> Result<Plan, StoreError> {
    let failed = |error: &dyn std::fmt::Display| StoreError::Corrupted(format!("a plan cannot be read: {error}"));
    let mut json = Vec::new();
    ZlibDecoder::new(packed).take(MAX_BYTES).read_to_end(&mut json).map_err(|error| failed(&error))?;
    serde_json::from_slice(&json).map_err(|error| failed(&error))
}
