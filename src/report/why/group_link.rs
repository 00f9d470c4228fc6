//! The way of a person into a group, as it is shown.

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use crate::diagnostic::Source;

/// One step on the way into a group.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GroupLink {
    /// The group.
    pub group: SmolStr,
    /// By what the person is in it.
    #[serde(flatten)]
    pub by: MembershipCause,
    /// Where that stands.
    pub source: Source,
}

/// By what somebody is in a group.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum MembershipCause {
    /// They are named.
    Name {
        /// As it is written.
        name: SmolStr,
    },
    /// A group that they are in is named.
    Group {
        /// That group.
        #[serde(rename = "member")]
        group: SmolStr,
    },
    /// The group's expression is true for them.
    Condition {
        /// The expression.
        condition: SmolStr,
    },
}
