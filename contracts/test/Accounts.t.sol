// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Base} from "./Base.sol";

contract AccountsTest is Base {
    function setPolicy(uint8 flags, uint24 cards) internal {
        vm.prank(PATIENT);
        hr.setPolicy(flags, cards);
    }

    function test_revokeAll_raises_epoch_and_revision() public {
        vm.recordLogs();
        vm.prank(PATIENT);
        hr.revokeAll();
        vm.assertEq(accountWord(PATIENT), packAccount(1, 0, 1, 0), "word");
        vm.assertEq(accountWord(STRANGER), 0, "another account");
        assertLog("RevokedAll(address,uint256)", topic(PATIENT), abi.encode(packAccount(1, 0, 1, 0)));
    }

    function testFuzz_revokeAll_keeps_flags_and_cards(uint32 epoch, uint8 flags, uint24 revision, uint24 cards) public {
        vm.assume(epoch != type(uint32).max && revision != type(uint24).max);
        store(accountSlot(PATIENT), packAccount(epoch, flags, revision, cards));
        vm.prank(PATIENT);
        hr.revokeAll();
        vm.assertEq(accountWord(PATIENT), packAccount(uint256(epoch) + 1, flags, uint256(revision) + 1, cards), "word");
    }

    function test_revokeAll_at_the_greatest_revision_stays_there() public {
        store(accountSlot(PATIENT), packAccount(5, 1, type(uint24).max, 9));
        vm.prank(PATIENT);
        hr.revokeAll();
        vm.assertEq(accountWord(PATIENT), packAccount(6, 1, type(uint24).max, 9), "word");
    }

    function test_revokeAll_reaches_the_greatest_epoch_and_stops() public {
        store(accountSlot(PATIENT), packAccount(type(uint32).max - 1, 1, 0, 0));
        vm.prank(PATIENT);
        hr.revokeAll();
        vm.assertEq(accountWord(PATIENT), packAccount(type(uint32).max, 1, 1, 0), "word");
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EpochExhausted.selector, PATIENT));
        vm.prank(PATIENT);
        hr.revokeAll();
    }

    function test_setPolicy_writes_flags_and_cards() public {
        vm.recordLogs();
        setPolicy(1, 3);
        vm.assertEq(accountWord(PATIENT), packAccount(0, 1, 1, 3), "word");
        assertLog("PolicySet(address,uint256)", topic(PATIENT), abi.encode(packAccount(0, 1, 1, 3)));
        setPolicy(0, 3);
        vm.assertEq(accountWord(PATIENT), packAccount(0, 0, 2, 3), "flags may fall, cards stay");
    }

    function testFuzz_setPolicy_packs_its_fields(uint32 epoch, uint24 revision, uint24 before, bool flag, uint24 cards)
        public
    {
        vm.assume(before <= cards && revision != type(uint24).max);
        store(accountSlot(PATIENT), packAccount(epoch, flag ? 0 : 1, revision, before));
        setPolicy(flag ? 1 : 0, cards);
        vm.assertEq(accountWord(PATIENT), packAccount(epoch, flag ? 1 : 0, uint256(revision) + 1, cards), "word");
    }

    function test_setPolicy_refuses_flags_above_1() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.UnknownFlags.selector, 2));
        setPolicy(2, 0);
    }

    function test_setPolicy_refuses_cards_that_fall() public {
        setPolicy(0, 7);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.CardsFell.selector, 7, 6));
        setPolicy(0, 6);
    }

    function test_setPolicy_refuses_the_greatest_revision() public {
        uint256 word = packAccount(0, 0, type(uint24).max, 0);
        store(accountSlot(PATIENT), word);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.RevisionExhausted.selector, word));
        setPolicy(1, 0);
    }
}
