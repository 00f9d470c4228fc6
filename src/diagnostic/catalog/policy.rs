//! `P`: policy. Held changes (`P1..`), denials (`P2..`), warnings (`P3..`), custom rules (`P40.`), and settings that are
//! not in force (`P41.`, `P42.`).

use crate::diagnostic::code::codes;

codes! {
    LOSSES_OVER_LIMIT = "P101", "the losses of a license exceed the limit",
        cause: "A number over the limit usually indicates a mistake, such as an emptied list or a wrong filter. reseat holds all losses of the license and plans everything else.",
        remedy: "Check the list. If the losses are intended, add a dated waiver for `losses` of this license with the number.";
    LOSSES_OVER_WINDOW = "P102", "the losses of a license within several days exceed the limit",
        cause: "Many small plans add up: the losses of the last days, which the store records, and those of this plan exceed the limit of the rolling window.",
        remedy: "Wait, or add a dated waiver for `losses` of this license with the number.";
    CHANGES_OVER_LIMIT = "P103", "the changes of a license exceed the limit",
        cause: "The number of all changes of the license exceeds the limit for `changes`. reseat holds its losses, and plans gains and moves.",
        remedy: "Check the list. If the changes are intended, add a dated waiver for `changes` of this license with the number.";
    CHANGES_OVER_WINDOW = "P104", "the changes of a license within several days exceed the limit",
        cause: "Many small plans add up: the changes of the last days, which the store records, and those of this plan exceed the limit of the rolling window.",
        remedy: "Wait, or add a dated waiver for `changes` of this license with the number.";
    REMOVALS_ALLOWED = "P105", "removals over the limits are allowed for this plan",
        cause: "The plan was made with `--allow-removals` and exactly the number of removals that the limits would hold.",
        remedy: "Review the removals. No limit holds them.";
    ALLOWANCE_MISMATCH = "P106", "`--allow-removals` differs from the number of held removals",
        cause: "`--allow-removals` lifts the limits only with the exact number of held removals, so that nobody allows more than they counted.",
        remedy: "Review the held removals and pass their number, or add a waiver.";
    DATA_LOSS = "P201", "a removal destroys data that is not acknowledged",
        cause: "The vendor deletes data together with the license, even if another license replaces it.",
        remedy: "Export the data that is needed. Then add the person to `acknowledgements`, with the tenant and a note.";
    BUDGET_EXCEEDED = "P231", "the plan exceeds the budget",
        cause: "After the plan, the used seats cost more per month than `total`, or the plan adds more than `increase`. reseat compares exact amounts, also if it displays rounded ones.",
        remedy: "Assign fewer seats, free others, or increase the budget.";
    NOT_BUDGETED = "P232", "the budget does not include all seats",
        cause: "A pool with used seats has no `cost`, or a cost in a currency without a budget, so the sums are incomplete.",
        remedy: "Set the `cost` of the pool, or add a budget for the currency.";
    COST_TOO_LARGE = "P233", "the cost of a pool is too large",
        cause: "The price times the number of used or purchased seats has too many digits for exact arithmetic.",
        remedy: "Check the amount in `cost`, and the number of seats that the vendor reports.";
    FROZEN = "P241", "a freeze window is active",
        cause: "During a freeze window, plans can be made and reviewed, and `apply` sends nothing. `apply` uses its own clock, independent of the day of the plan. A run that started before the window continues.",
        remedy: "Apply the plan after the window. In an emergency, add a dated waiver for `freeze`.";
    PLAN_TOO_OLD = "P242", "the plan or an observation is too old",
        cause: "The policy's `age` limits the age of a plan and of the observations of the tenants that it changes. `apply` checks it with its own clock, and sends nothing.",
        remedy: "Plan again from a fresh observation, and review the plan. In an emergency, add a dated waiver for `age`.";
    PROTECTED_PERSON = "P202", "a protected person would lose something",
        cause: "The plan removes a license or a pending request from a person in `protect`, or destroys their data. A move removes the old license.",
        remedy: "Assign the license to the person again, or add a waiver for `protect` with the person and the license.";
    OWN_ACCOUNT = "P203", "the account that reseat uses would lose something",
        cause: "The plan removes a license from the account that the tenant names as `own_account`.",
        remedy: "Assign the license to that account, or let reseat use another account.";
    REQUIRED_FIELD_MISSING = "P211", "an entry has no field that the policy requires",
        cause: "The policy's `require` makes the field mandatory in every assignment entry.",
        remedy: "Add the field to the entry.";
    LICENSE_NOT_ALLOWED = "P214", "the policy does not allow the license for a person",
        cause: "A `licenses` rule matches the person's attributes, and denies the license or does not list it in `allow`. Alternatives count. If the expression of the rule fails for a person, no license is allowed.",
        remedy: "Remove the person from the entry, or assign an allowed license.";
    EXCLUDED_LICENSES = "P212", "the policy excludes two licenses of one person",
        cause: "Two entries assign licenses of one `exclude` list to the person, and overlap from today on. Alternatives count.",
        remedy: "Remove the person from one of the entries, or let one end before the other starts.";
    PREREQUISITE_MISSING = "P213", "a required license is missing",
        cause: "A `need` rule requires one of several licenses together with this one, and no entry assigns any of them to the person at that time.",
        remedy: "Assign one of them to the person, or remove the person from the entry.";
    LAST_HOLDER = "P301", "the last holder loses a license",
        cause: "After this plan, nobody holds the license. For some products this ends more than one person's access.",
        remedy: "Check that nobody needs the license.";
    SEATS_MISSING = "P302", "a pool has too few seats",
        cause: "The manifest assigns the license to more people than there are seats, without the reserve.",
        remedy: "Buy the missing seats, or assign the license to fewer people.";
    LICENSE_EXPIRING = "P303", "a license in use has expired or expires soon",
        cause: "The pool's `expires` day is near or in the past.",
        remedy: "Renew the subscription, or move its holders to another license in time.";
    ACKNOWLEDGEMENT_ENDING = "P304", "an acknowledgement that this plan needs ends soon",
        cause: "Its `until` day is near. After that day, the same removal is denied.",
        remedy: "Apply the plan before that day, or extend the acknowledgement.";
    WAIVER_EXPIRED = "P305", "a waiver has ended",
        cause: "Its `until` day is in the past, so it does not count.",
        remedy: "Remove the waiver, or extend it if it is still needed.";
    WAIVER_UNUSED = "P306", "a waiver is unused",
        cause: "The plan exceeds no limit that the waiver lifts.",
        remedy: "Remove the waiver when its purpose is fulfilled.";
    WAIVER_ENDING = "P307", "a waiver ends soon",
        cause: "Its `until` day is near. The rule applies again from the day after.",
        remedy: "Make the waiver unnecessary by then, or review and extend it.";
    WAIVER_TOO_BROAD = "P308", "a waiver is too broad",
        cause: "It names no license, people or number, or lasts longer than three months, so it allows changes that nobody reviewed.",
        remedy: "Name the license or the people and the number, and choose an earlier end. Put permanent rules into `policy`.";
    RULE_VIOLATED = "P401", "a custom rule is violated",
        cause: "The rule's `when` is true. The finding shows the name and the message of the rule, and the values that it used.",
        remedy: "Change what the message describes, or ask the owner of the rule for a dated waiver.";
    RULE_FAILED = "P402", "a custom rule cannot be evaluated",
        cause: "The expression fails for a value, for example when it compares a missing attribute with a number. reseat denies what it cannot check.",
        remedy: "Check for missing values first, as in `person.level != null && person.level > 3`, and add a case for it.";
    RULE_UNTESTED = "P403", "a custom rule has no cases",
        cause: "A rule that never matches looks like a rule that everyone follows. `reseat policy test` fails for it.",
        remedy: "Add at least one case that passes and one that does not.";
    UNKNOWN_POLICY_PERSON = "P311", "the policy names a person whom no tenant has",
        cause: "All tenants were observed completely, and no account belongs to the person in `protect` or to the tenant's `own_account`. Usually the name is misspelled, and protects nobody.",
        remedy: "Correct the name, or remove it.";
    POLICY_DIFFERS = "P411", "the policy under review differs from the one in force",
        cause: "With `--trusted`, the policy comes from the trusted folder. The policy of the manifest under review takes effect only when it is there.",
        remedy: "Review the change of the policy. It takes effect when it is in the trusted folder, for example after the merge.";
    TENANT_DIFFERS = "P412", "a tenant under review differs from the one in force",
        cause: "With `--trusted`, tenants come from the trusted folder, because a change here could send a key to another address.",
        remedy: "Review the change of the tenant. It takes effect when it is in the trusted folder.";
    TENANT_IGNORED = "P413", "a tenant is only in the manifest under review",
        cause: "With `--trusted`, tenants come from the trusted folder. This tenant is not there, so nothing can be assigned at it yet.",
        remedy: "Add the tenant to the trusted folder first, for example with a separate pull request.";
    TENANT_REMOVAL_IGNORED = "P414", "a tenant that the manifest under review removes stays in force",
        cause: "With `--trusted`, tenants come from the trusted folder, which still has this one.",
        remedy: "Review the removal of the tenant. It takes effect when it is removed from the trusted folder.";
    WAIVER_IGNORED = "P415", "a waiver is only in the manifest under review",
        cause: "With `--trusted`, waivers come from the trusted folder, so that nobody lifts a limit in the pull request that needs it.",
        remedy: "Add the waiver to the trusted folder first, for example with a separate pull request.";
    WAIVER_REMOVAL_IGNORED = "P416", "a waiver that the manifest under review removes stays in force",
        cause: "With `--trusted`, waivers come from the trusted folder, which still has this one.",
        remedy: "No action is required if the removal is intended. The waiver counts until it is removed from the trusted folder, or ends.";
    WAIVER_DIFFERS = "P417", "a waiver under review differs from the one in force",
        cause: "With `--trusted`, waivers come from the trusted folder. The manifest under review changes this one.",
        remedy: "Review the change of the waiver. It takes effect when it is in the trusted folder.";
    APPROVAL_DIFFERS = "P418", "an approval under review differs from those in force",
        cause: "With `--trusted`, approvals come from the trusted folder, so that nobody approves in the pull request that needs it.",
        remedy: "Ask an approver to add the approval to the trusted folder, or pass it on the command line.";
    DIFFERENCES_TRUNCATED = "P419", "tenants and policy differ in more ways than shown",
        cause: "The manifest under review and the trusted folder have little in common. reseat lists only the first differences.",
        remedy: "Compare the two folders. `--trusted` may name the wrong one.";
    APPROVAL_INVALID = "P309", "an approval does not count",
        cause: "It is from a person whom `approvers` does not name, or from the author of the changes.",
        remedy: "Ask another person in `approvers` for an approval.";
    APPROVAL_UNUSED = "P310", "an approval matches no finding",
        cause: "The approved findings no longer exist, or include more people or changes than approved, which changes their digests.",
        remedy: "Remove the approval. New findings need their own approval.";
    POLICY_LOOSENED = "P421", "a lower layer of the policy is less strict than the one above",
        cause: "Layers can only tighten the policy: organization, then tenant, then team.",
        remedy: "Use a stricter value, or remove the line. For an exception, add a waiver.";
    UNKNOWN_RULE = "P422", "unknown rule",
        cause: "A waiver names a rule that is neither built in nor defined in `rules`.",
        remedy: "Use the name of the rule that the finding shows.";
    WAIVER_WITHOUT_SCOPE = "P423", "a waiver has no scope",
        cause: "A waiver of a rule about people or licenses must name a license, a tenant or people.",
        remedy: "Add the license, the tenant or the people.";
}
