// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Signed} from "./Signed.sol";
import {Vm} from "./Vm.sol";

contract NoticesTest is Signed {
    function request(address patient, uint16 operations, uint32 purposes, uint40 notAfter) internal {
        vm.prank(DOCTOR);
        hr.requestAccess(patient, SCOPE, operations, purposes, notAfter);
    }

    /// @notice Asserts that nothing was written since `vm.startStateDiffRecording`.
    function assertNothingWritten() internal {
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        for (uint256 i; i < accesses.length; ++i) {
            for (uint256 j; j < accesses[i].storageAccesses.length; ++j) {
                vm.assertTrue(!accesses[i].storageAccesses[j].isWrite, "a write");
            }
        }
    }

    function test_requestAccess_emits_and_writes_nothing() public {
        vm.startStateDiffRecording();
        vm.recordLogs();
        request(PATIENT, 15, 2 ** 32 - 5, NOW + 1);
        assertLog(
            "AccessRequested(address,address,bytes32,uint16,uint32,uint40)",
            topic(PATIENT),
            topic(DOCTOR),
            SCOPE,
            abi.encode(15, 2 ** 32 - 5, NOW + 1)
        );
        assertNothingWritten();
    }

    function test_requestAccess_reverts_in_the_documented_order() public {
        refused(IHealthRecord.ZeroPatient.selector);
        request(address(0), 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, DOCTOR));
        request(DOCTOR, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, NOW, NOW));
        request(PATIENT, 0, 0, NOW);
        refused(IHealthRecord.NoOperations.selector);
        request(PATIENT, 0, 0, NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.UnknownOperations.selector, 16));
        request(PATIENT, 16, 0, NOW + 1);
        refused(IHealthRecord.NoPurposes.selector);
        request(PATIENT, 15, 0, NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmergencyPurpose.selector, 4));
        request(PATIENT, 15, 4, NOW + 1);
    }

    function test_logAccess_emits_and_writes_nothing() public {
        vm.startStateDiffRecording();
        vm.recordLogs();
        vm.prank(DOCTOR);
        hr.logAccess(PATIENT, SCOPE, 255, DOCUMENT);
        assertLog(
            "AccessLogged(address,address,bytes32,uint8,bytes32)",
            topic(PATIENT),
            topic(DOCTOR),
            SCOPE,
            abi.encode(255, DOCUMENT)
        );
        assertNothingWritten();
    }

    function test_logAccess_refuses_the_zero_patient() public {
        refused(IHealthRecord.ZeroPatient.selector);
        hr.logAccess(address(0), SCOPE, 0, 0);
    }
}
