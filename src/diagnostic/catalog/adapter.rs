//! `A`: what comes from a tenant or a state file.

use crate::diagnostic::code::codes;

codes! {
    UNREADABLE = "A001", "a state file cannot be read",
        cause: "The file is not there, is no regular file, or the system does not let reseat read it.",
        remedy: "Check the path and its permissions; a tenant's `adapter: { file: { path: ... } }` is relative to the manifest file that holds it.";
    MALFORMED = "A002", "a state file is neither well-formed JSON nor YAML",
        cause: "The text breaks a rule of its format, so nothing in the file can be trusted; often it was cut short.",
        remedy: "Mend the place shown, or make the file anew with `reseat observe`.";
    NOT_OBSERVATION = "A003", "a file is not an observation",
        cause: "A state file has `apiVersion: reseat/v1` and `kind: observation`; a manifest or a plan was given in its place, perhaps.",
        remedy: "Give a file as `reseat observe` prints it.";
    INVALID_OBSERVATION = "A004", "a state file holds what an observation cannot hold",
        cause: "A key is unknown, missing or twice there, or a value is of the wrong kind.",
        remedy: "Correct the place shown; `reseat schema observation` tells what may stand where.";
    TOO_LARGE = "A005", "a state file is larger than reseat reads",
        cause: "Sizes are limited, so that a hostile file cannot exhaust the machine.",
        remedy: "Keep a large state as JSON, which may be larger than YAML, or split the tenant.";
    STATE_UNWRITABLE = "A006", "a state file cannot be written",
        cause: "The folder cannot be made or written to, or the disk is full.",
        remedy: "Name a folder that can be made or written to.";
    WRONG_TENANT = "A101", "an observation is of another tenant",
        cause: "The `tenant` in the file is not the one that it was given for, or the manifest has no such tenant.",
        remedy: "Give the file of that tenant, or correct the name in it.";
    WRONG_VENDOR = "A102", "an observation is of another vendor",
        cause: "The `vendor` in the file is not the one that the manifest gives to the tenant, so other rules would hold.",
        remedy: "Correct the `vendor` in the manifest or in the file.";
    DUPLICATE_ACCOUNT = "A103", "two accounts have the same id",
        cause: "An account's id is what operations are addressed to, so it stands once.",
        remedy: "Remove one of the two, or merge what they hold.";
    DUPLICATE_POOL = "A104", "two pools are of the same license",
        cause: "A license has one pool; with two of them it is not clear how many seats there are. One may stand under the vendor's name and one under the manifest's.",
        remedy: "Remove one of the two, or add up what they say.";
    UNKNOWN_STATE = "A105", "a state of a holding is not known",
        cause: "The word is neither one of the format's own nor a spelling that the vendor's profile lists, so nobody knows whether a seat is taken.",
        remedy: "Write one of the words that the help lists.";
    UNKNOWN_LICENSE = "A106", "the vendor has no such license",
        cause: "The vendor's licenses are a closed set, and this name is none of them.",
        remedy: "Correct the spelling; if the vendor calls it otherwise, give that name as `name` of the pool in the manifest.";
    INVALID_STATE_NAME = "A107", "a name in a state file cannot be a name",
        cause: "Ids and licenses are not empty and hold no control or bidirectional characters.",
        remedy: "Correct the name.";
    DUPLICATE_HOLDING = "A108", "an account holds the same license twice",
        cause: "Two direct holdings of one license would take two seats, and one removal would give back both.",
        remedy: "Remove one of the two.";
    FAULTS_TRUNCATED = "A109", "a state file has more faults than are shown",
        cause: "Only the first faults of a file are shown.",
        remedy: "Mend those shown, and run it again.";
    UNSUPPORTED_ADAPTER = "A201", "a tenant cannot be reached that way",
        cause: "There is no such adapter for the tenant's vendor: `api` is there for some vendors only, and each of them has its own.",
        remedy: "Use one of the adapters that the help lists, or give the tenant's state with `--state FILE`.";
    DUPLICATE_STATE = "A110", "two state files are of one tenant",
        cause: "A plan is made from one observation of each tenant.",
        remedy: "Leave out one of the two files.";
    EXEC_NOT_ALLOWED = "A203", "a program would have to run, and none may",
        cause: "The manifest names a program: an `exec` adapter, or a `command` that prints a secret. A manifest may come from a stranger, so no program runs unasked.",
        remedy: "Read what would run, and give `--allow-exec`; without it, give the tenant's state with `--state FILE`.";
    TENANT_FAILED = "A202", "a tenant cannot be read",
        cause: "The tenant could not be reached, did not let us in, or gave an answer that makes no sense.",
        remedy: "Do what the message says, or give the tenant's state with `--state FILE`.";
    INVALID_BASE_URL = "A211", "a base URL cannot be used",
        cause: "It is not an `https` or `http` address, or it holds what does not belong there: user information, a query or a fragment.",
        remedy: "Write `base_url: https://HOST/PATH` as the vendor's documentation says, and give the key by reference.";
    INVALID_CERTIFICATES = "A212", "certificates cannot be used",
        cause: "The file of `ca` cannot be read or holds no certificate in PEM form, or the system has none to trust.",
        remedy: "Give the PEM file of the authority as `ca`, or install the system's certificates.";
    INVALID_PROXY = "A213", "a proxy cannot be used",
        cause: "Its address cannot be read, holds user information, or is neither `http` nor `https`.",
        remedy: "Write `proxy: http://HOST:PORT`.";
    INVALID_INVENTORY = "A214", "an inventory cannot be used",
        cause: "The list of license units that an operator exports is no CSV, lacks a column, or holds a row that makes no sense, so that seats would be counted wrong.",
        remedy: "Export the list again, as CSV with `id`, `name`, `country` and `status`; a status is `assigned`, `unassigned` or `suspended`.";
    KEY_MISSING = "A215", "an interface needs a key, and the manifest names none",
        cause: "The vendor lets nobody in without a key.",
        remedy: "Write where it is found, as in `key: { env: NAME }`.";
    UNNEEDED_CREDENTIAL = "A221", "a credential is there that the command does not need",
        cause: "With `--isolated` a command refuses to begin where its environment holds a credential that it has no use for: a job that reads what a stranger wrote must have nothing to lose.",
        remedy: "Give the credential to the job that needs it and to no other one: `observe` needs the one for reading, `apply` the one for changes, `comment` the forge's token, `plan --state` none.";
    EXPORT_MISSING = "A301", "a tenant is changed by hand, and no export of its console is named",
        cause: "Where people make the changes, the list that the console exports is the only way to see who holds what.",
        remedy: "Export the list as the help says, put it into the manifest's folder, and name it: `adapter: { runbook: { export: exports/office.csv } }`. An observation, as `reseat observe` prints it, does as well.";
    EXPORT_FORMAT = "A302", "an export is no whole table of text",
        cause: "The file is a spreadsheet, is not text in UTF-8, is empty, or was cut off or is still being written: a row is too short, or quotes are open at the end. Whoever is missing for that reason must not count as gone.",
        remedy: "Export it again as CSV in UTF-8, and put it in its place when it is complete.";
    EXPORT_COLUMN = "A303", "a column of an export is missing, stands twice or is not known",
        cause: "Consoles call their columns as they like; reseat looks for usual names, and for those that the manifest gives in `columns`. It needs at least an email and a license.",
        remedy: "Name the header in the manifest: `runbook: { export: ..., columns: { email: User, license: Plan } }`. The help lists the headers that are there.";
    EXPORT_VALUE = "A304", "a cell of an export makes no sense",
        cause: "The cell holds no email, no day, no yes or no, or a word for an origin that the vendor's profile does not know.",
        remedy: "Correct the cell, or name another column for it in `columns`.";
    FORGE_DENIED = "A401", "a forge does not let us in",
        cause: "The token is missing, is not accepted, or may not write comments on the request.",
        remedy: "Give a token that may in `RESEAT_FORGE_TOKEN` or by `--token-file`. On GitHub a job needs `permissions: { pull-requests: write }`; on GitLab the token needs the scope `api`.";
    FORGE_NOT_FOUND = "A402", "a forge knows no such repository or request",
        cause: "There is none of that name or number at that address, or the token may not see it: forges do not tell these apart.",
        remedy: "Check `--repository`, `--request` and `--api`, and what the token may see.";
    FORGE_UNREACHABLE = "A403", "a forge cannot be reached, or asks for a longer rest than may be waited",
        cause: "It did not answer, has a fault, or limits how often it is asked.",
        remedy: "Run it again later, which changes the same comment, or give a longer `--wait`.";
    INVALID_FORGE_URL = "A404", "the address of a forge cannot be used",
        cause: "It is no address, holds what does not belong there, or would send the token unencrypted.",
        remedy: "Give `--api https://HOST/PATH`: `https://api.github.com`, `https://HOST/api/v3` for GitHub on a server of your own, `https://HOST/api/v4` for GitLab.";
    FORGE_REFUSED = "A405", "a forge refuses a comment",
        cause: "The text is longer than the forge takes, the request is locked or has too many comments, or what answers is no forge.",
        remedy: "Look at the text with `--dry-run`, give a smaller `--limit`, and check `--api`.";
}
