//! Runs many worlds in parallel, on all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::story;
use super::witness::{Ending, Marks};

/// The results of many worlds.
#[derive(Default)]
pub(crate) struct Crowd {
    /// The failed worlds, by seed.
    pub(crate) failures: Vec<(u64, Ending)>,
    /// How often each event happened.
    pub(crate) marks: Marks,
}

/// Runs the worlds of the seeds on all processors.
pub(crate) fn run(seeds: &[u64]) -> Crowd {
    let next = AtomicUsize::new(0);
    let crowd = Mutex::new(Crowd::default());
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ending = std::panic::catch_unwind(|| story::tell(*seed));
                    let mut crowd = crowd.lock().unwrap_or_else(PoisonError::into_inner);
                    match ending {
                        Ok(ending) => {
                            for (what, times) in &ending.marks {
                                *crowd.marks.entry(what).or_default() += times;
                            }
                            if !ending.violations.is_empty() {
                                crowd.failures.push((*seed, ending));
                            }
                        }
                        Err(_) => crowd.failures.push((*seed, Ending::panicked())),
                    }
                }
            });
        }
    });
    let mut crowd = crowd.into_inner().unwrap_or_else(PoisonError::into_inner);
    crowd.failures.sort_by_key(|(seed, _)| *seed);
    crowd
}
