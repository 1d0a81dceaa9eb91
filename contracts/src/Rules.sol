// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "./IHealthRecord.sol";
import {Store} from "./Store.sol";
import "./Words.sol";
import {EfficientHashLib} from "solady/src/utils/EfficientHashLib.sol";

/// @notice Who may do what: the answer to a request, and the standing of those who act for a patient.
abstract contract Rules is Store {
    /// @dev What the words are held against while one request is decided. Addresses stand as the words that keys hash.
    struct Context {
        uint256 patient;
        uint256 accessor;
        uint256 blinded; // 0 if the request names no salt
        uint256 time;
        uint256 operation;
        uint256 purpose; // its bit, or 0 if it has no name
        uint256 epoch;
        uint256 flags;
        uint256 roles; // named roles of the accessor's credential; 0 if it is not current
        uint256 credentialEnd;
    }

    /// @dev The smallest code so far. The codes of permits are below those of denies, so a permit wins.
    struct Finding {
        uint256 code;
        bytes32 scope;
        uint256 until;
    }

    /// @inheritdoc IHealthRecord
    function decide(Request calldata request) external view returns (Decision memory) {
        bytes32[] memory scopes = _requireWellFormed(request);
        if (request.accessor == request.patient) return Decision(true, uint8(SELF), 0, type(uint40).max);

        Context memory context = _context(request.patient, request.accessor, request.at);
        context.blinded = request.salt == 0 ? 0 : _blind(request.patient, request.accessor, request.salt);
        context.operation = request.operation;
        context.purpose = request.purpose > LAST_PURPOSE ? 0 : 1 << request.purpose;
        Finding memory finding = Finding(NEVER_GRANTED, 0, 0);
        if (request.purpose == BTG) {
            _decideEmergency(context, finding);
        } else {
            _decideDirect(scopes, context, finding);
            // A smaller code is a permit, a deny or a revocation, and none of them yields to a delegation.
            if (finding.code > REVOKED && request.delegator != address(0)) {
                _decideDelegated(uint160(request.delegator), scopes, context, finding);
            }
        }
        return Decision(finding.code < EXPLICIT, uint8(finding.code), finding.scope, uint40(finding.until));
    }

    // ------------------------------------------------------------------------------------------------------ Rules

    /// @dev Rule 2.
    function _decideEmergency(Context memory context, Finding memory finding) private view {
        uint256 word = _emergencies[EfficientHashLib.hash(context.patient, context.accessor)].word;
        uint256 code = EMERGENCY;
        if (_isDeny(_grantWord(context.patient, context.accessor, 0))) {
            code = EXPLICIT;
        } else if (context.blinded != 0 && _isDeny(_grantWord(context.patient, context.blinded, 0))) {
            code = EXPLICIT;
        } else if (context.flags & NO_BREAK_GLASS != 0) {
            code = EMERGENCY_FORBIDDEN;
        } else if (context.operation != READ) {
            code = EMERGENCY_OPERATION;
        } else if (uint8(word >> STATE) == STATE_NONE) {
            code = EMERGENCY_UNOPENED;
        } else if (uint8(word >> STATE) != STATE_PERMIT) {
            code = EMERGENCY_CLOSED;
        } else if (uint32(word >> EPOCH) != context.epoch) {
            code = EMERGENCY_REVOKED_ALL;
        } else if (context.time >= uint40(word >> NOT_AFTER)) {
            code = EMERGENCY_EXPIRED;
        } else if (context.time < uint40(word)) {
            code = EMERGENCY_NOT_YET;
        } else if (context.roles & ROLE_EMERGENCY == 0) {
            code = EMERGENCY_CREDENTIAL;
        }
        _settle(finding, code, 0, code == EMERGENCY ? _until(word, ROLE_EMERGENCY, context) : 0);
    }

    /// @dev Rules 3 and 4, and the reasons of direct words for rule 7.
    function _decideDirect(bytes32[] memory scopes, Context memory context, Finding memory finding) private view {
        (uint256 patient, uint256 accessor, uint256 blinded) = (context.patient, context.accessor, context.blinded);
        for (uint256 i; i < scopes.length; ++i) {
            bytes32 scope = scopes[i];
            if (_decideWord(_grantWord(patient, accessor, scope), ALL_OPERATIONS, scope, context, finding)) return;
            if (blinded == 0) continue;
            if (_decideWord(_grantWord(patient, blinded, scope), READ_WRITE, scope, context, finding)) return;
        }
    }

    /// @dev One direct word; true for a deny, which settles the matter even after a permit.
    function _decideWord(uint256 word, uint256 matchable, bytes32 scope, Context memory context, Finding memory finding)
        private
        pure
        returns (bool)
    {
        uint256 code = _refusal(word, context.operation, matchable, context);
        if (code == EXPLICIT) {
            (finding.code, finding.scope, finding.until) = (EXPLICIT, scope, 0);
            return true;
        }
        if (code == 0) _settle(finding, GRANT, scope, _until(word, uint16(word >> REQUIRED_ROLES), context));
        else _settle(finding, code, scope, 0);
        return false;
    }

    /// @dev Rule 6, and its reasons for rule 7.
    function _decideDelegated(
        uint256 delegator,
        bytes32[] memory scopes,
        Context memory context,
        Finding memory finding
    ) private view {
        Finding memory own = Finding(NEVER_GRANTED, 0, 0);
        for (uint256 i; i < scopes.length; ++i) {
            bytes32 scope = scopes[i];
            uint256 parent = _grantWord(context.patient, delegator, scope);
            // A deny of the delegator, even at the last scope, undoes what was found at an earlier one.
            if (_isDeny(parent)) return _settle(finding, DELEGATION_DENIED, scope, 0);
            if (own.code == DELEGATION) continue;
            bytes32 key = EfficientHashLib.hash(context.patient, delegator, context.accessor, uint256(scope));
            uint256 word = _delegations[key].word;
            uint256 code = _refusal(word, context.operation, READ_WRITE, context);
            if (code == 0) {
                if (uint8(word >> PARENT_IS_ALL) != 0) parent = _grantWord(context.patient, delegator, 0);
                if (
                    uint24(parent >> REVISION) == uint24(word >> PARENT_REVISION)
                        && _refusal(parent, SHARE | context.operation, ALL_OPERATIONS, context) == 0
                ) {
                    uint256 until = _until(word, uint16((word | parent) >> REQUIRED_ROLES), context);
                    uint256 parentUntil = uint40(parent >> NOT_AFTER);
                    _settle(own, DELEGATION, scope, until < parentUntil ? until : parentUntil);
                    continue;
                }
                code = DELEGATION_PARENT;
            } else if (code != NEVER_GRANTED) {
                code += DELEGATION_OFFSET;
            }
            _settle(own, code, scope, 0);
        }
        _settle(finding, own.code, own.scope, own.until);
    }

    /// @dev Why a grant, emergency or delegation word does not permit all of `operations`, or 0 if it does.
    /// @param matchable operations that a word of its kind can permit
    function _refusal(uint256 word, uint256 operations, uint256 matchable, Context memory context)
        private
        pure
        returns (uint256)
    {
        uint256 state = uint8(word >> STATE);
        if (state != STATE_PERMIT) {
            return state == STATE_NONE ? NEVER_GRANTED : state == STATE_DENY ? EXPLICIT : REVOKED;
        }
        if (uint32(word >> EPOCH) != context.epoch) return REVOKED_ALL;
        if (context.time >= uint40(word >> NOT_AFTER)) return EXPIRED;
        if (context.time < uint40(word)) return NOT_YET;
        if (~(word >> OPERATIONS & matchable) & operations != 0) return OPERATION;
        if (word >> PURPOSES & context.purpose == 0) return PURPOSE;
        // The roles held have a name: a required one that has none is missing.
        return uint16(word >> REQUIRED_ROLES) & ~context.roles == 0 ? 0 : CREDENTIAL;
    }

    /// @dev Whether the window of a credential holds `time`.
    function _isCurrent(uint256 credential, uint256 time) internal pure returns (bool) {
        return time >= uint40(credential) && time < uint40(credential >> NOT_AFTER);
    }

    /// @dev The end of a word or, if roles are required, of the credential that holds them, whichever is earlier.
    function _until(uint256 word, uint256 roles, Context memory context) private pure returns (uint256) {
        uint256 end = uint40(word >> NOT_AFTER);
        return roles != 0 && context.credentialEnd < end ? context.credentialEnd : end;
    }

    function _settle(Finding memory finding, uint256 code, bytes32 scope, uint256 until) private pure {
        if (code < finding.code) (finding.code, finding.scope, finding.until) = (code, scope, until);
    }

    function _isDeny(uint256 word) internal pure returns (bool) {
        return uint8(word >> STATE) == STATE_DENY;
    }

    // ------------------------------------------------------------------------------------------------- Acting now

    /// @dev What a request of `accessor` is held against at `time`, whatever it asks for.
    function _context(address patient, address accessor, uint256 time) internal view returns (Context memory context) {
        uint256 account = _accounts[patient].word;
        uint256 credential = _credentials[accessor].word;
        context.patient = uint160(patient);
        context.accessor = uint160(accessor);
        context.time = time;
        context.epoch = uint32(account);
        context.flags = uint8(account >> FLAGS);
        if (_isCurrent(credential, time)) context.roles = credential >> ROLES & NAMED_ROLES;
        context.credentialEnd = uint40(credential >> NOT_AFTER);
    }

    /// @dev The own word by which `accessor` may do `operation` now, for whatever purpose: at `scope`, or else at 0.
    /// @return word 0 if there is none
    /// @return isAll whether it stands at 0 for another scope
    function _standing(address patient, address accessor, bytes32 scope, uint256 operation)
        internal
        view
        returns (uint256 word, bool isAll)
    {
        Context memory context = _context(patient, accessor, block.timestamp);
        context.purpose = type(uint32).max;
        word = _grantWord(context.patient, context.accessor, scope);
        uint256 all = scope == 0 ? word : _grantWord(context.patient, context.accessor, 0);
        if (_isDeny(word) || _isDeny(all)) return (0, false);
        if (_refusal(word, operation, ALL_OPERATIONS, context) == 0) return (word, false);
        if (_refusal(all, operation, ALL_OPERATIONS, context) == 0) return (all, true);
        return (0, false);
    }

    // ------------------------------------------------------------------------------------------------ Well-formed

    /// @return scopes the scopes to try, 0 last
    function _requireWellFormed(Request calldata request) private pure returns (bytes32[] memory scopes) {
        if (request.patient == address(0)) revert ZeroPatient();
        if (request.accessor == address(0)) revert ZeroAccessor();
        bytes32[] calldata given = request.scopes;
        uint256 count = given.length;
        if (count > MAX_SCOPES) revert TooManyScopes(count);
        scopes = new bytes32[](count != 0 && given[count - 1] == 0 ? count : count + 1);
        for (uint256 i; i < count; ++i) {
            bytes32 scope = given[i];
            if (scope == 0 && i + 1 != count) revert ZeroScope(i);
            scopes[i] = scope;
        }
        uint256 operation = request.operation;
        if (operation == 0 || operation > ALL_OPERATIONS || operation & (operation - 1) != 0) {
            revert NotOneOperation(request.operation);
        }
        if (request.delegator != address(0)) {
            if (request.delegator == request.patient) revert DelegatorIsPatient(request.delegator);
            if (request.delegator == request.accessor) revert DelegatorIsAccessor(request.delegator);
        }
    }

    /// @dev An address of nobody's key, as a word: the last 20 bytes of the hash.
    function _blind(address patient, address accessor, bytes32 salt) private pure returns (uint256) {
        return uint160(uint256(keccak256(abi.encodePacked(TAG_BLIND, patient, accessor, salt))));
    }
}
