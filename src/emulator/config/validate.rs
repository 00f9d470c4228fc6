//! Validation of a configuration.

use super::{EmulatorConfig, FaultEffect, Latency, OperationConfig};

/// The longest delay of a response.
const DELAY_MAX_MS: u64 = 600_000;
/// The most bytes of a response.
const BODY_MAX_BYTES: u64 = 1 << 30;
/// The most fault rules.
const FAULTS_MAX: usize = 10_000;

impl EmulatorConfig {
    /// Returns all problems of the configuration for an API with or without vendor-specific quirks.
    pub(in crate::emulator) fn problems_for(&self, has_quirks: bool) -> Vec<String> {
        let mut problems = Vec::new();
        if !has_quirks {
            problems.extend(self.unsupported_quirks().map(|name| format!("`{name}` does not apply to this vendor")));
        }
        let Latency { base_ms, jitter_ms } = self.latency;
        if base_ms.max(jitter_ms) > 60_000 {
            problems.push("`latency` exceeds one minute".to_owned());
        }
        if self.page_size == Some(0) {
            problems.push("`page_size` must be at least 1".to_owned());
        }
        let limits = self.rates.limits.iter().flatten();
        if limits.into_iter().any(|rate| rate.requests == 0 || rate.seconds == 0) {
            problems.push("a limit in `rates` must be at least 1".to_owned());
        }
        if let Some(OperationConfig { min_ms, max_ms, .. }) = self.operations
            && min_ms > max_ms
        {
            problems.push(format!("`min_ms` ({min_ms}) exceeds `max_ms` ({max_ms})"));
        }
        if self.faults.len() > FAULTS_MAX {
            problems.push(format!("more than {FAULTS_MAX} faults"));
        }
        for (number, fault) in self.faults.iter().enumerate() {
            let mut report = |what: String| problems.push(format!("fault {}: {what}", number + 1));
            if fault.nth == 0 {
                report("`nth` must be at least 1".to_owned());
            }
            if fault.percent > 100 {
                report(format!("`percent` is {}, more than 100", fault.percent));
            }
            match &fault.then {
                FaultEffect::Refuse { status, .. } if !(400..600).contains(status) => {
                    report(format!("the status of `refuse` must be from 400 to 599, not {status}"));
                }
                FaultEffect::Redirect { status, .. } if !(300..400).contains(status) => {
                    report(format!("the status of `redirect` must be from 300 to 399, not {status}"));
                }
                FaultEffect::Redirect { to, .. } if to.chars().any(|c| c.is_control() || !c.is_ascii()) => {
                    report("the URL of `redirect` must be printable ASCII".to_owned());
                }
                FaultEffect::Huge { bytes } if *bytes > BODY_MAX_BYTES => report("`huge` exceeds 1 GiB".to_owned()),
                FaultEffect::Drip { bytes_per_second: 0 } => report("`bytes_per_second` must be at least 1".to_owned()),
                FaultEffect::Delay { ms } if *ms > DELAY_MAX_MS => report("`delay` exceeds ten minutes".to_owned()),
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
        problems
    }

    /// Returns the settings in use that the bridge protocol does not support.
    fn unsupported_quirks(&self) -> impl Iterator<Item = &'static str> {
        let operations = self.operations.clone().unwrap_or_default();
        let OperationConfig { min_ms, max_ms, in_flight, .. } = operations;
        let has_operation_quirks = operations != OperationConfig { min_ms, max_ms, in_flight, ..Default::default() };
        let settings = [
            ("unknown_words", self.unknown_words),
            ("extra_fields", self.extra_fields),
            ("rates.other_spelling", self.rates.other_spelling),
            ("operations", has_operation_quirks),
        ];
        settings.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name)
    }
}
