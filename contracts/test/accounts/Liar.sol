// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice Accounts whose code answers otherwise than ERC-1271 says. None of these is a yes.
contract Liar {
    enum Answer {
        No,
        True,
        Short,
        Dirty,
        Nothing,
        Reverts
    }

    Answer private _answer;

    constructor(Answer answer) {
        _answer = answer;
    }

    function isValidSignature(bytes32, bytes calldata) external view {
        Answer answer = _answer;
        assembly ("memory-safe") {
            mstore(0, 0)
            switch answer
            case 0 { mstore(0, shl(224, 0xffffffff)) }
            case 1 { mstore(0, 1) }
            case 2 {
                mstore(0, shl(224, 0x1626ba7e))
                return(0, 4)
            }
            case 3 { mstore(0, or(shl(224, 0x1626ba7e), 1)) }
            case 4 { return(0, 0) }
            default {
                mstore(0, shl(224, 0x1626ba7e))
                revert(0, 32)
            }
            return(0, 32)
        }
    }
}
