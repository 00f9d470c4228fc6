//! What is wrong with knobs as values.

use super::{EmulatorConfig, FaultEffect, Latency, OperationQuirks};

/// The most of what an answer may be late.
const DELAY_MAX_MS: u64 = 600_000;
/// The most bytes of an answer.
const BODY_MAX_BYTES: u64 = 1 << 30;
/// The most faults.
const FAULTS_MAX: usize = 10_000;

/// What a vendor's emulator knows of the manners that only some vendors have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::emulator) struct SupportedQuirks {
    pub(in crate::emulator) operations: bool,
    pub(in crate::emulator) jobs: bool,
    pub(in crate::emulator) sets: bool,
}

impl EmulatorConfig {
    /// Everything that is wrong with them for an emulator of those manners.
    pub(in crate::emulator) fn problems_for(&self, manners: SupportedQuirks) -> Vec<String> {
        let mut wrong = Vec::new();
        let sections = [
            ("operations", self.operations.is_some(), manners.operations),
            ("jobs", self.jobs.is_some(), manners.jobs),
            ("sets", self.sets.is_some(), manners.sets),
        ];
        for (name, given, known) in sections {
            if given && !known {
                wrong.push(format!("`{name}` has no meaning for this vendor"));
            }
        }
        let Latency { base_ms, jitter_ms } = self.latency;
        if base_ms.max(jitter_ms) > 60_000 {
            wrong.push("`latency` is more than a minute".to_owned());
        }
        if self.page_size == Some(0) {
            wrong.push("`page_size` is 0; give at least 1".to_owned());
        }
        let limits = self.rates.limits.iter().flatten();
        if limits.into_iter().any(|rate| rate.requests == 0 || rate.seconds == 0) {
            wrong.push("a limit in `rates` has a 0; give at least 1".to_owned());
        }
        if let Some(OperationQuirks { min_ms, max_ms, .. }) = self.operations
            && min_ms > max_ms
        {
            wrong.push(format!("`min_ms` is {min_ms} and `max_ms` is {max_ms}; the first is the smaller one"));
        }
        if self.faults.len() > FAULTS_MAX {
            wrong.push(format!("there are more than {FAULTS_MAX} faults"));
        }
        for (number, fault) in self.faults.iter().enumerate() {
            let mut say = |what: String| wrong.push(format!("fault {}: {what}", number + 1));
            if fault.nth == 0 {
                say("`nth` is 0; the first request is 1".to_owned());
            }
            if fault.percent > 100 {
                say(format!("`percent` is {}; at most 100", fault.percent));
            }
            match &fault.then {
                FaultEffect::Refuse { status, .. } if !(400..600).contains(status) => {
                    say(format!("a refusal has a status from 400 to 599, not {status}"));
                }
                FaultEffect::Redirect { status, .. } if !(300..400).contains(status) => {
                    say(format!("a redirect has a status from 300 to 399, not {status}"));
                }
                FaultEffect::Redirect { to, .. } if to.chars().any(|c| c.is_control() || !c.is_ascii()) => {
                    say("the address of a redirect is printable ASCII".to_owned());
                }
                FaultEffect::Huge { bytes } if *bytes > BODY_MAX_BYTES => say("a body has at most 1 GiB".to_owned()),
                FaultEffect::Drip { bytes_per_second: 0 } => say("`bytes_per_second` is 0".to_owned()),
                FaultEffect::Delay { ms } if *ms > DELAY_MAX_MS => {
                    say("an answer is late by ten minutes at most".to_owned())
                }
                FaultEffect::End(_) if !manners.operations => say("this vendor has no operations".to_owned()),
                FaultEffect::Refuse { .. }
                | FaultEffect::Drop(_)
                | FaultEffect::Truncate { .. }
                | FaultEffect::Garble
                | FaultEffect::Body(_)
                | FaultEffect::Huge { .. }
                | FaultEffect::Drip { .. }
                | FaultEffect::Delay { .. }
                | FaultEffect::Redirect { .. }
                | FaultEffect::Before(_)
                | FaultEffect::After(_)
                | FaultEffect::End(_) => {}
            }
        }
        wrong
    }
}
