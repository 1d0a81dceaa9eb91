// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "solady/src/utils/ECDSA.sol";

/// @notice A smart account of three keys, of which any two act: a patient who can lose one.
/// @dev A signature is the index of one key, its signature, the index of another, and that one's signature.
contract TwoOfThree {
    error NotTwo();

    address[3] private _owners;

    constructor(address[3] memory owners) {
        _owners = owners;
    }

    /// @notice Puts another key in the place of a lost one. An account for tests: what is signed has no count, and holds
    /// again should the lost key return to its place.
    function swap(uint8 index, address owner, bytes calldata signature) external {
        if (!_signed(keccak256(abi.encode(address(this), index, _owners[index], owner)), signature)) revert NotTwo();
        _owners[index] = owner;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return _signed(hash, signature) ? this.isValidSignature.selector : bytes4(0xffffffff);
    }

    function _signed(bytes32 hash, bytes calldata signature) private view returns (bool) {
        if (signature.length != 132) return false;
        (uint8 first, uint8 second) = (uint8(signature[0]), uint8(signature[66]));
        if (first >= second || second > 2) return false;
        return ECDSA.tryRecoverCalldata(hash, signature[1:66]) == _owners[first]
            && ECDSA.tryRecoverCalldata(hash, signature[67:132]) == _owners[second];
    }
}
