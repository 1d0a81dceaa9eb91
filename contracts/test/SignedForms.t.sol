// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {BySig} from "./BySig.sol";
import {
    ANCHOR,
    CLOSE_EMERGENCY,
    DELEGATE,
    DENY_DELEGATION,
    DENY_TYPE,
    GRANT,
    LIFT_DELEGATION,
    RETRACT,
    REVOKE,
    REVOKE_ALL,
    REVOKE_DELEGATION,
    SET_POLICY
} from "./Signed.sol";

/// @notice Forms that write a word once and for good: the author's.
abstract contract Once is BySig {
    function other(address signer) internal view virtual returns (bytes memory);
    function refusal() internal view virtual returns (bytes memory);

    function test_refuses_what_stands_with_other_words_before_the_signature() public {
        send(HOLDER, other(HOLDER));
        vm.expectRevert(refusal());
        act(HOLDER, "");
    }
}

contract AnchorBySigTest is Once {
    bytes32 internal constant ROOT = keccak256("a root");

    function selector() internal view override returns (bytes4) {
        return hr.anchorBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return ANCHOR;
    }

    function members(address signer, uint256 deadline) internal pure override returns (bytes memory) {
        return abi.encode(signer, ROOT, uint32(7), uint16(4), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.anchor, (ROOT, 7, 4));
    }

    function place(address signer) internal pure override returns (bytes32) {
        return slot(5, keccak256(abi.encode(signer, ROOT)));
    }

    function other(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.anchor, (ROOT, 8, 4));
    }

    function refusal() internal view override returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.AlreadyAnchored.selector, HOLDER, ROOT);
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        refused(IHealthRecord.ZeroRoot.selector);
        hr.anchorBySig(HOLDER, 0, 0, 0, uint40(UNTIL), "");
        refused(IHealthRecord.ZeroCount.selector);
        hr.anchorBySig(HOLDER, ROOT, 0, 0, uint40(UNTIL), "");
        refused(IHealthRecord.ZeroKind.selector);
        hr.anchorBySig(HOLDER, ROOT, 1, 0, uint40(UNTIL), "");
    }
}

contract RetractBySigTest is Once {
    bytes32 internal constant COMMITMENT = keccak256("a commitment");

    function selector() internal view override returns (bytes4) {
        return hr.retractBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return RETRACT;
    }

    function members(address signer, uint256 deadline) internal pure override returns (bytes memory) {
        return abi.encode(signer, COMMITMENT, uint16(4), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.retract, (COMMITMENT, 4));
    }

    function place(address signer) internal pure override returns (bytes32) {
        return slot(6, keccak256(abi.encode(signer, COMMITMENT)));
    }

    function other(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.retract, (COMMITMENT, 5));
    }

    function refusal() internal view override returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.AlreadyRetracted.selector, HOLDER, COMMITMENT);
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        refused(IHealthRecord.ZeroCommitment.selector);
        hr.retractBySig(HOLDER, 0, 0, uint40(UNTIL), "");
    }
}

