// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "./IHealthRecord.sol";
import {EfficientHashLib} from "solady/src/utils/EfficientHashLib.sol";

// Offsets of the fields in a grant word; `notBefore` is at 0. Delegation and emergency words share them.
uint256 constant NOT_AFTER = 40;
uint256 constant PURPOSES = 80;
uint256 constant OPERATIONS = 112;
uint256 constant EPOCH = 128;
uint256 constant REVISION = 160;
uint256 constant STATE = 184;
uint256 constant REQUIRED_ROLES = 192;
uint256 constant WRITTEN_AT = 208;
// A delegation word ends differently.
uint256 constant PARENT_REVISION = 208;
uint256 constant PARENT_IS_ALL = 232;
// Account words; `epoch` is at 0.
uint256 constant FLAGS = 32;
uint256 constant ACCOUNT_REVISION = 40;
uint256 constant CARDS = 64;
// Credential words; `notBefore` is at 0 and `notAfter` where a grant word has it.
uint256 constant ROLES = 80;
uint256 constant ISSUER = 96;
// Anchor and retraction words; their time is at 0.
uint256 constant COUNT = 40;
uint256 constant KIND = 72;
uint256 constant REASON = 40;

uint256 constant STATE_NONE = 0;
uint256 constant STATE_PERMIT = 1;
uint256 constant STATE_REVOKED = 2;
uint256 constant STATE_DENY = 3;

uint256 constant READ = 1;
uint256 constant READ_WRITE = 3;
uint256 constant SHARE = 4;
uint256 constant ALL_OPERATIONS = 15;

uint256 constant BTG = 2;
uint256 constant LAST_PURPOSE = 16;

uint256 constant ROLE_ISSUER = 1;
uint256 constant ROLE_EMERGENCY = 4;
uint256 constant NAMED_ROLES = 0xff;

uint256 constant NO_BREAK_GLASS = 1;
uint256 constant MAX_SCOPES = 6;

bytes32 constant TAG_BLIND = keccak256("healthrecord/hr1/blind");

// Codes of a decision. They are ordered: a deny gives the smallest.
uint256 constant SELF = 1;
uint256 constant EMERGENCY = 2;
uint256 constant GRANT = 3;
uint256 constant DELEGATION = 5;
uint256 constant EXPLICIT = 16;
uint256 constant REVOKED = 17;
uint256 constant REVOKED_ALL = 18;
uint256 constant EXPIRED = 19;
uint256 constant NOT_YET = 20;
uint256 constant OPERATION = 21;
uint256 constant PURPOSE = 22;
uint256 constant CREDENTIAL = 23;
// What a delegation word is refused for is what a grant word is refused for, moved up by this.
uint256 constant DELEGATION_OFFSET = 32;
uint256 constant DELEGATION_DENIED = 48;
uint256 constant DELEGATION_PARENT = 56;
uint256 constant EMERGENCY_FORBIDDEN = 64;
uint256 constant EMERGENCY_OPERATION = 65;
uint256 constant EMERGENCY_CLOSED = 66;
uint256 constant EMERGENCY_REVOKED_ALL = 67;
uint256 constant EMERGENCY_EXPIRED = 68;
uint256 constant EMERGENCY_NOT_YET = 69;
uint256 constant EMERGENCY_CREDENTIAL = 70;
uint256 constant EMERGENCY_UNOPENED = 71;
uint256 constant NEVER_GRANTED = 255;

