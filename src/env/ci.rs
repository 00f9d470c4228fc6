//! The CI job: its forge, pull request and commit, from the environment.
//!
//! The values are defaults for options, never credentials. Invalid values count as missing.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::Deserialize;

use super::variable;

/// The largest event file, in bytes; GitHub's are below 100 KiB.
const EVENT_MAX_BYTES: u64 = 8 << 20;

/// The CI server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CiServer {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
}

/// The properties of the job; options can override each of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CiJob {
    /// The CI server.
    pub server: Option<CiServer>,
    /// The repository as `owner/name`, or the project's number.
    pub repository: Option<String>,
    /// The number of the pull or merge request.
    pub request_number: Option<u64>,
    /// The URL of the forge's API.
    pub api_url: Option<String>,
    /// The head commit of the request.
    pub commit: Option<String>,
    /// The job's web page, which links the full report.
    pub job_url: Option<String>,
}

/// The pull request in a GitHub event.
#[derive(Debug, Deserialize)]
struct PullRequestEvent {
    pull_request: Option<PullRequest>,
}

#[derive(Debug, Deserialize)]
struct PullRequest {
    number: u64,
    head: PullRequestHead,
}

#[derive(Debug, Deserialize)]
struct PullRequestHead {
    sha: String,
}

impl CiJob {
    /// Returns the job of this process.
    pub fn from_environment() -> Self {
        Self::detect(|name| variable::read(name).filter(|value| !value.is_empty()), |path| read_event(Path::new(path)))
    }

    fn detect(read: impl Fn(&str) -> Option<String>, event: impl Fn(&str) -> Option<String>) -> Self {
        let is_on = |name: &str| read(name).is_some_and(|value| value == "true");
        if is_on("GITHUB_ACTIONS") {
            // The variables name the merge commit, or only the base with `pull_request_target`.
            let event = read("GITHUB_EVENT_PATH").and_then(|path| event(&path));
            let event = event.and_then(|text| serde_json::from_str::<PullRequestEvent>(&text).ok());
            let pull = event.and_then(|event| event.pull_request);
            let page = || {
                let (server, repository) = (read("GITHUB_SERVER_URL")?, read("GITHUB_REPOSITORY")?);
                Some(format!("{server}/{repository}/actions/runs/{}", read("GITHUB_RUN_ID")?))
            };
            return Self {
                server: Some(CiServer::Github),
                repository: read("GITHUB_REPOSITORY"),
                request_number: pull.as_ref().map(|pull| pull.number),
                api_url: read("GITHUB_API_URL"),
                commit: pull.map(|pull| pull.head.sha),
                job_url: page(),
            };
        }
        if is_on("GITLAB_CI") {
            return Self {
                server: Some(CiServer::Gitlab),
                repository: read("CI_PROJECT_ID"),
                request_number: read("CI_MERGE_REQUEST_IID").and_then(|number| number.parse().ok()),
                api_url: read("CI_API_V4_URL"),
                // In a merged-results pipeline, `CI_COMMIT_SHA` is a temporary merge commit.
                commit: read("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| read("CI_COMMIT_SHA")),
                job_url: read("CI_JOB_URL"),
            };
        }
        Self::default()
    }
}

/// Reads the event file of GitHub.
fn read_event(path: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(path).ok()?.take(EVENT_MAX_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn job(variables: &[(&str, &str)], event: Option<&str>) -> CiJob {
        let variables: BTreeMap<_, _> = variables.iter().copied().collect();
        CiJob::detect(|name| variables.get(name).map(ToString::to_string), |_| event.map(str::to_owned))
    }

    #[test]
    fn github_request_and_head_come_from_the_event() {
        let variables = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_REPOSITORY", "acme/licenses"),
            ("GITHUB_API_URL", "https://api.github.com"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_SHA", "ba5e"),
            ("GITHUB_EVENT_PATH", "/event.json"),
        ];
        let event = r#"{ "number": 12, "pull_request": { "number": 12, "head": { "sha": "4ead" }, "more": {} } }"#;
        let expected = CiJob {
            server: Some(CiServer::Github),
            repository: Some("acme/licenses".into()),
            request_number: Some(12),
            api_url: Some("https://api.github.com".into()),
            commit: Some("4ead".into()),
            job_url: Some("https://github.com/acme/licenses/actions/runs/7".into()),
        };
        assert_eq!(job(&variables, Some(event)), expected);
        let unknown = CiJob { request_number: None, commit: None, ..expected };
        for event in [None, Some(""), Some("{}"), Some("[1]")] {
            assert_eq!(job(&variables, event), unknown);
        }
    }

    #[test]
    fn gitlab_merge_request_uses_its_source_commit() {
        let variables = [
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_ID", "42"),
            ("CI_MERGE_REQUEST_IID", "3"),
            ("CI_API_V4_URL", "https://gitlab.example/api/v4"),
            ("CI_COMMIT_SHA", "0123"),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "4ead"),
        ];
        let found = job(&variables, None);
        assert_eq!(
            (found.server, found.request_number, found.commit.as_deref()),
            (Some(CiServer::Gitlab), Some(3), Some("4ead"))
        );
        assert_eq!(job(&[("CI_PROJECT_ID", "42")], None), CiJob::default());
    }
}
