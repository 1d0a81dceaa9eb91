// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Base} from "./Base.sol";

contract AnchorsTest is Base {
    bytes32 internal constant ROOT = keccak256("a root");

    function test_anchor_writes_time_count_and_kind() public {
        vm.recordLogs();
        vm.prank(AUTHOR);
        hr.anchor(ROOT, 7, 3);
        uint256 word = NOW + 7 * 2 ** 40 + 3 * 2 ** 72;
        vm.assertEq(anchorWord(AUTHOR, ROOT), word, "word");
        assertLog("Anchored(address,bytes32,uint256)", topic(AUTHOR), ROOT, abi.encode(word));
    }

    function testFuzz_anchor_packs_its_fields(address author, bytes32 root, uint32 count, uint16 kind, uint40 time)
        public
    {
        vm.assume(root != 0 && count != 0 && kind != 0);
        vm.warp(time);
        vm.prank(author);
        hr.anchor(root, count, kind);
        vm.assertEq(anchorWord(author, root), time + uint256(count) * 2 ** 40 + uint256(kind) * 2 ** 72, "word");
    }

    function test_anchor_under_another_author_is_another_anchor() public {
        vm.prank(STRANGER);
        hr.anchor(ROOT, 1, 1);
        vm.assertEq(anchorWord(AUTHOR, ROOT), 0, "nobody occupies another's record");
        vm.prank(AUTHOR);
        hr.anchor(ROOT, 2, 1);
        vm.assertEq(anchorWord(AUTHOR, ROOT), NOW + 2 * 2 ** 40 + 2 ** 72, "the author's");
        vm.assertEq(anchorWord(STRANGER, ROOT), NOW + 2 ** 40 + 2 ** 72, "the stranger's");
    }

    function test_anchor_refuses_a_zero_root() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ZeroRoot.selector));
        hr.anchor(0, 0, 0);
    }

    function test_anchor_refuses_a_zero_count() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ZeroCount.selector));
        hr.anchor(ROOT, 0, 0);
    }

    function test_anchor_refuses_a_zero_kind() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ZeroKind.selector));
        hr.anchor(ROOT, 1, 0);
    }

    function test_anchor_refuses_the_same_root_again() public {
        vm.prank(AUTHOR);
        hr.anchor(ROOT, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.AlreadyAnchored.selector, AUTHOR, ROOT));
        vm.prank(AUTHOR);
        hr.anchor(ROOT, 2, 2);
    }

    function test_retract_writes_time_and_reason() public {
        vm.recordLogs();
        vm.prank(AUTHOR);
        hr.retract(ROOT, 5);
        uint256 word = NOW + 5 * 2 ** 40;
        vm.assertEq(retractionWord(AUTHOR, ROOT), word, "word");
        vm.assertEq(retractionWord(STRANGER, ROOT), 0, "another author's");
        assertLog("Retracted(address,bytes32,uint256)", topic(AUTHOR), ROOT, abi.encode(word));
    }

    function testFuzz_retract_packs_its_fields(address author, bytes32 commitment, uint16 reason, uint40 time) public {
        vm.assume(commitment != 0 && time != 0);
        vm.warp(time);
        vm.prank(author);
        hr.retract(commitment, reason);
        vm.assertEq(retractionWord(author, commitment), time + uint256(reason) * 2 ** 40, "word");
    }

    function test_retract_refuses_a_zero_commitment() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ZeroCommitment.selector));
        hr.retract(0, 1);
    }

    function test_retract_is_for_once() public {
        vm.prank(AUTHOR);
        hr.retract(ROOT, 0);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.AlreadyRetracted.selector, AUTHOR, ROOT));
        vm.prank(AUTHOR);
        hr.retract(ROOT, 0);
    }
}
