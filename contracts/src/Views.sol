// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "./IHealthRecord.sol";
import {Store} from "./Store.sol";

/// @notice The words in storage, by their fields and as they are.
abstract contract Views is Store {
    // Widths of fields in bits, a byte each, the first field's lowest.
    uint256 private constant GRANT_FIELDS = 0x08_28_10_08_18_20_10_20_28_28;
    uint256 private constant DELEGATION_FIELDS = 0x08_18_10_08_18_20_10_20_28_28;
    uint256 private constant ACCOUNT_FIELDS = 0x18_18_08_20;
    uint256 private constant CREDENTIAL_FIELDS = 0xa0_10_28_28;
    uint256 private constant ANCHOR_FIELDS = 0x10_20_28;
    uint256 private constant RETRACTION_FIELDS = 0x10_28;

    /// @inheritdoc IHealthRecord
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (GrantWord memory) {
        _return(_grants[_key(patient, grantee, scope)].word, GRANT_FIELDS);
    }

    /// @inheritdoc IHealthRecord
    function delegationOf(address patient, address delegator, address grantee, bytes32 scope)
        external
        view
        returns (DelegationWord memory)
    {
        _return(_delegations[_key(patient, delegator, grantee, scope)].word, DELEGATION_FIELDS);
    }

    /// @inheritdoc IHealthRecord
    function emergencyOf(address patient, address clinician) external view returns (GrantWord memory) {
        _return(_emergencies[_key(patient, clinician)].word, GRANT_FIELDS);
    }

    /// @inheritdoc IHealthRecord
    function accountOf(address account) external view returns (AccountWord memory) {
        _return(_accounts[account].word, ACCOUNT_FIELDS);
    }

    /// @inheritdoc IHealthRecord
    function credentialOf(address account) external view returns (CredentialWord memory) {
        _return(_credentials[account].word, CREDENTIAL_FIELDS);
    }

    /// @inheritdoc IHealthRecord
    function anchorOf(address author, bytes32 root) external view returns (AnchorWord memory) {
        _return(_anchors[_key(author, root)].word, ANCHOR_FIELDS);
    }

    /// @inheritdoc IHealthRecord
    function retractionOf(address author, bytes32 commitment) external view returns (RetractionWord memory) {
        _return(_retractions[_key(author, commitment)].word, RETRACTION_FIELDS);
    }

    /// @inheritdoc IHealthRecord
    function extsload(bytes32 slot) external view returns (bytes32 word) {
        assembly ("memory-safe") {
            word := sload(slot)
        }
    }

    /// @dev Ends the call with the fields of `word`, an ABI word each. The compiler's own encoders of these structs would
    /// be a twentieth of the contract.
    function _return(uint256 word, uint256 widths) private pure {
        assembly ("memory-safe") {
            let start := mload(0x40)
            let end := start
            for {} widths { widths := shr(8, widths) } {
                let width := and(widths, 0xff)
                mstore(end, and(word, sub(shl(width, 1), 1)))
                word := shr(width, word)
                end := add(end, 0x20)
            }
            return(start, sub(end, start))
        }
    }
}
