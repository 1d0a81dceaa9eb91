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
        return keccak256(abi.encode(key, 0xef6630a265ec2aa78ac763dc6280afb9b536f425be02edda5deeebd9e0010900 + index));
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
        (uint256 a, uint256 b, uint256 c, uint256 d) = (grantWord(), delegationWord(), emergencyWord(), accountWord());
        send(abi.encodeCall(hr.revoke, (other, at)));
        assert(grantWord() == a);
        assert(delegationWord() == b);
        assert(emergencyWord() == c);
        assert(accountWord() == d);
    }

    /// @notice The same of a deny.
    function check_deny_touches_no_other_key(address other, bytes32 at) public {
        vm.assume(sender != patient || other != grantee || at != scope);
        (uint256 a, uint256 b, uint256 c, uint256 d) = (grantWord(), delegationWord(), emergencyWord(), accountWord());
        send(abi.encodeCall(hr.deny, (other, at, 0)));
        assert(grantWord() == a);
        assert(delegationWord() == b);
        assert(emergencyWord() == c);
        assert(accountWord() == d);
    }

    /// @notice revokeAll changes nothing but the sender's account.
    function check_revokeAll_touches_no_other_key() public {
        (uint256 a, uint256 b, uint256 c, uint256 d) = (grantWord(), delegationWord(), emergencyWord(), accountWord());
        send(abi.encodeCall(hr.revokeAll, ()));
        assert(grantWord() == a);
        assert(delegationWord() == b);
        assert(emergencyWord() == c);
        assert(sender == patient || accountWord() == d);
    }

    /// @notice Whatever function anybody calls: no revision, epoch or card falls; who is not the patient changes the
    /// patient's words as a manager or with a signature of 65 bytes alone; nothing but breaking the glass, by the clinician
    /// itself and for 4 hours, makes an emergency word a permit.
    /// @dev Has found no counterexample, and has not come to an end within twenty minutes: it is asked for by name alone.
    function check_any_call() public {
        (uint256 a, uint256 b, uint256 c, uint256 d) = (grantWord(), delegationWord(), emergencyWord(), accountWord());
        bool manager = manages();
        bytes memory data = svm.createCalldata("IHealthRecord");
        send(data);
        (uint256 e, uint256 f, uint256 g, uint256 h) = (grantWord(), delegationWord(), emergencyWord(), accountWord());

        assert(revisionOf(e) >= revisionOf(a));
        assert(revisionOf(f) >= revisionOf(b));
        assert(revisionOf(g) >= revisionOf(c));
        assert(uint32(h) >= uint32(d));
        assert(uint24(h >> 40) >= uint24(d >> 40));
        assert(uint24(h >> 64) >= uint24(d >> 64));

        bytes4 selector = bytes4(data);
        if (g != c && uint8(g >> 184) == 1) {
            assert(selector == hr.breakGlass.selector);
            assert(sender == grantee);
            assert(uint40(g >> 40) <= block.timestamp + 4 hours);
        }
        if (sender == patient) return;
        if (e != a) assert(isFor(selector) ? manager : isSigned(selector, data));
        if (f != b) assert(sender == delegator || isSigned(selector, data));
        if (g != c) assert(sender == grantee || isSigned(selector, data));
        if (h != d) assert(isSigned(selector, data));
    }

    function isFor(bytes4 selector) private view returns (bool) {
        return selector == hr.grantFor.selector || selector == hr.denyFor.selector || selector == hr.revokeFor.selector;
    }

    /// @notice Whether the call is a signed form's, with a signature of 65 bytes.
    function isSigned(bytes4 selector, bytes memory data) private view returns (bool) {
        uint256 members;
        if (selector == hr.grantBySig.selector) members = 12;
        else if (selector == hr.delegateBySig.selector) members = 14;
        else if (selector == hr.liftDelegationBySig.selector) members = 7;
        else if (selector == hr.denyBySig.selector) members = 6;
        else if (selector == hr.revokeDelegationBySig.selector) members = 6;
        else if (selector == hr.denyDelegationBySig.selector) members = 6;
        else if (selector == hr.revokeBySig.selector) members = 5;
        else if (selector == hr.setPolicyBySig.selector) members = 5;
        else if (selector == hr.closeEmergencyBySig.selector) members = 4;
        else if (selector == hr.revokeAllBySig.selector) members = 3;
        else return false;
        // The selector, the members, the offset, and the length that is asked for.
        uint256 length;
        assembly ("memory-safe") {
            length := mload(add(add(data, 36), mul(add(members, 1), 32)))
        }
        return length == 65;
    }

    /// @notice Whether the sender manages the patient's words at the scope: rules 3 and 4 of `decide` for MANAGE.
    function manages() private view returns (bool) {
        uint256 own = uint256(hr.extsload(slot(0, keccak256(abi.encode(patient, sender, scope)))));
        uint256 all = uint256(hr.extsload(slot(0, keccak256(abi.encode(patient, sender, bytes32(0))))));
        if (uint8(own >> 184) == 3 || uint8(all >> 184) == 3) return false;
        return permitsManage(own) || permitsManage(all);
    }

    function permitsManage(uint256 word) private view returns (bool) {
        uint256 credential = uint256(hr.extsload(slot(4, bytes32(uint256(uint160(sender))))));
        bool current = uint40(credential) <= block.timestamp && block.timestamp < uint40(credential >> 40);
        uint256 roles = current ? uint8(credential >> 80) : 0;
        return uint8(word >> 184) == 1 && word >> 115 & 1 == 1 && uint40(word) <= block.timestamp
            && block.timestamp < uint40(word >> 40) && uint32(word >> 128) == uint32(accountWord())
            && uint16(word >> 192) & ~roles == 0;
    }
}
