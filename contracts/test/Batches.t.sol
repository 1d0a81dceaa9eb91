// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Signed} from "./Signed.sol";
import {Vm} from "./Vm.sol";

contract BatchesTest is Signed {
    function targets(uint256 count) internal pure returns (IHealthRecord.Target[] memory list) {
        list = new IHealthRecord.Target[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = IHealthRecord.Target(address(uint160(1000 + i)), bytes32(i));
        }
    }

    function grantMany(IHealthRecord.Target[] memory list, IHealthRecord.Terms memory t) internal {
        vm.prank(PATIENT);
        hr.grantMany(list, t, DOCUMENT);
    }

    function test_grantMany_does_what_grant_does_to_each() public {
        vm.prank(PATIENT);
        hr.revokeAll();
        grantAs(PATIENT, address(1001), bytes32(uint256(1)), 2);
        IHealthRecord.Target[] memory list = targets(5);
        uint256 before = vm.snapshotState();
        vm.recordLogs();
        uint256[5] memory words;
        for (uint256 i; i < 5; ++i) {
            vm.prank(PATIENT);
            hr.grant(list[i].grantee, list[i].scope, terms(), DOCUMENT);
            words[i] = load(grantSlot(PATIENT, list[i].grantee, list[i].scope));
        }
        Vm.Log[] memory expected = vm.getRecordedLogs();
        vm.revertToState(before);

        vm.recordLogs();
        grantMany(list, terms());
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 5, "one event each");
        vm.assertEq(keccak256(abi.encode(logs)), keccak256(abi.encode(expected)), "events");
        for (uint256 i; i < 5; ++i) {
            vm.assertEq(load(grantSlot(PATIENT, list[i].grantee, list[i].scope)), words[i], "word");
        }
    }

    function test_grantMany_writes_a_target_that_is_named_twice_twice() public {
        IHealthRecord.Target[] memory list = targets(2);
        list[1] = list[0];
        grantMany(list, terms());
        Word memory w = permitWord();
        w.revision = 2;
        vm.assertEq(load(grantSlot(PATIENT, address(1000), 0)), pack(w), "word");
    }

    function test_grantMany_refuses_an_empty_batch() public {
        refused(IHealthRecord.EmptyBatch.selector);
        grantMany(targets(0), terms());
    }

    function test_grantMany_refuses_the_terms_that_grant_refuses() public {
        IHealthRecord.Terms memory t;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, 0, 0));
        grantMany(targets(2), t);
        t.notAfter = 1;
        refused(IHealthRecord.NoOperations.selector);
        grantMany(targets(2), t);
        t.operations = 16;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.UnknownOperations.selector, 16));
        grantMany(targets(2), t);
        t.operations = 15;
        refused(IHealthRecord.NoPurposes.selector);
        grantMany(targets(2), t);
        t.purposes = 4;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmergencyPurpose.selector, 4));
        grantMany(targets(2), t);
    }

    function test_grantMany_grants_none_if_it_refuses_the_last() public {
        IHealthRecord.Target[] memory list = targets(3);
        list[2].grantee = address(0);
        refused(IHealthRecord.ZeroGrantee.selector);
        grantMany(list, terms());
        list[2].grantee = PATIENT;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SelfGrant.selector, PATIENT));
        grantMany(list, terms());
        list[2].grantee = DOCTOR;
        uint256 word = pack(endedWord(REVOKED, LAST));
        store(grantSlot(PATIENT, DOCTOR, list[2].scope), word);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.RevisionExhausted.selector, word));
        grantMany(list, terms());
        vm.assertEq(load(grantSlot(PATIENT, list[0].grantee, list[0].scope)), 0, "the first");
    }
}