/// @notice Forms that loosen: for the exact revision, which stands in the members as their last but one.
abstract contract Exact is BySig {
    /// @notice Puts the word of `signer` at `revision`, in a state that the action takes.
    function putRevision(address signer, uint256 revision) internal virtual {
        store(place(signer), revision * 2 ** 160);
    }

    function membersAt(uint256 revision) internal view virtual returns (bytes memory fields) {
        fields = members(HOLDER, UNTIL);
        uint256 at = fields.length - 32;
        assembly ("memory-safe") {
            mstore(add(fields, at), revision)
        }
    }

    function relayAt(uint256 revision) internal {
        bytes memory fields = membersAt(revision);
        relay(selector(), fields, sign(KEY, kind(), fields));
    }

    function stale(uint256 current, uint256 revision) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.StaleRevision.selector, current, revision);
    }

    function test_holds_for_the_exact_revision_alone() public {
        putRevision(HOLDER, 20);
        vm.expectRevert(stale(20, 19));
        relayAt(19);
        vm.expectRevert(stale(20, 21));
        relayAt(21);
        relayAt(20);
    }

    function test_names_a_stale_revision_before_the_signature() public {
        putRevision(HOLDER, 20);
        vm.expectRevert(stale(20, 21));
        relay(selector(), membersAt(21), "");
    }

    function test_refuses_the_greatest_revision_before_the_signature() public {
        putRevision(HOLDER, LAST);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.RevisionExhausted.selector, load(place(HOLDER))));
        relay(selector(), membersAt(LAST), "");
    }

    function test_reaches_the_greatest_revision() public {
        putRevision(HOLDER, LAST - 1);
        relayAt(LAST - 1);
        vm.assertEq(revisionOf(load(place(HOLDER))), LAST, "revision");
    }

    function revisionOf(uint256 word) internal pure virtual returns (uint256) {
        return word / 2 ** 160 % 2 ** 24;
    }

    /// @notice What was signed and replaced before it was relayed has no effect.
    function test_has_no_effect_after_a_later_word() public {
        bytes memory signature = signed(KEY, HOLDER);
        uint256 revision = revisionOf(load(place(HOLDER)));
        putRevision(HOLDER, revision + 2);
        vm.expectRevert(stale(revision + 2, revision));
        act(HOLDER, signature);
    }
}

/// @notice Exact forms that name the patient's epoch, before the revision.
abstract contract ExactEpoch is Exact {
    function patient() internal view virtual returns (address) {
        return HOLDER;
    }

    function test_names_a_stale_epoch_first() public {
        bytes memory signature = signed(KEY, HOLDER);
        vm.prank(patient());
        hr.revokeAll();
        putRevision(HOLDER, 20);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleEpoch.selector, 1, 0));
        act(HOLDER, signature);
    }

    function test_refuses_a_later_epoch() public {
        bytes memory fields = members(HOLDER, UNTIL);
        uint256 at = fields.length - 64;
        assembly ("memory-safe") {
            mstore(add(fields, at), 1)
        }
        bytes memory signature = sign(KEY, kind(), fields);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleEpoch.selector, 0, 1));
        relay(selector(), fields, signature);
    }
}

contract GrantBySigTest is ExactEpoch {
    function selector() internal view override returns (bytes4) {
        return hr.grantBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return GRANT;
    }

    function wide() internal pure returns (IHealthRecord.Terms memory) {
        return IHealthRecord.Terms(NOW - 3, NOW + 77, 2 ** 31 + 9, 14, 6);
    }

    function members(address signer, uint256 deadline) internal pure override returns (bytes memory) {
        return abi.encode(signer, DOCTOR_, SCOPE, wide(), DOCUMENT, uint32(0), uint24(0), deadline);
    }

    address internal constant DOCTOR_ = address(uint160(uint256(keccak256("doctor"))));

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.grant, (DOCTOR_, SCOPE, wide(), DOCUMENT));
    }

    function place(address signer) internal pure override returns (bytes32) {
        return grantSlot(signer, DOCTOR_, SCOPE);
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        IHealthRecord.Terms memory t;
        refused(IHealthRecord.ZeroGrantee.selector);
        grantBySig(address(0), t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, HOLDER));
        grantBySig(HOLDER, t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, 0, 0));
        grantBySig(DOCTOR, t);
        t.notAfter = 1;
        refused(IHealthRecord.NoOperations.selector);
        grantBySig(DOCTOR, t);
        t.operations = 16;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.UnknownOperations.selector, 16));
        grantBySig(DOCTOR, t);
        t.operations = 15;
        refused(IHealthRecord.NoPurposes.selector);
        grantBySig(DOCTOR, t);
        t.purposes = 4;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmergencyPurpose.selector, 4));
        grantBySig(DOCTOR, t);
        t.purposes = 1;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SignatureExpired.selector, UNTIL));
        grantBySig(DOCTOR, t);
    }

    function grantBySig(address grantee, IHealthRecord.Terms memory t) internal {
        hr.grantBySig(HOLDER, grantee, SCOPE, t, 0, 5, 5, uint40(UNTIL), "");
    }

    function test_lifts_the_patients_own_deny_and_tombstone() public {
        vm.prank(HOLDER);
        hr.deny(DOCTOR, SCOPE, 0);
        relayAt(1);
        vm.assertEq(load(place(HOLDER)) / 2 ** 184 % 4, PERMIT, "after a deny");
        vm.prank(HOLDER);
        hr.revoke(DOCTOR, SCOPE);
        relayAt(3);
        vm.assertEq(load(place(HOLDER)) / 2 ** 184 % 4, PERMIT, "after a revoke");
    }

    /// @notice Each field tells a word that is the signed one from another.
    function test_is_not_done_by_another_word_of_the_next_revision() public {
        bytes memory signature = signed(KEY, HOLDER);
        for (uint256 i; i < 6; ++i) {
            IHealthRecord.Terms memory t = wide();
            if (i == 0) t.notBefore -= 1;
            if (i == 1) t.notAfter -= 1;
            if (i == 2) t.purposes -= 1;
            if (i == 3) t.operations -= 2;
            if (i == 4) t.requiredRoles = 2;
            uint256 before = vm.snapshotState();
            vm.prank(HOLDER);
            hr.grant(DOCTOR, SCOPE, t, DOCUMENT);
            if (i == 5) store(place(HOLDER), load(place(HOLDER)) + 2 ** 248);
            vm.expectRevert(stale(1, 0));
            act(HOLDER, signature);
            vm.revertToState(before);
        }
    }
}

