// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "./IHealthRecord.sol";
import {ECDSA} from "solady/src/utils/ECDSA.sol";
import {EfficientHashLib} from "solady/src/utils/EfficientHashLib.sol";
import {SignatureCheckerLib} from "solady/src/utils/SignatureCheckerLib.sol";

bytes32 constant DOMAIN_TYPEHASH =
    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
bytes32 constant ANCHOR_TYPEHASH =
    keccak256("Anchor(address author,bytes32 root,uint32 count,uint16 kind,uint40 deadline)");
bytes32 constant RETRACT_TYPEHASH =
    keccak256("Retract(address author,bytes32 commitment,uint16 reason,uint40 deadline)");
bytes32 constant GRANT_TYPEHASH = keccak256(
    "Grant(address patient,address grantee,bytes32 scope,uint40 notBefore,uint40 notAfter,uint32 purposes,"
    "uint16 operations,uint16 requiredRoles,bytes32 document,uint32 epoch,uint24 revision,uint40 deadline)"
);
bytes32 constant DENY_TYPEHASH =
    keccak256("Deny(address patient,address grantee,bytes32 scope,bytes32 document,uint24 revision,uint40 deadline)");
bytes32 constant REVOKE_TYPEHASH =
    keccak256("Revoke(address patient,address grantee,bytes32 scope,uint24 revision,uint40 deadline)");
bytes32 constant REVOKE_ALL_TYPEHASH = keccak256("RevokeAll(address patient,uint32 epoch,uint40 deadline)");
bytes32 constant SET_POLICY_TYPEHASH =
    keccak256("SetPolicy(address account,uint8 flags,uint24 cards,uint24 revision,uint40 deadline)");
bytes32 constant DELEGATE_TYPEHASH = keccak256(
    "Delegate(address patient,address delegator,address grantee,bytes32 scope,uint40 notBefore,uint40 notAfter,"
    "uint32 purposes,uint16 operations,uint16 requiredRoles,uint24 parentRevision,bool parentIsAll,uint32 epoch,"
    "uint24 revision,uint40 deadline)"
);
bytes32 constant REVOKE_DELEGATION_TYPEHASH = keccak256(
    "RevokeDelegation(address patient,address delegator,address grantee,bytes32 scope,uint24 revision,uint40 deadline)"
);
bytes32 constant DENY_DELEGATION_TYPEHASH = keccak256(
    "DenyDelegation(address patient,address delegator,address grantee,bytes32 scope,uint24 revision,uint40 deadline)"
);
bytes32 constant LIFT_DELEGATION_TYPEHASH = keccak256(
    "LiftDelegation(address patient,address delegator,address grantee,bytes32 scope,uint32 epoch,uint24 revision,"
    "uint40 deadline)"
);
bytes32 constant CLOSE_EMERGENCY_TYPEHASH =
    keccak256("CloseEmergency(address patient,address clinician,uint24 revision,uint40 deadline)");

/// @notice The EIP-712 structs that are signed, and whose signature holds.
abstract contract Signatures is IHealthRecord {
    /// @dev Half the order of secp256k1: with a greater s one signature would become two (EIP-2).
    uint256 private constant GREATEST_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    string private constant NAME = "HealthRecord";
    string private constant VERSION = "1";

    /// @inheritdoc IHealthRecord
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        // Bits 0 to 3: name, version, chainId, verifyingContract.
        fields = 0x0f;
        (name, version, chainId, verifyingContract) = (NAME, VERSION, block.chainid, address(this));
        return (fields, name, version, chainId, verifyingContract, salt, extensions);
    }

    /// @dev The hash of a struct whose members are the first `members` words of the arguments: every signed form takes its
    /// struct's members in their order, and the compiler has checked their widths.
    function _hashStruct(bytes32 typeHash, uint256 members) internal pure returns (bytes32 structHash) {
        assembly ("memory-safe") {
            let m := mload(0x40)
            mstore(m, typeHash)
            calldatacopy(add(m, 0x20), 0x04, shl(5, members))
            structHash := keccak256(m, add(0x20, shl(5, members)))
        }
    }

    /// @dev A key's own signature counts though its account has code (EIP-7702); only then is the code asked.
    function _requireSignature(address signer, bytes32 structHash, bytes calldata signature) internal view {
        bytes32 digest = _domainSeparator();
        assembly ("memory-safe") {
            mstore(0x00, shl(240, 0x1901))
            mstore(0x02, digest)
            // The end of this word lies in the free memory pointer, whose first bytes are 0.
            mstore(0x22, structHash)
            digest := keccak256(0x00, 0x42)
            mstore(0x22, 0)
        }
        if (signature.length == 65 && uint256(bytes32(signature[32:64])) <= GREATEST_S) {
            address recovered = ECDSA.tryRecoverCalldata(digest, signature);
            if (recovered == signer && recovered != address(0)) return;
        }
        if (!SignatureCheckerLib.isValidERC1271SignatureNowCalldata(signer, digest, signature)) {
            revert InvalidSignature(signer);
        }
    }

    function _requireInTime(uint40 deadline) internal view {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
    }

    /// @dev Made at each call: an immutable would differ from chain to chain.
    function _domainSeparator() private view returns (bytes32) {
        return EfficientHashLib.hash(
            uint256(DOMAIN_TYPEHASH),
            uint256(keccak256(bytes(NAME))),
            uint256(keccak256(bytes(VERSION))),
            block.chainid,
            uint160(address(this))
        );
    }
}
