//! The variables of the policy's own rules.
//!
//! They are declared here, and given their values by the policy. Costs are decimal numbers as texts, which
//! `double(...)` makes numbers of.

use super::scope::{Field, FieldType, Variable};
use super::text_format::TextFormat;

const LICENSE: FieldType = FieldType::Formatted(TextFormat::License);
const DAY: FieldType = FieldType::Formatted(TextFormat::Date);

/// `person`: who is described in the manifest.
pub static PERSON: Variable = Variable {
    name: "person",
    fields: &[Field::new("email", FieldType::Formatted(TextFormat::PersonKey), "the person's key")
        .with_default("person@acme.example")],
    is_open: true,
};

/// `assignment`: one person named by one entry, and one license that it may give them.
pub static ASSIGNMENT: Variable = Variable {
    name: "assignment",
    fields: &[
        Field::new("license", LICENSE, "the license looked at, with its tenant: the entry's own, or an alternative")
            .with_default("tenant/license"),
        Field::new("tenant", FieldType::Text, "its tenant").with_default("tenant"),
        Field::new("name", FieldType::Text, "that license without its tenant").with_default("license"),
        Field::new("alternative", FieldType::Bool, "whether that license is one of the entry's alternatives"),
        Field::new("ensure", FieldType::Enum(&["present", "absent"]), "whether the entry gives or takes"),
        Field::new("reason", FieldType::Text, "the entry's reason").or_null(),
        Field::new("priority", FieldType::Number, "the entry's priority"),
        Field::new("starts", DAY, "its first day, such as `2027-03-01`").or_null(),
        Field::new("expires", DAY, "the day from which on it does not count").or_null(),
        Field::new("alternatives", FieldType::ListOf(TextFormat::License), "all alternatives of the entry"),
    ],
    is_open: false,
};

/// `operation`: one operation of the plan.
pub static OPERATION: Variable = Variable {
    name: "operation",
    fields: &[
        Field::new(
            "kind",
            FieldType::Enum(&["cancel", "remove", "change", "assign", "restore", "release"]),
            "what it does",
        )
        .with_default("assign"),
        Field::new("effect", FieldType::Enum(&["gain", "move", "loss", "cancel"]), "what it means for the person"),
        Field::new("tenant", FieldType::Text, "its tenant").with_default("tenant"),
        Field::new("license", LICENSE, "the license with its tenant; for `change` the old one")
            .with_default("tenant/license"),
        Field::new("to", LICENSE, "for `change` the new license").or_null(),
        Field::new("parked", FieldType::Bool, "whether the old seat is given up before a new one is certain"),
        Field::new("loses", FieldType::TextList, "what it destroys"),
        Field::new("keeps", FieldType::TextList, "what stays although one might fear for it"),
        Field::new("account", FieldType::Text, "the vendor's id of the account").with_default("account"),
        Field::new("why", FieldType::Text, "the plan's reason"),
    ],
    is_open: false,
};

/// `pool`: one pool, before and after the plan.
pub static POOL: Variable = Variable {
    name: "pool",
    fields: &[
        Field::new("tenant", FieldType::Text, "its tenant").with_default("tenant"),
        Field::new("license", LICENSE, "the license with its tenant").with_default("tenant/license"),
        Field::new("name", FieldType::Text, "the license without its tenant").with_default("license"),
        Field::new("total", FieldType::Number, "seats bought; null when not known or not limited").or_null(),
        Field::new("reserve", FieldType::Number, "seats to keep free"),
        Field::new("used_before", FieldType::Number, "seats taken before the plan"),
        Field::new("used_after", FieldType::Number, "seats taken after it"),
        Field::new("missing", FieldType::Number, "seats that are lacking"),
        Field::new("unused", FieldType::Number, "seats bought and not used after the plan; null where nobody knows")
            .or_null(),
        Field::new("currency", FieldType::Text, "the currency of its costs").or_null(),
        Field::new("cost_before", FieldType::Text, "what its taken seats cost a month before the plan").or_null(),
        Field::new("cost_after", FieldType::Text, "what they cost after it").or_null(),
        Field::new("cost_delta", FieldType::Text, "how much more that is").or_null(),
        Field::new("cost_unused", FieldType::Text, "what its unused seats cost").or_null(),
    ],
    is_open: false,
};

/// `plan`: the plan as a whole.
pub static PLAN: Variable = Variable {
    name: "plan",
    fields: &[
        Field::new("at", DAY, "its day").with_default("2026-01-01"),
        Field::new("operations", FieldType::Number, "how many operations"),
        Field::new("cancel", FieldType::Number, "how many of kind `cancel`"),
        Field::new("remove", FieldType::Number, "how many of kind `remove`"),
        Field::new("change", FieldType::Number, "how many of kind `change`"),
        Field::new("assign", FieldType::Number, "how many of kind `assign`"),
        Field::new("release", FieldType::Number, "how many of kind `release`"),
        Field::new("restore", FieldType::Number, "how many of kind `restore`"),
        Field::new("gains", FieldType::Number, "changes that give a seat"),
        Field::new("moves", FieldType::Number, "changes from one seat to another"),
        Field::new("losses", FieldType::Number, "changes that give up a seat"),
        Field::new("blocked", FieldType::Number, "changes left out"),
        Field::new("waiting", FieldType::Number, "wishes that wait for a seat"),
        Field::new("held", FieldType::Number, "losses that a limit keeps back"),
        Field::new("parked", FieldType::Number, "people without a certain seat for a while"),
        Field::new("unmanaged", FieldType::Number, "holdings that the manifest does not name"),
        Field::new("cost_before", FieldType::TextMap, "what taken seats cost a month before it, by currency"),
        Field::new("cost_after", FieldType::TextMap, "what they cost after it, by currency"),
        Field::new("cost_delta", FieldType::TextMap, "how much more that is, by currency"),
        Field::new("cost_unused", FieldType::TextMap, "what unused seats cost, by currency"),
    ],
    is_open: false,
};
