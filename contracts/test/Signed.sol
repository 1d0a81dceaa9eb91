// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Base} from "./Base.sol";

// The types as wallets show them, written out once more.
string constant ANCHOR = "Anchor(address author,bytes32 root,uint32 count,uint16 kind,uint40 deadline)";
string constant RETRACT = "Retract(address author,bytes32 commitment,uint16 reason,uint40 deadline)";
string constant GRANT =
    "Grant(address patient,address grantee,bytes32 scope,uint40 notBefore,uint40 notAfter,uint32 purposes,uint16 operations,uint16 requiredRoles,bytes32 document,uint32 epoch,uint24 revision,uint40 deadline)";
string constant DENY_TYPE =
    "Deny(address patient,address grantee,bytes32 scope,bytes32 document,uint24 revision,uint40 deadline)";
string constant REVOKE = "Revoke(address patient,address grantee,bytes32 scope,uint24 revision,uint40 deadline)";
string constant REVOKE_ALL = "RevokeAll(address patient,uint32 epoch,uint40 deadline)";
string constant SET_POLICY = "SetPolicy(address account,uint8 flags,uint24 cards,uint24 revision,uint40 deadline)";
string constant DELEGATE =
    "Delegate(address patient,address delegator,address grantee,bytes32 scope,uint40 notBefore,uint40 notAfter,uint32 purposes,uint16 operations,uint16 requiredRoles,uint24 parentRevision,bool parentIsAll,uint32 epoch,uint24 revision,uint40 deadline)";
string constant REVOKE_DELEGATION =
    "RevokeDelegation(address patient,address delegator,address grantee,bytes32 scope,uint24 revision,uint40 deadline)";
string constant DENY_DELEGATION =
    "DenyDelegation(address patient,address delegator,address grantee,bytes32 scope,uint24 revision,uint40 deadline)";
string constant LIFT_DELEGATION =
    "LiftDelegation(address patient,address delegator,address grantee,bytes32 scope,uint32 epoch,uint24 revision,uint40 deadline)";
string constant CLOSE_EMERGENCY = "CloseEmergency(address patient,address clinician,uint24 revision,uint40 deadline)";

/// @notice Signs and relays. A signed form takes the members of its struct in their order, and then the signature: one
/// pair of functions serves them all, with the members as `abi.encode` gives them.
abstract contract Signed is Base {
    uint256 internal constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 internal constant KEY = uint256(keccak256("the holder's key"));
    uint256 internal constant OTHER_KEY = uint256(keccak256("another key"));
    uint256 internal constant LAST = 2 ** 24 - 1;

    /// @notice Whose key `KEY` is: a patient, an author or a delegator.
    address internal immutable HOLDER = vm.addr(KEY);

    function refused(bytes4 error) internal {
        vm.expectRevert(abi.encodeWithSelector(error));
    }

    function domain(uint256 chain, address verifier) internal pure returns (bytes32) {
        bytes32 kind = keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(abi.encode(kind, keccak256("HealthRecord"), keccak256("1"), chain, verifier));
    }

    function digest(bytes32 separator, string memory kind, bytes memory members) internal pure returns (bytes32) {
        bytes32 content = keccak256(bytes.concat(keccak256(bytes(kind)), members));
        return keccak256(bytes.concat(hex"1901", separator, content));
    }

    function digest(string memory kind, bytes memory members) internal view returns (bytes32) {
        return digest(domain(block.chainid, address(hr)), kind, members);
    }

    function signatureOf(uint256 key, bytes32 hash) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, hash);
        return abi.encodePacked(r, s, v);
    }

    function sign(uint256 key, string memory kind, bytes memory members) internal view returns (bytes memory) {
        return signatureOf(key, digest(kind, members));
    }

    function signedCall(bytes4 selector, bytes memory members, bytes memory signature)
        internal
        pure
        returns (bytes memory)
    {
        bytes memory padding = new bytes((32 - signature.length % 32) % 32);
        bytes memory tail = bytes.concat(bytes32(members.length + 32), bytes32(signature.length), signature, padding);
        return bytes.concat(selector, members, tail);
    }

    /// @notice Calls the contract as `sender` and bubbles up what it reverts with.
    function send(address sender, bytes memory data) internal {
        vm.prank(sender);
        (bool success, bytes memory answer) = address(hr).call(data);
        if (!success) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
    }

    function relay(bytes4 selector, bytes memory members, bytes memory signature) internal {
        send(STRANGER, signedCall(selector, members, signature));
    }

    // --------------------------------------------------------------------------------- What people sign most often

    function grantMembers(IHealthRecord.Terms memory t, uint32 epoch, uint256 revision)
        internal
        view
        returns (bytes memory)
    {
        return abi.encode(HOLDER, DOCTOR, SCOPE, t, DOCUMENT, epoch, revision, NOW + DAY);
    }

    function relayGrant(uint32 epoch, uint256 revision) internal {
        bytes memory members = grantMembers(terms(), epoch, revision);
        relay(hr.grantBySig.selector, members, sign(KEY, GRANT, members));
    }

    function relayRevoke(uint256 revision) internal {
        bytes memory members = abi.encode(HOLDER, DOCTOR, SCOPE, revision, NOW + DAY);
        relay(hr.revokeBySig.selector, members, sign(KEY, REVOKE, members));
    }

    function relayDeny(uint256 revision) internal {
        bytes memory members = abi.encode(HOLDER, DOCTOR, SCOPE, DOCUMENT, revision, NOW + DAY);
        relay(hr.denyBySig.selector, members, sign(KEY, DENY_TYPE, members));
    }

    /// @notice `terms()` with these operations.
    function may(uint16 operations) internal pure returns (IHealthRecord.Terms memory t) {
        t = terms();
        t.operations = operations;
    }

    function grantAs(address patient, address grantee, bytes32 scope, uint16 operations) internal {
        vm.prank(patient);
        hr.grant(grantee, scope, may(operations), 0);
    }

    /// @notice What `decide` says of reading one scope for treatment now.
    function codeOf(address patient, address accessor, bytes32 scope, address delegator) internal view returns (uint8) {
        IHealthRecord.Request memory r;
        (r.patient, r.accessor, r.operation, r.delegator) = (patient, accessor, 1, delegator);
        r.at = uint40(block.timestamp);
        if (scope != 0) {
            r.scopes = new bytes32[](1);
            r.scopes[0] = scope;
        }
        return hr.decide(r).code;
    }
}
