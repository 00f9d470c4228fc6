//! `R`: names that refer to nothing, or to the wrong object.

use crate::diagnostic::code::codes;

codes! {
    UNKNOWN_TENANT = "R101", "unknown tenant",
        cause: "A license, an account or an acknowledgement names a tenant that is not declared under `tenants`.",
        remedy: "Correct the name, or declare the tenant.";
    UNKNOWN_GROUP = "R102", "unknown group",
        cause: "`group:NAME` names a group that is not declared under `groups`.",
        remedy: "Correct the name, or declare the group.";
    GROUP_CYCLE = "R103", "a group contains itself",
        cause: "The groups refer to each other in a cycle, so their members cannot be determined.",
        remedy: "Remove one of the groups from the cycle.";
    AMBIGUOUS_ALIAS = "R104", "an alias belongs to two people",
        cause: "The address is also the key or an alias of another person.",
        remedy: "Remove it from one of the two.";
    AMBIGUOUS_HANDLE = "R105", "an account belongs to two people",
        cause: "Two people have the same account id or login at one tenant.",
        remedy: "Remove it from one of the two.";
    EXCEPT_WITHOUT_MEMBER = "R106", "`except` names a person who is not in the entry",
        cause: "`to` does not include the person. Often the address is misspelled.",
        remedy: "Correct the address, or remove it.";
    CONFLICTING_ATTRIBUTE = "R107", "an attribute of a person has two values",
        cause: "Two sources give different values for the same attribute of the same person.",
        remedy: "Remove one of the two.";
    UNKNOWN_ATTRIBUTE = "R108", "an expression uses an attribute that no person has",
        cause: "The attribute is `null` for everyone. Often its name is misspelled.",
        remedy: "Correct the name, or give people the attribute.";
    INVALID_ALTERNATIVE = "R109", "invalid alternative",
        cause: "Alternatives are other licenses of the same tenant, each listed once.",
        remedy: "Remove the alternative, or use another license of the tenant.";
    UNKNOWN_VENDOR = "R110", "unknown vendor",
        cause: "reseat has no profile of that name, so it does not know the vendor's rules.",
        remedy: "Correct the name, or use `generic` and state the rules in the tenant.";
    UNKNOWN_LICENSE = "R111", "the vendor has no such license",
        cause: "The vendor's profile lists all licenses of the vendor, and this is not one of them.",
        remedy: "Use one of the vendor's licenses.";
    UNKNOWN_TIME_ZONE = "R112", "unknown time zone",
        cause: "The IANA time zone database has no zone of that name. reseat does not accept abbreviations and offsets, because they do not define clock changes.",
        remedy: "Use an IANA name such as `Europe/Berlin`, or `UTC`.";
    UNKNOWN_PERSON = "R190", "unknown person",
        cause: "Neither the manifest nor the state of a tenant has that address, as a key or as an alias.",
        remedy: "Use an address that the manifest or the tenant has.";
}
