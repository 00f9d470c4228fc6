//! The one comment that a plan has on a pull request: the page, and the hidden line by which it is found again.
//!
//! What must hold: one comment a manifest and environment, whatever the plan; a plan with nothing in it is no reason for a
//! first comment, and makes an old one short.

use schemars::JsonSchema;
use serde::Serialize;

use super::plan::markdown::{MarkdownTarget, headline, markdown};
use super::review::{Review, ReviewTopic};
use crate::forge::CommentAction;
use crate::model::Digest;

/// How many digits tell one manifest from another.
const MARKER_DIGITS: usize = 16;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanComment {
    /// The hidden line by which it is known.
    pub marker: String,
    /// The whole text; it begins with the marker.
    pub body: String,
    /// Whether there is something to say.
    pub is_news: bool,
}

/// What came of a comment, as a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommentResult {
    /// What was done on the forge; null with `--dry-run`, which does nothing there.
    pub comment: Option<CommentAction>,
    /// The number of the request; null where nobody said it, and nothing was to be sent.
    pub request: Option<u64>,
    /// Whether the plan has anything in it that a reviewer has to see.
    pub is_news: bool,
    /// The hidden line by which the comment is found again.
    pub marker: String,
    /// The whole text; it begins with the marker.
    pub body: String,
}

impl CommentResult {
    /// The document on a comment of which that came.
    pub fn new(comment: &PlanComment, deed: Option<CommentAction>, request: Option<u64>) -> Self {
        let PlanComment { marker, body, is_news } = comment.clone();
        Self { comment: deed, request, is_news, marker, body }
    }
}

/// The comment on a plan; `manifest` is the path by which the manifest is called.
pub fn plan_comment(review: &Review<'_>, manifest: &str, reader: &MarkdownTarget<'_>) -> PlanComment {
    let marker = marker(manifest, reader.environment.unwrap_or_default());
    let reader = MarkdownTarget { marker: &marker, ..*reader };
    // Warnings alone stand in every plan of a manifest, whatever the request changes.
    let is_news = ReviewTopic::ALL
        .iter()
        .filter(|topic| !matches!(topic, ReviewTopic::Unmanaged | ReviewTopic::Findings))
        .any(|topic| review.count(*topic) > 0);
    let body = if is_news { markdown(review, &reader) } else { headline(review, &reader) };
    PlanComment { body, is_news, marker }
}

/// The line for one manifest and environment. It holds neither, for they could end it.
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
    fn marker_tells_manifests_and_environments_apart_and_not_plans() {
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
    fn plan_that_changes_nothing_is_no_news_and_short() {
        let warning = json!({ "code": "P303", "severity": "warning", "message": "m", "help": null, "source": null, "related": [] });
        let quiet = plan(json!({ "findings": [warning], "summary": { "unmanaged": 4 } }));
        let said = plan_comment(&Review::new(&quiet), ".", &MarkdownTarget::default());
        assert!(
            !said.is_news && said.body.contains("reseat: nothing to do") && !said.body.contains("###"),
            "{}",
            said.body
        );
        let blocked = json!([{ "tenant": "phones", "person": "ed@acme.example", "license": "X2", "code": "L102",
            "message": "m", "help": null, "source": null }]);
        assert!(
            plan_comment(&Review::new(&plan(json!({ "blocked": blocked }))), ".", &MarkdownTarget::default()).is_news
        );
    }
}
