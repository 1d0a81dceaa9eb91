// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../../src/IHealthRecord.sol";

/// @notice The cheatcodes of halmos that these properties use.
interface Symbolic {
    function createAddress(string calldata name) external returns (address);
    function createBytes32(string calldata name) external returns (bytes32);
    function createCalldata(string calldata contractName) external returns (bytes memory);
    function enableSymbolicStorage(address target) external;
}

interface Cheats {
    function assume(bool condition) external pure;
    function getCode(string calldata artifact) external view returns (bytes memory);
    function prank(address sender) external;
    function warp(uint256 time) external;
}

/// @notice What one call can change, proved by halmos for every sender, every argument and every state of the storage.
/// A signature that holds is one that the symbolic `ecrecover` takes, or code; signers here have none.
contract Frames {
    Symbolic private constant svm = Symbolic(0xF3993A62377BCd56AE39D773740A5390411E8BC9);
    Cheats private constant vm = Cheats(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    IHealthRecord private hr;

    // Any word: the properties are about these.
    address private patient;
    address private grantee;
    address private delegator;
    bytes32 private scope;
    address private sender;

    function setUp() public {
        bytes memory code = bytes.concat(vm.getCode("HealthRecord.sol:HealthRecord"), abi.encode(address(1)));
        address at;
        assembly ("memory-safe") {
            at := create(0, add(code, 32), mload(code))
        }
        hr = IHealthRecord(at);
        svm.enableSymbolicStorage(at);
        vm.warp(1_800_000_000);
        patient = svm.createAddress("patient");
        grantee = svm.createAddress("grantee");
        delegator = svm.createAddress("delegator");
        scope = svm.createBytes32("scope");
        sender = svm.createAddress("sender");
    }

    // ------------------------------------------------------------------------------------------------------- Words

    function slot(uint256 index, bytes32 key) private pure returns (bytes32) {
        return
            keccak256(abi.encode(key, 0xef6630a265ec2aa78ac763dc6280afb9b536f425be02edda5deeebd9e0010900 + index));
    }

    function grantWord() private view returns (uint256) {
        return uint256(hr.extsload(slot(0, keccak256(abi.encode(patient, grantee, scope)))));
    }

    function delegationWord() private view returns (uint256) {
        return uint256(hr.extsload(slot(1, keccak256(abi.encode(patient, delegator, grantee, scope)))));
    }

    function emergencyWord() private view returns (uint256) {
        return uint256(hr.extsload(slot(2, keccak256(abi.encode(patient, grantee)))));
    }

    function accountWord() private view returns (uint256) {
        return uint256(hr.extsload(slot(3, bytes32(uint256(uint160(patient))))));
    }

    function revisionOf(uint256 word) private pure returns (uint24) {
        return uint24(word >> 160);
    }

    function send(bytes memory data) private {
        vm.prank(sender);
        (bool success,) = address(hr).call(data);
        vm.assume(success);
    }

    // ------------------------------------------------------------------------------------------------------- Frames

    /// @notice A revoke changes no other grant, and no word of another kind.
    function check_revoke_touches_no_other_key(address other, bytes32 at) public {
        vm.assume(sender != patient || other != grantee || at != scope);
        (uint256 a, uint256 b, uint256 c, uint256 d) =
            (grantWord(), delegationWord(), emergencyWord(), accountWord());
        send(abi.encodeCall(hr.revoke, (other, at)));
        assert(grantWord() == a);
        assert(delegationWord() == b);
        assert(emergencyWord() == c);
        assert(accountWord() == d);
    }

    /// @notice The same of a deny.
    function check_deny_touches_no_other_key(address other, bytes32 at) public {
        vm.assume(sender != patient || other != grantee || at != scope);
        (uint256 a, uint256 b, uint256 c, uint256 d) =
            (grantWord(), delegationWord(), emergencyWord(), accountWord());
        send(abi.encodeCall(hr.deny, (other, at, 0)));
        assert(grantWord() == a);
        assert(delegationWord() == b);
        assert(emergencyWord() == c);
        assert(accountWord() == d);
    }

    /// @notice revokeAll changes nothing but the sender's account.
    function check_revokeAll_touches_no_other_key() public {
        (uint256 a, uint256 b, uint256 c, uint256 d) =
            (grantWord(), delegationWord(), emergencyWord(), accountWord());
        send(abi.encodeCall(hr.revokeAll, ()));
        assert(grantWord() == a);
        assert(delegationWord() == b);
        assert(emergencyWord() == c);
        assert(sender == patient || accountWord() == d);
    }

    /// @notice Whatever function anybody calls, no revision falls.
    function check_revisions_never_fall() public {
        (uint24 a, uint24 b, uint24 c) =
            (revisionOf(grantWord()), revisionOf(delegationWord()), revisionOf(emergencyWord()));
        uint256 account = accountWord();
        send(svm.createCalldata("IHealthRecord"));
        assert(revisionOf(grantWord()) >= a);
        assert(revisionOf(delegationWord()) >= b);
        assert(revisionOf(emergencyWord()) >= c);
        uint256 after_ = accountWord();
        assert(uint32(after_) >= uint32(account));
        assert(uint24(after_ >> 40) >= uint24(account >> 40));
        assert(uint24(after_ >> 64) >= uint24(account >> 64));
    }
}
