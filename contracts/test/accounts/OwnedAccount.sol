// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {ERC1271} from "solady/src/accounts/ERC1271.sol";

/// @notice A smart account of one owner, by Solady.
contract OwnedAccount is ERC1271 {
    address private _owner;

    constructor(address owner) {
        _owner = owner;
    }

    function _erc1271Signer() internal view override returns (address) {
        return _owner;
    }

    /// @dev Asks for the owner's plain signature, without Solady's nested one.
    function _erc1271CallerIsSafe() internal pure override returns (bool) {
        return true;
    }

    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("OwnedAccount", "1");
    }
}
