// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Signed} from "./Signed.sol";
import {Vm} from "./Vm.sol";
import {Liar} from "./accounts/Liar.sol";
import {OwnedAccount} from "./accounts/OwnedAccount.sol";

/// @notice What holds of every signed form. A form says how one action of `signer` looks, direct and signed, in a state
/// that `prepare` makes.
abstract contract BySig is Signed {
    uint256 internal constant UNTIL = NOW + 100;

    function selector() internal view virtual returns (bytes4);
    function kind() internal view virtual returns (string memory);
    /// @notice The members of the struct, the deadline last.
    function members(address signer, uint256 deadline) internal view virtual returns (bytes memory);
    function direct(address signer) internal view virtual returns (bytes memory);
    /// @notice Where the word is that the action writes.
    function place(address signer) internal view virtual returns (bytes32);

    function prepare(address signer) internal virtual {}

    /// @notice What the form says of the zero address as its signer.
    function zeroSigner() internal view virtual returns (bytes memory) {
        return invalid(address(0));
    }

    function setUp() public override {
        super.setUp();
        prepare(HOLDER);
    }

    function invalid(address signer) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.InvalidSignature.selector, signer);
    }

    function act(address signer, bytes memory signature) internal {
        relay(selector(), members(signer, UNTIL), signature);
    }

    function signed(uint256 key, address signer) internal view returns (bytes memory) {
        return sign(key, kind(), members(signer, UNTIL));
    }

    /// @notice Asserts that `signature` does for `signer` what its own transaction does.
    function assertDone(address signer, bytes memory signature) internal {
        uint256 before = load(place(signer));
        act(signer, signature);
        vm.assertTrue(load(place(signer)) != before, "nothing was written");
    }

    function assertInvalid(address signer, bytes memory signature) internal {
        vm.expectRevert(invalid(signer));
        act(signer, signature);
    }

    // ------------------------------------------------------------------------------------------------------ Effect

    function test_does_what_the_direct_form_does_whoever_relays() public {
        uint256 before = vm.snapshotState();
        vm.recordLogs();
        send(HOLDER, direct(HOLDER));
        Vm.Log[] memory expected = vm.getRecordedLogs();
        uint256 word = load(place(HOLDER));
        vm.assertTrue(word != 0, "the direct form writes");
        vm.revertToState(before);

        vm.recordLogs();
        act(HOLDER, signed(KEY, HOLDER));
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(load(place(HOLDER)), word, "word");
        vm.assertEq(logs.length, 1, "number of events");
        vm.assertEq(keccak256(abi.encode(logs)), keccak256(abi.encode(expected)), "event");
    }

    function test_is_done_when_relayed_again() public {
        bytes memory signature = signed(KEY, HOLDER);
        act(HOLDER, signature);
        uint256 word = load(place(HOLDER));
        vm.warp(NOW + 50);
        vm.recordLogs();
        act(HOLDER, signature);
        vm.assertEq(load(place(HOLDER)), word, "word");
        vm.assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function test_is_done_when_the_signer_sent_it_itself_first() public {
        bytes memory signature = signed(KEY, HOLDER);
        send(HOLDER, direct(HOLDER));
        uint256 word = load(place(HOLDER));
        vm.recordLogs();
        act(HOLDER, signature);
        vm.assertEq(load(place(HOLDER)), word, "word");
        vm.assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function test_has_an_effect_in_the_last_second_of_its_deadline() public {
        vm.warp(UNTIL);
        assertDone(HOLDER, signed(KEY, HOLDER));
    }

    function test_has_no_effect_a_second_later() public {
        bytes memory signature = signed(KEY, HOLDER);
        vm.warp(UNTIL + 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SignatureExpired.selector, UNTIL));
        act(HOLDER, signature);
    }

    function test_names_the_deadline_before_the_signature() public {
        vm.warp(UNTIL + 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SignatureExpired.selector, UNTIL));
        act(HOLDER, "");
    }

    // --------------------------------------------------------------------------------------------------- Signature

    function test_hashes_as_Foundry_does() public view {
        bytes memory fields = members(HOLDER, UNTIL);
        bytes32 content = keccak256(bytes.concat(keccak256(bytes(kind())), fields));
        vm.assertEq(vm.eip712HashStruct(kind(), fields), content, "struct");
    }

    function test_refuses_anothers_signature() public {
        assertInvalid(HOLDER, signed(OTHER_KEY, HOLDER));
    }

    function test_refuses_every_other_argument() public {
        bytes memory fields = members(HOLDER, UNTIL);
        bytes memory signature = sign(KEY, kind(), fields);
        for (uint256 i; i < fields.length; i += 32) {
            for (uint256 bit = 1; bit < 4; ++bit) {
                bytes memory other = bytes.concat(fields);
                other[i + 31] = bytes1(uint8(other[i + 31]) ^ uint8(bit));
                vm.expectRevert();
                relay(selector(), other, signature);
            }
        }
        relay(selector(), fields, signature);
    }

    /// @notice A member that is no `bytes32` has bits that its type does not: not even the signer can set them.
    function test_refuses_bits_outside_a_members_type() public {
        bytes memory fields = members(HOLDER, UNTIL);
        bytes memory text = bytes(kind());
        uint256 member;
        for (uint256 i; i + 7 < text.length; ++i) {
            if (text[i] != "(" && text[i] != ",") continue;
            if (text[i + 1] != "b" || text[i + 2] != "y") {
                bytes memory dirty = bytes.concat(fields);
                dirty[member * 32] = 0x80;
                bytes memory signature = sign(KEY, kind(), dirty);
                vm.expectRevert(bytes(""));
                relay(selector(), dirty, signature);
            }
            ++member;
        }
        vm.assertEq(member * 32, fields.length, "members");
    }

    function test_refuses_a_signature_for_another_type() public {
        string memory other = string.concat("Another", kind());
        assertInvalid(HOLDER, sign(KEY, other, members(HOLDER, UNTIL)));
    }

    function test_refuses_a_signature_for_another_chain() public {
        bytes memory signature = signed(KEY, HOLDER);
        vm.chainId(block.chainid + 1);
        assertInvalid(HOLDER, signature);
        assertDone(HOLDER, signed(KEY, HOLDER));
    }

    function test_refuses_a_signature_for_another_contract() public {
        bytes memory signature = signed(KEY, HOLDER);
        hr = deploy(REGISTRAR);
        prepare(HOLDER);
        assertInvalid(HOLDER, signature);
        assertDone(HOLDER, signed(KEY, HOLDER));
    }

    function test_refuses_a_high_s() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest(kind(), members(HOLDER, UNTIL)));
        assertInvalid(HOLDER, abi.encodePacked(r, bytes32(ORDER - uint256(s)), v ^ 7));
    }

    function test_refuses_the_compact_form_of_64_bytes() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest(kind(), members(HOLDER, UNTIL)));
        assertInvalid(HOLDER, abi.encodePacked(r, uint256(s) | uint256(v - 27) << 255));
    }

    function test_refuses_v_of_0_and_1() public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest(kind(), members(HOLDER, UNTIL)));
        assertInvalid(HOLDER, abi.encodePacked(r, s, v - 27));
        assertInvalid(HOLDER, abi.encodePacked(r, s, 28 - v));
    }

    function test_refuses_the_other_v() public {
        bytes memory signature = signed(KEY, HOLDER);
        signature[64] = signature[64] ^ 0x07;
        assertInvalid(HOLDER, signature);
    }

    function test_refuses_other_lengths() public {
        bytes memory signature = signed(KEY, HOLDER);
        assertInvalid(HOLDER, "");
        assertInvalid(HOLDER, bytes.concat(signature, hex"00"));
        assertInvalid(HOLDER, bytes.concat(signature, signature));
    }

    function test_refuses_the_zero_signer() public {
        bytes memory signature = abi.encodePacked(uint256(0), uint256(0), uint8(27));
        bytes memory reason = zeroSigner();
        vm.expectRevert(reason);
        act(address(0), signature);
        vm.expectRevert(reason);
        act(address(0), "");
    }

    // ---------------------------------------------------------------------------------------------- Smart accounts

    function test_asks_a_smart_account() public {
        address account = address(new OwnedAccount(HOLDER));
        prepare(account);
        assertInvalid(account, signed(OTHER_KEY, account));
        assertDone(account, signed(KEY, account));
    }

    function test_takes_no_other_answer_of_a_smart_account_for_a_yes() public {
        for (uint256 i; i < 6; ++i) {
            address account = address(new Liar(Liar.Answer(i)));
            prepare(account);
            assertInvalid(account, signed(KEY, account));
            assertInvalid(account, "");
        }
    }

    /// @notice EIP-7702: the account of a key has the code of a wallet; the key's own signature still counts.
    function test_takes_the_signature_of_a_key_whose_account_has_code() public {
        bytes memory signature = signed(KEY, HOLDER);
        vm.etch(HOLDER, address(new Liar(Liar.Answer.No)).code);
        assertDone(HOLDER, signature);
    }
}
