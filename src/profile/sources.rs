//! The vendors' pages and the implementation of each of their rules.
//!
//! Each rule is a field of a profile, a step of the planner or executor, or a finding. Codes are those of
//! `reseat explain`. This module contains no code.
//!
//! ## Assigning a different license to Avaya Spaces users
//!
//! | rule | implementation |
//! |---|---|
//! | one user or several can be given a license at the same time; one license for all, or each their own | [`Profile::bulk`](crate::profile::definition::Profile::bulk): [`Many`](crate::profile::definition::BulkSupport::Many); [`Profile::procedure`](crate::profile::definition::Profile::procedure) |
//! | you are notified if the license has expired or is expiring soon | [`ConsoleProcedure::before`](crate::profile::definition::ConsoleProcedure::before); findings `P303`, `L204` |
//! | a license that has expired can be assigned, and the user gets Essential | [`ClosedPoolRule::GivesFloor`](crate::profile::definition::ClosedPoolRule::GivesFloor): the simulator does it; the planner never sends it, the desired assignment is blocked with `L103`; the result of a manual request is read back |
//! | a user with a trial can get Business or Power, never Essential | [`Profile::forbidden`](crate::profile::definition::Profile::forbidden); the change is blocked with `L107` |
//! | an upgrade from Essential or a trial can be cancelled until it is done | [`CancelRule::Upgrade`](crate::profile::definition::CancelRule::Upgrade); operation `cancel`; any other pending request blocks the desired assignment with `L105` |
//! | the cancelled user's status is `UDPATE_CANCELLED` | [`Profile::states`](crate::profile::definition::Profile::states), in both spellings; any other spelling is `A105` |
//! | a user of an LDAP group with automatic registration cannot be assigned a license | account `origin: "group:..."`, [`ForeignAccountRules::group`](crate::profile::definition::ForeignAccountRules::group); `L102` |
//! | a user created on Avaya Spaces is changed in the Avaya Spaces web administration portal | account `origin: vendor-local`, [`ForeignAccountRules::local`](crate::profile::definition::ForeignAccountRules::local); `L102` |
//! | no license can be assigned during synchronization with LDAP or Spaces, or the user audit | [`Profile::busy`](crate::profile::definition::Profile::busy), the observation's `busy`; finding `L205`, and `apply` waits, then sends nothing |
//! | the console's steps | [`Profile::procedure`](crate::profile::definition::Profile::procedure) |
//! | the update status is shown in the Status column | [`ConsoleProcedure::verify`](crate::profile::definition::ConsoleProcedure::verify); a holding's `state` |
//! | the update may take several minutes | [`EffectTiming::Later`](crate::profile::definition::EffectTiming::Later); outcome `pending`, limited by `--wait` |
//!
//! ## Assign, Change, or Remove a License (8x8)
//!
//! | rule | implementation |
//! |---|---|
//! | administrator permissions are needed | [`AdministratorRules::roles`](crate::profile::definition::AdministratorRules::roles) |
//! | a license must be available for an assignment or change | the planner's seat ledger; waiting people have a position, and the pool states the missing seats (`P302`) |
//! | be sure that it is the right user account | [`ConsoleProcedure::before`](crate::profile::definition::ConsoleProcedure::before); each operation names the vendor's account id, and one person with two accounts is `L111` |
//! | how to open a user's license settings | [`ConsoleProcedure::open`](crate::profile::definition::ConsoleProcedure::open) |
//! | select a license from the dropdown: one main license a user | [`Cardinality::OneMain`](crate::profile::definition::Cardinality::OneMain); licenses that the tenant marks as `add_on` are held in addition |
//! | an error means that no license is available, and one must be purchased | [`Profile::no_seat_help`](crate::profile::definition::Profile::no_seat_help); the simulator refuses and changes nothing |
//! | after an assignment: number or extension, voicemail, forwarding, application access | [`Profile::follow_ups`](crate::profile::definition::Profile::follow_ups), listed with the operation |
//! | another license type: remove the old one, then assign the new one | [`ChangeKind::RemoveThenAssign`](crate::model::ChangeKind::RemoveThenAssign); the planner makes sure of the new seat before it removes the old one |
//! | cancel the old license if it is not needed; billing continues until a partial cancellation | [`RemovalRules::release`](crate::profile::definition::RemovalRules::release); operation `release` where the tenant sets `release_seats: true` |
//! | a removal deletes call history, call forwarding settings, voicemails and greetings, device activation | [`RemovalRules::loses`](crate::profile::definition::RemovalRules::loses); listed with the operation, and held back until acknowledged (`P201`) |
//! | call recordings remain available to administrators | [`RemovalRules::keeps`](crate::profile::definition::RemovalRules::keeps) |
//! | copy or export what is needed before | `acknowledgements` in the manifest; [`ConsoleProcedure::before`](crate::profile::definition::ConsoleProcedure::before) |
//! | the removed license becomes available again | the seat ledger counts it for the next person in the same plan |
//! | missing permission, wrong admin account, alternate account with lower permissions, and what to try | [`AdministratorRules::remedy`](crate::profile::definition::AdministratorRules::remedy) |
//!
//! ## How to Assign or Unassign User Licenses (OfficeSeries)
//!
//! | rule | implementation |
//! |---|---|
//! | Global, Subscription or User Administrator is needed | [`AdministratorRules::roles`](crate::profile::definition::AdministratorRules::roles) |
//! | licenses are assigned at the level of the subscription | licenses are named `subscription/product`: [`LicenseCatalog::Open`](crate::profile::definition::LicenseCatalog::Open) |
//! | assign when a person joins or needs more; unassign when a person leaves or a seat is reallocated | effects `gain` and `loss`; the planner counts freed seats for others in the same plan |
//! | check that a license is available; else buy more | the seat ledger; `P302`, [`Profile::no_seat_help`](crate::profile::definition::Profile::no_seat_help) |
//! | how to open the user's licenses | [`ConsoleProcedure::open`](crate::profile::definition::ConsoleProcedure::open) |
//! | licenses are checked and unchecked one by one: a set | [`Cardinality::Set`](crate::profile::definition::Cardinality::Set) |
//! | after saving, verify that the license shows, or no longer shows | [`ConsoleProcedure::verify`](crate::profile::definition::ConsoleProcedure::verify); an operation is applied only after it is read back |
//! | the table is updated immediately | [`EffectTiming::Immediate`](crate::profile::definition::EffectTiming::Immediate) |
//! | a removed license is available in the subscription's pool | a pool for each license; the seat ledger |
//! | review assignments regularly | plan as often as you like: without a change there is no operation |
//!
//! Three rules come from other pages of the vendors, listed in
//! [`Profile::sources`](crate::profile::definition::Profile::sources): everyone at Avaya Spaces holds at least Essential, 8x8 removes ring
//! groups and queues with a main license, and nothing can be changed in an OfficeSeries subscription that is
//! inactive or expired ([`ClosedPoolRule::RefusesChanges`](crate::profile::definition::ClosedPoolRule::RefusesChanges)).
