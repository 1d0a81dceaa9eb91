// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {WebAuthn} from "solady/src/utils/WebAuthn.sol";

/// @notice A smart account of one passkey, whose authenticator has verified its user.
/// @dev A signature is `abi.encode(WebAuthn.WebAuthnAuth)`, the assertion of a challenge that is the hash itself.
contract PasskeyAccount {
    bytes32 private immutable _X;
    bytes32 private immutable _Y;

    constructor(bytes32 x, bytes32 y) {
        (_X, _Y) = (x, y);
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bool valid = WebAuthn.verify(abi.encode(hash), true, WebAuthn.tryDecodeAuth(signature), _X, _Y);
        return valid ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}