contract SetPolicyBySigTest is Exact {
    function selector() internal view override returns (bytes4) {
        return hr.setPolicyBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return SET_POLICY;
    }

    function members(address signer, uint256 deadline) internal pure override returns (bytes memory) {
        return abi.encode(signer, uint8(1), uint24(5), uint24(0), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.setPolicy, (1, 5));
    }

    function place(address signer) internal pure override returns (bytes32) {
        return accountSlot(signer);
    }

    function putRevision(address signer, uint256 revision) internal override {
        store(place(signer), packAccount(0, 0, revision, 0));
    }

    function revisionOf(uint256 word) internal pure override returns (uint256) {
        return word / 2 ** 40 % 2 ** 24;
    }

    function test_names_unknown_flags_first() public {
        vm.warp(UNTIL + 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.UnknownFlags.selector, 2));
        hr.setPolicyBySig(HOLDER, 2, 0, 9, uint40(UNTIL), "");
    }

    function test_names_cards_that_fell_after_a_stale_revision_and_before_the_signature() public {
        vm.prank(HOLDER);
        hr.setPolicy(0, 6);
        vm.expectRevert(stale(1, 0));
        act(HOLDER, "");
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.CardsFell.selector, 6, 5));
        relay(selector(), membersAt(1), "");
    }

    function test_has_no_effect_after_revokeAll() public {
        bytes memory signature = signed(KEY, HOLDER);
        vm.prank(HOLDER);
        hr.revokeAll();
        vm.expectRevert(stale(1, 0));
        act(HOLDER, signature);
    }
}

