//! Exit codes. Pipelines branch on them, so a code never changes its meaning.

/// How a command ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    #[default]
    Done,
    /// Internal or I/O error.
    Internal,
    /// Invalid command line.
    Usage,
    /// The manifest or another input is invalid or missing, including an altered plan file.
    Input,
    /// Denied by policy, or held by a limit.
    Denied,
    /// The plan is stale, and nothing was sent.
    Stale,
    /// Some operations failed or were skipped.
    Failed,
    /// Some operations are still pending, or a vendor was busy until the end of the wait.
    Pending,
    /// Vendor unreachable or access denied.
    Unreachable,
    /// Another run holds the lock.
    Locked,
    /// With `--detailed-exitcode`: changes.
    Changes,
    /// With `--detailed-exitcode`: changes with a loss or with destroyed data.
    Losses,
}

impl Exit {
    /// All codes; if several apply, the first one is used.
    pub const PRECEDENCE: [Self; 12] = [
        Self::Usage,
        Self::Internal,
        Self::Input,
        Self::Denied,
        Self::Unreachable,
        Self::Locked,
        Self::Stale,
        Self::Failed,
        Self::Pending,
        Self::Losses,
        Self::Changes,
        Self::Done,
    ];

    /// Returns the process exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Denied => 4,
            Self::Stale => 5,
            Self::Failed => 6,
            Self::Pending => 7,
            Self::Unreachable => 8,
            Self::Locked => 9,
            Self::Changes => 10,
            Self::Losses => 11,
        }
    }

    /// Returns the one of two that comes first in [`Exit::PRECEDENCE`].
    #[must_use]
    pub fn combine(self, other: Self) -> Self {
        Self::PRECEDENCE.into_iter().find(|exit| *exit == self || *exit == other).unwrap_or(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn precedence_lists_every_code_in_the_documented_order() {
        let codes: Vec<u8> = Exit::PRECEDENCE.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [2, 1, 3, 4, 8, 9, 5, 6, 7, 11, 10, 0]);
    }

    #[test]
    fn combine_is_symmetric_and_follows_precedence() {
        assert_eq!(Exit::Denied.combine(Exit::Failed), Exit::Denied);
        assert_eq!(Exit::Failed.combine(Exit::Denied), Exit::Denied);
        assert_eq!(Exit::Done.combine(Exit::Changes), Exit::Changes);
        assert_eq!(Exit::Stale.combine(Exit::Unreachable), Exit::Unreachable);
    }
}
