// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Base} from "./Base.sol";

contract ConsentsTest is Base {
    uint256 internal constant LAST_REVISION = 2 ** 24 - 1;
    string internal constant GRANTED = "Granted(address,address,bytes32,uint256,address,bytes32)";
    string internal constant DENIED = "Denied(address,address,bytes32,uint256,address,bytes32)";
    string internal constant REVOKED_EVENT = "Revoked(address,address,bytes32,uint256,address)";

    function grant() internal {
        grant(terms());
    }

    function grant(IHealthRecord.Terms memory t) internal {
        vm.prank(PATIENT);
        hr.grant(DOCTOR, SCOPE, t, DOCUMENT);
    }

    function current() internal view returns (uint256) {
        return grantWord(PATIENT, DOCTOR, SCOPE);
    }

    function assertConsentLog(string memory signature, uint256 word) internal {
        assertLog(signature, topic(PATIENT), topic(DOCTOR), SCOPE, abi.encode(word, PATIENT, DOCUMENT));
    }

    function assertRefused(IHealthRecord.Terms memory t, bytes memory reason) internal {
        vm.expectRevert(reason);
        grant(t);
    }

    // ------------------------------------------------------------------------------------------------------ Grant

    function test_grant_writes_a_permit_of_revision_1() public {
        vm.recordLogs();
        grant();
        vm.assertEq(current(), pack(permitWord()), "word");
        assertConsentLog(GRANTED, pack(permitWord()));
    }

    function test_grant_again_replaces_the_terms_and_raises_the_revision() public {
        grant();
        vm.warp(NOW + 7);
        IHealthRecord.Terms memory t =
            IHealthRecord.Terms({notBefore: 1, notAfter: 2, purposes: 8, operations: 15, requiredRoles: 6});
        vm.recordLogs();
        grant(t);
        uint256 word = pack(Word(1, 2, 8, 15, 0, 2, PERMIT, 6, NOW + 7, 0));
        vm.assertEq(current(), word, "word");
        assertConsentLog(GRANTED, word);
    }

    function test_grant_lifts_the_patients_own_deny_and_revoke() public {
        vm.prank(PATIENT);
        hr.deny(DOCTOR, SCOPE, 0);
        grant();
        Word memory w = permitWord();
        w.revision = 2;
        vm.assertEq(current(), pack(w), "after a deny");
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        grant();
        w.revision = 4;
        vm.assertEq(current(), pack(w), "after a revoke");
    }

    function test_grant_takes_the_patients_epoch() public {
        vm.prank(PATIENT);
        hr.revokeAll();
        grant();
        Word memory w = permitWord();
        w.epoch = 1;
        vm.assertEq(current(), pack(w), "word");
    }

    function test_grant_touches_no_other_word() public {
        grant();
        vm.assertEq(grantWord(PATIENT, DOCTOR, 0), 0, "another scope");
        vm.assertEq(grantWord(PATIENT, COLLEAGUE, SCOPE), 0, "another grantee");
        vm.assertEq(grantWord(STRANGER, DOCTOR, SCOPE), 0, "another patient");
        vm.assertEq(accountWord(PATIENT), 0, "the account");
    }

    function testFuzz_grant_packs_its_fields(
        IHealthRecord.Terms memory t,
        bytes32 scope,
        uint24 revision,
        uint32 epoch,
        uint40 time
    ) public {
        vm.assume(t.notBefore < t.notAfter && revision < LAST_REVISION);
        t.operations = t.operations % 15 + 1;
        t.purposes = t.purposes - t.purposes / 4 % 2 * 4;
        vm.assume(t.purposes != 0);
        store(grantSlot(PATIENT, DOCTOR, scope), pack(endedWord(REVOKED, revision)));
        store(accountSlot(PATIENT), packAccount(epoch, 1, 2 ** 24 - 1, 2 ** 24 - 1));
        vm.warp(time);
        vm.prank(PATIENT);
        hr.grant(DOCTOR, scope, t, DOCUMENT);
        vm.assertEq(
            grantWord(PATIENT, DOCTOR, scope),
            pack(
                Word({
                    notBefore: t.notBefore,
                    notAfter: t.notAfter,
                    purposes: t.purposes,
                    operations: t.operations,
                    epoch: epoch,
                    revision: uint256(revision) + 1,
                    state: PERMIT,
                    requiredRoles: t.requiredRoles,
                    writtenAt: time,
                    by: 0
                })
            ),
            "word"
        );
    }

    function test_grant_stores_purposes_and_roles_without_a_name() public {
        IHealthRecord.Terms memory t = terms();
        (t.purposes, t.requiredRoles) = (2 ** 31, 2 ** 15);
        grant(t);
        Word memory w = permitWord();
        (w.purposes, w.requiredRoles) = (2 ** 31, 2 ** 15);
        vm.assertEq(current(), pack(w), "word");
    }

    function test_grant_refuses_the_zero_grantee() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ZeroGrantee.selector));
        hr.grant(address(0), SCOPE, terms(), 0);
    }

    function test_grant_refuses_the_patient_itself() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, PATIENT));
        vm.prank(PATIENT);
        hr.grant(PATIENT, SCOPE, terms(), 0);
    }

    function test_grant_refuses_an_empty_window() public {
        IHealthRecord.Terms memory t = terms();
        t.notAfter = t.notBefore;
        assertRefused(t, abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, NOW - 10, NOW - 10));
        t.notAfter = 0;
        assertRefused(t, abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, NOW - 10, 0));
    }

    function test_grant_refuses_no_operations() public {
        IHealthRecord.Terms memory t = terms();
        t.operations = 0;
        assertRefused(t, abi.encodeWithSelector(IHealthRecord.NoOperations.selector));
    }

    function test_grant_refuses_operations_above_15() public {
        IHealthRecord.Terms memory t = terms();
        t.operations = 16;
        assertRefused(t, abi.encodeWithSelector(IHealthRecord.UnknownOperations.selector, 16));
    }

    function test_grant_refuses_no_purposes() public {
        IHealthRecord.Terms memory t = terms();
        t.purposes = 0;
        assertRefused(t, abi.encodeWithSelector(IHealthRecord.NoPurposes.selector));
    }

    function test_grant_refuses_break_glass() public {
        IHealthRecord.Terms memory t = terms();
        t.purposes = 5;
        assertRefused(t, abi.encodeWithSelector(IHealthRecord.EmergencyPurpose.selector, 5));
    }

    function test_grant_at_the_last_revision_but_one_reaches_it() public {
        store(grantSlot(PATIENT, DOCTOR, SCOPE), pack(endedWord(DENY, LAST_REVISION - 1)));
        grant();
        Word memory w = permitWord();
        w.revision = LAST_REVISION;
        vm.assertEq(current(), pack(w), "word");
    }

    function test_grant_refuses_the_greatest_revision() public {
        uint256 word = pack(endedWord(DENY, LAST_REVISION));
        store(grantSlot(PATIENT, DOCTOR, SCOPE), word);
        assertRefused(terms(), abi.encodeWithSelector(IHealthRecord.RevisionExhausted.selector, word));
    }

    // ------------------------------------------------------------------------------------------------------- Deny

    function test_deny_of_a_never_written_word() public {
        vm.recordLogs();
        vm.prank(PATIENT);
        hr.deny(DOCTOR, SCOPE, DOCUMENT);
        vm.assertEq(current(), pack(endedWord(DENY, 1)), "word");
        assertConsentLog(DENIED, pack(endedWord(DENY, 1)));
    }

    function test_deny_leaves_no_terms_of_the_permit() public {
        vm.prank(PATIENT);
        hr.revokeAll();
        IHealthRecord.Terms memory t = terms();
        t.requiredRoles = 2;
        grant(t);
        vm.prank(PATIENT);
        hr.deny(DOCTOR, SCOPE, 0);
        vm.assertEq(current(), pack(endedWord(DENY, 2)), "word");
    }

    function test_deny_at_the_greatest_revision_stays_there() public {
        Word memory w = permitWord();
        w.revision = LAST_REVISION;
        store(grantSlot(PATIENT, DOCTOR, SCOPE), pack(w));
        vm.prank(PATIENT);
        hr.deny(DOCTOR, SCOPE, 0);
        vm.assertEq(current(), pack(endedWord(DENY, LAST_REVISION)), "word");
    }

    function test_deny_refuses_the_zero_grantee() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ZeroGrantee.selector));
        hr.deny(address(0), SCOPE, 0);
    }

    function test_deny_refuses_the_patient_itself() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, PATIENT));
        vm.prank(PATIENT);
        hr.deny(PATIENT, SCOPE, 0);
    }

    // ----------------------------------------------------------------------------------------------------- Revoke

    function test_revoke_of_a_never_written_word_leaves_a_tombstone() public {
        vm.recordLogs();
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        uint256 word = pack(endedWord(REVOKED, 1));
        vm.assertEq(current(), word, "word");
        assertLog(REVOKED_EVENT, topic(PATIENT), topic(DOCTOR), SCOPE, abi.encode(word, PATIENT));
    }

    function test_revoke_leaves_a_tombstone_without_the_terms() public {
        vm.prank(PATIENT);
        hr.revokeAll();
        grant();
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        vm.assertEq(current(), pack(endedWord(REVOKED, 2)), "word");
    }

    function test_revoke_ends_a_deny_and_itself_again() public {
        vm.prank(PATIENT);
        hr.deny(DOCTOR, SCOPE, 0);
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        vm.assertEq(current(), pack(endedWord(REVOKED, 2)), "after a deny");
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        vm.assertEq(current(), pack(endedWord(REVOKED, 3)), "after a revoke");
    }

    function test_revoke_touches_no_other_word() public {
        grant();
        vm.prank(PATIENT);
        hr.revoke(COLLEAGUE, SCOPE);
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, 0);
        vm.prank(STRANGER);
        hr.revoke(DOCTOR, SCOPE);
        vm.assertEq(current(), pack(permitWord()), "word");
    }

    function testFuzz_revoke_and_deny_pack_their_fields(uint256 before, uint40 time, bool denied) public {
        store(grantSlot(PATIENT, DOCTOR, SCOPE), before);
        vm.warp(time);
        vm.prank(PATIENT);
        if (denied) hr.deny(DOCTOR, SCOPE, 0);
        else hr.revoke(DOCTOR, SCOPE);
        uint256 revision = before / 2 ** 160 % 2 ** 24;
        Word memory w = endedWord(denied ? DENY : REVOKED, revision == LAST_REVISION ? revision : revision + 1);
        w.writtenAt = time;
        vm.assertEq(current(), pack(w), "word");
    }

    function test_revoke_at_the_greatest_revision_stays_there() public {
        Word memory w = permitWord();
        w.revision = LAST_REVISION;
        store(grantSlot(PATIENT, DOCTOR, SCOPE), pack(w));
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        vm.assertEq(current(), pack(endedWord(REVOKED, LAST_REVISION)), "word");
    }

    function test_revoke_refuses_the_zero_grantee() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ZeroGrantee.selector));
        hr.revoke(address(0), SCOPE);
    }

    function test_revoke_refuses_the_patient_itself() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, PATIENT));
        vm.prank(PATIENT);
        hr.revoke(PATIENT, SCOPE);
    }
}
