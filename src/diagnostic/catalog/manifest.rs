//! `M`: the manifest itself, without any other source.

use crate::diagnostic::code::codes;

codes! {
    UNREADABLE = "M001", "a file cannot be read",
        cause: "The file or folder does not exist, or reseat has no permission to read it.",
        remedy: "Check the path and its permissions.";
    NOT_UTF8 = "M002", "a file is not UTF-8 text",
        cause: "The bytes at this position are not valid UTF-8. Usually the file was saved as Latin-1 or UTF-16.",
        remedy: "Save the file as UTF-8.";
    SYNTAX = "M003", "invalid YAML",
        cause: "The text violates YAML 1.2, so reseat ignores the whole file.",
        remedy: "Correct the line shown. Typical causes are wrong indentation, a missing colon, and an unclosed bracket or quote.";
    DUPLICATE_KEY = "M004", "duplicate key",
        cause: "A key has one value, also across files. With two, one value would be ignored silently.",
        remedy: "Remove one of the two, or merge their values.";
    LIMIT_EXCEEDED = "M005", "a file exceeds a size or nesting limit",
        cause: "reseat limits size, nesting, aliases and the number of files, so that a malicious file cannot exhaust the machine.",
        remedy: "Split the file, or replace aliases with their values.";
    SEVERAL_DOCUMENTS = "M006", "a file contains more than one YAML document",
        cause: "A line `---` starts a second document. reseat cannot tell whether both are intended.",
        remedy: "Move each document to its own file.";
    CONTROL_CHARACTER = "M007", "a file contains an invisible control character",
        cause: "Control characters can hide text from a reviewer, and YAML does not allow them.",
        remedy: "Delete the character, or write it as an escape sequence in double quotes.";
    MERGE_KEY = "M008", "merge keys are not supported",
        cause: "`<<` is not part of YAML 1.2, and readers interpret it differently.",
        remedy: "Write the keys out, or use an alias for each value.";
    BYTE_ORDER_MARK = "M009", "a file starts with a byte-order mark",
        cause: "Some editors start UTF-8 files with this invisible mark. reseat skips it.",
        remedy: "No action is required. To remove this note, save the file without the mark.";
    UNSUPPORTED_TAG = "M010", "unsupported YAML tag",
        cause: "Tags such as `!secret` belong to other programs. reseat supports only the tags of the YAML core schema.",
        remedy: "Remove the tag. Write a secret as `{ env: NAME }`, `{ file: PATH }` or `{ command: [...] }`.";
    UNKNOWN_KEY = "M101", "unknown key",
        cause: "This key is not allowed here. If reseat ignored misspelled keys, a typing error could cost someone a seat.",
        remedy: "Correct the spelling, or move the key to its section. `reseat schema manifest` lists all keys.";
    MISSING_KEY = "M102", "missing key",
        cause: "This section requires the key.",
        remedy: "Add the key.";
    WRONG_TYPE = "M103", "a value has the wrong type",
        cause: "The key requires a value of another type. Without quotes, `12` is a number and `true` a Boolean.",
        remedy: "Write a value of the type that the message names. Put text that looks like a number in quotes.";
    UNKNOWN_VALUE = "M104", "unknown value",
        cause: "The key accepts a fixed set of values, and this is not one of them.",
        remedy: "Use one of the values that the help lists.";
    LITERAL_SECRET = "M105", "a secret is written in the manifest",
        cause: "Git keeps every version of a manifest, and reviewers read it. A secret in a manifest is compromised.",
        remedy: "Refer to the secret with `{ env: NAME }`, `{ file: PATH }` or `{ command: [PROGRAM, ARG] }`, and rotate it.";
    INVALID_API_VERSION = "M106", "the version of the format is missing or unknown",
        cause: "Every manifest file states the version of its format, so that later versions of reseat read it correctly.",
        remedy: "Add `apiVersion: reseat/v1` at the top of the file.";
    INVALID_DATE = "M107", "invalid date",
        cause: "A date consists of year, month and day, and must exist in the calendar.",
        remedy: "Use the form `2027-03-01`.";
    INVALID_DURATION = "M108", "invalid duration",
        cause: "A duration is a whole number followed by `s`, `m` or `h`.",
        remedy: "Use the form `30s`, `10m` or `2h`.";
    INVALID_PERSON = "M109", "a person's key is not an email address",
        cause: "The key of a person is the primary email address: one `@`, no blanks or control characters, at most 254 bytes.",
        remedy: "Write the address, or `group:NAME` for a group.";
    INVALID_NAME = "M110", "invalid name",
        cause: "Names of tenants, licenses and groups contain no control or bidirectional characters. A license is written `tenant/license`, and the name of a tenant has no slash.",
        remedy: "Correct the name.";
    VALUE_OUT_OF_RANGE = "M111", "a value is out of range",
        cause: "The value has the right type, but is not allowed.",
        remedy: "Use a value that the help allows.";
    INVALID_URL = "M112", "invalid URL",
        cause: "The URL is not an `https://` or `http://` URL, or it contains a user name or password.",
        remedy: "Write the URL without credentials, and refer to them in `key`.";
    INVALID_EXPRESSION = "M113", "invalid CEL expression",
        cause: "The expression violates the Common Expression Language, uses an unknown name, compares values that are never equal, returns the wrong type, or costs too much.",
        remedy: "Correct the expression. In a group it sees `person` and its attributes, and a missing attribute is `null`. In a rule the variables depend on `on`.";
    INVALID_CSV = "M114", "invalid CSV file",
        cause: "The first row of a directory file names the columns, including `email`. Every other row is one person and has no more cells than the first.",
        remedy: "Correct the row shown.";
    INVALID_CASE = "M115", "a case of a rule has an invalid value",
        cause: "A case sets the variables that its rule sees. This one sets an unknown variable or field, or a value of the wrong type.",
        remedy: "Correct the name or the value. Fields that a case does not set have neutral values, and attributes are `null`.";
    UNENCRYPTED_URL = "M116", "a key is sent without encryption",
        cause: "The URL starts with `http:` and leads to another machine, so everyone on the network path can read the key.",
        remedy: "Use `base_url: https://...`.";
    INVALID_FREEZE = "M121", "invalid freeze window",
        cause: "A freeze window has `from` and `until`, or `weekly`. Its times must be valid, and its end must be after its start. reseat does not skip an invalid window, because changes would then be possible.",
        remedy: "Write `from: 2026-12-20T00:00` with a later `until`, or `weekly: { days: [friday], from: \"16:00\", until: \"24:00\" }`.";
    AMBIGUOUS_TIME = "M122", "a freeze window starts or ends during a clock change",
        cause: "Daylight saving time skips or repeats this local time. reseat starts the window at the earliest possible moment and ends it at the latest, so it is never shorter than written.",
        remedy: "Use a time outside of the clock change.";
    PATH_OUTSIDE_MANIFEST = "M201", "a path leads out of the manifest's folder",
        cause: "Paths in a manifest are relative to the file that contains them, and stay inside the manifest's folder. A manifest from an untrusted source therefore cannot read other files.",
        remedy: "Move the file into the folder, and refer to it with a relative path.";
    NOT_A_FILE = "M202", "a path is not a regular file",
        cause: "The path does not exist, or is a folder or a special file such as a pipe.",
        remedy: "Correct the path.";
    SYMLINK_LOOP = "M203", "a symbolic link leads back to a parent folder",
        cause: "Following the link would never end.",
        remedy: "Remove the link.";
    FILE_EXISTS = "M204", "a file that `init` would create already exists",
        cause: "`init` creates a starter manifest in an empty folder, and never overwrites a file.",
        remedy: "Choose another folder with `--manifest PATH`, or move the file away.";
    FILE_UNWRITABLE = "M205", "a file that `init` would create cannot be written",
        cause: "The folder cannot be created or written to, or the disk is full.",
        remedy: "Make the folder writable, or choose another one with `--manifest PATH`.";
    INAPPLICABLE_KEY = "M301", "a key does not apply to this vendor",
        cause: "The vendor's profile already defines these rules. `exclusive`, `change` and `floor` apply to the vendor `generic`, and `add_on` to vendors with one main license.",
        remedy: "Remove the key.";
    LICENSE_IN_TWO_LISTS = "M302", "a license is in two exclusive lists",
        cause: "A person holds one license of each list. A license in two lists would exclude every license of both.",
        remedy: "Put all licenses that exclude each other into one list.";
    FLOOR_NOT_EXCLUSIVE = "M303", "the floor license is in no exclusive list",
        cause: "People fall back to the floor from the licenses that exclude it. Without such licenses, a floor has no effect.",
        remedy: "Add the floor to the exclusive list that it belongs to.";
    FLOOR_TOTAL = "M304", "a floor license has a total",
        cause: "The seats of a floor license are unlimited, so the total has no effect.",
        remedy: "Remove the total.";
    FLOOR_REMOVAL = "M305", "a floor license cannot be removed",
        cause: "The entry removes the floor license, which is the license that everyone falls back to.",
        remedy: "Remove the entry, or assign another license to these people.";
    EXCLUSIVE_ASSIGNMENTS = "M306", "two assignments of one person exclude each other",
        cause: "A person can hold only one of these licenses, and two entries assign both on the same day.",
        remedy: "Exclude the person from one entry with `except`, or let one entry end before the other starts.";
    PRESENT_AND_ABSENT = "M307", "a license is both assigned to a person and removed",
        cause: "One entry assigns the license to the person, and another removes it with `ensure: absent` on the same day.",
        remedy: "Exclude the person from one of the two entries.";
    NEVER_IN_FORCE = "M308", "an entry is never in force",
        cause: "The entry expires on or before the day on which it starts.",
        remedy: "Correct the dates.";
    ACKNOWLEDGEMENT_ENDED = "M309", "an acknowledgement has ended",
        cause: "Its last day is in the past. It does not count, and the removals that it allowed are denied again.",
        remedy: "Remove it, or review it and extend `until`.";
    ACKNOWLEDGEMENT_ENDING = "M310", "an acknowledgement ends soon",
        cause: "It ends within 30 days, and does not count afterwards.",
        remedy: "Apply the removals that it allows, or extend `until`.";
    ENTRY_EXPIRED = "M311", "an entry has expired",
        cause: "An entry has no effect from its `expires` day on. It still makes its license managed.",
        remedy: "No action is required. Remove the entry unless it keeps the license managed.";
    RESERVE_ABOVE_TOTAL = "M312", "the reserve of a pool exceeds its total",
        cause: "The pool's `reserve` is larger than its `total`, so nobody can get a seat.",
        remedy: "Correct `reserve` or `total`.";
    CONCURRENCY_TOO_HIGH = "M313", "`concurrency` exceeds the vendor's limit",
        cause: "The vendor's profile limits the operations in flight, and the tenant sets a higher number. reseat uses the limit.",
        remedy: "Use a smaller number, or remove the key.";
    DUPLICATE_POOL_NAME = "M314", "two pools have the same name at the vendor",
        cause: "Both licenses of the manifest would be the same license at the vendor, so reseat cannot tell which of them a person holds.",
        remedy: "Correct one of the names.";
    IMPORT_OUTSIDE_MANIFEST = "M401", "an import would write outside of the manifest",
        cause: "reseat reads imported entries only from the manifest: its file, or its folder without hidden files and folders.",
        remedy: "Omit `--out`, or use a file or folder inside the manifest's folder.";
    IMPORT_INCOMPLETE = "M402", "an incomplete observation cannot be imported",
        cause: "People missing from the observation would be missing from the manifest, and would lose their licenses as soon as the observation is complete.",
        remedy: "Observe the tenant again, and import a complete observation.";
    IMPORT_UNSUPPORTED_FILE = "M403", "an import cannot extend a file",
        cause: "An import adds entries and leaves the rest of a file unchanged. That is impossible with multi-line lists in brackets, anchors, another encoding, or a file that changed since reseat read it. Nothing was written.",
        remedy: "Write `assignments` as a block list with one entry per item, or use a new file with `--out FILE`.";
    INVALID_OWNER = "M501", "an owner or path cannot be written to a CODEOWNERS file",
        cause: "A forge accepts users, teams and email addresses as owners, and interprets blanks, `#`, `!`, brackets and backslashes in a path.",
        remedy: "Write owners as `@USER`, `@ORGANIZATION/TEAM` or an email address, and rename files with those characters.";
    CODEOWNERS_OUTDATED = "M502", "the CODEOWNERS file does not match the manifest's `owners`",
        cause: "The forge requests reviews from the owners in the file. The file was not updated after a change of the manifest, someone edited the section between the `# reseat` lines, or a later line overrides it.",
        remedy: "Run `reseat codeowners --write`, and keep your own lines above `# reseat begin`.";
}