contract DelegateBySigTest is ExactEpoch {
    function patient() internal view override returns (address) {
        return PATIENT;
    }

    function selector() internal view override returns (bytes4) {
        return hr.delegateBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return DELEGATE;
    }

    function prepare(address signer) internal override {
        grantAs(PATIENT, signer, SCOPE, 5);
    }

    function members(address signer, uint256 deadline) internal view override returns (bytes memory) {
        return abi.encode(PATIENT, signer, COLLEAGUE, SCOPE, terms(), uint24(1), false, uint32(0), uint24(0), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.delegate, (PATIENT, COLLEAGUE, SCOPE, terms()));
    }

    function place(address signer) internal view override returns (bytes32) {
        return delegationSlot(PATIENT, signer, COLLEAGUE, SCOPE);
    }

    function zeroSigner() internal view override returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.NotSharer.selector, PATIENT, address(0), SCOPE);
    }

    function delegateBySig(uint24 parent, bool isAll, uint24 revision) internal {
        bytes memory fields =
            abi.encode(PATIENT, HOLDER, COLLEAGUE, SCOPE, terms(), parent, isAll, uint32(0), revision, UNTIL);
        relay(selector(), fields, sign(KEY, DELEGATE, fields));
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        IHealthRecord.Terms memory t;
        refused(IHealthRecord.ZeroPatient.selector);
        argue(address(0), HOLDER, address(0), t);
        refused(IHealthRecord.ZeroGrantee.selector);
        argue(PATIENT, PATIENT, address(0), t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, PATIENT));
        argue(PATIENT, PATIENT, PATIENT, t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.DelegatorIsPatient.selector, PATIENT));
        argue(PATIENT, PATIENT, COLLEAGUE, t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.DelegatorIsAccessor.selector, HOLDER));
        argue(PATIENT, HOLDER, HOLDER, t);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, 0, 0));
        argue(PATIENT, HOLDER, COLLEAGUE, t);
        t.notAfter = 1;
        refused(IHealthRecord.NoOperations.selector);
        argue(PATIENT, HOLDER, COLLEAGUE, t);
        t.operations = 16;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.UnknownOperations.selector, 16));
        argue(PATIENT, HOLDER, COLLEAGUE, t);
        t.operations = 4;
        refused(IHealthRecord.NoPurposes.selector);
        argue(PATIENT, HOLDER, COLLEAGUE, t);
        t.purposes = 5;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmergencyPurpose.selector, 5));
        argue(PATIENT, HOLDER, COLLEAGUE, t);
        t.purposes = 1;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotDelegable.selector, 4));
        argue(PATIENT, HOLDER, COLLEAGUE, t);
        t.operations = 3;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SignatureExpired.selector, UNTIL));
        argue(PATIENT, HOLDER, COLLEAGUE, t);
    }

    function argue(address patient_, address delegator, address grantee, IHealthRecord.Terms memory t) internal {
        hr.delegateBySig(patient_, delegator, grantee, SCOPE, t, 9, true, 9, 9, uint40(UNTIL), "");
    }

    function test_names_a_stale_parent_after_a_stale_revision() public {
        grantAs(PATIENT, HOLDER, SCOPE, 5);
        vm.expectRevert(stale(0, 1));
        delegateBySig(1, false, 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleParent.selector, 2, 1));
        delegateBySig(1, false, 0);
        delegateBySig(2, false, 0);
    }

    function test_names_a_parent_that_may_not_share_before_the_signature() public {
        grantAs(PATIENT, HOLDER, SCOPE, 3);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotSharer.selector, PATIENT, HOLDER, SCOPE));
        hr.delegateBySig(PATIENT, HOLDER, COLLEAGUE, SCOPE, terms(), 2, false, 0, 0, uint40(UNTIL), "");
    }

    function test_is_stale_where_another_parent_comes_first() public {
        grantAs(PATIENT, HOLDER, 0, 5);
        grantAs(PATIENT, HOLDER, 0, 5);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleParent.selector, 1, 2));
        delegateBySig(2, true, 0);
    }

    function test_takes_the_parent_that_it_names() public {
        grantAs(PATIENT, HOLDER, SCOPE, 1);
        grantAs(PATIENT, HOLDER, 0, 5);
        grantAs(PATIENT, HOLDER, 0, 5);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleParent.selector, 2, 1));
        delegateBySig(1, true, 0);
        delegateBySig(2, true, 0);
        Word memory w = permitWord();
        w.writtenAt = 0;
        w.by = 0;
        vm.assertEq(load(place(HOLDER)), packDelegation(w, 2, 1), "word");
    }

    function test_names_the_patients_deny_before_the_signature() public {
        vm.prank(PATIENT);
        hr.denyDelegation(HOLDER, COLLEAGUE, SCOPE);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.PatientWord.selector, load(place(HOLDER))));
        hr.delegateBySig(PATIENT, HOLDER, COLLEAGUE, SCOPE, terms(), 1, false, 0, 1, uint40(UNTIL), "");
    }
}

