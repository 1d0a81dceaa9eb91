// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Signed} from "./Signed.sol";

/// @notice What a grantee with MANAGE does for a patient. MANAGER manages one record for treatment: it may read, write
/// and manage there for 1000 seconds.
contract ManagersTest is Signed {
    address internal immutable MANAGER = person("manager");
    string internal constant GRANTED = "Granted(address,address,bytes32,uint256,address,bytes32)";
    string internal constant DENIED = "Denied(address,address,bytes32,uint256,address,bytes32)";
    string internal constant REVOKED_EVENT = "Revoked(address,address,bytes32,uint256,address)";

    function setUp() public override {
        super.setUp();
        grantAs(PATIENT, MANAGER, SCOPE, 11);
    }

    function grantFor(address grantee, IHealthRecord.Terms memory t) internal {
        vm.prank(MANAGER);
        hr.grantFor(PATIENT, grantee, SCOPE, t, DOCUMENT);
    }

    function grantFor() internal {
        grantFor(DOCTOR, terms());
    }

    function denyFor(address grantee) internal {
        vm.prank(MANAGER);
        hr.denyFor(PATIENT, grantee, SCOPE, DOCUMENT);
    }

    function revokeFor(address grantee) internal {
        vm.prank(MANAGER);
        hr.revokeFor(PATIENT, grantee, SCOPE);
    }

    function current() internal view returns (uint256) {
        return load(grantSlot(PATIENT, DOCTOR, SCOPE));
    }

    function put(uint256 word) internal {
        store(grantSlot(PATIENT, DOCTOR, SCOPE), word);
    }

    function managers(Word memory w) internal pure returns (uint256) {
        w.by = 1;
        return pack(w);
    }

    function assertConsentLog(string memory signature, uint256 word) internal {
        assertLog(signature, topic(PATIENT), topic(DOCTOR), SCOPE, abi.encode(word, MANAGER, DOCUMENT));
    }

    function refusedAs(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    function notManager(bytes32 scope) internal view returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.NotManager.selector, PATIENT, MANAGER, scope);
    }

    function patientWord() internal view returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.PatientWord.selector, current());
    }

    // ------------------------------------------------------------------------------------------------- Who manages

    /// @notice Puts the manager's word at `scope` and asserts whether it manages.
    function assertManages(bytes32 scope, Word memory w, bool expected) internal {
        store(grantSlot(PATIENT, MANAGER, scope), pack(w));
        uint256 before = vm.snapshotState();
        if (!expected) refusedAs(notManager(SCOPE));
        denyFor(DOCTOR);
        if (!expected) refusedAs(notManager(SCOPE));
        revokeFor(COLLEAGUE);
        if (!expected) refusedAs(notManager(SCOPE));
        grantFor(STRANGER, terms());
        vm.revertToState(before);
    }

    function manageWord() internal pure returns (Word memory w) {
        w = permitWord();
        w.operations = 11;
    }

    function test_manager_by_its_word_at_the_scope_or_at_0() public {
        assertManages(SCOPE, manageWord(), true);
        assertManages(SCOPE, endedWord(NONE, 0), false);
        assertManages(0, manageWord(), true);
        assertManages(SCOPE, permitWord(), true);
        assertManages(SCOPE, endedWord(REVOKED, 1), true);
    }

    function test_manager_of_one_scope_is_none_of_another() public {
        refusedAs(notManager(GROUP));
        vm.prank(MANAGER);
        hr.denyFor(PATIENT, DOCTOR, GROUP, 0);
        refusedAs(notManager(0));
        vm.prank(MANAGER);
        hr.grantFor(PATIENT, DOCTOR, 0, terms(), 0);
        refusedAs(abi.encodeWithSelector(IHealthRecord.NotManager.selector, STRANGER, MANAGER, SCOPE));
        vm.prank(MANAGER);
        hr.revokeFor(STRANGER, DOCTOR, SCOPE);
    }

    function test_manager_needs_the_operation_MANAGE() public {
        Word memory w = manageWord();
        w.operations = 7;
        assertManages(SCOPE, w, false);
    }

    function test_manager_is_barred_by_a_deny_at_the_scope_or_at_0() public {
        assertManages(0, endedWord(DENY, 1), false);
        assertManages(0, manageWord(), true);
        assertManages(SCOPE, endedWord(DENY, 1), false);
    }

    function test_manager_needs_the_current_epoch() public {
        Word memory w = manageWord();
        w.epoch = 1;
        assertManages(SCOPE, w, false);
        store(accountSlot(PATIENT), packAccount(1, 0, 0, 0));
        assertManages(SCOPE, w, true);
    }

    function test_manager_within_its_window_alone() public {
        Word memory w = manageWord();
        (w.notBefore, w.notAfter) = (NOW, NOW + 1000);
        assertManages(SCOPE, w, true);
        w.notBefore = NOW + 1;
        assertManages(SCOPE, w, false);
        (w.notBefore, w.notAfter) = (NOW - 1, NOW);
        assertManages(SCOPE, w, false);
    }

    function test_manager_holds_the_roles_that_its_word_requires() public {
        Word memory w = manageWord();
        w.requiredRoles = 6;
        assertManages(SCOPE, w, false);
        accredit(MANAGER, 2);
        assertManages(SCOPE, w, false);
        accredit(MANAGER, 7);
        assertManages(SCOPE, w, true);
        store(credentialSlot(MANAGER), packCredential(NOW - 9, NOW, 7, REGISTRAR));
        assertManages(SCOPE, w, false);
        store(credentialSlot(MANAGER), packCredential(NOW + 1, NOW + 9, 7, REGISTRAR));
        assertManages(SCOPE, w, false);
    }

    function test_manager_never_holds_a_role_without_a_name() public {
        Word memory w = manageWord();
        w.requiredRoles = 256;
        accredit(MANAGER, 0xffff);
        assertManages(SCOPE, w, false);
    }

    function test_manager_whatever_its_purposes() public {
        Word memory w = manageWord();
        w.purposes = 2 ** 31;
        assertManages(SCOPE, w, false, true);
    }

    /// @notice As above, where a grant is refused for what it says.
    function assertManages(bytes32 scope, Word memory w, bool grants, bool ends) internal {
        store(grantSlot(PATIENT, MANAGER, scope), pack(w));
        if (ends) denyFor(DOCTOR);
        if (!grants) vm.expectRevert();
        grantFor(STRANGER, terms());
    }

    function test_nobody_manages_for_itself() public {
        refusedAs(abi.encodeWithSelector(IHealthRecord.NotManager.selector, PATIENT, PATIENT, SCOPE));
        vm.prank(PATIENT);
        hr.grantFor(PATIENT, DOCTOR, SCOPE, terms(), 0);
    }

    // ---------------------------------------------------------------------------------------------------- grantFor

    function test_grantFor_writes_a_managers_permit() public {
        vm.recordLogs();
        grantFor();
        vm.assertEq(current(), managers(permitWord()), "word");
        assertConsentLog(GRANTED, managers(permitWord()));
    }

    function test_grantFor_replaces_a_managers_word() public {
        Word memory w = permitWord();
        for (uint256 state = PERMIT; state <= DENY; ++state) {
            put(managers(endedWord(state, 6)));
            grantFor();
            w.revision = 7;
            vm.assertEq(current(), managers(w), "word");
        }
    }

    function test_grantFor_takes_the_patients_epoch() public {
        store(accountSlot(PATIENT), packAccount(3, 0, 0, 0));
        Word memory w = manageWord();
        w.epoch = 3;
        store(grantSlot(PATIENT, MANAGER, SCOPE), pack(w));
        grantFor();
        w = permitWord();
        w.epoch = 3;
        vm.assertEq(current(), managers(w), "word");
    }

    function test_grantFor_takes_the_bounds_of_the_first_word_that_manages() public {
        Word memory w = manageWord();
        (w.notAfter, w.operations, w.purposes) = (NOW + 9000, 8, 8);
        store(grantSlot(PATIENT, MANAGER, 0), pack(w));
        grantFor();
        store(grantSlot(PATIENT, MANAGER, SCOPE), pack(permitWord()));
        refusedAs(abi.encodeWithSelector(IHealthRecord.BeyondManagerOperations.selector, 1, 0));
        grantFor();
    }

    function test_grantFor_reverts_in_the_documented_order() public {
        IHealthRecord.Terms memory t;
        store(grantSlot(PATIENT, MANAGER, SCOPE), 0);
        put(pack(endedWord(REVOKED, LAST)));

        refused(IHealthRecord.ZeroGrantee.selector);
        grantFor(address(0), t);
        refusedAs(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, PATIENT));
        grantFor(PATIENT, t);
        refusedAs(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, 0, 0));
        grantFor(MANAGER, t);
        t.notAfter = NOW + 1001;
        refused(IHealthRecord.NoOperations.selector);
        grantFor(MANAGER, t);
        t.operations = 31;
        refusedAs(abi.encodeWithSelector(IHealthRecord.UnknownOperations.selector, 31));
        grantFor(MANAGER, t);
        t.operations = 7;
        refused(IHealthRecord.NoPurposes.selector);
        grantFor(MANAGER, t);
        t.purposes = 7;
        refusedAs(abi.encodeWithSelector(IHealthRecord.EmergencyPurpose.selector, 7));
        grantFor(MANAGER, t);
        t.purposes = 3;
        refusedAs(abi.encodeWithSelector(IHealthRecord.ManagerIsGrantee.selector, MANAGER));
        grantFor(MANAGER, t);
        refusedAs(notManager(SCOPE));
        grantFor(DOCTOR, t);
        store(grantSlot(PATIENT, MANAGER, SCOPE), pack(manageWord()));
        refusedAs(abi.encodeWithSelector(IHealthRecord.BeyondManagerWindow.selector, NOW + 1001, NOW + 1000));
        grantFor(DOCTOR, t);
        t.notAfter = NOW + 1000;
        refusedAs(abi.encodeWithSelector(IHealthRecord.BeyondManagerOperations.selector, 7, 3));
        grantFor(DOCTOR, t);
        t.operations = 3;
        refusedAs(abi.encodeWithSelector(IHealthRecord.BeyondManagerPurposes.selector, 3, 1));
        grantFor(DOCTOR, t);
        t.purposes = 1;
        refusedAs(patientWord());
        grantFor(DOCTOR, t);
        put(managers(endedWord(REVOKED, LAST)));
        refusedAs(abi.encodeWithSelector(IHealthRecord.RevisionExhausted.selector, current()));
        grantFor(DOCTOR, t);
        put(managers(endedWord(REVOKED, LAST - 1)));
        grantFor(DOCTOR, t);
    }

    function test_grantFor_grants_no_operation_but_the_managers_READ_and_WRITE() public {
        for (uint16 own = 8; own < 16; ++own) {
            grantAs(PATIENT, MANAGER, SCOPE, own);
            for (uint16 operations = 1; operations < 16; ++operations) {
                bool allowed = operations < 4 && operations & ~own == 0;
                if (!allowed) {
                    refusedAs(
                        abi.encodeWithSelector(IHealthRecord.BeyondManagerOperations.selector, operations, own & 3)
                    );
                }
                grantFor(DOCTOR, may(operations));
            }
        }
    }

    function test_grantFor_leaves_every_word_of_the_patient() public {
        for (uint256 state = PERMIT; state <= DENY; ++state) {
            put(pack(endedWord(state, 6)));
            refusedAs(patientWord());
            grantFor();
        }
    }

    function testFuzz_grantFor_stays_within_the_managers_word(IHealthRecord.Terms memory t, Word memory own) public {
        own.notBefore = bound(own.notBefore, NOW);
        own.notAfter = NOW + 1 + bound(own.notAfter, 2 ** 39);
        (own.purposes, own.operations) = (bound(own.purposes, 2 ** 32 - 1), bound(own.operations, 7) + 8);
        (own.epoch, own.revision, own.state, own.requiredRoles, own.writtenAt, own.by) = (0, 1, PERMIT, 0, NOW, 0);
        store(grantSlot(PATIENT, MANAGER, SCOPE), pack(own));
        vm.prank(MANAGER);
        (bool success,) = address(hr).call(abi.encodeCall(hr.grantFor, (PATIENT, DOCTOR, SCOPE, t, 0)));
        bool well = t.notBefore < t.notAfter && t.operations != 0 && t.operations < 16 && t.purposes != 0
            && t.purposes & 4 == 0;
        bool within =
            t.notAfter <= own.notAfter && t.operations & ~(own.operations & 3) == 0 && t.purposes & ~own.purposes == 0;
        vm.assertEq(success, well && within, "success");
    }

    function bound(uint256 value, uint256 last) internal pure returns (uint256) {
        return value % (last + 1);
    }

    // ----------------------------------------------------------------------------------------------------- denyFor

    function test_denyFor_writes_a_managers_deny() public {
        vm.recordLogs();
        denyFor(DOCTOR);
        vm.assertEq(current(), managers(endedWord(DENY, 1)), "word");
        assertConsentLog(DENIED, managers(endedWord(DENY, 1)));
    }

    function test_denyFor_ends_the_patients_permit() public {
        grantAs(PATIENT, DOCTOR, SCOPE, 7);
        denyFor(DOCTOR);
        vm.assertEq(current(), managers(endedWord(DENY, 2)), "word");
    }

    function test_denyFor_over_the_patients_tombstone_is_the_patients_to_lift() public {
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        vm.recordLogs();
        denyFor(DOCTOR);
        vm.assertEq(current(), pack(endedWord(DENY, 2)), "word");
        assertConsentLog(DENIED, pack(endedWord(DENY, 2)));
        refusedAs(patientWord());
        revokeFor(DOCTOR);
        refusedAs(patientWord());
        grantFor();
    }

    function test_denyFor_over_a_managers_word_is_a_managers() public {
        for (uint256 state = PERMIT; state <= DENY; ++state) {
            put(managers(endedWord(state, 6)));
            denyFor(DOCTOR);
            vm.assertEq(current(), managers(endedWord(DENY, 7)), "word");
        }
    }

    function test_denyFor_of_its_own_word() public {
        denyFor(MANAGER);
        vm.assertEq(load(grantSlot(PATIENT, MANAGER, SCOPE)) / 2 ** 184 % 4, DENY, "state");
    }

    function test_denyFor_at_the_greatest_revision_stays_there() public {
        put(managers(endedWord(PERMIT, LAST)));
        denyFor(DOCTOR);
        vm.assertEq(current(), managers(endedWord(DENY, LAST)), "word");
    }

    function test_denyFor_reverts_in_the_documented_order() public {
        store(grantSlot(PATIENT, MANAGER, SCOPE), 0);
        refused(IHealthRecord.ZeroGrantee.selector);
        denyFor(address(0));
        refusedAs(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, PATIENT));
        denyFor(PATIENT);
        put(pack(manageWord()));
        refusedAs(notManager(SCOPE));
        denyFor(DOCTOR);
        store(grantSlot(PATIENT, MANAGER, SCOPE), pack(manageWord()));
        refusedAs(abi.encodeWithSelector(IHealthRecord.ManageWord.selector, DOCTOR));
        denyFor(DOCTOR);
        put(pack(endedWord(DENY, 1)));
        refusedAs(patientWord());
        denyFor(DOCTOR);
        put(0);
        denyFor(DOCTOR);
    }

    // --------------------------------------------------------------------------------------------------- revokeFor

    function test_revokeFor_leaves_a_managers_tombstone() public {
        grantFor();
        vm.recordLogs();
        revokeFor(DOCTOR);
        uint256 word = managers(endedWord(REVOKED, 2));
        vm.assertEq(current(), word, "word");
        assertLog(REVOKED_EVENT, topic(PATIENT), topic(DOCTOR), SCOPE, abi.encode(word, MANAGER));
    }

    function test_revokeFor_of_a_never_written_word() public {
        revokeFor(DOCTOR);
        vm.assertEq(current(), managers(endedWord(REVOKED, 1)), "word");
    }

    function test_revokeFor_ends_the_patients_permit() public {
        grantAs(PATIENT, DOCTOR, SCOPE, 7);
        revokeFor(DOCTOR);
        vm.assertEq(current(), managers(endedWord(REVOKED, 2)), "word");
    }

    function test_revokeFor_lifts_a_managers_deny() public {
        denyFor(DOCTOR);
        revokeFor(DOCTOR);
        vm.assertEq(current(), managers(endedWord(REVOKED, 2)), "word");
    }

    function test_revokeFor_of_its_own_word_resigns() public {
        revokeFor(MANAGER);
        refusedAs(notManager(SCOPE));
        grantFor();
    }

    function test_revokeFor_at_the_greatest_revision_stays_there() public {
        put(managers(endedWord(PERMIT, LAST)));
        revokeFor(DOCTOR);
        vm.assertEq(current(), managers(endedWord(REVOKED, LAST)), "word");
    }

    function test_revokeFor_reverts_in_the_documented_order() public {
        store(grantSlot(PATIENT, MANAGER, SCOPE), 0);
        refused(IHealthRecord.ZeroGrantee.selector);
        revokeFor(address(0));
        refusedAs(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, PATIENT));
        revokeFor(PATIENT);
        put(pack(manageWord()));
        refusedAs(notManager(SCOPE));
        revokeFor(DOCTOR);
        store(grantSlot(PATIENT, MANAGER, SCOPE), pack(manageWord()));
        refusedAs(abi.encodeWithSelector(IHealthRecord.ManageWord.selector, DOCTOR));
        revokeFor(DOCTOR);
        put(pack(endedWord(DENY, 1)));
        refusedAs(patientWord());
        revokeFor(DOCTOR);
        put(pack(endedWord(REVOKED, 1)));
        refusedAs(patientWord());
        revokeFor(DOCTOR);
        put(pack(permitWord()));
        revokeFor(DOCTOR);
    }

    function test_revokeFor_leaves_every_other_managers_word() public {
        grantAs(PATIENT, DOCTOR, SCOPE, 8);
        refusedAs(abi.encodeWithSelector(IHealthRecord.ManageWord.selector, DOCTOR));
        revokeFor(DOCTOR);
        vm.warp(NOW + 999);
        refusedAs(abi.encodeWithSelector(IHealthRecord.ManageWord.selector, DOCTOR));
        denyFor(DOCTOR);
    }
}
