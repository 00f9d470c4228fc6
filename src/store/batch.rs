//! Records that are written together, and the chain that runs through all of them.
//!
//! A batch is one row: thousands of records a second cost one statement each few milliseconds. The chain runs from record
//! to record all the same; of a batch the hash after its last record is stored, and the others follow from it.

use sha2::{Digest as _, Sha256};

use super::StoreError;

/// SHA-256 over a record and the hash of the one before it.
pub(super) type RecordHash = [u8; 32];

/// What else a batch is; the two marked kinds hold one record each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BatchMark {
    Plain,
    /// A run begins.
    Began,
    /// A run ends.
    Ended,
}

impl BatchMark {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Plain => 0,
            Self::Began => 1,
            Self::Ended => 2,
        }
    }

    pub(super) fn of(number: i64) -> Result<Self, StoreError> {
        [Self::Plain, Self::Began, Self::Ended]
            .into_iter()
            .find(|mark| mark.number() == number)
            .ok_or_else(|| StoreError::Corrupted(format!("{number} is no mark of a batch")))
    }
}

/// The end of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChainHead {
    /// The last record.
    pub(super) seq: u64,
    pub(super) hash: RecordHash,
    /// The day of the last record, in days since 1970; it never goes back.
    pub(super) day: i64,
}

impl ChainHead {
    /// The head of an empty journal.
    pub(super) const START: Self = Self { seq: 0, hash: [0; 32], day: i64::MIN };
}

/// Records of one run that were written together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordBatch {
    /// The numbers of its first and last record.
    pub(super) first: u64,
    pub(super) last: u64,
    /// The run: the number of the record that began it; 0 for what is of none.
    pub(super) run: u64,
    pub(super) fence: u64,
    pub(super) mark: BatchMark,
    /// The day, where it is another than that of the batch before: the windows of the limits start there.
    pub(super) day: Option<i64>,
    /// The run's name, where it begins.
    pub(super) name: Option<String>,
    /// The plan's digest, where its run begins.
    pub(super) plan: Option<String>,
    /// A line a record.
    pub(super) records: String,
    /// The hash of the last record.
    pub(super) hash: RecordHash,
}

impl RecordBatch {
    /// Its records with their numbers.
    pub(super) fn lines(&self) -> impl Iterator<Item = (u64, &str)> {
        (self.first..).zip(self.records.lines())
    }

    /// The hash of each of its records, computed from the one before the batch.
    pub(super) fn hashes(&self, before: RecordHash) -> impl Iterator<Item = RecordHash> {
        let mut hash = before;
        self.lines().map(move |(seq, line)| {
            hash = chain(&hash, seq, self.run, self.fence, line);
            hash
        })
    }
}

/// The hash of a record.
pub(super) fn chain(before: &RecordHash, seq: u64, run: u64, fence: u64, line: &str) -> RecordHash {
    let mut hashing = Sha256::new();
    hashing.update(before);
    let mut numbers = [0; 24];
    for (place, number) in numbers.chunks_exact_mut(8).zip([seq, run, fence]) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    hashing.update(numbers);
    hashing.update(line.as_bytes());
    hashing.finalize().into()
}

/// A hash as people copy it.
pub(super) fn hex(hash: &RecordHash) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Records that one caller wants written together, or not at all.
#[derive(Debug)]
pub(super) struct WriteUnit {
    /// The run; 0 while it begins, and for what is of none.
    pub(super) run: u64,
    pub(super) mark: BatchMark,
    pub(super) name: Option<String>,
    pub(super) plan: Option<String>,
    /// The day of its time.
    pub(super) day: i64,
    pub(super) records: String,
    pub(super) count: u64,
}

impl WriteUnit {
    /// The batch of this unit alone, after that head; more are added with [`Batch::add`].
    pub(super) fn into_batch(self, head: &ChainHead, fence: u64) -> RecordBatch {
        let first = head.seq + 1;
        let run = if self.mark == BatchMark::Began { first } else { self.run };
        let mut batch = RecordBatch {
            first,
            last: head.seq,
            run,
            fence,
            mark: self.mark,
            day: (self.day > head.day).then_some(self.day),
            name: self.name,
            plan: self.plan,
            records: String::new(),
            hash: head.hash,
        };
        batch.add(&self.records, self.count);
        batch
    }
}

impl RecordBatch {
    /// Adds records, and links them to the chain.
    pub(super) fn add(&mut self, records: &str, count: u64) {
        for (seq, line) in (self.last + 1..).zip(records.lines()) {
            self.hash = chain(&self.hash, seq, self.run, self.fence, line);
        }
        self.last += count;
        self.records.push_str(records);
    }

    /// The head after this batch.
    pub(super) fn head(&self, before: &ChainHead) -> ChainHead {
        ChainHead { seq: self.last, hash: self.hash, day: self.day.unwrap_or(before.day) }
    }
}
