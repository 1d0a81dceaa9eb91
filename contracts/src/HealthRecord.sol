// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "./IHealthRecord.sol";
import {Rules} from "./Rules.sol";
import "./Signatures.sol";
import {Views} from "./Views.sol";
import "./Words.sol";

/// @title HealthRecord
/// @notice See IHealthRecord for what each function means and when it reverts.
/// @dev Cannot be changed, paused or owned, and has no immutable variables: its runtime code is the same on every chain.
contract HealthRecord layout at erc7201("healthrecord.v1") is Rules, Signatures, Views {
    constructor(address firstRegistrar) {
        if (firstRegistrar == address(0)) revert ZeroRegistrar();
        registrar = firstRegistrar;
        emit RegistrarChanged(address(0), firstRegistrar);
    }

    // ---------------------------------------------------------------------------------------------------- Authors

    /// @inheritdoc IHealthRecord
    function anchor(bytes32 root, uint32 count, uint16 kind) external {
        uint256 word = _anchorWord(root, count, kind);
        Cell storage cell = _anchors[_key(msg.sender, root)];
        if (cell.word != 0) revert AlreadyAnchored(msg.sender, root);
        _writeAnchor(cell, msg.sender, root, word);
    }

    /// @inheritdoc IHealthRecord
    function anchorBySig(
        address author,
        bytes32 root,
        uint32 count,
        uint16 kind,
        uint40 deadline,
        bytes calldata signature
    ) external {
        uint256 word = _anchorWord(root, count, kind);
        _requireInTime(deadline);
        Cell storage cell = _anchors[_key(author, root)];
        if (cell.word != 0) {
            if (cell.word ^ word <= type(uint40).max) return;
            revert AlreadyAnchored(author, root);
        }
        _requireSignature(author, _hashStruct(ANCHOR_TYPEHASH, 5), signature);
        _writeAnchor(cell, author, root, word);
    }

    /// @inheritdoc IHealthRecord
    function retract(bytes32 commitment, uint16 reason) external {
        if (commitment == 0) revert ZeroCommitment();
        Cell storage cell = _retractions[_key(msg.sender, commitment)];
        if (cell.word != 0) revert AlreadyRetracted(msg.sender, commitment);
        _writeRetraction(cell, msg.sender, commitment, reason);
    }

    /// @inheritdoc IHealthRecord
    function retractBySig(address author, bytes32 commitment, uint16 reason, uint40 deadline, bytes calldata signature)
        external
    {
        if (commitment == 0) revert ZeroCommitment();
        _requireInTime(deadline);
        Cell storage cell = _retractions[_key(author, commitment)];
        if (cell.word != 0) {
            if (cell.word >> REASON == reason) return;
            revert AlreadyRetracted(author, commitment);
        }
        _requireSignature(author, _hashStruct(RETRACT_TYPEHASH, 4), signature);
        _writeRetraction(cell, author, commitment, reason);
    }

    // --------------------------------------------------------------------------------------------------- Patients

    /// @inheritdoc IHealthRecord
    function grant(address grantee, bytes32 scope, Terms calldata terms, bytes32 document) external {
        _requireGrantee(msg.sender, grantee);
        _grant(grantee, scope, _packTerms(terms), document);
    }

    /// @inheritdoc IHealthRecord
    function grantMany(Target[] calldata targets, Terms calldata terms, bytes32 document) external {
        uint256 count = targets.length;
        if (count == 0) revert EmptyBatch();
        uint256 packed;
        for (uint256 i; i < count; ++i) {
            Target calldata target = targets[i];
            _requireGrantee(msg.sender, target.grantee);
            if (i == 0) packed = _packTerms(terms);
            _grant(target.grantee, target.scope, packed, document);
        }
    }

    /// @inheritdoc IHealthRecord
    function grantFor(address patient, address grantee, bytes32 scope, Terms calldata terms, bytes32 document)
        external
    {
        _requireGrantee(patient, grantee);
        uint256 packed = _packTerms(terms);
        if (grantee == msg.sender) revert ManagerIsGrantee(msg.sender);
        _requireWithin(packed, _requireManager(patient, scope));
        Cell storage cell = _grants[_key(patient, grantee, scope)];
        uint256 word = cell.word;
        if (word != 0 && uint8(word >> BY) != BY_MANAGER) revert PatientWord(word);
        packed |= BY_MANAGER << BY | _epochOf(patient) << EPOCH;
        _writeGrant(cell, patient, grantee, scope, packed | _next(word, REVISION) << REVISION, msg.sender, document);
    }

    /// @inheritdoc IHealthRecord
    function grantBySig(
        address patient,
        address grantee,
        bytes32 scope,
        Terms calldata terms,
        bytes32 document,
        uint32 epoch,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _requireGrantee(patient, grantee);
        uint256 packed = _packTerms(terms) | uint256(epoch) << EPOCH;
        _requireInTime(deadline);
        _requireEpoch(patient, epoch);
        Cell storage cell = _grants[_key(patient, grantee, scope)];
        if (_isDoneOrCurrent(cell.word, packed, revision)) return;
        packed |= _next(cell.word, REVISION) << REVISION;
        _requireSignature(patient, _hashStruct(GRANT_TYPEHASH, 12), signature);
        _writeGrant(cell, patient, grantee, scope, packed, patient, document);
    }

    /// @inheritdoc IHealthRecord
    function deny(address grantee, bytes32 scope, bytes32 document) external {
        _requireGrantee(msg.sender, grantee);
        Cell storage cell = _grants[_key(msg.sender, grantee, scope)];
        _writeDeny(cell, msg.sender, grantee, scope, _ended(cell.word, STATE_DENY), msg.sender, document);
    }

    /// @inheritdoc IHealthRecord
    function denyFor(address patient, address grantee, bytes32 scope, bytes32 document) external {
        _requireGrantee(patient, grantee);
        Cell storage cell = _grants[_key(patient, grantee, scope)];
        uint256 by = _requireEndable(cell.word, patient, grantee, scope, STATE_DENY);
        _writeDeny(cell, patient, grantee, scope, _ended(cell.word, STATE_DENY) | by << BY, msg.sender, document);
    }

    /// @inheritdoc IHealthRecord
    function denyBySig(
        address patient,
        address grantee,
        bytes32 scope,
        bytes32 document,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _requireGrantee(patient, grantee);
        _requireInTime(deadline);
        Cell storage cell = _grants[_key(patient, grantee, scope)];
        (uint256 word, bool done) = _endedBySig(cell.word, STATE_DENY, revision);
        if (done) return;
        _requireSignature(patient, _hashStruct(DENY_TYPEHASH, 6), signature);
        _writeDeny(cell, patient, grantee, scope, word, patient, document);
    }

    /// @inheritdoc IHealthRecord
    function revoke(address grantee, bytes32 scope) external {
        _requireGrantee(msg.sender, grantee);
        Cell storage cell = _grants[_key(msg.sender, grantee, scope)];
        uint256 word = _ended(cell.word, STATE_REVOKED);
        cell.word = word;
        emit Revoked(msg.sender, grantee, scope, word, msg.sender);
    }

    /// @inheritdoc IHealthRecord
    function revokeFor(address patient, address grantee, bytes32 scope) external {
        _requireGrantee(patient, grantee);
        Cell storage cell = _grants[_key(patient, grantee, scope)];
        uint256 by = _requireEndable(cell.word, patient, grantee, scope, STATE_REVOKED);
        _writeRevoke(cell, patient, grantee, scope, _ended(cell.word, STATE_REVOKED) | by << BY, msg.sender);
    }

    /// @inheritdoc IHealthRecord
    function revokeBySig(
        address patient,
        address grantee,
        bytes32 scope,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _requireGrantee(patient, grantee);
        _requireInTime(deadline);
        Cell storage cell = _grants[_key(patient, grantee, scope)];
        (uint256 word, bool done) = _endedBySig(cell.word, STATE_REVOKED, revision);
        if (done) return;
        _requireSignature(patient, _hashStruct(REVOKE_TYPEHASH, 5), signature);
        _writeRevoke(cell, patient, grantee, scope, word, patient);
    }

    /// @inheritdoc IHealthRecord
    function revokeAll() external {
        _revokeAll(msg.sender);
    }

    /// @inheritdoc IHealthRecord
    function revokeAllBySig(address patient, uint32 epoch, uint40 deadline, bytes calldata signature) external {
        _requireInTime(deadline);
        uint256 current = _epochOf(patient);
        if (current != epoch) {
            if (current == uint256(epoch) + 1) return;
            revert StaleEpoch(uint32(current), epoch);
        }
        if (epoch == type(uint32).max) revert EpochExhausted(patient);
        _requireSignature(patient, _hashStruct(REVOKE_ALL_TYPEHASH, 3), signature);
        _revokeAll(patient);
    }

    /// @inheritdoc IHealthRecord
    function setPolicy(uint8 flags, uint24 cards) external {
        _requireFlags(flags);
        Cell storage cell = _accounts[msg.sender];
        _writePolicy(cell, msg.sender, _policyWord(cell.word, flags, cards));
    }

    /// @inheritdoc IHealthRecord
    function setPolicyBySig(
        address account,
        uint8 flags,
        uint24 cards,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _requireFlags(flags);
        _requireInTime(deadline);
        Cell storage cell = _accounts[account];
        uint256 word = cell.word;
        uint24 current = uint24(word >> ACCOUNT_REVISION);
        if (current != revision) {
            bool done =
                current == uint256(revision) + 1 && uint8(word >> FLAGS) == flags && uint24(word >> CARDS) == cards;
            if (done) return;
            revert StaleRevision(current, revision);
        }
        word = _policyWord(word, flags, cards);
        _requireSignature(account, _hashStruct(SET_POLICY_TYPEHASH, 5), signature);
        _writePolicy(cell, account, word);
    }

    // ------------------------------------------------------------------------------------------------ Delegations

    /// @inheritdoc IHealthRecord
    function delegate(address patient, address grantee, bytes32 scope, Terms calldata terms) external {
        _requireDelegation(patient, msg.sender, grantee);
        uint256 packed = _packDelegable(terms);
        (uint256 parent, bool isAll) = _requireSharer(patient, msg.sender, scope);
        packed |= _packParent(uint24(parent >> REVISION), isAll) | _epochOf(patient) << EPOCH;
        Cell storage cell = _delegations[_key(patient, msg.sender, grantee, scope)];
        packed |= _nextDelegation(cell.word) << REVISION;
        _writeDelegation(cell, patient, msg.sender, grantee, scope, packed);
    }

    /// @inheritdoc IHealthRecord
    function delegateBySig(
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        Terms calldata terms,
        uint24 parentRevision,
        bool parentIsAll,
        uint32 epoch,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _requireDelegation(patient, delegator, grantee);
        uint256 packed = _packDelegable(terms) | _packParent(parentRevision, parentIsAll) | uint256(epoch) << EPOCH;
        _requireInTime(deadline);
        _requireEpoch(patient, epoch);
        Cell storage cell = _delegations[_key(patient, delegator, grantee, scope)];
        if (_isDoneOrCurrent(cell.word, packed, revision)) return;
        {
            (uint256 parent, bool isAll) = _requireSharer(patient, delegator, scope);
            if (uint24(parent >> REVISION) != parentRevision || isAll != parentIsAll) {
                revert StaleParent(uint24(parent >> REVISION), parentRevision);
            }
        }
        packed |= _nextDelegation(cell.word) << REVISION;
        _requireSignature(delegator, _hashStruct(DELEGATE_TYPEHASH, 14), signature);
        _writeDelegation(cell, patient, delegator, grantee, scope, packed);
    }

    /// @inheritdoc IHealthRecord
    function revokeDelegation(address patient, address grantee, bytes32 scope) external {
        _requirePatient(patient);
        if (grantee == address(0)) revert ZeroGrantee();
        Cell storage cell = _delegations[_key(patient, msg.sender, grantee, scope)];
        _requireNoDeny(cell.word);
        uint256 word = _untimed(_ended(cell.word, STATE_REVOKED));
        _writeDelegationRevoke(cell, patient, msg.sender, grantee, scope, word, msg.sender);
    }

    /// @inheritdoc IHealthRecord
    function revokeDelegationBySig(
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _requirePatient(patient);
        if (grantee == address(0)) revert ZeroGrantee();
        _requireInTime(deadline);
        Cell storage cell = _delegations[_key(patient, delegator, grantee, scope)];
        (uint256 word, bool done) = _endedBySig(cell.word, STATE_REVOKED, revision);
        if (done) return;
        _requireNoDeny(cell.word);
        _requireSignature(delegator, _hashStruct(REVOKE_DELEGATION_TYPEHASH, 6), signature);
        _writeDelegationRevoke(cell, patient, delegator, grantee, scope, _untimed(word), delegator);
    }

    /// @inheritdoc IHealthRecord
    function denyDelegation(address delegator, address grantee, bytes32 scope) external {
        _requireNamed(delegator, grantee);
        Cell storage cell = _delegations[_key(msg.sender, delegator, grantee, scope)];
        uint256 word = _untimed(_ended(cell.word, STATE_DENY));
        _writeDelegationDeny(cell, msg.sender, delegator, grantee, scope, word);
    }

    /// @inheritdoc IHealthRecord
    function denyDelegationBySig(
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _requireNamed(delegator, grantee);
        _requireInTime(deadline);
        Cell storage cell = _delegations[_key(patient, delegator, grantee, scope)];
        (uint256 word, bool done) = _endedBySig(cell.word, STATE_DENY, revision);
        if (done) return;
        _requireSignature(patient, _hashStruct(DENY_DELEGATION_TYPEHASH, 6), signature);
        _writeDelegationDeny(cell, patient, delegator, grantee, scope, _untimed(word));
    }

    /// @inheritdoc IHealthRecord
    function liftDelegation(address delegator, address grantee, bytes32 scope) external {
        _requireNamed(delegator, grantee);
        Cell storage cell = _delegations[_key(msg.sender, delegator, grantee, scope)];
        _requireDeny(cell.word);
        uint256 word = _next(cell.word, REVISION) << REVISION | STATE_REVOKED << STATE;
        _writeDelegationRevoke(cell, msg.sender, delegator, grantee, scope, word, msg.sender);
    }

    /// @inheritdoc IHealthRecord
    function liftDelegationBySig(
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        uint32 epoch,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _requireNamed(delegator, grantee);
        _requireInTime(deadline);
        _requireEpoch(patient, epoch);
        Cell storage cell = _delegations[_key(patient, delegator, grantee, scope)];
        if (_isDoneOrCurrent(cell.word, STATE_REVOKED << STATE, revision)) return;
        _requireDeny(cell.word);
        uint256 word = _next(cell.word, REVISION) << REVISION | STATE_REVOKED << STATE;
        _requireSignature(patient, _hashStruct(LIFT_DELEGATION_TYPEHASH, 7), signature);
        _writeDelegationRevoke(cell, patient, delegator, grantee, scope, word, patient);
    }

    // ------------------------------------------------------------------------------------------------ Emergencies

    /// @inheritdoc IHealthRecord
    function breakGlass(address patient, uint16 reason) external {
        _requirePatient(patient);
        if (patient == msg.sender) revert SelfGrant(patient);
        Context memory context = _context(patient, msg.sender, block.timestamp);
        if (context.roles & ROLE_EMERGENCY == 0) revert NotEmergencyClinician(msg.sender);
        if (context.flags & NO_BREAK_GLASS != 0) revert BreakGlassForbidden(patient);
        Cell storage cell = _emergencies[_key(patient, msg.sender)];
        uint256 word = cell.word;
        uint256 state = uint8(word >> STATE);
        if (state == STATE_PERMIT && uint32(word >> EPOCH) == context.epoch) {
            uint40 until = uint40(word >> NOT_AFTER);
            if (block.timestamp < until) revert EmergencyStillOpen(until);
        } else if (state == STATE_DENY) {
            uint256 until = uint40(word >> WRITTEN_AT) + EMERGENCY_LOCK;
            if (block.timestamp < until) revert EmergencyLocked(uint40(until));
        }
        uint256 end = block.timestamp + EMERGENCY_WINDOW;
        if (context.credentialEnd < end) end = context.credentialEnd;
        word = block.timestamp | end << NOT_AFTER | (1 << BTG) << PURPOSES | READ << OPERATIONS | context.epoch << EPOCH
            | _next(word, REVISION) << REVISION | STATE_PERMIT << STATE | ROLE_EMERGENCY << REQUIRED_ROLES
            | block.timestamp << WRITTEN_AT;
        cell.word = word;
        emit EmergencyOpened(patient, msg.sender, word, reason);
    }

    /// @inheritdoc IHealthRecord
    function closeEmergency(address patient, address clinician) external {
        _requirePatient(patient);
        if (clinician == address(0)) revert ZeroGrantee();
        Cell storage cell = _emergencies[_key(patient, clinician)];
        uint256 word = cell.word;
        uint256 state = STATE_DENY;
        if (msg.sender != patient) {
            if (msg.sender != clinician) revert NotEmergencyParty(msg.sender);
            if (uint8(word >> STATE) != STATE_PERMIT) revert EmergencyNotOpen(patient, clinician);
            state = STATE_REVOKED;
        }
        _writeEmergencyClose(cell, patient, clinician, _ended(word, state), msg.sender);
    }

    /// @inheritdoc IHealthRecord
    function closeEmergencyBySig(
        address patient,
        address clinician,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external {
        _requirePatient(patient);
        if (clinician == address(0)) revert ZeroGrantee();
        _requireInTime(deadline);
        Cell storage cell = _emergencies[_key(patient, clinician)];
        (uint256 word, bool done) = _endedBySig(cell.word, STATE_DENY, revision);
        if (done) return;
        _requireSignature(patient, _hashStruct(CLOSE_EMERGENCY_TYPEHASH, 4), signature);
        _writeEmergencyClose(cell, patient, clinician, word, patient);
    }

    // ---------------------------------------------------------------------------------------------------- Notices

    /// @inheritdoc IHealthRecord
    function requestAccess(address patient, bytes32 scope, uint16 operations, uint32 purposes, uint40 notAfter)
        external
    {
        _requirePatient(patient);
        if (patient == msg.sender) revert SelfGrant(patient);
        if (block.timestamp >= notAfter) revert EmptyWindow(uint40(block.timestamp), notAfter);
        _requireMasks(operations, purposes);
        emit AccessRequested(patient, msg.sender, scope, operations, purposes, notAfter);
    }

    /// @inheritdoc IHealthRecord
    function logAccess(address patient, bytes32 scope, uint8 purpose, bytes32 commitment) external {
        _requirePatient(patient);
        emit AccessLogged(patient, msg.sender, scope, purpose, commitment);
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
        // Whoever withdraws it owns the word: what the registrar withdrew, no issuer gives again.
        word = uint80(word) | uint256(uint160(msg.sender)) << ISSUER;
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

    // ----------------------------------------------------------------------------------------------- Requirements

    function _requirePatient(address patient) private pure {
        if (patient == address(0)) revert ZeroPatient();
    }

    function _requireGrantee(address patient, address grantee) private pure {
        if (grantee == address(0)) revert ZeroGrantee();
        if (grantee == patient) revert SelfGrant(patient);
    }

    function _requireNamed(address delegator, address grantee) private pure {
        if (delegator == address(0)) revert ZeroDelegator();
        if (grantee == address(0)) revert ZeroGrantee();
    }

    function _requireDelegation(address patient, address delegator, address grantee) private pure {
        _requirePatient(patient);
        _requireGrantee(patient, grantee);
        if (delegator == patient) revert DelegatorIsPatient(delegator);
        if (delegator == grantee) revert DelegatorIsAccessor(delegator);
    }

    function _requireMasks(uint16 operations, uint32 purposes) private pure {
        if (operations == 0) revert NoOperations();
        if (operations > ALL_OPERATIONS) revert UnknownOperations(operations);
        if (purposes == 0) revert NoPurposes();
        if (purposes & 1 << BTG != 0) revert EmergencyPurpose(purposes);
    }

    function _requireFlags(uint8 flags) private pure {
        if (flags > NO_BREAK_GLASS) revert UnknownFlags(flags);
    }

    function _requireEpoch(address patient, uint32 epoch) private view {
        uint256 current = _epochOf(patient);
        if (current != epoch) revert StaleEpoch(uint32(current), epoch);
    }

    /// @return own the word by which the caller acts for the patient
    function _requireManager(address patient, bytes32 scope) private view returns (uint256 own) {
        (own,) = _standing(patient, msg.sender, scope, MANAGE);
        if (own == 0) revert NotManager(patient, msg.sender, scope);
    }

    /// @param terms what a manager grants
    /// @param own the word by which it does
    function _requireWithin(uint256 terms, uint256 own) private pure {
        uint40 end = uint40(terms >> NOT_AFTER);
        if (end > uint40(own >> NOT_AFTER)) revert BeyondManagerWindow(end, uint40(own >> NOT_AFTER));
        uint16 operations = uint16(terms >> OPERATIONS);
        uint16 allowed = uint16(own >> OPERATIONS & READ_WRITE);
        if (operations & ~allowed != 0) revert BeyondManagerOperations(operations, allowed);
        uint32 purposes = uint32(terms >> PURPOSES);
        if (purposes & ~uint32(own >> PURPOSES) != 0) revert BeyondManagerPurposes(purposes, uint32(own >> PURPOSES));
    }

    /// @dev Whether a manager may end `word` in `state`.
    /// @return by who may lift it then: what the patient ended stays the patient's
    function _requireEndable(uint256 word, address patient, address grantee, bytes32 scope, uint256 state)
        private
        view
        returns (uint256 by)
    {
        _requireManager(patient, scope);
        uint256 current = uint8(word >> STATE);
        if (current == STATE_PERMIT && word >> OPERATIONS & MANAGE != 0 && grantee != msg.sender) {
            revert ManageWord(grantee);
        }
        if (current <= STATE_PERMIT || uint8(word >> BY) == BY_MANAGER) return BY_MANAGER;
        if (current == STATE_DENY || state == STATE_REVOKED) revert PatientWord(word);
        return BY_PATIENT;
    }

    function _requireSharer(address patient, address delegator, bytes32 scope)
        private
        view
        returns (uint256 parent, bool isAll)
    {
        (parent, isAll) = _standing(patient, delegator, scope, SHARE);
        if (parent == 0) revert NotSharer(patient, delegator, scope);
    }

    function _requireNoDeny(uint256 word) private pure {
        if (_isDeny(word)) revert PatientWord(word);
    }

    function _requireDeny(uint256 word) private pure {
        if (!_isDeny(word)) revert NotDenied(word);
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

    // ------------------------------------------------------------------------------------------------------ Words

    function _epochOf(address patient) private view returns (uint256) {
        return uint32(_accounts[patient].word);
    }

    /// @dev An anchor without its time.
    function _anchorWord(bytes32 root, uint32 count, uint16 kind) private pure returns (uint256) {
        if (root == 0) revert ZeroRoot();
        if (count == 0) revert ZeroCount();
        if (kind == 0) revert ZeroKind();
        return uint256(count) << COUNT | uint256(kind) << KIND;
    }

    /// @dev The terms of a permit where a word has them. Each is read and checked for its width once.
    function _packTerms(Terms calldata terms) private pure returns (uint256 word) {
        (uint40 notBefore, uint40 notAfter, uint32 purposes) = (terms.notBefore, terms.notAfter, terms.purposes);
        uint16 operations = terms.operations;
        if (notBefore >= notAfter) revert EmptyWindow(notBefore, notAfter);
        _requireMasks(operations, purposes);
        word = uint256(notBefore) | uint256(notAfter) << NOT_AFTER | uint256(purposes) << PURPOSES;
        word |= uint256(operations) << OPERATIONS | uint256(terms.requiredRoles) << REQUIRED_ROLES;
        word |= STATE_PERMIT << STATE;
    }

    function _packDelegable(Terms calldata terms) private pure returns (uint256 word) {
        word = _packTerms(terms);
        uint16 operations = uint16(word >> OPERATIONS);
        if (operations > READ_WRITE) revert NotDelegable(operations);
    }

    function _packParent(uint24 revision, bool isAll) private pure returns (uint256) {
        return uint256(revision) << PARENT_REVISION | uint256(isAll ? 1 : 0) << PARENT_IS_ALL;
    }

    /// @dev The revision after the one that `word` has at `offset`.
    function _next(uint256 word, uint256 offset) private pure returns (uint256 revision) {
        revision = uint24(word >> offset);
        if (revision == type(uint24).max) revert RevisionExhausted(word);
        unchecked {
            ++revision;
        }
    }

    function _nextDelegation(uint256 word) private pure returns (uint256) {
        _requireNoDeny(word);
        return _next(word, REVISION);
    }

    /// @dev For what is signed for an exact revision: true if the word is `packed` at the next one already, whatever its
    /// time; reverts if it has another revision.
    function _isDoneOrCurrent(uint256 word, uint256 packed, uint24 revision) private pure returns (bool) {
        uint24 current = uint24(word >> REVISION);
        if (current == revision) return false;
        unchecked {
            packed |= (uint256(revision) + 1) << REVISION;
        }
        // A delegation has no time; where a grant has it, it has its parent, which `packed` names.
        if (packed >> PARENT_REVISION == 0) word &= ~(uint256(type(uint40).max) << WRITTEN_AT);
        if (word == packed) return true;
        revert StaleRevision(current, revision);
    }

    /// @dev A deny or a tombstone after `word`: state, revision and time, no terms. The account's epoch is not even read,
    /// so that ending a consent stays cheap.
    function _ended(uint256 word, uint256 state) private view returns (uint256) {
        uint256 revision = uint24(word >> REVISION);
        unchecked {
            // The greatest revision stays: nothing may stand in the way of ending a consent.
            if (revision != type(uint24).max) ++revision;
        }
        return revision << REVISION | state << STATE | block.timestamp << WRITTEN_AT;
    }

    /// @dev `_ended` as signed for `revision`.
    /// @return next the word to write
    /// @return done whether it stands already, whatever its time
    function _endedBySig(uint256 word, uint256 state, uint24 revision) private view returns (uint256 next, bool done) {
        next = _ended(uint256(revision) << REVISION, state);
        if (_untimed(word) == _untimed(next)) return (next, true);
        uint24 current = uint24(word >> REVISION);
        unchecked {
            if (revision < current || revision - current > SIGNED_AHEAD) revert StaleRevision(current, revision);
        }
    }

    /// @dev A word that ended, without its time.
    function _untimed(uint256 word) private pure returns (uint256) {
        return word & ~(uint256(type(uint40).max) << WRITTEN_AT);
    }

    function _policyWord(uint256 word, uint8 flags, uint24 cards) private pure returns (uint256) {
        if (cards < uint24(word >> CARDS)) revert CardsFell(uint24(word >> CARDS), cards);
        uint256 revision = _next(word, ACCOUNT_REVISION);
        return uint32(word) | uint256(flags) << FLAGS | revision << ACCOUNT_REVISION | uint256(cards) << CARDS;
    }

    // ----------------------------------------------------------------------------------------------------- Writes

    function _writeAnchor(Cell storage cell, address author, bytes32 root, uint256 word) private {
        word |= block.timestamp;
        cell.word = word;
        emit Anchored(author, root, word);
    }

    function _writeRetraction(Cell storage cell, address author, bytes32 commitment, uint16 reason) private {
        uint256 word = block.timestamp | uint256(reason) << REASON;
        cell.word = word;
        emit Retracted(author, commitment, word);
    }

    /// @dev A grant of the caller's own.
    function _grant(address grantee, bytes32 scope, uint256 packed, bytes32 document) private {
        Cell storage cell = _grants[_key(msg.sender, grantee, scope)];
        packed |= _epochOf(msg.sender) << EPOCH | _next(cell.word, REVISION) << REVISION;
        packed |= block.timestamp << WRITTEN_AT;
        cell.word = packed;
        emit Granted(msg.sender, grantee, scope, packed, msg.sender, document);
    }

    function _writeGrant(
        Cell storage cell,
        address patient,
        address grantee,
        bytes32 scope,
        uint256 word,
        address by,
        bytes32 document
    ) private {
        word |= block.timestamp << WRITTEN_AT;
        cell.word = word;
        emit Granted(patient, grantee, scope, word, by, document);
    }

    function _writeDeny(
        Cell storage cell,
        address patient,
        address grantee,
        bytes32 scope,
        uint256 word,
        address by,
        bytes32 document
    ) private {
        cell.word = word;
        emit Denied(patient, grantee, scope, word, by, document);
    }

    function _writeRevoke(Cell storage cell, address patient, address grantee, bytes32 scope, uint256 word, address by)
        private
    {
        cell.word = word;
        emit Revoked(patient, grantee, scope, word, by);
    }

    function _revokeAll(address patient) private {
        Cell storage cell = _accounts[patient];
        uint256 word = cell.word;
        if (uint32(word) == type(uint32).max) revert EpochExhausted(patient);
        word += 1;
        // At the greatest revision the epoch still rises: nothing may stand in the way of a revoke.
        if (uint24(word >> ACCOUNT_REVISION) != type(uint24).max) word += 1 << ACCOUNT_REVISION;
        cell.word = word;
        emit RevokedAll(patient, word);
    }

    function _writePolicy(Cell storage cell, address account, uint256 word) private {
        cell.word = word;
        emit PolicySet(account, word);
    }

    function _writeDelegation(
        Cell storage cell,
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        uint256 word
    ) private {
        cell.word = word;
        emit Delegated(patient, delegator, grantee, scope, word);
    }

    function _writeDelegationRevoke(
        Cell storage cell,
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        uint256 word,
        address by
    ) private {
        cell.word = word;
        emit DelegationRevoked(patient, delegator, grantee, scope, word, by);
    }

    function _writeDelegationDeny(
        Cell storage cell,
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        uint256 word
    ) private {
        cell.word = word;
        emit DelegationDenied(patient, delegator, grantee, scope, word);
    }

    function _writeEmergencyClose(Cell storage cell, address patient, address clinician, uint256 word, address by)
        private
    {
        cell.word = word;
        emit EmergencyClosed(patient, clinician, word, by);
    }
}
