// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "./IHealthRecord.sol";
import {Store} from "./Store.sol";
import "./Words.sol";

/// @notice The words in storage, by their fields and as they are.
abstract contract Views is Store {
    /// @inheritdoc IHealthRecord
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (GrantWord memory) {
        return _unpack(_grants[_key(patient, grantee, scope)].word);
    }

    /// @inheritdoc IHealthRecord
    function delegationOf(address patient, address delegator, address grantee, bytes32 scope)
        external
        view
        returns (DelegationWord memory)
    {
        uint256 word = _delegations[_key(patient, delegator, grantee, scope)].word;
        return DelegationWord({
            notBefore: uint40(word),
            notAfter: uint40(word >> NOT_AFTER),
            purposes: uint32(word >> PURPOSES),
            operations: uint16(word >> OPERATIONS),
            epoch: uint32(word >> EPOCH),
            revision: uint24(word >> REVISION),
            state: uint8(word >> STATE),
            requiredRoles: uint16(word >> REQUIRED_ROLES),
            parentRevision: uint24(word >> PARENT_REVISION),
            parentIsAll: uint8(word >> PARENT_IS_ALL) != 0
        });
    }

    /// @inheritdoc IHealthRecord
    function emergencyOf(address patient, address clinician) external view returns (GrantWord memory) {
        return _unpack(_emergencies[_key(patient, clinician)].word);
    }

    /// @inheritdoc IHealthRecord
    function accountOf(address account) external view returns (AccountWord memory) {
        uint256 word = _accounts[account].word;
        return AccountWord({
            epoch: uint32(word),
            flags: uint8(word >> FLAGS),
            revision: uint24(word >> ACCOUNT_REVISION),
            cards: uint24(word >> CARDS)
        });
    }

    /// @inheritdoc IHealthRecord
    function credentialOf(address account) external view returns (CredentialWord memory) {
        uint256 word = _credentials[account].word;
        return CredentialWord({
            notBefore: uint40(word),
            notAfter: uint40(word >> NOT_AFTER),
            roles: uint16(word >> ROLES),
            issuer: address(uint160(word >> ISSUER))
        });
    }

    /// @inheritdoc IHealthRecord
    function anchorOf(address author, bytes32 root) external view returns (AnchorWord memory) {
        uint256 word = _anchors[_key(author, root)].word;
        return AnchorWord({anchoredAt: uint40(word), count: uint32(word >> COUNT), kind: uint16(word >> KIND)});
    }

    /// @inheritdoc IHealthRecord
    function retractionOf(address author, bytes32 commitment) external view returns (RetractionWord memory) {
        uint256 word = _retractions[_key(author, commitment)].word;
        return RetractionWord({retractedAt: uint40(word), reason: uint16(word >> REASON)});
    }

    /// @inheritdoc IHealthRecord
    function extsload(bytes32 slot) external view returns (bytes32 word) {
        assembly ("memory-safe") {
            word := sload(slot)
        }
    }

    function _unpack(uint256 word) private pure returns (GrantWord memory) {
        return GrantWord({
            notBefore: uint40(word),
            notAfter: uint40(word >> NOT_AFTER),
            purposes: uint32(word >> PURPOSES),
            operations: uint16(word >> OPERATIONS),
            epoch: uint32(word >> EPOCH),
            revision: uint24(word >> REVISION),
            state: uint8(word >> STATE),
            requiredRoles: uint16(word >> REQUIRED_ROLES),
            writtenAt: uint40(word >> WRITTEN_AT),
            by: uint8(word >> BY)
        });
    }
}
