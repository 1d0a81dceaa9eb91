// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Signed} from "./Signed.sol";

/// @notice Break-glass by DOCTOR, whose credential has EMERGENCY for a day.
contract EmergenciesTest is Signed {
    uint40 internal constant HOURS_4 = 4 * 3600;
    string internal constant OPENED = "EmergencyOpened(address,address,uint256,uint16)";
    string internal constant CLOSED = "EmergencyClosed(address,address,uint256,address)";

    function setUp() public override {
        super.setUp();
        accredit(DOCTOR, 4);
    }

    function open() internal {
        vm.prank(DOCTOR);
        hr.breakGlass(PATIENT, 7);
    }

    function closeAs(address caller) internal {
        vm.prank(caller);
        hr.closeEmergency(PATIENT, DOCTOR);
    }

    function current() internal view returns (uint256) {
        return load(emergencySlot(PATIENT, DOCTOR));
    }

    function put(uint256 word) internal {
        store(emergencySlot(PATIENT, DOCTOR), word);
    }

    function opened(uint256 revision, uint256 from, uint256 until) internal pure returns (Word memory) {
        return Word({
            notBefore: from,
            notAfter: until,
            purposes: 4,
            operations: 1,
            epoch: 0,
            revision: revision,
            state: PERMIT,
            requiredRoles: 4,
            writtenAt: from,
            by: 0
        });
    }

    function answers(uint8 code) internal view {
        IHealthRecord.Request memory r;
        (r.patient, r.accessor, r.operation, r.purpose) = (PATIENT, DOCTOR, 1, 2);
        r.at = uint40(block.timestamp);
        vm.assertEq(hr.decide(r).code, code, "code");
    }

    function stillOpen(uint256 until) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.EmergencyStillOpen.selector, until);
    }

    function locked(uint256 until) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.EmergencyLocked.selector, until);
    }

    function noClinician(address caller) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.NotEmergencyClinician.selector, caller);
    }

    // -------------------------------------------------------------------------------------------------- breakGlass

    function test_breakGlass_opens_for_4_hours() public {
        vm.recordLogs();
        open();
        uint256 word = pack(opened(1, NOW, NOW + HOURS_4));
        vm.assertEq(current(), word, "word");
        assertLog(OPENED, topic(PATIENT), topic(DOCTOR), abi.encode(word, 7));
        vm.warp(NOW + HOURS_4 - 1);
        answers(2);
        vm.warp(NOW + HOURS_4);
        answers(68);
    }

    function test_breakGlass_opens_until_the_credential_ends() public {
        vm.warp(NOW + DAY - 5);
        open();
        vm.assertEq(current(), pack(opened(1, NOW + DAY - 5, NOW + DAY)), "word");
    }

    function test_breakGlass_takes_the_patients_epoch() public {
        store(accountSlot(PATIENT), packAccount(3, 0, 0, 0));
        open();
        Word memory w = opened(1, NOW, NOW + HOURS_4);
        w.epoch = 3;
        vm.assertEq(current(), pack(w), "word");
    }

    function test_breakGlass_leaves_the_grants_alone() public {
        vm.prank(PATIENT);
        hr.deny(DOCTOR, 0, 0);
        uint256 word = load(grantSlot(PATIENT, DOCTOR, 0));
        open();
        vm.assertEq(load(grantSlot(PATIENT, DOCTOR, 0)), word, "the deny stands");
        answers(16);
    }

    function test_breakGlass_again_after_it_ran_out() public {
        open();
        vm.warp(NOW + HOURS_4 - 1);
        vm.expectRevert(stillOpen(NOW + HOURS_4));
        open();
        vm.warp(NOW + HOURS_4);
        open();
        vm.assertEq(current(), pack(opened(2, NOW + HOURS_4, NOW + 2 * HOURS_4)), "word");
    }

    function test_breakGlass_again_after_revokeAll() public {
        open();
        vm.prank(PATIENT);
        hr.revokeAll();
        answers(67);
        open();
        answers(2);
    }

    function test_breakGlass_again_after_the_clinicians_close() public {
        open();
        closeAs(DOCTOR);
        open();
        vm.assertEq(current(), pack(opened(3, NOW, NOW + HOURS_4)), "word");
    }

    function test_breakGlass_again_a_day_after_the_patients_close() public {
        closeAs(PATIENT);
        store(credentialSlot(DOCTOR), packCredential(0, NOW + 9 * DAY, 4, REGISTRAR));
        vm.warp(NOW + DAY - 1);
        vm.expectRevert(locked(NOW + DAY));
        open();
        vm.warp(NOW + DAY);
        open();
        vm.assertEq(current(), pack(opened(2, NOW + DAY, NOW + DAY + HOURS_4)), "word");
    }

    function test_breakGlass_is_locked_in_spite_of_revokeAll() public {
        closeAs(PATIENT);
        vm.prank(PATIENT);
        hr.revokeAll();
        vm.expectRevert(locked(NOW + DAY));
        open();
    }

    function test_breakGlass_needs_a_current_credential_with_EMERGENCY() public {
        uint256[4] memory words = [
            0,
            packCredential(NOW - 9, NOW, 4, REGISTRAR),
            packCredential(NOW + 1, NOW + 9, 4, REGISTRAR),
            packCredential(NOW - 9, NOW + 9, 0xfffb, REGISTRAR)
        ];
        for (uint256 i; i < words.length; ++i) {
            store(credentialSlot(DOCTOR), words[i]);
            vm.expectRevert(noClinician(DOCTOR));
            open();
        }
        store(credentialSlot(DOCTOR), packCredential(NOW, NOW + 1, 4, REGISTRAR));
        open();
    }

    function test_breakGlass_reverts_in_the_documented_order() public {
        store(accountSlot(PATIENT), packAccount(0, 1, 0, 0));
        store(accountSlot(DOCTOR), packAccount(0, 1, 0, 0));
        put(pack(opened(LAST, NOW, NOW + 9)));
        vm.startPrank(STRANGER);
        refused(IHealthRecord.ZeroPatient.selector);
        hr.breakGlass(address(0), 0);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, STRANGER));
        hr.breakGlass(STRANGER, 0);
        vm.expectRevert(noClinician(STRANGER));
        hr.breakGlass(PATIENT, 0);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.BreakGlassForbidden.selector, PATIENT));
        open();
        store(accountSlot(PATIENT), 0);
        vm.expectRevert(stillOpen(NOW + 9));
        open();
        put(pack(endedWord(DENY, LAST)));
        vm.expectRevert(locked(NOW + DAY));
        open();
        put(pack(endedWord(REVOKED, LAST)));
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.RevisionExhausted.selector, current()));
        open();
        put(pack(endedWord(REVOKED, LAST - 1)));
        open();
        vm.assertEq(current(), pack(opened(LAST, NOW, NOW + HOURS_4)), "word");
    }

    // ---------------------------------------------------------------------------------------------- closeEmergency

    function test_closeEmergency_by_the_clinician() public {
        open();
        vm.recordLogs();
        closeAs(DOCTOR);
        vm.assertEq(current(), pack(endedWord(REVOKED, 2)), "word");
        assertLog(CLOSED, topic(PATIENT), topic(DOCTOR), abi.encode(current(), DOCTOR));
        answers(66);
    }

    function test_closeEmergency_by_the_patient() public {
        open();
        vm.recordLogs();
        closeAs(PATIENT);
        vm.assertEq(current(), pack(endedWord(DENY, 2)), "word");
        assertLog(CLOSED, topic(PATIENT), topic(DOCTOR), abi.encode(current(), PATIENT));
        answers(66);
    }

    function test_closeEmergency_by_the_patient_whatever_stands_there() public {
        closeAs(PATIENT);
        vm.assertEq(current(), pack(endedWord(DENY, 1)), "never opened");
        vm.warp(NOW + 100);
        closeAs(PATIENT);
        Word memory w = endedWord(DENY, 2);
        w.writtenAt = NOW + 100;
        vm.assertEq(current(), pack(w), "closed already: a day from now");
        put(pack(endedWord(REVOKED, 5)));
        closeAs(PATIENT);
        w.revision = 6;
        vm.assertEq(current(), pack(w), "closed by the clinician");
    }

    function test_closeEmergency_at_the_greatest_revision_stays_there() public {
        put(pack(opened(LAST, NOW, NOW + 9)));
        closeAs(DOCTOR);
        vm.assertEq(current(), pack(endedWord(REVOKED, LAST)), "by the clinician");
        closeAs(PATIENT);
        vm.assertEq(current(), pack(endedWord(DENY, LAST)), "by the patient");
    }

    function test_closeEmergency_by_a_clinician_that_lost_its_credential() public {
        open();
        vm.prank(REGISTRAR);
        hr.discredit(DOCTOR);
        closeAs(DOCTOR);
        vm.assertEq(current(), pack(endedWord(REVOKED, 2)), "word");
    }

    function test_closeEmergency_reverts_in_the_documented_order() public {
        vm.startPrank(STRANGER);
        refused(IHealthRecord.ZeroPatient.selector);
        hr.closeEmergency(address(0), address(0));
        refused(IHealthRecord.ZeroGrantee.selector);
        hr.closeEmergency(PATIENT, address(0));
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotEmergencyParty.selector, STRANGER));
        hr.closeEmergency(PATIENT, DOCTOR);
        vm.stopPrank();
        for (uint256 state = NONE; state <= DENY; ++state) {
            if (state == PERMIT) continue;
            put(pack(endedWord(state, 1)));
            vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmergencyNotOpen.selector, PATIENT, DOCTOR));
            closeAs(DOCTOR);
        }
    }
}
