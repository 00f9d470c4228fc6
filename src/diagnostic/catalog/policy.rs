//! `P`: what policy holds back (`P1..`), denies (`P2..`) and warns of (`P3..`), its own rules (`P40.`), and what is not in
//! force (`P41.`).

use crate::diagnostic::code::codes;

codes! {
    LOSSES_OVER_LIMIT = "P101", "more people would lose a license than the limit allows",
        cause: "A number over the limit usually means a mistake, such as an emptied list or a wrong filter. All losses of the license are held; the rest of the plan goes on.",
        remedy: "Check the list. If it is meant, write a dated waiver for `losses` of this license with the number.";
    LOSSES_OVER_WINDOW = "P102", "more people would lose a license within some days than the limit allows",
        cause: "Many small plans add up: the losses of the last days, which the store remembers, and those of this plan exceed the window's count.",
        remedy: "Wait, or write a dated waiver for `losses` of this license with the number.";
    CHANGES_OVER_LIMIT = "P103", "more people would be touched by changes of a license than the limit allows",
        cause: "The number of all changes of the license exceeds the limit for `changes`. Its losses are held; gains and moves go on.",
        remedy: "Check the list. If it is meant, write a dated waiver for `changes` of this license with the number.";
    CHANGES_OVER_WINDOW = "P104", "more people would be touched by changes of a license within some days than the limit allows",
        cause: "Many small plans add up: the changes of the last days, which the store remembers, and those of this plan exceed the window's count.",
        remedy: "Wait, or write a dated waiver for `changes` of this license with the number.";
    REMOVALS_ALLOWED = "P105", "removals over the limits are allowed for this plan",
        cause: "The plan was made with `--allow-removals` and exactly the number of removals that the limits would hold.",
        remedy: "Look at the removals as at any others; nothing holds them.";
    ALLOWANCE_MISMATCH = "P106", "the number of allowed removals is not the number that is held",
        cause: "`--allow-removals` lifts the limits only with the exact number of held removals, so that nobody allows more than they counted.",
        remedy: "Look at what is held, and give that number, or write a waiver.";
    DATA_LOSS = "P201", "a removal destroys data that nobody has taken care of",
        cause: "The vendor deletes data together with the license, also when another license follows.",
        remedy: "Export what is needed, then list the person under `acknowledgements`, with the tenant and a note.";
    BUDGET_EXCEEDED = "P231", "the seats of a plan cost more than the budget allows",
        cause: "After the plan the seats in use cost more a month than `total`, or the plan adds more than `increase`. Amounts are compared exactly, whatever is shown.",
        remedy: "Give fewer seats, give back others, or raise the budget.";
    NOT_BUDGETED = "P232", "the budget does not count some seats",
        cause: "A pool with seats in use has no `cost`, or one in a currency that no budget limits, so the sums that the budget is compared with are not the whole.",
        remedy: "Write the `cost` of the pool, or a budget for the currency.";
    COST_TOO_LARGE = "P233", "the cost of a pool is too large to be counted",
        cause: "The price times the number of taken or bought seats has more digits than can be counted exactly, and a cost that is not exact is worth nothing.",
        remedy: "Check the amount in `cost`, and the number of seats that the vendor states.";
    FROZEN = "P241", "nothing may be changed at this time",
        cause: "A freeze window of the policy holds. A plan may be made and reviewed in it; `apply` sends nothing, by its own clock and whatever day a plan is for. A run that began before the window goes on to its end.",
        remedy: "Apply the plan after the window. For an emergency write a dated waiver for `freeze`.";
    PLAN_TOO_OLD = "P242", "the plan, or what it was made from, is older than the policy allows",
        cause: "`age` of the policy limits how old a plan and the observations of the tenants that it changes may be. A plan may be made and reviewed; `apply` sends nothing, by its own clock.",
        remedy: "Make the plan again from what is there now, and review it. For an emergency write a dated waiver for `age`.";
    PROTECTED_PERSON = "P202", "a protected person would lose something",
        cause: "The plan takes a license or a pending request from somebody whom `protect` names, or destroys their data. A move takes the old license.",
        remedy: "Name the person for the license again, or waive `protect` for that person and license.";
    OWN_ACCOUNT = "P203", "the account that applies the plan would lose something",
        cause: "The plan takes a license from the account that the tenant names as `own_account`.",
        remedy: "Name the account for its license, or use another account for the tool.";
    REQUIRED_FIELD_MISSING = "P211", "an entry lacks a field that the policy requires",
        cause: "`require` asks for the field in every assignment entry.",
        remedy: "Write the field into the entry.";
    LICENSE_NOT_ALLOWED = "P214", "somebody is named for a license that the policy does not allow to them",
        cause: "A `licenses` rule is about people with certain attributes, and denies the license or does not list it under `allow`; alternatives count. Where its expression cannot be evaluated for somebody, nothing is allowed to them.",
        remedy: "Leave the person out of the entry, or name them for a license that is allowed.";
    EXCLUDED_LICENSES = "P212", "somebody is named for two licenses that the policy keeps apart",
        cause: "Two entries name the person for licenses of one `exclude` list, at the same time from today on; alternatives count.",
        remedy: "Leave the person out of one of the entries, or let one end before the other starts.";
    PREREQUISITE_MISSING = "P213", "somebody is named for a license without the one that it needs",
        cause: "A `need` rule wants one of some licenses beside this one, and no entry names the person for any of them at that time.",
        remedy: "Name the person for one of them as well, or leave them out of the entry.";
    LAST_HOLDER = "P301", "the last holder of a license gives it up",
        cause: "Nobody would hold the license after this plan; for some products that ends more than one person's access.",
        remedy: "Check that nobody needs the license any more.";
    SEATS_MISSING = "P302", "a pool lacks seats",
        cause: "More people are to hold the license than there are seats, the reserve aside.",
        remedy: "Buy the missing seats, or name fewer people.";
    LICENSE_EXPIRING = "P303", "a license that somebody holds expires soon, or is expired",
        cause: "The pool's `expires` day is near or past.",
        remedy: "Renew the subscription, or move its people to another license in time.";
    ACKNOWLEDGEMENT_ENDING = "P304", "an acknowledgement that this plan relies on ends soon",
        cause: "Its `until` day is near, and the same removal would be denied afterwards.",
        remedy: "Apply the plan before that day, or renew the acknowledgement.";
    WAIVER_EXPIRED = "P305", "a waiver has ended",
        cause: "Its `until` day is past, so it counts no more.",
        remedy: "Take the waiver out, or give it a new date if it is still needed.";
    WAIVER_UNUSED = "P306", "a waiver is not needed by this plan",
        cause: "No limit is exceeded that it would lift.",
        remedy: "Take the waiver out when its purpose is fulfilled.";
    WAIVER_ENDING = "P307", "a waiver ends soon",
        cause: "Its `until` day is near. What it lifts stands again the day after.",
        remedy: "Make the waiver unnecessary by then, or give it a later date after looking again.";
    WAIVER_TOO_BROAD = "P308", "a waiver lifts more than an exception should",
        cause: "It names no license, people or number, or lasts for longer than a quarter of a year, so it lets through what nobody looked at.",
        remedy: "Name the license or the people and the number, and let it end sooner; what holds for long belongs into `policy`.";
    RULE_VIOLATED = "P401", "something is what a rule of the policy forbids",
        cause: "The rule's `when` is true for it. The finding names the rule, says what the rule was written to say, and lists the values that it was decided by.",
        remedy: "Change what the message says, or ask the owner of the rule for a dated waiver.";
    RULE_FAILED = "P402", "a rule of the policy cannot be evaluated",
        cause: "The expression fails for a value that is there, such as a comparison of a missing attribute with a number. What nobody can check is denied.",
        remedy: "Ask for what may be missing first, as in `person.level != null && person.level > 3`, and add a case for it.";
    RULE_UNTESTED = "P403", "a rule of the policy has no cases that show what it does",
        cause: "A rule that never matches looks like one that everybody keeps. `reseat policy test` fails on it.",
        remedy: "Add at least one case that passes and one that does not.";
    UNKNOWN_POLICY_PERSON = "P311", "the policy names somebody whom no tenant has",
        cause: "Everything was observed, and no account is that of a person under `protect`, or of the `own_account` of its tenant; mostly the name is misspelled, and protects nobody.",
        remedy: "Correct the name, or take it out.";
    POLICY_DIFFERS = "P411", "the policy of this manifest is not in force, and differs from the one that is",
        cause: "With `--trusted` the policy comes from the trusted folder. The manifest under review says something else, which counts only once it is there.",
        remedy: "Review the change of the policy as such; it takes effect when it is in the trusted folder, such as after a merge.";
    TENANT_DIFFERS = "P412", "a tenant of this manifest is not in force, and differs from the one that is",
        cause: "With `--trusted` tenants come from the trusted folder, for a change here could send a key to another address.",
        remedy: "Review the change of the tenant as such; it takes effect when it is in the trusted folder.";
    TENANT_IGNORED = "P413", "a tenant is only in the manifest under review",
        cause: "With `--trusted` tenants come from the trusted folder, and this one is not there, so that nothing can be assigned at it yet.",
        remedy: "Bring the tenant into the trusted folder first, such as by a pull request of its own.";
    TENANT_REMOVAL_IGNORED = "P414", "a tenant is not in the manifest under review, and stays in force",
        cause: "With `--trusted` tenants come from the trusted folder, where this one still is.",
        remedy: "Review the removal of the tenant as such; it takes effect when it is gone from the trusted folder.";
    WAIVER_IGNORED = "P415", "a waiver is only in the manifest under review",
        cause: "With `--trusted` waivers come from the trusted folder, so that nobody lifts a limit in the same pull request that needs it.",
        remedy: "Bring the waiver into the trusted folder first, such as by a pull request of its own.";
    WAIVER_REMOVAL_IGNORED = "P416", "a waiver is not in the manifest under review, and stays in force",
        cause: "With `--trusted` waivers come from the trusted folder, where this one still is.",
        remedy: "Nothing, if it is meant to go; it counts until it is gone from the trusted folder, or its last day is past.";
    WAIVER_DIFFERS = "P417", "a waiver of this manifest is not in force, and differs from the one that is",
        cause: "With `--trusted` waivers come from the trusted folder. The manifest under review says something else of this one.",
        remedy: "Review the change of the waiver as such; it takes effect when it is in the trusted folder.";
    APPROVAL_DIFFERS = "P418", "an approval differs from those of the trusted folder",
        cause: "With `--trusted` approvals come from the trusted folder, so that nobody approves in the same pull request that needs it.",
        remedy: "Let an approver bring the approval into the trusted folder, or give it on the command line.";
    DIFFERENCES_TRUNCATED = "P419", "tenants and policy differ in more ways than are listed",
        cause: "The manifest under review and the trusted folder have little in common, so that only the first differences are listed.",
        remedy: "Compare the two folders; maybe `--trusted` names the wrong one.";
    APPROVAL_INVALID = "P309", "an approval does not count",
        cause: "It is given by somebody whom `approvers` does not name, or by the author of the changes.",
        remedy: "Let somebody approve whom the policy names and who does not ask for the changes.";
    APPROVAL_UNUSED = "P310", "an approval fits no finding",
        cause: "The findings that it approves are gone, or have become larger, so that they have other digests.",
        remedy: "Take the approval out; what is new needs an approval of its own.";
    POLICY_LOOSENED = "P421", "a lower layer of the policy is milder than the one above",
        cause: "Layers may only tighten: organization, then tenant, then team.",
        remedy: "Write a stricter value, or take the line out; who needs an exception writes a waiver.";
    UNKNOWN_RULE = "P422", "there is no rule of that name",
        cause: "A waiver names a rule that neither is built in nor stands under `rules`.",
        remedy: "Write the name of the rule that the finding shows.";
    WAIVER_WITHOUT_SCOPE = "P423", "a waiver has no scope",
        cause: "A waiver of a rule about people or licenses names neither a license nor a tenant nor people.",
        remedy: "Name the license, the tenant or the people that it is for.";
}
