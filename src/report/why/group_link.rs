//! The membership path of a person in a group.

use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use crate::diagnostic::Source;

/// One step of a membership path.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct GroupLink {
    /// The group.
    pub group: SmolStr,
    /// The cause of the membership.
    #[serde(flatten)]
    pub by: MembershipCause,
    /// The location of the cause.
    pub source: Source,
}

/// The cause of a membership.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum MembershipCause {
    /// The person is named.
    Name {
        /// The name in the manifest.
        name: SmolStr,
    },
    /// A group of the person is named.
    Group {
        /// That group.
        #[serde(rename = "member")]
        group: SmolStr,
    },
    /// The group's expression is true for the person.
    Condition {
        /// The expression.
        condition: SmolStr,
    },
}