/// @title HealthRecord
/// @notice See IHealthRecord for what each function means and when it reverts.
/// @dev Cannot be changed, paused or owned, and has no immutable variables: its runtime code is the same on every chain.
contract HealthRecord layout at erc7201("healthrecord.v1") is IHealthRecord {
    /// @dev One word of storage. A reference to it is hashed once, for reading and for writing.
    struct Cell {
        uint256 word;
    }

    // Verifiers derive these slots by themselves: the order is final. A key is keccak256(abi.encode(…)) of the words in
    // the comment, or the account itself.
    mapping(bytes32 key => Cell) private _grants; // patient, grantee, scope
    mapping(bytes32 key => Cell) private _delegations; // patient, delegator, grantee, scope
    mapping(bytes32 key => Cell) private _emergencies; // patient, clinician
    mapping(address account => Cell) private _accounts;
    mapping(address account => Cell) private _credentials;
    mapping(bytes32 key => Cell) private _anchors; // author, root
    mapping(bytes32 key => Cell) private _retractions; // author, commitment
    /// @inheritdoc IHealthRecord
    address public registrar;
    /// @inheritdoc IHealthRecord
    address public pendingRegistrar;

    /// @dev What the words are held against while one request is decided. Addresses stand as the words that keys hash.
    struct Context {
        uint256 patient;
        uint256 accessor;
        uint256 blinded; // 0 if the request names no salt
        uint256 time;
        uint256 operation;
        uint256 purpose; // its bit, or 0 if it has no name
        uint256 epoch;
        uint256 roles; // named roles of the accessor's credential; 0 if it is not current
        uint256 credentialEnd;
    }

    /// @dev The smallest code so far. The codes of permits are below those of denies, so a permit wins.
    struct Finding {
        uint256 code;
        bytes32 scope;
        uint256 until;
    }

    constructor(address firstRegistrar) {
        if (firstRegistrar == address(0)) revert ZeroRegistrar();
        registrar = firstRegistrar;
        emit RegistrarChanged(address(0), firstRegistrar);
    }

    // ---------------------------------------------------------------------------------------------------- Authors

    /// @inheritdoc IHealthRecord
    function anchor(bytes32 root, uint32 count, uint16 kind) external {
        if (root == 0) revert ZeroRoot();
        if (count == 0) revert ZeroCount();
        if (kind == 0) revert ZeroKind();
        Cell storage cell = _anchors[_key(msg.sender, root)];
        if (cell.word != 0) revert AlreadyAnchored(msg.sender, root);
        uint256 word = block.timestamp | uint256(count) << COUNT | uint256(kind) << KIND;
        cell.word = word;
        emit Anchored(msg.sender, root, word);
    }

    /// @inheritdoc IHealthRecord
    function retract(bytes32 commitment, uint16 reason) external {
        if (commitment == 0) revert ZeroCommitment();
        Cell storage cell = _retractions[_key(msg.sender, commitment)];
        if (cell.word != 0) revert AlreadyRetracted(msg.sender, commitment);
        uint256 word = block.timestamp | uint256(reason) << REASON;
        cell.word = word;
        emit Retracted(msg.sender, commitment, word);
    }

    // --------------------------------------------------------------------------------------------------- Patients

    /// @inheritdoc IHealthRecord
    function grant(address grantee, bytes32 scope, Terms calldata terms, bytes32 document) external {
        _requireGrantee(grantee);
        // Each term is read and checked for its width once.
        (uint40 notBefore, uint40 notAfter, uint32 purposes) = (terms.notBefore, terms.notAfter, terms.purposes);
        uint16 operations = terms.operations;
        if (notBefore >= notAfter) revert EmptyWindow(notBefore, notAfter);
        if (operations == 0) revert NoOperations();
        if (operations > ALL_OPERATIONS) revert UnknownOperations(operations);
        if (purposes == 0) revert NoPurposes();
        if (purposes & 1 << BTG != 0) revert EmergencyPurpose(purposes);
        Cell storage cell = _grants[_key(msg.sender, grantee, scope)];
        uint256 word = cell.word;
        uint256 revision = _next(word, REVISION);
        word = uint256(notBefore) | uint256(notAfter) << NOT_AFTER | uint256(purposes) << PURPOSES;
        word |= uint256(operations) << OPERATIONS | uint256(terms.requiredRoles) << REQUIRED_ROLES;
        word |= uint256(uint32(_accounts[msg.sender].word)) << EPOCH | revision << REVISION;
        word |= STATE_PERMIT << STATE | block.timestamp << WRITTEN_AT;
        cell.word = word;
        emit Granted(msg.sender, grantee, scope, word, msg.sender, document);
    }

    /// @inheritdoc IHealthRecord
    function deny(address grantee, bytes32 scope, bytes32 document) external {
        uint256 word = _end(grantee, scope, STATE_DENY);
        emit Denied(msg.sender, grantee, scope, word, msg.sender, document);
    }

    /// @inheritdoc IHealthRecord
    function revoke(address grantee, bytes32 scope) external {
        uint256 word = _end(grantee, scope, STATE_REVOKED);
        emit Revoked(msg.sender, grantee, scope, word, msg.sender);
    }

    /// @inheritdoc IHealthRecord
    function revokeAll() external {
        Cell storage cell = _accounts[msg.sender];
        uint256 word = cell.word;
        if (uint32(word) == type(uint32).max) revert EpochExhausted(msg.sender);
        word += 1;
        // At the greatest revision the epoch still rises: nothing may stand in the way of a revoke.
        if (uint24(word >> ACCOUNT_REVISION) != type(uint24).max) word += 1 << ACCOUNT_REVISION;
        cell.word = word;
        emit RevokedAll(msg.sender, word);
    }

    /// @inheritdoc IHealthRecord
    function setPolicy(uint8 flags, uint24 cards) external {
        Cell storage cell = _accounts[msg.sender];
        uint256 word = cell.word;
        if (flags > NO_BREAK_GLASS) revert UnknownFlags(flags);
        if (cards < uint24(word >> CARDS)) revert CardsFell(uint24(word >> CARDS), cards);
        uint256 revision = _next(word, ACCOUNT_REVISION);
        word = uint32(word) | uint256(flags) << FLAGS | revision << ACCOUNT_REVISION | uint256(cards) << CARDS;
        cell.word = word;
        emit PolicySet(msg.sender, word);
    }

    // ------------------------------------------------------------------------------------- Registrar and issuers

    /// @inheritdoc IHealthRecord
    function accredit(address account, uint16 roles, uint40 notBefore, uint40 notAfter) external {
        if (account == address(0)) revert ZeroAccount();
        if (roles == 0) revert NoRoles();
        if (notBefore >= notAfter) revert EmptyWindow(notBefore, notAfter);
        if (msg.sender != registrar) {
            uint256 own = _requireIssuer();
            if (roles & ROLE_ISSUER != 0) revert IssuerRole(roles);
            if (notAfter > uint40(own >> NOT_AFTER)) revert BeyondIssuer(notAfter, uint40(own >> NOT_AFTER));
            uint256 current = _credentials[account].word;
            if (current != 0) _requireOwn(account, current);
        }
        uint256 word = uint256(notBefore) | uint256(notAfter) << NOT_AFTER | uint256(roles) << ROLES
            | uint256(uint160(msg.sender)) << ISSUER;
        _credentials[account].word = word;
        emit Accredited(account, msg.sender, word);
    }

    /// @inheritdoc IHealthRecord
    function discredit(address account) external {
        Cell storage cell = _credentials[account];
        uint256 word = cell.word;
        if (uint16(word >> ROLES) == 0) revert NotAccredited(account);
        if (msg.sender != registrar) {
            _requireIssuer();
            _requireOwn(account, word);
        }
        word &= ~(uint256(type(uint16).max) << ROLES);
        cell.word = word;
        emit Discredited(account, msg.sender, word);
    }

    /// @inheritdoc IHealthRecord
    function transferRegistrar(address pending) external {
        if (msg.sender != registrar) revert NotRegistrar(msg.sender);
        pendingRegistrar = pending;
        emit RegistrarProposed(msg.sender, pending);
    }

    /// @inheritdoc IHealthRecord
    function acceptRegistrar() external {
        if (msg.sender != pendingRegistrar) revert NotPendingRegistrar(msg.sender);
        address previous = registrar;
        registrar = msg.sender;
        pendingRegistrar = address(0);
        emit RegistrarChanged(previous, msg.sender);
    }

    // ------------------------------------------------------------------------------------------------------ Views

    /// @inheritdoc IHealthRecord
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (uint256) {
        return _grants[_key(patient, grantee, scope)].word;
    }

    /// @inheritdoc IHealthRecord
    function delegationOf(address patient, address delegator, address grantee, bytes32 scope)
        external
        view
        returns (uint256)
    {
        return _delegations[_key(patient, delegator, grantee, scope)].word;
    }

    /// @inheritdoc IHealthRecord
    function emergencyOf(address patient, address clinician) external view returns (uint256) {
        return _emergencies[_key(patient, clinician)].word;
    }

    /// @inheritdoc IHealthRecord
    function accountOf(address account) external view returns (uint256) {
        return _accounts[account].word;
    }

    /// @inheritdoc IHealthRecord
    function credentialOf(address account) external view returns (uint256) {
        return _credentials[account].word;
    }

    /// @inheritdoc IHealthRecord
    function anchorOf(address author, bytes32 root) external view returns (uint256) {
        return _anchors[_key(author, root)].word;
    }

    /// @inheritdoc IHealthRecord
    function retractionOf(address author, bytes32 commitment) external view returns (uint256) {
        return _retractions[_key(author, commitment)].word;
    }

    /// @inheritdoc IHealthRecord
    function decide(Request calldata request) external view returns (Decision memory) {
        bytes32[] memory scopes = _requireWellFormed(request);
        if (request.accessor == request.patient) return Decision(true, uint8(SELF), 0, type(uint40).max);

        uint256 account = _accounts[request.patient].word;
        uint256 credential = _credentials[request.accessor].word;
        Context memory context = Context({
            patient: uint160(request.patient),
            accessor: uint160(request.accessor),
            blinded: request.salt == 0 ? 0 : _blind(request.patient, request.accessor, request.salt),
            time: request.at,
            operation: request.operation,
            purpose: request.purpose > LAST_PURPOSE ? 0 : 1 << request.purpose,
            epoch: uint32(account),
            roles: _isCurrent(credential, request.at) ? credential >> ROLES & NAMED_ROLES : 0,
            credentialEnd: uint40(credential >> NOT_AFTER)
        });
        Finding memory finding = Finding(NEVER_GRANTED, 0, 0);
        if (request.purpose == BTG) {
            _decideEmergency(context, account, finding);
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
    function _decideEmergency(Context memory context, uint256 account, Finding memory finding) private view {
        uint256 word = _emergencies[EfficientHashLib.hash(context.patient, context.accessor)].word;
        uint256 code = EMERGENCY;
        if (_isDeny(_grantWord(context.patient, context.accessor, 0))) {
            code = EXPLICIT;
        } else if (context.blinded != 0 && _isDeny(_grantWord(context.patient, context.blinded, 0))) {
            code = EXPLICIT;
        } else if (uint8(account >> FLAGS) & NO_BREAK_GLASS != 0) {
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

    function _grantWord(uint256 patient, uint256 grantee, bytes32 scope) private view returns (uint256) {
        return _grants[EfficientHashLib.hash(patient, grantee, uint256(scope))].word;
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
    function _isCurrent(uint256 credential, uint256 time) private pure returns (bool) {
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

    function _isDeny(uint256 word) private pure returns (bool) {
        return uint8(word >> STATE) == STATE_DENY;
    }

    // ----------------------------------------------------------------------------------------------- Requirements

    function _requireGrantee(address grantee) private view {
        if (grantee == address(0)) revert ZeroGrantee();
        if (grantee == msg.sender) revert SelfGrant(msg.sender);
    }

    /// @return own the credential of the caller, an issuer
    function _requireIssuer() private view returns (uint256 own) {
        own = _credentials[msg.sender].word;
        if (own >> ROLES & ROLE_ISSUER == 0 || !_isCurrent(own, block.timestamp)) revert NotIssuer(msg.sender);
    }

    function _requireOwn(address account, uint256 credential) private view {
        address issuer = address(uint160(credential >> ISSUER));
        if (issuer != msg.sender) revert NotOwnCredential(account, issuer);
    }

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

    // ------------------------------------------------------------------------------------------------------ Words

    /// @dev Writes a deny or a tombstone: state, revision and time, no terms. The account's epoch is not even read, so
    /// that ending a consent stays cheap.
    function _end(address grantee, bytes32 scope, uint256 state) private returns (uint256 word) {
        _requireGrantee(grantee);
        Cell storage cell = _grants[_key(msg.sender, grantee, scope)];
        uint256 revision = uint24(cell.word >> REVISION);
        unchecked {
            // The greatest revision stays: nothing may stand in the way of ending a consent.
            if (revision != type(uint24).max) ++revision;
        }
        word = revision << REVISION | state << STATE | block.timestamp << WRITTEN_AT;
        cell.word = word;
    }

    /// @dev The revision after the one that `word` has at `offset`.
    function _next(uint256 word, uint256 offset) private pure returns (uint256 revision) {
        revision = uint24(word >> offset);
        if (revision == type(uint24).max) revert RevisionExhausted(word);
        unchecked {
            ++revision;
        }
    }

    /// @dev An address of nobody's key, as a word: the last 20 bytes of the hash.
    function _blind(address patient, address accessor, bytes32 salt) private pure returns (uint256) {
        return uint160(uint256(keccak256(abi.encodePacked(TAG_BLIND, patient, accessor, salt))));
    }

    function _key(address a, address b) private pure returns (bytes32) {
        return EfficientHashLib.hash(uint160(a), uint160(b));
    }

    function _key(address a, bytes32 b) private pure returns (bytes32) {
        return EfficientHashLib.hash(uint160(a), uint256(b));
    }

    function _key(address a, address b, bytes32 c) private pure returns (bytes32) {
        return EfficientHashLib.hash(uint160(a), uint160(b), uint256(c));
    }

    function _key(address a, address b, address c, bytes32 d) private pure returns (bytes32) {
        return EfficientHashLib.hash(uint160(a), uint160(b), uint160(c), uint256(d));
    }
}
