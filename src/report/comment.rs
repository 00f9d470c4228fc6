//! The pull request comment of a plan, found again by a hidden marker.
//!
//! Each manifest and environment has one comment, whatever the plan. An empty plan creates no comment, and shortens an
//! existing one.

use schemars::JsonSchema;
use serde::Serialize;

use super::plan::markdown::{MarkdownTarget, headline, markdown};
use super::review::{Review, ReviewTopic};
use crate::forge::CommentAction;
use crate::model::Digest;

/// The number of digest digits in a marker.
const MARKER_DIGITS: usize = 16;

/// A pull request comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanComment {
    /// The hidden line that identifies the comment.
    pub marker: String,
    /// The complete text, beginning with the marker.
    pub body: String,
    /// Whether the plan contains anything for a reviewer.
    pub is_news: bool,
}

/// The result of `comment` as a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommentResult {
    /// The action on the forge; null with `--dry-run`.
    pub comment: Option<CommentAction>,
    /// The number of the pull request; null if it is unknown and nothing was to be sent.
    pub request: Option<u64>,
    /// Whether the plan contains anything for a reviewer.
    pub is_news: bool,
    /// The hidden line that identifies the comment.
    pub marker: String,
    /// The complete text, beginning with the marker.
    pub body: String,
}

impl CommentResult {
    /// Returns the document for a comment and its action.
    pub fn new(comment: &PlanComment, deed: Option<CommentAction>, request: Option<u64>) -> Self {
        let PlanComment { marker, body, is_news } = comment.clone();
        Self { comment: deed, request, is_news, marker, body }
    }
}

/// Returns the comment on a plan; `manifest` is the manifest's path.
pub fn plan_comment(review: &Review<'_>, manifest: &str, reader: &MarkdownTarget<'_>) -> PlanComment {
    let marker = marker(manifest, reader.environment.unwrap_or_default());
    let reader = MarkdownTarget { marker: &marker, ..*reader };
    // Warnings alone are in every plan of a manifest, whatever the pull request changes.
    let is_news = ReviewTopic::ALL
        .iter()
        .filter(|topic| !matches!(topic, ReviewTopic::Unmanaged | ReviewTopic::Findings))
        .any(|topic| review.count(*topic) > 0);
    let body = if is_news { markdown(review, &reader) } else { headline(review, &reader) };
    PlanComment { body, is_news, marker }
}

/// Returns the marker of a manifest and environment. It contains a digest, because names could end the marker.
fn marker(manifest: &str, environment: &str) -> String {
    let digest = Digest::of_bytes(format!("{manifest}\n{environment}").as_bytes());
    let digits: String = digest.as_str().trim_start_matches("sha256:").chars().take(MARKER_DIGITS).collect();
    format!("<!-- reseat-comment {digits} -->\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::plan::tests::{operation, plan};

    #[test]
    fn marker_depends_on_manifest_and_environment_only() {
        let of = |plan: &crate::model::Plan, manifest: &str, environment: Option<&str>| {
            plan_comment(&Review::new(plan), manifest, &MarkdownTarget { environment, ..MarkdownTarget::default() })
        };
        let (empty, gain) = (plan(json!({})), plan(json!({ "operations": [operation("op-1", json!({}))] })));
        let one = of(&empty, "company", Some("test"));
        assert_eq!(one.marker, of(&gain, "company", Some("test")).marker);
        assert_ne!(one.marker, of(&empty, "company", None).marker);
        assert_ne!(one.marker, of(&empty, "other", Some("test")).marker);
        assert!(one.body.starts_with(&one.marker) && one.marker.starts_with("<!-- ") && one.marker.ends_with(" -->\n"));
    }

    #[test]
    fn comment_of_an_empty_plan_is_short() {
        let warning = json!({ "code": "P303", "severity": "warning", "message": "m", "help": null, "source": null, "related": [] });
        let quiet = plan(json!({ "findings": [warning], "summary": { "unmanaged": 4 } }));
        let comment = plan_comment(&Review::new(&quiet), ".", &MarkdownTarget::default());
        assert!(
            !comment.is_news && comment.body.contains("reseat: nothing to do") && !comment.body.contains("###"),
            "{}",
            comment.body
        );
        let blocked = json!([{ "tenant": "phones", "person": "ed@acme.example", "license": "X2", "code": "L102",
            "message": "m", "help": null, "source": null }]);
        assert!(
            plan_comment(&Review::new(&plan(json!({ "blocked": blocked }))), ".", &MarkdownTarget::default()).is_news
        );
    }
}