contract LiftDelegationBySigTest is ExactEpoch {
    function selector() internal view override returns (bytes4) {
        return hr.liftDelegationBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return LIFT_DELEGATION;
    }

    function prepare(address signer) internal override {
        vm.prank(signer);
        hr.denyDelegation(DOCTOR, COLLEAGUE, SCOPE);
    }

    function members(address signer, uint256 deadline) internal view override returns (bytes memory) {
        return abi.encode(signer, DOCTOR, COLLEAGUE, SCOPE, uint32(0), uint24(1), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.liftDelegation, (DOCTOR, COLLEAGUE, SCOPE));
    }

    function place(address signer) internal view override returns (bytes32) {
        return delegationSlot(signer, DOCTOR, COLLEAGUE, SCOPE);
    }

    function zeroSigner() internal pure override returns (bytes memory) {
        return stale(0, 1);
    }

    function putRevision(address signer, uint256 revision) internal override {
        store(place(signer), revision * 2 ** 160 + DENY * 2 ** 184);
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        refused(IHealthRecord.ZeroDelegator.selector);
        hr.liftDelegationBySig(HOLDER, address(0), address(0), SCOPE, 9, 9, uint40(UNTIL), "");
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.liftDelegationBySig(HOLDER, DOCTOR, address(0), SCOPE, 9, 9, uint40(UNTIL), "");
    }

    function test_names_what_is_no_deny_before_the_signature() public {
        uint256 word = REVOKED * 2 ** 184 + 2 ** 160;
        store(place(HOLDER), word);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotDenied.selector, word));
        act(HOLDER, "");
    }
}

/// @notice Forms that end: for a revision n while the word's is from n - 255 to n. The revision is the last member but
/// the deadline.
abstract contract Window is BySig {
    function state() internal view virtual returns (uint256) {
        return DENY;
    }

    /// @notice The word that the action leaves at `revision`.
    function ended(uint256 revision) internal view virtual returns (uint256) {
        return pack(endedWord(state(), revision));
    }

    /// @notice A word of another state at `revision`.
    function putRevision(uint256 revision) internal {
        store(place(HOLDER), revision * 2 ** 160 + PERMIT * 2 ** 184);
    }

    function membersAt(uint256 revision) internal view returns (bytes memory fields) {
        fields = members(HOLDER, UNTIL);
        uint256 at = fields.length - 32;
        assembly ("memory-safe") {
            mstore(add(fields, at), revision)
        }
    }

    function relayAt(uint256 revision) internal {
        bytes memory fields = membersAt(revision);
        relay(selector(), fields, sign(KEY, kind(), fields));
    }

    function assertEnds(uint256 current, uint256 revision, uint256 next) internal {
        putRevision(current);
        vm.recordLogs();
        relayAt(revision);
        vm.assertEq(load(place(HOLDER)), ended(next), "word");
        vm.assertEq(vm.getRecordedLogs().length, 1, "events");
    }

    function assertStale(uint256 current, uint256 revision) internal {
        putRevision(current);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleRevision.selector, current, revision));
        relayAt(revision);
    }

    function test_holds_from_255_revisions_below_to_its_own() public {
        assertEnds(1000, 1000, 1001);
        assertEnds(1000, 1001, 1002);
        assertEnds(1000, 1016, 1017);
        assertEnds(1000, 1255, 1256);
        assertEnds(1, 0xff, 0x100);
    }

    function test_is_stale_below_and_above() public {
        assertStale(1000, 999);
        assertStale(1000, 1256);
        assertStale(1, 0);
        assertStale(0, 256);
        assertStale(0, LAST);
        assertStale(LAST, LAST - 1);
    }

    function test_names_a_stale_revision_before_the_signature() public {
        putRevision(1000);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleRevision.selector, 1000, 999));
        relay(selector(), membersAt(999), "");
    }

    function test_holds_at_the_greatest_revision_and_leaves_it_there() public {
        assertEnds(LAST, LAST, LAST);
        assertEnds(LAST - 1, LAST, LAST);
        assertEnds(LAST - 255, LAST, LAST);
        assertEnds(LAST - 1, LAST - 1, LAST);
    }

    function test_is_done_at_the_greatest_revision_too() public {
        assertEnds(LAST, LAST, LAST);
        vm.recordLogs();
        relayAt(LAST);
        vm.assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function test_names_no_epoch() public {
        bytes memory signature = signed(KEY, HOLDER);
        vm.prank(HOLDER);
        hr.revokeAll();
        vm.prank(PATIENT);
        hr.revokeAll();
        assertDone(HOLDER, signature);
    }

    /// @notice What the signature ended may be begun anew, and then it is without effect.
    function test_has_no_effect_on_a_later_word() public {
        putRevision(1000);
        relayAt(1016);
        assertStale(1018, 1016);
    }

    function testFuzz_holds_in_its_window_alone(uint24 current, uint24 revision) public {
        current = uint24(current % (LAST - 1) + 1);
        if (revision >= current && revision - current <= 255) {
            assertEnds(current, revision, revision == LAST ? LAST : revision + 1);
        } else {
            assertStale(current, revision);
        }
    }
}

