//! `A`: observations, adapters and forges.

use crate::diagnostic::code::codes;

codes! {
    UNREADABLE = "A001", "a state file cannot be read",
        cause: "The file does not exist, is not a regular file, or reseat has no permission to read it.",
        remedy: "Check the path and its permissions. The path in `adapter: { file: { path: ... } }` is relative to the manifest file that contains it.";
    MALFORMED = "A002", "a state file is neither valid JSON nor valid YAML",
        cause: "The text violates its format, so reseat ignores the whole file. Often the file is truncated.",
        remedy: "Fix the reported location, or regenerate the file with `reseat observe`.";
    NOT_OBSERVATION = "A003", "a file is not an observation",
        cause: "A state file starts with `apiVersion: reseat/v1` and `kind: observation`. This may be a manifest or a plan.",
        remedy: "Use a file that `reseat observe` printed.";
    INVALID_OBSERVATION = "A004", "invalid observation",
        cause: "A key is unknown, missing or duplicated, or a value has the wrong type.",
        remedy: "Correct the reported location. `reseat schema observation` prints the schema.";
    TOO_LARGE = "A005", "a state file is too large",
        cause: "reseat limits the size of files, so that a malicious file cannot exhaust the machine.",
        remedy: "Convert the file to JSON, which has a higher limit than YAML, or split the tenant.";
    STATE_UNWRITABLE = "A006", "a state file cannot be written",
        cause: "The folder cannot be created or written to, or the disk is full.",
        remedy: "Use a folder that can be created or written to.";
    WRONG_TENANT = "A101", "an observation belongs to another tenant",
        cause: "The `tenant` in the file is not the expected one, or the manifest does not declare it.",
        remedy: "Use the file of that tenant, or correct the name in the file.";
    WRONG_VENDOR = "A102", "an observation belongs to another vendor",
        cause: "The `vendor` in the file differs from the tenant's vendor in the manifest, so other rules would apply.",
        remedy: "Correct the `vendor` in the manifest or in the file.";
    DUPLICATE_ACCOUNT = "A103", "two accounts have the same id",
        cause: "Operations refer to an account by its id, so it must be unique.",
        remedy: "Remove one of the two accounts, or merge their holdings.";
    DUPLICATE_POOL = "A104", "two pools have the same license",
        cause: "A license has one pool. With two, the number of seats is ambiguous. One pool may use the vendor's name of the license, and the other the manifest's.",
        remedy: "Remove one of the two pools, or add up their seats.";
    UNKNOWN_STATE = "A105", "unknown state of a holding",
        cause: "The state is neither part of the format nor a spelling in the vendor's profile, so reseat cannot tell whether the holding uses a seat.",
        remedy: "Use one of the states that the help lists.";
    UNKNOWN_LICENSE = "A106", "the vendor has no such license",
        cause: "The vendor's profile lists all licenses of the vendor, and this is not one of them.",
        remedy: "Correct the spelling. If the vendor uses another name, set it as `name` of the pool in the manifest.";
    INVALID_STATE_NAME = "A107", "invalid name in a state file",
        cause: "Ids and licenses must not be empty, and must not contain control or bidirectional characters.",
        remedy: "Correct the name.";
    DUPLICATE_HOLDING = "A108", "an account holds the same license twice",
        cause: "Two direct holdings of one license would use two seats, and one removal would free both.",
        remedy: "Remove one of the two.";
    FAULTS_TRUNCATED = "A109", "a state file has more faults than shown",
        cause: "reseat reports only the first faults of a file.",
        remedy: "Fix the reported faults, and run the command again.";
    UNSUPPORTED_ADAPTER = "A201", "the vendor does not support this adapter",
        cause: "The adapter is unknown, or is not available for the tenant's vendor. Each vendor with `api` has its own adapter.",
        remedy: "Use one of the adapters that the help lists, or provide the state of the tenant with `--state FILE`.";
    DUPLICATE_STATE = "A110", "two state files belong to one tenant",
        cause: "A plan uses one observation per tenant.",
        remedy: "Omit one of the two files.";
    EXEC_NOT_ALLOWED = "A203", "running a program is not allowed",
        cause: "The manifest names a program: an `exec` adapter, or a `command` that prints a secret. Because a manifest may come from an untrusted source, reseat runs no program by default.",
        remedy: "Review the program and pass `--allow-exec`, or provide the state of the tenant with `--state FILE`.";
    TENANT_FAILED = "A202", "vendor unreachable or access denied",
        cause: "The tenant could not be reached, rejected the credentials, or returned an invalid answer.",
        remedy: "Follow the message, or provide the state of the tenant with `--state FILE`.";
    INVALID_BASE_URL = "A211", "invalid base URL",
        cause: "The URL is not an `https` or `http` URL, or it contains user information, a query or a fragment.",
        remedy: "Write `base_url: https://HOST/PATH` as in the vendor's documentation, and refer to the key in `key`.";
    INVALID_CERTIFICATES = "A212", "invalid certificates",
        cause: "The file in `ca` cannot be read or has no PEM certificate, or the system has no trusted certificates.",
        remedy: "Set `ca` to the PEM file of the certificate authority, or install the system's certificates.";
    INVALID_PROXY = "A213", "invalid proxy",
        cause: "The address cannot be parsed, contains user information, or is neither `http` nor `https`.",
        remedy: "Write `proxy: http://HOST:PORT`.";
    INVALID_INVENTORY = "A214", "invalid inventory",
        cause: "The exported list of license units is not CSV, has a missing column, or has an invalid row, so seats would be counted incorrectly.",
        remedy: "Export the list again as CSV with the columns `id`, `name`, `country` and `status`. A status is `assigned`, `unassigned` or `suspended`.";
    KEY_MISSING = "A215", "the API requires a key, and the manifest has none",
        cause: "The vendor's API rejects requests without a key.",
        remedy: "Refer to the key, for example with `key: { env: NAME }`.";
    UNNEEDED_CREDENTIAL = "A221", "the environment has a credential that the command does not need",
        cause: "With `--isolated`, a command does not start while its environment has other credentials. A job that processes untrusted input must have nothing to leak.",
        remedy: "Give each credential only to the job that needs it: `observe` needs the one for reading, `apply` the one for changes, `comment` the forge's token, and `plan --state` none.";
    EXPORT_MISSING = "A301", "a manual tenant has no export",
        cause: "If people make the changes manually, the list that the console exports is the only source of the current state.",
        remedy: "Export the list as the help describes, save it in the manifest's folder, and name it: `adapter: { runbook: { export: exports/office.csv } }`. An observation from `reseat observe` works as well.";
    EXPORT_FORMAT = "A302", "an export is not a complete CSV file",
        cause: "The file is a spreadsheet, is not UTF-8 text, is empty, or is truncated: a row is too short, or a quote is not closed. People missing for that reason must not count as absent.",
        remedy: "Export it again as UTF-8 CSV, and replace the file when the export is complete.";
    EXPORT_COLUMN = "A303", "a column of an export is missing, duplicated or unknown",
        cause: "reseat finds columns by common names and by the names in `columns`. It needs at least an email and a license.",
        remedy: "Map the headers in the manifest: `runbook: { export: ..., columns: { email: User, license: Plan } }`. The help lists the headers of the file.";
    EXPORT_VALUE = "A304", "invalid cell in an export",
        cause: "The cell is not a valid email, date, yes or no, or an origin that the vendor's profile knows.",
        remedy: "Correct the cell, or map another column in `columns`.";
    FORGE_DENIED = "A401", "the forge denied access",
        cause: "The token is missing, invalid, or not allowed to comment on the request.",
        remedy: "Set a token with that permission in `RESEAT_FORGE_TOKEN` or with `--token-file`. A GitHub job needs `permissions: { pull-requests: write }`; a GitLab token needs the scope `api`.";
    FORGE_NOT_FOUND = "A402", "the forge has no such repository or request",
        cause: "The name or number does not exist at that address, or the token may not read it. Forges report both in the same way.",
        remedy: "Check `--repository`, `--request`, `--api`, and the permissions of the token.";
    FORGE_UNREACHABLE = "A403", "forge unreachable, or rate-limited for longer than `--wait`",
        cause: "The forge did not answer, reported an internal error, or limits the rate of requests.",
        remedy: "Run the command again later, which updates the same comment, or increase `--wait`.";
    INVALID_FORGE_URL = "A404", "invalid forge URL",
        cause: "The URL is malformed, contains credentials, or would send the token unencrypted.",
        remedy: "Use `--api https://HOST/PATH`: `https://api.github.com`, `https://HOST/api/v3` for GitHub Enterprise Server, or `https://HOST/api/v4` for GitLab.";
    FORGE_REFUSED = "A405", "the forge rejected the comment",
        cause: "The text exceeds the forge's limit, the request is locked or has too many comments, or the server is not a forge.",
        remedy: "Check the text with `--dry-run`, use a smaller `--limit`, and check `--api`.";
}
