//! Environment variables that reseat reads by name.

/// The time of a plan in seconds since 1970, for reproducible output.
pub const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";
/// The log level: `error`, `warn`, `info`, `debug` or `trace`.
pub const RESEAT_LOG: &str = "RESEAT_LOG";
/// Disables color if set.
pub const NO_COLOR: &str = "NO_COLOR";
/// The pager; the first variable that is set counts, and an empty value means none.
pub const PAGERS: [&str; 2] = ["RESEAT_PAGER", "PAGER"];
/// The actor's name, instead of the detected one.
pub const RESEAT_ACTOR: &str = "RESEAT_ACTOR";
/// Names of the user set by CI systems and the operating system; the first variable that is set counts.
pub const ACTORS: [&str; 5] = ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME", "USERNAME"];

/// Variables that programs named in a manifest inherit; all others are declared there.
pub const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

/// The forge token of `comment`.
pub const RESEAT_FORGE_TOKEN: &str = "RESEAT_FORGE_TOKEN";
/// Usual names of forge and CI tokens. Only `comment` reads one, the first that is set.
pub const FORGE_TOKENS: [&str; 5] =
    [RESEAT_FORGE_TOKEN, "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "SYSTEM_ACCESSTOKEN"];
/// Credentials for a CI job's identity tokens; not read by reseat.
pub const IDENTITY_TOKENS: [&str; 1] = ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
/// The password of a PostgreSQL store.
pub const STORE_PASSWORDS: [&str; 2] = ["PGPASSWORD", "PGPASSFILE"];

/// Whether a variable is set and not empty.
pub fn is_set(name: &str) -> bool {
    #[expect(clippy::disallowed_methods, reason = "only this module reads the environment")]
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Returns the value of a variable; `None` if it is unset or not UTF-8.
pub fn read(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "only this module reads the environment")]
    std::env::var(name).ok()
}
