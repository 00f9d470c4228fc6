//! `M`: the manifest itself, readable without any other file.

use crate::diagnostic::code::codes;

codes! {
    UNREADABLE = "M001", "a file cannot be read",
        cause: "The file or folder is not there, or the system does not let reseat read it.",
        remedy: "Check the path and its permissions.";
    NOT_UTF8 = "M002", "a file is not UTF-8 text",
        cause: "The bytes at this place are no UTF-8 text; often the file was saved as Latin-1 or UTF-16.",
        remedy: "Save the file as UTF-8.";
    SYNTAX = "M003", "a file is not well-formed YAML",
        cause: "The text breaks a rule of YAML 1.2, so nothing in the file can be trusted.",
        remedy: "Mend the line shown; usually it is an indentation, a missing colon or an unclosed bracket or quote.";
    DUPLICATE_KEY = "M004", "the same key stands twice",
        cause: "A key says the same thing only once, also across files; one of the two values would be lost in silence.",
        remedy: "Remove one of the two, or merge what they say.";
    LIMIT_EXCEEDED = "M005", "a file is larger or deeper than reseat reads",
        cause: "Size, nesting, aliases and the number of files are limited, so that a hostile file cannot exhaust the machine.",
        remedy: "Split the file, or write out what the aliases stand for.";
    SEVERAL_DOCUMENTS = "M006", "a file holds more than one YAML document",
        cause: "A line `---` starts another document, and it is not clear whether both are meant.",
        remedy: "Put each document into a file of its own.";
    CONTROL_CHARACTER = "M007", "a file holds an invisible control character",
        cause: "Control characters can hide text from a reviewer, and YAML does not allow them.",
        remedy: "Delete the character, or write it as an escape within double quotes.";
    MERGE_KEY = "M008", "a merge key is not YAML 1.2",
        cause: "`<<` belongs to an old draft of YAML; what it does differs from reader to reader.",
        remedy: "Write the keys out, or repeat them with an alias for each value.";
    BYTE_ORDER_MARK = "M009", "a file begins with a byte-order mark",
        cause: "Some editors put an invisible mark in front of UTF-8 text. It is skipped.",
        remedy: "Nothing has to be done; save the file without it to be rid of this note.";
    UNSUPPORTED_TAG = "M010", "a YAML tag means nothing here",
        cause: "Tags such as `!secret` belong to other programs; only the tags of YAML's core schema mean something.",
        remedy: "Remove the tag. A secret is written as `{ env: NAME }`, `{ file: PATH }` or `{ command: [...] }`.";
    UNKNOWN_KEY = "M101", "a key is not known",
        cause: "No key of that name may stand here. A misspelled key would otherwise be passed over in silence, and somebody could lose a seat by it.",
        remedy: "Correct the spelling, or move the key to where it belongs; `reseat schema manifest` lists them all.";
    MISSING_KEY = "M102", "a key is missing",
        cause: "What is described here cannot do without that key.",
        remedy: "Add the key.";
    WRONG_TYPE = "M103", "a value is of the wrong kind",
        cause: "A text, number, truth value, list or map was expected, and something else stands there. Without quotes, `12` is a number and `true` a truth value.",
        remedy: "Write what the message asks for; put a text that looks like a number into quotes.";
    UNKNOWN_VALUE = "M104", "a word is not one of those that may stand here",
        cause: "The value is one of a few words, and this is none of them.",
        remedy: "Write one of the words that the help lists.";
    LITERAL_SECRET = "M105", "a secret is written out",
        cause: "Manifests are kept in Git and shown to reviewers, so a secret in one is known to everybody and stays in the history.",
        remedy: "Name where the secret is found: `{ env: NAME }`, `{ file: PATH }` or `{ command: [PROGRAM, ARG] }`. Change the secret.";
    INVALID_API_VERSION = "M106", "the version of the format is missing or not known",
        cause: "Every manifest file says which version of the format it is written in, so that a later reseat reads it as it is meant.",
        remedy: "Write `apiVersion: reseat/v1` at the top of the file.";
    INVALID_DATE = "M107", "a date is not a day of the calendar",
        cause: "Dates are written as year, month and day, and this is none.",
        remedy: "Write it as in `2027-03-01`.";
    INVALID_DURATION = "M108", "a duration cannot be read",
        cause: "A duration is a whole number followed by `s`, `m` or `h`.",
        remedy: "Write it as in `30s`, `10m` or `2h`.";
    INVALID_PERSON = "M109", "a person's key is not an email address",
        cause: "People are named by their primary email: one `@`, no blanks or control characters, at most 254 bytes.",
        remedy: "Write the address, or `group:NAME` for a group.";
    INVALID_NAME = "M110", "a name cannot be used",
        cause: "Names of tenants, licenses and groups have no control or bidirectional characters, a license is written `tenant/license`, and a tenant has no slash.",
        remedy: "Correct the name.";
    VALUE_OUT_OF_RANGE = "M111", "a value is out of its range",
        cause: "The value is of the right kind, and cannot be what is meant.",
        remedy: "Write a value that the help allows.";
    INVALID_URL = "M112", "an address of an interface cannot be used",
        cause: "The address is no `https://` or `http://` address, or it holds a user or a password.",
        remedy: "Write the plain address; credentials belong into `key`, by reference.";
    INVALID_EXPRESSION = "M113", "an expression is not CEL, or cannot be used",
        cause: "The expression does not follow the Common Expression Language, names something that is not there, compares what can never be equal, does not give what is needed, or costs too much.",
        remedy: "Correct the expression. That of a group sees `person` with its attributes, and a missing attribute is `null`; what that of a rule sees depends on its `on`.";
    INVALID_CSV = "M114", "a directory file cannot be read as a table",
        cause: "The first row has to name the columns, `email` first, and each further row is one person with as many fields.",
        remedy: "Mend the row that is shown.";
    INVALID_CASE = "M115", "a case of a rule gives a value that cannot be",
        cause: "A case gives values for the variables that its rule sees. This one names a variable or a field that is not there, or a value of another kind than the field holds.",
        remedy: "Correct the name or the value; what a case does not give has a neutral value, and an attribute is `null`.";
    UNENCRYPTED_URL = "M116", "a key is sent without encryption",
        cause: "The address begins with `http:` and does not stay on this machine, so that everybody on the way can read the key.",
        remedy: "Write `base_url: https://...`.";
    INVALID_FREEZE = "M121", "a freeze window does not say when it is",
        cause: "A window has `from` and `until`, or `weekly`; its times are of the calendar and of the clock, and its end is after its begin. A window that cannot be understood must not be none.",
        remedy: "Write `from: 2026-12-20T00:00` with a later `until`, or `weekly: { days: [friday], from: \"16:00\", until: \"24:00\" }`.";
    AMBIGUOUS_TIME = "M122", "a freeze window begins or ends at a time that a clock shows never or twice",
        cause: "Clocks are put forward or back at that time. The window begins at the earliest moment that can be meant and ends at the latest, so that it is never shorter than what is written.",
        remedy: "Write a time that the clocks show once.";
    PATH_OUTSIDE_MANIFEST = "M201", "a path leads out of the manifest's folder",
        cause: "Paths in a manifest are relative to the file that holds them and stay inside the manifest's folder, so that a manifest from a stranger cannot read other files.",
        remedy: "Move the file into the folder, and name it by a relative path.";
    NOT_A_FILE = "M202", "a path does not lead to a regular file",
        cause: "The path leads to nothing, a folder, or something special such as a pipe.",
        remedy: "Correct the path.";
    SYMLINK_LOOP = "M203", "a symbolic link leads back to a folder that it is in",
        cause: "Reading would never come to an end.",
        remedy: "Remove the link.";
    FILE_EXISTS = "M204", "a file that `init` would write is already there",
        cause: "A starter manifest is for an empty folder; what somebody wrote is never written over.",
        remedy: "Name another folder with `--manifest PATH`, or move the file away.";
    FILE_UNWRITABLE = "M205", "a file that `init` would write cannot be written",
        cause: "The folder cannot be made or written to, or the disk is full.",
        remedy: "Make the folder writable, or name another one with `--manifest PATH`.";
    INAPPLICABLE_KEY = "M301", "a key is for another kind of vendor",
        cause: "Where a profile says what a vendor's rules are, the tenant cannot say it again; `exclusive`, `change` and `floor` are for vendor `generic`, and `add_on` for vendors with one main license.",
        remedy: "Remove the key.";
    LICENSE_IN_TWO_LISTS = "M302", "a license stands in two exclusive lists",
        cause: "Of each list a person holds one license, so a license in two lists would exclude all of both.",
        remedy: "Put all licenses that exclude each other into one list.";
    FLOOR_NOT_EXCLUSIVE = "M303", "the floor license stands in no exclusive list",
        cause: "The floor is what people fall back to from the licenses that exclude it; without such licenses it means nothing.",
        remedy: "Add the floor to the exclusive list that it belongs to.";
    FLOOR_TOTAL = "M304", "a floor license has a total",
        cause: "Everybody can hold the floor license, so its seats are never counted, and the total means nothing.",
        remedy: "Remove the total.";
    FLOOR_REMOVAL = "M305", "somebody shall lose a floor license",
        cause: "Nobody can lose the floor license: it is what everybody falls back to.",
        remedy: "Remove the entry, or name people for another license.";
    EXCLUSIVE_ASSIGNMENTS = "M306", "two wishes of one person exclude each other",
        cause: "A person holds one of these licenses at a time, and is named for two of them on the same day.",
        remedy: "Leave the person out of one of the two with `except`, or let one end before the other starts.";
    PRESENT_AND_ABSENT = "M307", "a person shall hold a license and lose it",
        cause: "One entry names the person for the license, and another says with `ensure: absent` that they lose it, on the same day.",
        remedy: "Leave the person out of one of the two.";
    NEVER_IN_FORCE = "M308", "an entry is never in force",
        cause: "It ends on the day it starts, or before.",
        remedy: "Correct the dates.";
    ACKNOWLEDGEMENT_ENDED = "M309", "an acknowledgement has ended",
        cause: "Its last day is over, so it counts no more, and what it allowed is held again.",
        remedy: "Remove it, or give it a later day after looking again.";
    ACKNOWLEDGEMENT_ENDING = "M310", "an acknowledgement ends soon",
        cause: "Within 30 days it counts no more.",
        remedy: "Apply what it is for, or give it a later day.";
    ENTRY_EXPIRED = "M311", "an entry has expired",
        cause: "From its `expires` day on an entry does not count. Its license stays managed by it.",
        remedy: "Nothing has to be done; remove the entry when the license need not be managed by it.";
    RESERVE_ABOVE_TOTAL = "M312", "more seats are kept free than there are",
        cause: "The pool's `reserve` is larger than its `total`, so nobody can get a seat.",
        remedy: "Correct one of the two.";
    CONCURRENCY_TOO_HIGH = "M313", "a vendor bears fewer operations at a time",
        cause: "The vendor's profile gives the most operations in flight, and the tenant asks for more; the profile's number is used.",
        remedy: "Write a smaller number, or none.";
    DUPLICATE_POOL_NAME = "M314", "two pools have one name at the vendor",
        cause: "Both licenses would be one at the vendor, so nobody could say which of them somebody holds.",
        remedy: "Correct one of the names.";
    IMPORT_OUTSIDE_MANIFEST = "M401", "an import would write outside of the manifest",
        cause: "What is imported counts only where the manifest is read: below its folder, in no hidden file or folder, or in its one file.",
        remedy: "Leave `--out` out, or name a file or folder below the manifest's.";
    IMPORT_INCOMPLETE = "M402", "a state that is not complete cannot be imported",
        cause: "Whoever is missing in the state would be missing in the manifest, and would lose their licenses as soon as everything can be read.",
        remedy: "Observe again when everything can be read, and import that.";
    IMPORT_UNSUPPORTED_FILE = "M403", "a file cannot be added to",
        cause: "An import adds to files without changing what stands in them. Lists in brackets over several lines, anchors, another encoding, or a file that changed since it was read leave no safe place, so nothing was written at all.",
        remedy: "Write `assignments` as a list with an entry below the other, or give a new file with `--out FILE`.";
    INVALID_OWNER = "M501", "something cannot be written into a CODEOWNERS file",
        cause: "A forge knows users, teams and addresses, and reads blanks, `#`, `!`, brackets and backslashes in a path as something else.",
        remedy: "Write owners as `@USER`, `@ORGANIZATION/TEAM` or an address, and paths and names of files without those letters.";
    CODEOWNERS_OUTDATED = "M502", "the CODEOWNERS file does not say what the manifest's `owners` say",
        cause: "The forge asks those whom the file names. It was not written anew after a change of the manifest, somebody changed its part between the `# reseat` lines, or a line behind them counts instead.",
        remedy: "Run `reseat codeowners --write`, and keep lines of your own before `# reseat begin`.";
}
