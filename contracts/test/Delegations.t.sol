// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Signed} from "./Signed.sol";

/// @notice What a grantee with SHARE passes on. DOCTOR may read and share one record; it shares with COLLEAGUE.
contract DelegationsTest is Signed {
    string internal constant DELEGATED = "Delegated(address,address,address,bytes32,uint256)";
    string internal constant DELEGATION_REVOKED = "DelegationRevoked(address,address,address,bytes32,uint256,address)";
    string internal constant DELEGATION_DENIED = "DelegationDenied(address,address,address,bytes32,uint256)";

    function setUp() public override {
        super.setUp();
        grantAs(PATIENT, DOCTOR, SCOPE, 5);
    }

    function delegate() internal {
        vm.prank(DOCTOR);
        hr.delegate(PATIENT, COLLEAGUE, SCOPE, terms());
    }

    function delegate(address patient, address grantee, IHealthRecord.Terms memory t) internal {
        vm.prank(DOCTOR);
        hr.delegate(patient, grantee, SCOPE, t);
    }

    function end() internal {
        vm.prank(DOCTOR);
        hr.revokeDelegation(PATIENT, COLLEAGUE, SCOPE);
    }

    function bar() internal {
        vm.prank(PATIENT);
        hr.denyDelegation(DOCTOR, COLLEAGUE, SCOPE);
    }

    function lift() internal {
        vm.prank(PATIENT);
        hr.liftDelegation(DOCTOR, COLLEAGUE, SCOPE);
    }

    function current() internal view returns (uint256) {
        return load(delegationSlot(PATIENT, DOCTOR, COLLEAGUE, SCOPE));
    }

    function put(uint256 word) internal {
        store(delegationSlot(PATIENT, DOCTOR, COLLEAGUE, SCOPE), word);
    }

    function putParent(bytes32 scope, Word memory w) internal {
        store(grantSlot(PATIENT, DOCTOR, scope), pack(w));
    }

    function shareWord() internal pure returns (Word memory w) {
        w = permitWord();
        w.operations = 5;
    }

    function delegated(uint256 revision, uint256 parentRevision, uint256 parentIsAll) internal pure returns (uint256) {
        Word memory w = permitWord();
        w.revision = revision;
        return packDelegation(w, parentRevision, parentIsAll);
    }

    function ended(uint256 state, uint256 revision) internal pure returns (uint256) {
        return state * 2 ** 184 + revision * 2 ** 160;
    }

    function notSharer() internal view returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.NotSharer.selector, PATIENT, DOCTOR, SCOPE);
    }

    function patientWord() internal view returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.PatientWord.selector, current());
    }

    function assertDelegationLog(string memory signature, bytes memory data) internal {
        assertLog(signature, topic(PATIENT), topic(DOCTOR), topic(COLLEAGUE), data);
    }

    // ---------------------------------------------------------------------------------------------------- delegate

    function test_delegate_names_its_parent() public {
        vm.recordLogs();
        delegate();
        vm.assertEq(current(), delegated(1, 1, 0), "word");
        assertDelegationLog(DELEGATED, abi.encode(SCOPE, delegated(1, 1, 0)));
        vm.assertEq(codeOf(PATIENT, COLLEAGUE, SCOPE, DOCTOR), 5, "it permits");
    }

    function test_delegate_takes_the_parent_at_0_where_the_scopes_does_not_share() public {
        Word memory w = shareWord();
        w.revision = 77;
        putParent(0, w);
        delegate();
        vm.assertEq(current(), delegated(1, 1, 0), "the scope's comes first");
        putParent(SCOPE, permitWord());
        delegate();
        vm.assertEq(current(), delegated(2, 77, 1), "one that does not share is passed over");
        putParent(SCOPE, endedWord(REVOKED, 3));
        delegate();
        vm.assertEq(current(), delegated(3, 77, 1), "a tombstone is passed over");
        vm.assertEq(codeOf(PATIENT, COLLEAGUE, SCOPE, DOCTOR), 5, "it permits");
    }

    function test_delegate_of_all_records() public {
        Word memory w = shareWord();
        w.revision = 77;
        putParent(0, w);
        vm.prank(DOCTOR);
        hr.delegate(PATIENT, COLLEAGUE, 0, terms());
        uint256 word = load(delegationSlot(PATIENT, DOCTOR, COLLEAGUE, 0));
        // The two parents are one word: either name of it is right.
        vm.assertTrue(word == delegated(1, 77, 0) || word == delegated(1, 77, 1), "word");
        vm.assertEq(codeOf(PATIENT, COLLEAGUE, 0, DOCTOR), 5, "it permits");
    }

    function test_delegate_again_replaces_the_terms_and_raises_the_revision() public {
        delegate();
        store(accountSlot(PATIENT), packAccount(4, 0, 0, 0));
        Word memory w = shareWord();
        w.epoch = 4;
        putParent(SCOPE, w);
        delegate(PATIENT, COLLEAGUE, IHealthRecord.Terms(NOW - 2, NOW + 9, 9, 3, 6));
        vm.assertEq(current(), packDelegation(Word(NOW - 2, NOW + 9, 9, 3, 4, 2, PERMIT, 6, 0, 0), 1, 0), "word");
    }

    function test_delegate_after_it_ended() public {
        end();
        delegate();
        vm.assertEq(current(), delegated(2, 1, 0), "word");
    }

    function test_delegate_reverts_in_the_documented_order() public {
        IHealthRecord.Terms memory t;
        put(ended(DENY, LAST));
        putParent(SCOPE, permitWord());
        refused(IHealthRecord.ZeroPatient.selector);
        delegate(address(0), address(0), t);
        refused(IHealthRecord.ZeroGrantee.selector);
        delegate(DOCTOR, address(0), t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, DOCTOR));
        delegate(DOCTOR, DOCTOR, t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.DelegatorIsPatient.selector, DOCTOR));
        delegate(DOCTOR, COLLEAGUE, t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.DelegatorIsAccessor.selector, DOCTOR));
        delegate(PATIENT, DOCTOR, t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, 0, 0));
        delegate(PATIENT, COLLEAGUE, t);
        (t.notBefore, t.notAfter) = (NOW - 10, NOW + 1000);
        refused(IHealthRecord.NoOperations.selector);
        delegate(PATIENT, COLLEAGUE, t);
        t.operations = 31;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.UnknownOperations.selector, 31));
        delegate(PATIENT, COLLEAGUE, t);
        t.operations = 4;
        refused(IHealthRecord.NoPurposes.selector);
        delegate(PATIENT, COLLEAGUE, t);
        t.purposes = 5;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmergencyPurpose.selector, 5));
        delegate(PATIENT, COLLEAGUE, t);
        t.purposes = 1;
        for (t.operations = 4; t.operations < 16; ++t.operations) {
            vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotDelegable.selector, t.operations));
            delegate(PATIENT, COLLEAGUE, t);
        }
        t.operations = 1;
        vm.expectRevert(notSharer());
        delegate(PATIENT, COLLEAGUE, t);
        putParent(SCOPE, shareWord());
        vm.expectRevert(patientWord());
        delegate(PATIENT, COLLEAGUE, t);
        put(ended(REVOKED, LAST));
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.RevisionExhausted.selector, current()));
        delegate(PATIENT, COLLEAGUE, t);
        put(ended(REVOKED, LAST - 1));
        delegate(PATIENT, COLLEAGUE, t);
        vm.assertEq(current(), delegated(LAST, 1, 0), "word");
    }

    function assertShares(bytes32 scope, Word memory w, bool expected) internal {
        putParent(scope, w);
        if (!expected) vm.expectRevert(notSharer());
        delegate();
    }

    function test_sharer_needs_the_operation_SHARE() public {
        Word memory w = shareWord();
        w.operations = 11;
        assertShares(SCOPE, w, false);
        w.operations = 4;
        assertShares(SCOPE, w, true);
    }

    function test_sharer_is_barred_by_a_deny_at_the_scope_or_at_0() public {
        assertShares(0, endedWord(DENY, 1), false);
        assertShares(0, shareWord(), true);
        assertShares(SCOPE, endedWord(DENY, 1), false);
    }

    function test_sharer_needs_the_current_epoch() public {
        store(accountSlot(PATIENT), packAccount(1, 0, 0, 0));
        assertShares(SCOPE, shareWord(), false);
        Word memory w = shareWord();
        w.epoch = 1;
        assertShares(SCOPE, w, true);
    }

    function test_sharer_within_its_window_alone() public {
        Word memory w = shareWord();
        (w.notBefore, w.notAfter) = (NOW, NOW + 1);
        assertShares(SCOPE, w, true);
        (w.notBefore, w.notAfter) = (NOW + 1, NOW + 2);
        assertShares(SCOPE, w, false);
        (w.notBefore, w.notAfter) = (NOW - 1, NOW);
        assertShares(SCOPE, w, false);
    }

    function test_sharer_holds_the_roles_that_its_word_requires() public {
        Word memory w = shareWord();
        w.requiredRoles = 2;
        assertShares(SCOPE, w, false);
        accredit(DOCTOR, 2);
        assertShares(SCOPE, w, true);
        w.requiredRoles = 256;
        accredit(DOCTOR, 0xffff);
        assertShares(SCOPE, w, false);
    }

    function test_sharer_of_one_scope_is_none_of_another() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotSharer.selector, PATIENT, DOCTOR, GROUP));
        vm.prank(DOCTOR);
        hr.delegate(PATIENT, COLLEAGUE, GROUP, terms());
    }

    function test_sharer_by_a_delegation_there_is_none() public {
        delegate();
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotSharer.selector, PATIENT, COLLEAGUE, SCOPE));
        vm.prank(COLLEAGUE);
        hr.delegate(PATIENT, STRANGER, SCOPE, terms());
    }

    // -------------------------------------------------------------------------------------------- revokeDelegation

    function test_revokeDelegation_leaves_a_tombstone_without_terms_and_parent() public {
        delegate();
        vm.recordLogs();
        end();
        vm.assertEq(current(), ended(REVOKED, 2), "word");
        assertDelegationLog(DELEGATION_REVOKED, abi.encode(SCOPE, ended(REVOKED, 2), DOCTOR));
        vm.assertEq(codeOf(PATIENT, COLLEAGUE, SCOPE, DOCTOR), 49, "reason");
    }

    function test_revokeDelegation_of_a_never_written_word() public {
        end();
        vm.assertEq(current(), ended(REVOKED, 1), "word");
    }

    function test_revokeDelegation_by_a_delegator_that_may_share_no_longer() public {
        delegate();
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        end();
        vm.assertEq(current(), ended(REVOKED, 2), "word");
    }

    function test_revokeDelegation_at_the_greatest_revision_stays_there() public {
        put(delegated(LAST, 1, 0));
        end();
        vm.assertEq(current(), ended(REVOKED, LAST), "word");
    }

    function test_revokeDelegation_reverts_in_the_documented_order() public {
        bar();
        vm.prank(DOCTOR);
        refused(IHealthRecord.ZeroPatient.selector);
        hr.revokeDelegation(address(0), address(0), SCOPE);
        vm.prank(DOCTOR);
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.revokeDelegation(PATIENT, address(0), SCOPE);
        vm.expectRevert(patientWord());
        end();
    }

    // ---------------------------------------------------------------------------------------------- denyDelegation

    function test_denyDelegation_ends_and_bars() public {
        delegate();
        vm.recordLogs();
        bar();
        vm.assertEq(current(), ended(DENY, 2), "word");
        assertDelegationLog(DELEGATION_DENIED, abi.encode(SCOPE, ended(DENY, 2)));
        vm.assertEq(codeOf(PATIENT, COLLEAGUE, SCOPE, DOCTOR), 48, "reason");
        vm.expectRevert(patientWord());
        delegate();
    }

    function test_denyDelegation_of_a_never_written_word() public {
        bar();
        vm.assertEq(current(), ended(DENY, 1), "word");
    }

    function test_denyDelegation_at_the_greatest_revision_stays_there() public {
        put(delegated(LAST, 1, 0));
        bar();
        vm.assertEq(current(), ended(DENY, LAST), "word");
    }

    function test_denyDelegation_reverts_in_the_documented_order() public {
        vm.startPrank(PATIENT);
        refused(IHealthRecord.ZeroDelegator.selector);
        hr.denyDelegation(address(0), address(0), SCOPE);
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.denyDelegation(DOCTOR, address(0), SCOPE);
    }

    // ---------------------------------------------------------------------------------------------- liftDelegation

    function test_liftDelegation_leaves_it_ended() public {
        delegate();
        bar();
        vm.recordLogs();
        lift();
        vm.assertEq(current(), ended(REVOKED, 3), "word");
        assertDelegationLog(DELEGATION_REVOKED, abi.encode(SCOPE, ended(REVOKED, 3), PATIENT));
        vm.assertEq(codeOf(PATIENT, COLLEAGUE, SCOPE, DOCTOR), 49, "reason");
        delegate();
        vm.assertEq(current(), delegated(4, 1, 0), "the delegator may delegate anew");
    }

    function test_liftDelegation_reverts_in_the_documented_order() public {
        vm.startPrank(PATIENT);
        refused(IHealthRecord.ZeroDelegator.selector);
        hr.liftDelegation(address(0), address(0), SCOPE);
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.liftDelegation(DOCTOR, address(0), SCOPE);
        vm.stopPrank();
        for (uint256 state = NONE; state <= REVOKED; ++state) {
            put(ended(state, state == NONE ? 0 : LAST));
            vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotDenied.selector, current()));
            lift();
        }
        put(ended(DENY, LAST));
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.RevisionExhausted.selector, current()));
        lift();
        put(ended(DENY, LAST - 1));
        lift();
        vm.assertEq(current(), ended(REVOKED, LAST), "word");
    }
}
