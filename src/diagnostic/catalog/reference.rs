//! `R`: names that lead nowhere or to the wrong place.

use crate::diagnostic::code::codes;

codes! {
    UNKNOWN_TENANT = "R101", "a tenant is not there",
        cause: "A license, an account or an acknowledgement names a tenant that no file describes below `tenants`.",
        remedy: "Correct the name, or describe the tenant.";
    UNKNOWN_GROUP = "R102", "a group is not there",
        cause: "`group:NAME` names a group that no file describes below `groups`.",
        remedy: "Correct the name, or describe the group.";
    GROUP_CYCLE = "R103", "a group is a member of itself",
        cause: "The groups name each other in a circle, so nobody can say who is in them.",
        remedy: "Take one of the groups out of the circle.";
    AMBIGUOUS_ALIAS = "R104", "an alias means two people",
        cause: "The address is the key or an alias of somebody else as well.",
        remedy: "Remove it from one of the two.";
    AMBIGUOUS_HANDLE = "R105", "an account belongs to two people",
        cause: "Two people have the same account id or login at one tenant.",
        remedy: "Remove it from one of the two.";
    EXCEPT_WITHOUT_MEMBER = "R106", "somebody is left out who is not in the entry",
        cause: "`except` names a person whom `to` does not name, often because the address is misspelled.",
        remedy: "Correct the address, or remove it.";
    CONFLICTING_ATTRIBUTE = "R107", "two files describe one person differently",
        cause: "The same attribute of the same person is given twice with different values.",
        remedy: "Remove one of the two.";
    UNKNOWN_ATTRIBUTE = "R108", "an expression asks for an attribute that nobody has",
        cause: "No person has the attribute, so it is `null` for everybody; often the name is misspelled.",
        remedy: "Correct the name, or give people the attribute.";
    INVALID_ALTERNATIVE = "R109", "an alternative cannot stand in for the license",
        cause: "Alternatives are other licenses of the same tenant, each once.",
        remedy: "Remove the alternative, or name another license of the tenant.";
    UNKNOWN_VENDOR = "R110", "a vendor is not known",
        cause: "No profile has that name, so nobody knows the vendor's rules.",
        remedy: "Correct the name, or write `generic` and say the rules in the tenant.";
    UNKNOWN_LICENSE = "R111", "a vendor has no such license",
        cause: "The vendor's licenses are known, and this is none of them.",
        remedy: "Write one of the vendor's licenses.";
    UNKNOWN_TIME_ZONE = "R112", "a time zone is not known",
        cause: "The IANA time zone database, which comes with the program, has no zone of that name. Abbreviations and offsets are no names: they do not say when clocks are put.",
        remedy: "Write an IANA name such as `Europe/Berlin`, or `UTC`.";
    UNKNOWN_PERSON = "R190", "nobody knows the person asked for",
        cause: "Neither the manifest nor the state of a tenant has that address, as a key or as an alias.",
        remedy: "Give the address as the manifest or the tenant writes it.";
}
