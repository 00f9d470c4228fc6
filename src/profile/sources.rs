//! The three pages that the product starts from, rule by rule, and where each rule lives.
//!
//! Every rule has a home: a field of a profile, a step of the planner or executor, or a finding. The codes are those
//! of `reseat explain`. This module holds the table and no code.
//!
//! ## Assigning a different license to Avaya Spaces users
//!
//! | the page says | where it lives |
//! |---|---|
//! | one user or several can be given a license at the same time; one license for all, or each their own | [`Profile::bulk`](crate::profile::profile::Profile::bulk): [`Many`](crate::profile::profile::Bulk::Many); [`Profile::procedure`](crate::profile::profile::Profile::procedure) |
//! | you are notified if the license has expired or is expiring soon | [`Procedure::before`](crate::profile::profile::Procedure::before); findings `P303`, `L204` |
//! | a license that has expired can be assigned, and the user gets Essential | [`ClosedPool::GivesFloor`](crate::profile::profile::ClosedPool::GivesFloor): the simulator does it; the planner never sends it, the wish is blocked with `L103`; what came of one sent by hand is read back |
//! | a user with a trial can get Business or Power, never Essential | [`Profile::forbidden`](crate::profile::profile::Profile::forbidden); the change is blocked with `L107` |
//! | an upgrade from Essential or a trial can be cancelled until it is done | [`Cancel::Upgrade`](crate::profile::profile::Cancel::Upgrade); operation `cancel`; any other pending request blocks the wish with `L105` |
//! | the cancelled user's status is `UDPATE_CANCELLED` | [`Profile::states`](crate::profile::profile::Profile::states), in both spellings; another word is `A105` |
//! | a user of an LDAP group with automatic registration cannot be assigned a license | account `origin: "group:..."`, [`Foreign::group`](crate::profile::profile::Foreign::group); `L102` |
//! | a user created on Avaya Spaces is changed in the Avaya Spaces web administration portal | account `origin: vendor-local`, [`Foreign::local`](crate::profile::profile::Foreign::local); `L102` |
//! | no license can be assigned during synchronization with LDAP or Spaces, or the user audit | [`Profile::busy`](crate::profile::profile::Profile::busy), the observation's `busy`; finding `L205`, and `apply` waits, then sends nothing |
//! | the console's steps | [`Profile::procedure`](crate::profile::profile::Profile::procedure) |
//! | the update status is shown in the Status column | [`Procedure::verify`](crate::profile::profile::Procedure::verify); a holding's `state` |
//! | the update may take several minutes | [`EffectTime::Later`](crate::profile::profile::EffectTime::Later); outcome `pending`, limited by `--wait` |
//!
//! ## Assign, Change, or Remove a License (8x8)
//!
//! | the page says | where it lives |
//! |---|---|
//! | administrator permissions are needed | [`Administrator::roles`](crate::profile::profile::Administrator::roles) |
//! | a license must be available for an assignment or change | the planner's seat ledger; who has to wait is listed with a position, and the pool says how many are missing (`P302`) |
//! | be sure that it is the right user account | [`Procedure::before`](crate::profile::profile::Procedure::before); each operation names the vendor's account id, and one person with two accounts is `L111` |
//! | how to come to a user's license settings | [`Procedure::open`](crate::profile::profile::Procedure::open) |
//! | select a license from the dropdown: one main license a user | [`Cardinality::OneMain`](crate::profile::profile::Cardinality::OneMain); what the tenant marks `add_on` is held beside it |
//! | an error means that no license is available, and one must be purchased | [`Profile::no_seat`](crate::profile::profile::Profile::no_seat); the simulator refuses and changes nothing |
//! | after an assignment: number or extension, voicemail, forwarding, application access | [`Profile::follow_ups`](crate::profile::profile::Profile::follow_ups), listed with the operation |
//! | another license type: remove the old one, then assign the new one | [`ChangeKind::RemoveThenAssign`](crate::model::ChangeKind::RemoveThenAssign); the planner makes sure of the new seat before it removes the old one |
//! | cancel the old license if it is needed no longer; billing goes on until a partial cancellation | [`Removal::release`](crate::profile::profile::Removal::release); operation `release` where the tenant sets `release_seats: true` |
//! | a removal deletes call history, call forwarding settings, voicemails and greetings, device activation | [`Removal::loses`](crate::profile::profile::Removal::loses); listed with the operation, and held back until acknowledged (`P201`) |
//! | call recordings remain available to administrators | [`Removal::keeps`](crate::profile::profile::Removal::keeps) |
//! | copy or export what is needed before | `acknowledgements` in the manifest; [`Procedure::before`](crate::profile::profile::Procedure::before) |
//! | the removed license becomes available again | the seat ledger counts it for the next person in the same plan |
//! | missing permission, wrong admin account, alternate account with lower permissions, and what to try | [`Administrator::remedy`](crate::profile::profile::Administrator::remedy) |
//!
//! ## How to Assign or Unassign User Licenses (OfficeSeries)
//!
//! | the page says | where it lives |
//! |---|---|
//! | Global, Subscription or User Administrator is needed | [`Administrator::roles`](crate::profile::profile::Administrator::roles) |
//! | licenses are assigned at the level of the subscription | licenses are named `subscription/product`: [`Licenses::Open`](crate::profile::profile::Licenses::Open) |
//! | assign when somebody joins or needs more; unassign when somebody leaves or a seat is reallocated | effects `gain` and `loss`; the planner counts freed seats for others in the same plan |
//! | check that a license is available; else buy more | the seat ledger; `P302`, [`Profile::no_seat`](crate::profile::profile::Profile::no_seat) |
//! | how to come to the user's licenses | [`Procedure::open`](crate::profile::profile::Procedure::open) |
//! | licenses are checked and unchecked one by one: a set | [`Cardinality::Set`](crate::profile::profile::Cardinality::Set) |
//! | after saving, verify that the license shows, or no longer shows | [`Procedure::verify`](crate::profile::profile::Procedure::verify); nothing is called applied that was not read back |
//! | the table is updated immediately | [`EffectTime::Immediate`](crate::profile::profile::EffectTime::Immediate) |
//! | a removed license is available in the subscription's pool | a pool for each license; the seat ledger |
//! | review assignments regularly | plan as often as you like: no change, no operation |
//!
//! Three rules come from the vendors' other pages, which the profiles name in
//! [`Profile::sources`](crate::profile::profile::Profile::sources): everybody at Avaya Spaces holds at least Essential, 8x8 takes ring
//! groups and queues along with a main license, and nothing can be changed in an OfficeSeries subscription that is
//! inactive or expired ([`ClosedPool::RefusesChanges`](crate::profile::profile::ClosedPool::RefusesChanges)).
