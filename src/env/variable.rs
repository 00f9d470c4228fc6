//! Every environment variable that the program reads by name.
//!
//! Variables named in a manifest (`{ env: NAME }`) are secrets and are read through [`read`] as well, at the
//! moment they are needed.

/// Seconds since 1970: the time that a plan is made at, so that equal inputs give equal bytes.
pub const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";
/// How much is said of what happens on the wire: `error`, `warn`, `info`, `debug` or `trace`.
pub const RESEAT_LOG: &str = "RESEAT_LOG";
/// Set to anything: no color, whatever the terminal says.
pub const NO_COLOR: &str = "NO_COLOR";
/// The reader's pager; the first one that is set counts, and an empty one means none.
pub const PAGERS: [&str; 2] = ["RESEAT_PAGER", "PAGER"];
/// Who runs the program, where the system's own answer is not the right one.
pub const RESEAT_ACTOR: &str = "RESEAT_ACTOR";
/// Who runs the program by what CI systems and the system say; the first one that is set counts.
pub const ACTORS: [&str; 5] = ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "USER", "LOGNAME", "USERNAME"];

/// What a program named in a manifest is given of our environment; everything else it gets is written there.
pub const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

/// The token that `comment` writes with.
pub const RESEAT_FORGE_TOKEN: &str = "RESEAT_FORGE_TOKEN";
/// Tokens of forges and CI servers by their usual names; `comment` reads the first one, and nothing else reads any.
pub const FORGE_TOKENS: [&str; 5] =
    [RESEAT_FORGE_TOKEN, "GITHUB_TOKEN", "GH_TOKEN", "GITLAB_TOKEN", "SYSTEM_ACCESSTOKEN"];
/// What lets a job of a CI server ask for tokens of other services; no verb reads it.
pub const IDENTITY_TOKENS: [&str; 1] = ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
/// Where the password of a store on a server is found.
pub const STORE_PASSWORDS: [&str; 2] = ["PGPASSWORD", "PGPASSFILE"];

/// Whether a variable is there and holds something.
pub fn is_set(name: &str) -> bool {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// The value of a variable; `None` where it is unset or not UTF-8.
pub fn read(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    std::env::var(name).ok()
}
