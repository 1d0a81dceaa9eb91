// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "./IHealthRecord.sol";
import {EfficientHashLib} from "solady/src/utils/EfficientHashLib.sol";

/// @notice The words in storage and their keys.
abstract contract Store is IHealthRecord {
    /// @dev One word of storage. A reference to it is hashed once, for reading and for writing.
    struct Cell {
        uint256 word;
    }

    // Verifiers derive these slots by themselves: the order is final. A key is keccak256(abi.encode(…)) of the words in
    // the comment, or the account itself.
    mapping(bytes32 key => Cell) internal _grants; // patient, grantee, scope
    mapping(bytes32 key => Cell) internal _delegations; // patient, delegator, grantee, scope
    mapping(bytes32 key => Cell) internal _emergencies; // patient, clinician
    mapping(address account => Cell) internal _accounts;
    mapping(address account => Cell) internal _credentials;
    mapping(bytes32 key => Cell) internal _anchors; // author, root
    mapping(bytes32 key => Cell) internal _retractions; // author, commitment
    /// @inheritdoc IHealthRecord
    address public registrar;
    /// @inheritdoc IHealthRecord
    address public pendingRegistrar;

    function _grantWord(uint256 patient, uint256 grantee, bytes32 scope) internal view returns (uint256) {
        return _grants[EfficientHashLib.hash(patient, grantee, uint256(scope))].word;
    }

    function _key(address a, address b) internal pure returns (bytes32) {
        return EfficientHashLib.hash(uint160(a), uint160(b));
    }

    function _key(address a, bytes32 b) internal pure returns (bytes32) {
        return EfficientHashLib.hash(uint160(a), uint256(b));
    }

    function _key(address a, address b, bytes32 c) internal pure returns (bytes32) {
        return EfficientHashLib.hash(uint160(a), uint160(b), uint256(c));
    }

    function _key(address a, address b, address c, bytes32 d) internal pure returns (bytes32) {
        return EfficientHashLib.hash(uint160(a), uint160(b), uint160(c), uint256(d));
    }
}
