//! The variables of custom rules, declared here; the policy provides their values.
//!
//! Costs are decimal numbers as texts; `double(...)` converts them.

use super::scope::{Field, FieldType, Variable};
use super::text_format::TextFormat;

const LICENSE: FieldType = FieldType::Formatted(TextFormat::License);
const DAY: FieldType = FieldType::Formatted(TextFormat::Date);

/// `person`: a person of the manifest.
pub static PERSON: Variable = Variable {
    name: "person",
    fields: &[Field::new("email", FieldType::Formatted(TextFormat::PersonKey), "the person's key")
        .with_default("person@acme.example")],
    is_open: true,
};

/// `assignment`: one entry, one person that it names, and one license that the person may get.
pub static ASSIGNMENT: Variable = Variable {
    name: "assignment",
    fields: &[
        Field::new("license", LICENSE, "the license with its tenant: the entry's license or an alternative")
            .with_default("tenant/license"),
        Field::new("tenant", FieldType::Text, "its tenant").with_default("tenant"),
        Field::new("name", FieldType::Text, "the license without its tenant").with_default("license"),
        Field::new("alternative", FieldType::Bool, "whether the license is an alternative"),
        Field::new(
            "ensure",
            FieldType::Enum(&["present", "absent"]),
            "whether the entry assigns or removes the license",
        ),
        Field::new("reason", FieldType::Text, "the entry's reason").or_null(),
        Field::new("priority", FieldType::Number, "the entry's priority"),
        Field::new("starts", DAY, "the entry's first day, such as `2027-03-01`").or_null(),
        Field::new("expires", DAY, "the day from which the entry no longer counts").or_null(),
        Field::new("alternatives", FieldType::ListOf(TextFormat::License), "the entry's alternatives"),
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
        Field::new("effect", FieldType::Enum(&["gain", "move", "loss", "cancel"]), "its effect for the person"),
        Field::new("tenant", FieldType::Text, "its tenant").with_default("tenant"),
        Field::new("license", LICENSE, "the license with its tenant; for `change`, the old one")
            .with_default("tenant/license"),
        Field::new("to", LICENSE, "for `change`, the new license").or_null(),
        Field::new("parked", FieldType::Bool, "whether the person gives up a seat before the new one is certain"),
        Field::new("loses", FieldType::TextList, "data that it destroys"),
        Field::new("keeps", FieldType::TextList, "data that it keeps"),
        Field::new("account", FieldType::Text, "the vendor's ID of the account").with_default("account"),
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
        Field::new("total", FieldType::Number, "purchased seats; null if unknown or unlimited").or_null(),
        Field::new("reserve", FieldType::Number, "seats to keep free"),
        Field::new("used_before", FieldType::Number, "used seats before the plan"),
        Field::new("used_after", FieldType::Number, "used seats after the plan"),
        Field::new("missing", FieldType::Number, "missing seats"),
        Field::new("unused", FieldType::Number, "purchased seats that are unused after the plan; null if unknown")
            .or_null(),
        Field::new("currency", FieldType::Text, "the currency of its costs").or_null(),
        Field::new("cost_before", FieldType::Text, "monthly cost of the used seats before the plan").or_null(),
        Field::new("cost_after", FieldType::Text, "monthly cost of the used seats after the plan").or_null(),
        Field::new("cost_delta", FieldType::Text, "difference of the two").or_null(),
        Field::new("cost_unused", FieldType::Text, "monthly cost of the unused seats").or_null(),
    ],
    is_open: false,
};

/// `plan`: the plan.
pub static PLAN: Variable = Variable {
    name: "plan",
    fields: &[
        Field::new("at", DAY, "its day").with_default("2026-01-01"),
        Field::new("operations", FieldType::Number, "number of operations"),
        Field::new("cancel", FieldType::Number, "number of `cancel` operations"),
        Field::new("remove", FieldType::Number, "number of `remove` operations"),
        Field::new("change", FieldType::Number, "number of `change` operations"),
        Field::new("assign", FieldType::Number, "number of `assign` operations"),
        Field::new("release", FieldType::Number, "number of `release` operations"),
        Field::new("restore", FieldType::Number, "number of `restore` operations"),
        Field::new("gains", FieldType::Number, "number of gains"),
        Field::new("moves", FieldType::Number, "number of moves"),
        Field::new("losses", FieldType::Number, "number of losses"),
        Field::new("blocked", FieldType::Number, "number of blocked changes"),
        Field::new("waiting", FieldType::Number, "number of people waiting for a seat"),
        Field::new("held", FieldType::Number, "number of losses held by a limit"),
        Field::new("parked", FieldType::Number, "number of parked people"),
        Field::new("unmanaged", FieldType::Number, "number of unmanaged holdings"),
        Field::new("cost_before", FieldType::TextMap, "monthly cost of used seats before the plan, by currency"),
        Field::new("cost_after", FieldType::TextMap, "monthly cost of used seats after the plan, by currency"),
        Field::new("cost_delta", FieldType::TextMap, "difference of the two, by currency"),
        Field::new("cost_unused", FieldType::TextMap, "monthly cost of unused seats, by currency"),
    ],
    is_open: false,
};