contract DenyBySigTest is Window {
    function selector() internal view override returns (bytes4) {
        return hr.denyBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return DENY_TYPE;
    }

    function members(address signer, uint256 deadline) internal view override returns (bytes memory) {
        return abi.encode(signer, DOCTOR, SCOPE, DOCUMENT, uint24(0), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.deny, (DOCTOR, SCOPE, DOCUMENT));
    }

    function place(address signer) internal view override returns (bytes32) {
        return grantSlot(signer, DOCTOR, SCOPE);
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.denyBySig(HOLDER, address(0), SCOPE, 0, 9, uint40(UNTIL), "");
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, HOLDER));
        hr.denyBySig(HOLDER, HOLDER, SCOPE, 0, 9, uint40(UNTIL), "");
    }
}

contract RevokeBySigTest is Window {
    function state() internal pure override returns (uint256) {
        return REVOKED;
    }

    function selector() internal view override returns (bytes4) {
        return hr.revokeBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return REVOKE;
    }

    function members(address signer, uint256 deadline) internal view override returns (bytes memory) {
        return abi.encode(signer, DOCTOR, SCOPE, uint24(0), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.revoke, (DOCTOR, SCOPE));
    }

    function place(address signer) internal view override returns (bytes32) {
        return grantSlot(signer, DOCTOR, SCOPE);
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.revokeBySig(HOLDER, address(0), SCOPE, 9, uint40(UNTIL), "");
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, HOLDER));
        hr.revokeBySig(HOLDER, HOLDER, SCOPE, 9, uint40(UNTIL), "");
    }

    /// @notice The patient's signed revoke is not done by what a manager wrote.
    function test_replaces_a_managers_tombstone() public {
        Word memory w = endedWord(REVOKED, 5);
        w.by = 1;
        store(place(HOLDER), pack(w));
        relayAt(5);
        vm.assertEq(load(place(HOLDER)), ended(6), "word");
    }
}

contract RevokeDelegationBySigTest is Window {
    function state() internal pure override returns (uint256) {
        return REVOKED;
    }

    function ended(uint256 revision) internal pure override returns (uint256) {
        return REVOKED * 2 ** 184 + revision * 2 ** 160;
    }

    function selector() internal view override returns (bytes4) {
        return hr.revokeDelegationBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return REVOKE_DELEGATION;
    }

    function members(address signer, uint256 deadline) internal view override returns (bytes memory) {
        return abi.encode(PATIENT, signer, COLLEAGUE, SCOPE, uint24(0), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.revokeDelegation, (PATIENT, COLLEAGUE, SCOPE));
    }

    function place(address signer) internal view override returns (bytes32) {
        return delegationSlot(PATIENT, signer, COLLEAGUE, SCOPE);
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        refused(IHealthRecord.ZeroPatient.selector);
        hr.revokeDelegationBySig(address(0), HOLDER, address(0), SCOPE, 9, uint40(UNTIL), "");
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.revokeDelegationBySig(PATIENT, HOLDER, address(0), SCOPE, 9, uint40(UNTIL), "");
    }

    function test_names_the_patients_deny_before_the_signature() public {
        vm.prank(PATIENT);
        hr.denyDelegation(HOLDER, COLLEAGUE, SCOPE);
        uint256 word = load(place(HOLDER));
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleRevision.selector, 1, 0));
        relay(selector(), membersAt(0), "");
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.PatientWord.selector, word));
        relay(selector(), membersAt(1), "");
    }
}

