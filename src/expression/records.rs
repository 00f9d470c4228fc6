//! The variables of the policy's own rules.
//!
//! They are declared here, and given their values by the policy. Costs are decimal numbers as texts, which
//! `double(...)` makes numbers of.

use super::form::Form;
use super::scope::{Field, Kind, Record};

const LICENSE: Kind = Kind::Formed(Form::License);
const DAY: Kind = Kind::Formed(Form::Day);

/// `person`: who is described in the manifest.
pub static PERSON: Record = Record {
    name: "person",
    fields: &[Field::new("email", Kind::Formed(Form::Key), "the person's key").neutral("person@acme.example")],
    open: true,
};

/// `assignment`: one person named by one entry, and one license that it may give them.
pub static ASSIGNMENT: Record = Record {
    name: "assignment",
    fields: &[
        Field::new("license", LICENSE, "the license looked at, with its tenant: the entry's own, or an alternative")
            .neutral("tenant/license"),
        Field::new("tenant", Kind::Text, "its tenant").neutral("tenant"),
        Field::new("name", Kind::Text, "that license without its tenant").neutral("license"),
        Field::new("alternative", Kind::Truth, "whether that license is one of the entry's alternatives"),
        Field::new("ensure", Kind::Word(&["present", "absent"]), "whether the entry gives or takes"),
        Field::new("reason", Kind::Text, "the entry's reason").or_null(),
        Field::new("priority", Kind::Number, "the entry's priority"),
        Field::new("starts", DAY, "its first day, such as `2027-03-01`").or_null(),
        Field::new("expires", DAY, "the day from which on it does not count").or_null(),
        Field::new("alternatives", Kind::ListOf(Form::License), "all alternatives of the entry"),
    ],
    open: false,
};

/// `operation`: one operation of the plan.
pub static OPERATION: Record = Record {
    name: "operation",
    fields: &[
        Field::new("kind", Kind::Word(&["cancel", "remove", "change", "assign", "restore", "release"]), "what it does")
            .neutral("assign"),
        Field::new("effect", Kind::Word(&["gain", "move", "loss", "cancel"]), "what it means for the person"),
        Field::new("tenant", Kind::Text, "its tenant").neutral("tenant"),
        Field::new("license", LICENSE, "the license with its tenant; for `change` the old one")
            .neutral("tenant/license"),
        Field::new("to", LICENSE, "for `change` the new license").or_null(),
        Field::new("parked", Kind::Truth, "whether the old seat is given up before a new one is certain"),
        Field::new("loses", Kind::Texts, "what it destroys"),
        Field::new("keeps", Kind::Texts, "what stays although one might fear for it"),
        Field::new("account", Kind::Text, "the vendor's id of the account").neutral("account"),
        Field::new("why", Kind::Text, "the plan's reason"),
    ],
    open: false,
};

/// `pool`: one pool, before and after the plan.
pub static POOL: Record = Record {
    name: "pool",
    fields: &[
        Field::new("tenant", Kind::Text, "its tenant").neutral("tenant"),
        Field::new("license", LICENSE, "the license with its tenant").neutral("tenant/license"),
        Field::new("name", Kind::Text, "the license without its tenant").neutral("license"),
        Field::new("total", Kind::Number, "seats bought; null when not known or not limited").or_null(),
        Field::new("reserve", Kind::Number, "seats to keep free"),
        Field::new("used_before", Kind::Number, "seats taken before the plan"),
        Field::new("used_after", Kind::Number, "seats taken after it"),
        Field::new("missing", Kind::Number, "seats that are lacking"),
        Field::new("unused", Kind::Number, "seats bought and not used after the plan; null where nobody knows")
            .or_null(),
        Field::new("currency", Kind::Text, "the currency of its costs").or_null(),
        Field::new("cost_before", Kind::Text, "what its taken seats cost a month before the plan").or_null(),
        Field::new("cost_after", Kind::Text, "what they cost after it").or_null(),
        Field::new("cost_delta", Kind::Text, "how much more that is").or_null(),
        Field::new("cost_unused", Kind::Text, "what its unused seats cost").or_null(),
    ],
    open: false,
};

/// `plan`: the plan as a whole.
pub static PLAN: Record = Record {
    name: "plan",
    fields: &[
        Field::new("at", DAY, "its day").neutral("2026-01-01"),
        Field::new("operations", Kind::Number, "how many operations"),
        Field::new("cancel", Kind::Number, "how many of kind `cancel`"),
        Field::new("remove", Kind::Number, "how many of kind `remove`"),
        Field::new("change", Kind::Number, "how many of kind `change`"),
        Field::new("assign", Kind::Number, "how many of kind `assign`"),
        Field::new("release", Kind::Number, "how many of kind `release`"),
        Field::new("restore", Kind::Number, "how many of kind `restore`"),
        Field::new("gains", Kind::Number, "changes that give a seat"),
        Field::new("moves", Kind::Number, "changes from one seat to another"),
        Field::new("losses", Kind::Number, "changes that give up a seat"),
        Field::new("blocked", Kind::Number, "changes left out"),
        Field::new("waiting", Kind::Number, "wishes that wait for a seat"),
        Field::new("held", Kind::Number, "losses that a limit keeps back"),
        Field::new("parked", Kind::Number, "people without a certain seat for a while"),
        Field::new("unmanaged", Kind::Number, "holdings that the manifest does not name"),
        Field::new("cost_before", Kind::TextMap, "what taken seats cost a month before it, by currency"),
        Field::new("cost_after", Kind::TextMap, "what they cost after it, by currency"),
        Field::new("cost_delta", Kind::TextMap, "how much more that is, by currency"),
        Field::new("cost_unused", Kind::TextMap, "what unused seats cost, by currency"),
    ],
    open: false,
};