contract DenyDelegationBySigTest is Window {
    function ended(uint256 revision) internal pure override returns (uint256) {
        return DENY * 2 ** 184 + revision * 2 ** 160;
    }

    function selector() internal view override returns (bytes4) {
        return hr.denyDelegationBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return DENY_DELEGATION;
    }

    function members(address signer, uint256 deadline) internal view override returns (bytes memory) {
        return abi.encode(signer, DOCTOR, COLLEAGUE, SCOPE, uint24(0), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.denyDelegation, (DOCTOR, COLLEAGUE, SCOPE));
    }

    function place(address signer) internal view override returns (bytes32) {
        return delegationSlot(signer, DOCTOR, COLLEAGUE, SCOPE);
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        refused(IHealthRecord.ZeroDelegator.selector);
        hr.denyDelegationBySig(HOLDER, address(0), address(0), SCOPE, 9, uint40(UNTIL), "");
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.denyDelegationBySig(HOLDER, DOCTOR, address(0), SCOPE, 9, uint40(UNTIL), "");
    }
}

contract CloseEmergencyBySigTest is Window {
    function selector() internal view override returns (bytes4) {
        return hr.closeEmergencyBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return CLOSE_EMERGENCY;
    }

    function members(address signer, uint256 deadline) internal view override returns (bytes memory) {
        return abi.encode(signer, DOCTOR, uint24(0), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeWithSelector(hr.closeEmergency.selector, HOLDER, DOCTOR);
    }

    function place(address signer) internal view override returns (bytes32) {
        return emergencySlot(signer, DOCTOR);
    }

    function zeroSigner() internal pure override returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.ZeroPatient.selector);
    }

    function test_names_the_arguments_first() public {
        vm.warp(UNTIL + 1);
        refused(IHealthRecord.ZeroPatient.selector);
        hr.closeEmergencyBySig(address(0), address(0), 9, uint40(UNTIL), "");
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.closeEmergencyBySig(HOLDER, address(0), 9, uint40(UNTIL), "");
    }
}

contract RevokeAllBySigTest is BySig {
    function selector() internal view override returns (bytes4) {
        return hr.revokeAllBySig.selector;
    }

    function kind() internal pure override returns (string memory) {
        return REVOKE_ALL;
    }

    function members(address signer, uint256 deadline) internal pure override returns (bytes memory) {
        return abi.encode(signer, uint32(0), deadline);
    }

    function direct(address) internal view override returns (bytes memory) {
        return abi.encodeCall(hr.revokeAll, ());
    }

    function place(address signer) internal pure override returns (bytes32) {
        return accountSlot(signer);
    }

    function relayAt(uint256 epoch) internal {
        bytes memory fields = abi.encode(HOLDER, epoch, UNTIL);
        relay(selector(), fields, sign(KEY, kind(), fields));
    }

    function test_refuses_a_later_epoch_before_the_signature() public {
        store(place(HOLDER), packAccount(5, 1, 7, 3));
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleEpoch.selector, 5, 6));
        hr.revokeAllBySig(HOLDER, 6, uint40(UNTIL), "");
        relayAt(5);
        vm.assertEq(load(place(HOLDER)), packAccount(6, 1, 8, 3), "word");
    }

    function test_changes_nothing_for_an_epoch_long_past() public {
        store(place(HOLDER), packAccount(5, 1, 7, 3));
        (bool success, bytes memory answer) =
            address(hr).call(abi.encodeCall(hr.revokeAllBySig, (HOLDER, 3, uint40(UNTIL), "")));
        bytes memory stale = abi.encodeWithSelector(IHealthRecord.StaleEpoch.selector, 5, 3);
        vm.assertTrue(success || keccak256(answer) == keccak256(stale), "done or stale");
        vm.assertEq(load(place(HOLDER)), packAccount(5, 1, 7, 3), "word");
    }

    function test_refuses_the_greatest_epoch_before_the_signature() public {
        store(place(HOLDER), packAccount(2 ** 32 - 1, 0, 0, 0));
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EpochExhausted.selector, HOLDER));
        hr.revokeAllBySig(HOLDER, 2 ** 32 - 1, uint40(UNTIL), "");
    }
}
