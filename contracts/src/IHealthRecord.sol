// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title HealthRecord: commitments to health records, and consent to their use
/// @notice Holds no content. An author anchors Merkle roots of records; a patient says who may do what, for which
/// purpose, until when; a registrar and its issuers accredit professionals; `decide` answers a request.
///
/// @dev Words. Each entry of storage is one 32-byte word of packed fields, named here from the low bits up. Bits outside
/// the named fields are zero.
///
/// - Grant: `notBefore:40 | notAfter:40 | purposes:32 | operations:16 | epoch:32 | revision:24 | state:8 |
///   requiredRoles:16 | writtenAt:40 | by:8`. State: 0 never written, 1 permit, 2 revoked, 3 deny. By: 0 the patient,
///   1 a manager. A tombstone (state 2) and a deny (state 3) have no terms: window, purposes, operations, epoch and
///   roles are 0, because nothing reads them. What only the patient may lift has `by` 0, whoever wrote it.
/// - Delegation: as a grant up to `requiredRoles`, then `parentRevision:24 | parentIsAll:8`. State 3 is the patient's
///   deny of this delegation. A delegation that ended has no terms and no parent.
/// - Emergency: a grant word: operation READ, purpose BTG, required role EMERGENCY. State 2 is the clinician's close,
///   state 3 the patient's.
/// - Account: `epoch:32 | flags:8 | revision:24 | cards:24`. Flag bit 0: no break-glass. Cards: the lowest valid revision
///   of the account's encryption cards.
/// - Credential: `notBefore:40 | notAfter:40 | roles:16 | issuer:160`. Roles 0: withdrawn, by the issuer that it names.
/// - Anchor: `anchoredAt:40 | count:32 | kind:16`.
/// - Retraction: `retractedAt:40 | reason:16`.
///
/// Times are unix seconds; a window holds `t` when `notBefore <= t < notAfter`.
///
/// Operations: READ 1, WRITE 2, SHARE 4, MANAGE 8.
///
/// Purposes, one bit each from bit 0: TREAT, ETREAT, BTG, CAREMGT, PATRQT, FAMRQT, PWATRNY, HPAYMT, CLMATTCH, COVERAGE,
/// HOPERAT, HRESCH, DSRCH, PUBHLTH, PATSFTY, HMARKT, HTEST (HL7 v3 ActReason).
///
/// Roles: ISSUER 1, PRACTITIONER 2, EMERGENCY 4, INSURER 8, MANUFACTURER 16, RESEARCHER 32, LABORATORY 64, PHARMACY 128.
///
/// Kinds of anchor: 1 clinical records, 2 audit log, 3 adverse events, 4 medication supply, 5 claims, 6 profile.
///
/// Purposes, roles and kinds that have no name yet are stored and never match, so that names may be added.
///
/// A scope is 0 (all records) or 32 random bytes that name a record or a group.
///
/// Revisions rise with every write to their word and stop at 2^24 - 1. Whatever ends a consent still succeeds there, so
/// that nobody can make a word irrevocable by burning revisions; everything else reverts.
///
/// Forms. A patient acts by its own transaction; through a manager, a grantee with MANAGE (`…For`); or by a signature
/// that anybody relays (`…BySig`). Signatures are of EIP-712 structs in the domain {name "HealthRecord", version "1",
/// chainId, verifyingContract}: 65 bytes (r, s, v) of the signer's key with a low s, or else whatever the signer's own
/// code takes (ERC-1271). The structs, `uint` widths as in the functions:
///
/// - `Anchor(author, root, count, kind, deadline)`, `Retract(author, commitment, reason, deadline)`
/// - `Grant(patient, grantee, scope, notBefore, notAfter, purposes, operations, requiredRoles, document, epoch, revision,
///   deadline)`
/// - `Deny(patient, grantee, scope, document, revision, deadline)`
/// - `Revoke(patient, grantee, scope, revision, deadline)`
/// - `RevokeAll(patient, epoch, deadline)`
/// - `SetPolicy(account, flags, cards, revision, deadline)`
/// - `Delegate(patient, delegator, grantee, scope, notBefore, notAfter, purposes, operations, requiredRoles,
///   parentRevision, parentIsAll, epoch, revision, deadline)`
/// - `RevokeDelegation`, `DenyDelegation(patient, delegator, grantee, scope, revision, deadline)`
/// - `LiftDelegation(patient, delegator, grantee, scope, epoch, revision, deadline)`
/// - `CloseEmergency(patient, clinician, revision, deadline)`
///
/// - `deadline` is the last second at which a signature has any effect.
/// - What loosens (grant, policy, delegation, the lift of a deny) is signed for the exact revision of its word, and for
///   the patient's epoch.
/// - What ends (revoke, deny, the close of an emergency) is signed for a revision n and holds while the word's is from
///   n - 255 to n; the word then has n + 1. Wallets sign the current revision + 16: nobody outruns it by relaying an older
///   consent, and after a reorganisation it can be sent again.
/// - An action that is already applied, whoever relayed it, is done: it succeeds, changes nothing and emits nothing.
///
/// A signed form reverts, in this order, with what its direct form says of the arguments, `SignatureExpired`, what is
/// stale (`StaleEpoch`, `StaleRevision`, `StaleParent`), what its direct form says of the state, `InvalidSignature`.
interface IHealthRecord {
    // ---------------------------------------------------------------------------------------------------- Structs

    /// @notice What a permit allows.
    /// @param notBefore first second of the window
    /// @param notAfter first second after the window
    /// @param purposes purposes of use, a mask; not empty, without BTG
    /// @param operations operations, a mask of 1 to 15
    /// @param requiredRoles roles that the grantee's credential must hold, all of them; 0 for none
    struct Terms {
        uint40 notBefore;
        uint40 notAfter;
        uint32 purposes;
        uint16 operations;
        uint16 requiredRoles;
    }

    /// @notice Whom a batch of grants is for, and over what.
    struct Target {
        address grantee;
        bytes32 scope;
    }

    /// @notice A grant or emergency word, by its fields.
    struct GrantWord {
        uint40 notBefore;
        uint40 notAfter;
        uint32 purposes;
        uint16 operations;
        uint32 epoch;
        uint24 revision;
        uint8 state;
        uint16 requiredRoles;
        uint40 writtenAt;
        uint8 by;
    }

    /// @notice A delegation word, by its fields.
    struct DelegationWord {
        uint40 notBefore;
        uint40 notAfter;
        uint32 purposes;
        uint16 operations;
        uint32 epoch;
        uint24 revision;
        uint8 state;
        uint16 requiredRoles;
        uint24 parentRevision;
        bool parentIsAll;
    }

    /// @notice An account word, by its fields.
    struct AccountWord {
        uint32 epoch;
        uint8 flags;
        uint24 revision;
        uint24 cards;
    }

    /// @notice A credential word, by its fields.
    struct CredentialWord {
        uint40 notBefore;
        uint40 notAfter;
        uint16 roles;
        address issuer;
    }

    /// @notice An anchor word, by its fields.
    struct AnchorWord {
        uint40 anchoredAt;
        uint32 count;
        uint16 kind;
    }

    /// @notice A retraction word, by its fields.
    struct RetractionWord {
        uint40 retractedAt;
        uint16 reason;
    }

    /// @notice A question: may `accessor` do `operation` for `purpose` with the records of `patient` in `scopes`?
    /// @param patient whose records
    /// @param accessor who asks
    /// @param salt the salt of the pair's blinded address; 0 if the grants are open
    /// @param scopes at most 6, the most specific first; a final 0 is implied and may be written out
    /// @param operation exactly one of 1, 2, 4, 8
    /// @param purpose index of the purpose of use
    /// @param delegator who shared with the accessor; 0 if nobody is named
    /// @param at the time asked about; the block's time is not read
    struct Request {
        address patient;
        address accessor;
        bytes32 salt;
        bytes32[] scopes;
        uint16 operation;
        uint8 purpose;
        address delegator;
        uint40 at;
    }

    /// @notice The answer to a request.
    /// @param permit whether the access is permitted
    /// @param code the basis of a permit or the reason of a deny, see `decide`
    /// @param scope the scope of the word that decided; 0 where none did
    /// @param until first second at which a permit no longer holds as things stand; 0 for a deny
    struct Decision {
        bool permit;
        uint8 code;
        bytes32 scope;
        uint40 until;
    }

    // ----------------------------------------------------------------------------------------------------- Events
    // Every state change emits exactly one event; `word` is the word as written.

    /// @notice An author anchored a root.
    event Anchored(address indexed author, bytes32 indexed root, uint256 word);

    /// @notice An author retracted a commitment.
    event Retracted(address indexed author, bytes32 indexed commitment, uint256 word);

    /// @notice A permit was written.
    /// @param by who acted: the patient, or a manager
    /// @param document commitment of the consent document, or 0
    event Granted(
        address indexed patient,
        address indexed grantee,
        bytes32 indexed scope,
        uint256 word,
        address by,
        bytes32 document
    );

    /// @notice A deny was written.
    /// @param by who acted: the patient, or a manager
    /// @param document commitment of the consent document, or 0
    event Denied(
        address indexed patient,
        address indexed grantee,
        bytes32 indexed scope,
        uint256 word,
        address by,
        bytes32 document
    );

    /// @notice A tombstone was written.
    /// @param by who acted: the patient, or a manager
    event Revoked(address indexed patient, address indexed grantee, bytes32 indexed scope, uint256 word, address by);

    /// @notice A patient ended every permit at once.
    event RevokedAll(address indexed patient, uint256 word);

    /// @notice An account set its flags and its lowest card.
    event PolicySet(address indexed account, uint256 word);

    /// @notice A grantee with SHARE passed on what it may do.
    event Delegated(
        address indexed patient, address indexed delegator, address indexed grantee, bytes32 scope, uint256 word
    );

    /// @notice A delegation ended, by its delegator, or its deny was lifted, by the patient.
    /// @param by who acted
    event DelegationRevoked(
        address indexed patient,
        address indexed delegator,
        address indexed grantee,
        bytes32 scope,
        uint256 word,
        address by
    );

    /// @notice The patient denied a delegation.
    event DelegationDenied(
        address indexed patient, address indexed delegator, address indexed grantee, bytes32 scope, uint256 word
    );

    /// @notice A clinician broke the glass.
    /// @param reason a code of the clinician's
    event EmergencyOpened(address indexed patient, address indexed clinician, uint256 word, uint16 reason);

    /// @notice Emergency access ended before its time.
    /// @param by who acted: the patient, or the clinician
    event EmergencyClosed(address indexed patient, address indexed clinician, uint256 word, address by);

    /// @notice Somebody asks a patient for a grant. Changes nothing.
    event AccessRequested(
        address indexed patient,
        address indexed accessor,
        bytes32 indexed scope,
        uint16 operations,
        uint32 purposes,
        uint40 notAfter
    );

    /// @notice Somebody says that it used a patient's records, for the accounting of disclosures. Changes nothing.
    /// @param purpose index of the purpose of use
    /// @param commitment of the record, or of the entry of an audit log that says more; or 0
    event AccessLogged(
        address indexed patient, address indexed accessor, bytes32 indexed scope, uint8 purpose, bytes32 commitment
    );

    /// @notice A credential was written; its issuer is who acted.
    event Accredited(address indexed account, address indexed issuer, uint256 word);

    /// @notice A credential was withdrawn.
    /// @param by who acted: the registrar, or the issuer
    event Discredited(address indexed account, address indexed by, uint256 word);

    /// @notice The registrar named its successor, or nobody (0).
    event RegistrarProposed(address indexed registrar, address indexed pending);

    /// @notice The registrar changed; the first is set at deployment and follows nobody (0).
    event RegistrarChanged(address indexed previous, address indexed registrar);

    // ----------------------------------------------------------------------------------------------------- Errors

    /// @notice A registrar must be named at deployment.
    error ZeroRegistrar();
    /// @notice A root cannot be 0.
    error ZeroRoot();
    /// @notice An anchor covers at least one record.
    error ZeroCount();
    /// @notice An anchor has a kind.
    error ZeroKind();
    /// @notice The author has anchored this root before.
    error AlreadyAnchored(address author, bytes32 root);
    /// @notice A commitment cannot be 0.
    error ZeroCommitment();
    /// @notice The author has retracted this commitment before.
    error AlreadyRetracted(address author, bytes32 commitment);
    /// @notice A grantee, or a clinician, cannot be the zero address.
    error ZeroGrantee();
    /// @notice A delegator cannot be the zero address.
    error ZeroDelegator();
    /// @notice A patient needs no consent of its own.
    error SelfGrant(address patient);
    /// @notice A window begins before it ends.
    error EmptyWindow(uint40 notBefore, uint40 notAfter);
    /// @notice A permit allows at least one operation.
    error NoOperations();
    /// @notice Operations are a mask of 1 to 15.
    error UnknownOperations(uint16 operations);
    /// @notice A permit has at least one purpose.
    error NoPurposes();
    /// @notice Break-glass is not granted.
    error EmergencyPurpose(uint32 purposes);
    /// @notice The word has the greatest revision and takes nothing but a revoke or a deny.
    error RevisionExhausted(uint256 word);
    /// @notice A batch has at least one target.
    error EmptyBatch();
    /// @notice A signature has no effect after its deadline.
    error SignatureExpired(uint40 deadline);
    /// @notice The signature is for another epoch of the patient.
    error StaleEpoch(uint32 current, uint32 signed);
    /// @notice The signature is for another revision of the word.
    error StaleRevision(uint24 current, uint24 signed);
    /// @notice The signature is for another revision of the delegator's own grant.
    error StaleParent(uint24 current, uint24 signed);
    /// @notice The signature is not the signer's.
    error InvalidSignature(address signer);
    /// @notice The caller may not act for the patient at this scope.
    error NotManager(address patient, address caller, bytes32 scope);
    /// @notice A manager grants nothing to itself.
    error ManagerIsGrantee(address manager);
    /// @notice A manager's grants end no later than its own.
    error BeyondManagerWindow(uint40 notAfter, uint40 managerNotAfter);
    /// @notice A manager grants no operations but its own READ and WRITE.
    error BeyondManagerOperations(uint16 operations, uint16 managerOperations);
    /// @notice A manager grants no purposes but its own.
    error BeyondManagerPurposes(uint32 purposes, uint32 managerPurposes);
    /// @notice The patient wrote this word, and nobody else may replace it so.
    error PatientWord(uint256 word);
    /// @notice A manager ends no other grantee's word that has MANAGE.
    error ManageWord(address grantee);
    /// @notice The delegator may not share at this scope.
    error NotSharer(address patient, address delegator, bytes32 scope);
    /// @notice Nothing but READ and WRITE is delegated.
    error NotDelegable(uint16 operations);
    /// @notice There is no deny of this delegation to lift.
    error NotDenied(uint256 word);
    /// @notice The caller has no current credential with EMERGENCY.
    error NotEmergencyClinician(address caller);
    /// @notice The patient forbids break-glass.
    error BreakGlassForbidden(address patient);
    /// @notice The clinician's emergency access is open.
    error EmergencyStillOpen(uint40 notAfter);
    /// @notice The patient closed the clinician's emergency access less than 24 hours ago.
    error EmergencyLocked(uint40 until);
    /// @notice The clinician has no emergency access to close.
    error EmergencyNotOpen(address patient, address clinician);
    /// @notice Emergency access is closed by the patient or the clinician.
    error NotEmergencyParty(address caller);
    /// @notice The patient's epoch is the greatest.
    error EpochExhausted(address patient);
    /// @notice Flags above 1 have no meaning.
    error UnknownFlags(uint8 flags);
    /// @notice The lowest valid card never falls.
    error CardsFell(uint24 current, uint24 proposed);
    /// @notice The caller is not the registrar.
    error NotRegistrar(address caller);
    /// @notice The caller is not the registrar's proposed successor.
    error NotPendingRegistrar(address caller);
    /// @notice The caller is neither the registrar nor an issuer with a current credential.
    error NotIssuer(address caller);
    /// @notice An account to accredit cannot be the zero address.
    error ZeroAccount();
    /// @notice A credential has at least one role.
    error NoRoles();
    /// @notice The role of issuer is given by the registrar alone.
    error IssuerRole(uint16 roles);
    /// @notice An issuer's credentials end no later than its own.
    error BeyondIssuer(uint40 notAfter, uint40 issuerNotAfter);
    /// @notice The credential is another issuer's.
    error NotOwnCredential(address account, address issuer);
    /// @notice There is no credential to withdraw.
    error NotAccredited(address account);
    /// @notice A request names a patient.
    error ZeroPatient();
    /// @notice A request names an accessor.
    error ZeroAccessor();
    /// @notice A request has at most 6 scopes.
    error TooManyScopes(uint256 count);
    /// @notice Scope 0 stands last or nowhere.
    error ZeroScope(uint256 index);
    /// @notice A request has exactly one operation of 1, 2, 4, 8.
    error NotOneOperation(uint16 operation);
    /// @notice A patient does not delegate; it grants.
    error DelegatorIsPatient(address delegator);
    /// @notice Nobody delegates to itself.
    error DelegatorIsAccessor(address delegator);

    // ---------------------------------------------------------------------------------------------------- Authors

    /// @notice Anchors a Merkle root under the caller's own key; nobody can occupy another's.
    /// @dev Reverts, in this order, with `ZeroRoot`, `ZeroCount`, `ZeroKind`, `AlreadyAnchored`.
    /// @param root the commitment itself if `count` is 1, the root of a batch otherwise
    /// @param count records under the root
    /// @param kind what is anchored
    function anchor(bytes32 root, uint32 count, uint16 kind) external;

    /// @notice `anchor`, signed by the author as `Anchor`.
    function anchorBySig(
        address author,
        bytes32 root,
        uint32 count,
        uint16 kind,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Retracts one commitment of the caller, once and for good.
    /// @dev Asks for no anchor: a commitment inside a batch cannot be seen here. Reverts, in this order, with
    /// `ZeroCommitment`, `AlreadyRetracted`.
    /// @param reason a code of the author's
    function retract(bytes32 commitment, uint16 reason) external;

    /// @notice `retract`, signed by the author as `Retract`.
    function retractBySig(address author, bytes32 commitment, uint16 reason, uint40 deadline, bytes calldata signature)
        external;

    // --------------------------------------------------------------------------------------------------- Patients

    /// @notice Permits `grantee` what `terms` say, over whatever stood there before.
    /// @dev Reverts, in this order, with `ZeroGrantee`, `SelfGrant`, `EmptyWindow`, `NoOperations`,
    /// `UnknownOperations`, `NoPurposes`, `EmergencyPurpose`, `RevisionExhausted`.
    /// @param document commitment of the consent document, or 0
    function grant(address grantee, bytes32 scope, Terms calldata terms, bytes32 document) external;

    /// @notice `grant`, to many at once: all or none.
    /// @dev Reverts with `EmptyBatch`, or with what `grant` says of any target.
    function grantMany(Target[] calldata targets, Terms calldata terms, bytes32 document) external;

    /// @notice `grant` by a manager of `patient`, where nothing was written or a manager wrote last.
    /// @dev The caller's own word at `scope`, or else at 0, permits MANAGE to it now, by rules 3 and 4 of `decide`
    /// without the purpose; the first of the two that does bounds what it may grant. Reverts, in this order, with what
    /// `grant` says of the arguments, `ManagerIsGrantee`, `NotManager`, `BeyondManagerWindow`,
    /// `BeyondManagerOperations`, `BeyondManagerPurposes`, `PatientWord`, `RevisionExhausted`.
    function grantFor(address patient, address grantee, bytes32 scope, Terms calldata terms, bytes32 document) external;

    /// @notice `grant`, signed by the patient as `Grant`.
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
    ) external;

    /// @notice Denies `grantee` everything at `scope`, at once, until a new grant or revoke.
    /// @dev Never reverts but with `ZeroGrantee` or `SelfGrant`.
    /// @param document commitment of the consent document, or 0
    function deny(address grantee, bytes32 scope, bytes32 document) external;

    /// @notice `deny` by a manager of `patient`.
    /// @dev Over the patient's tombstone it is the patient's alone to lift, as the tombstone was. Reverts, in this order,
    /// with `ZeroGrantee`, `SelfGrant`, `NotManager`, `ManageWord` (unless the word is the caller's own), `PatientWord`
    /// (over the patient's deny).
    function denyFor(address patient, address grantee, bytes32 scope, bytes32 document) external;

    /// @notice `deny`, signed by the patient as `Deny`.
    function denyBySig(
        address patient,
        address grantee,
        bytes32 scope,
        bytes32 document,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Ends what stands for `grantee` at `scope`, permit or deny, and every consent not yet relayed.
    /// @dev Never reverts but with `ZeroGrantee` or `SelfGrant`.
    function revoke(address grantee, bytes32 scope) external;

    /// @notice `revoke` by a manager of `patient`.
    /// @dev Reverts, in this order, with `ZeroGrantee`, `SelfGrant`, `NotManager`, `ManageWord` (unless the word is the
    /// caller's own, which it resigns), `PatientWord` (over the patient's tombstone or deny).
    function revokeFor(address patient, address grantee, bytes32 scope) external;

    /// @notice `revoke`, signed by the patient as `Revoke`.
    function revokeBySig(
        address patient,
        address grantee,
        bytes32 scope,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Ends every permit, delegation, emergency and unrelayed consent of the caller; denies stand.
    /// @dev Raises the epoch and the account's revision, which stays where it is at the greatest. Reverts with
    /// `EpochExhausted`.
    function revokeAll() external;

    /// @notice `revokeAll`, signed by the patient as `RevokeAll`.
    function revokeAllBySig(address patient, uint32 epoch, uint40 deadline, bytes calldata signature) external;

    /// @notice Sets the caller's flags and the lowest valid revision of its encryption cards.
    /// @dev The account's revision rises with every write to its word. It protects against a policy that was signed,
    /// and replaced before it was relayed: a signed policy names the revision that it follows, so an older one cannot
    /// bring break-glass back. Reverts, in this order, with `UnknownFlags`, `CardsFell`, `RevisionExhausted`.
    /// @param flags 1 forbids break-glass, 0 does not
    /// @param cards not below the current one
    function setPolicy(uint8 flags, uint24 cards) external;

    /// @notice `setPolicy`, signed by the account as `SetPolicy`.
    /// @dev Names no epoch: `revokeAll` raises the account's revision too.
    function setPolicyBySig(
        address account,
        uint8 flags,
        uint24 cards,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external;

    // ------------------------------------------------------------------------------------------------ Delegations

    /// @notice Passes on to `grantee` what the caller may do with the records of `patient`: one step, READ and WRITE.
    /// @dev The parent is the caller's own grant at `scope`, or else at 0: the first of the two that permits SHARE to it
    /// now, by rules 3 and 4 of `decide` without the purpose. The delegation holds only while the parent has the revision
    /// it has now, and nothing that the parent does not permit. Reverts, in this order, with `ZeroPatient`,
    /// `ZeroGrantee`, `SelfGrant` (to the patient), `DelegatorIsPatient`, `DelegatorIsAccessor`, what `grant` says of the
    /// terms, `NotDelegable`, `NotSharer`, `PatientWord` (over the patient's deny), `RevisionExhausted`.
    function delegate(address patient, address grantee, bytes32 scope, Terms calldata terms) external;

    /// @notice `delegate`, signed by the delegator as `Delegate`.
    /// @dev Names the parent that the delegator saw: its grant at 0 if `parentIsAll`, at `scope` otherwise, and its
    /// revision. `StaleParent` comes after `NotSharer`.
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
    ) external;

    /// @notice Ends a delegation of the caller's.
    /// @dev Reverts, in this order, with `ZeroPatient`, `ZeroGrantee`, `PatientWord` (over the patient's deny, which
    /// ended it already).
    function revokeDelegation(address patient, address grantee, bytes32 scope) external;

    /// @notice `revokeDelegation`, signed by the delegator as `RevokeDelegation`.
    function revokeDelegationBySig(
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Ends a delegation about the caller, the patient, and bars it until the patient lifts this.
    /// @dev Reverts with `ZeroDelegator`, `ZeroGrantee`.
    function denyDelegation(address delegator, address grantee, bytes32 scope) external;

    /// @notice `denyDelegation`, signed by the patient as `DenyDelegation`.
    function denyDelegationBySig(
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external;

    /// @notice Lifts the caller's deny of a delegation, which stays ended: the delegator may delegate anew.
    /// @dev Reverts, in this order, with `ZeroDelegator`, `ZeroGrantee`, `NotDenied`, `RevisionExhausted`.
    function liftDelegation(address delegator, address grantee, bytes32 scope) external;

    /// @notice `liftDelegation`, signed by the patient as `LiftDelegation`.
    function liftDelegationBySig(
        address patient,
        address delegator,
        address grantee,
        bytes32 scope,
        uint32 epoch,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external;

    // ------------------------------------------------------------------------------------------------ Emergencies

    /// @notice Opens the records of `patient` to the caller, a clinician with a current credential of role EMERGENCY, to
    /// READ for BTG, for 4 hours or until its credential ends.
    /// @dev Leaves the grants alone; a deny at scope 0 stands against it in `decide`. Reverts, in this order, with
    /// `ZeroPatient`, `SelfGrant`, `NotEmergencyClinician`, `BreakGlassForbidden`, `EmergencyStillOpen`,
    /// `EmergencyLocked`, `RevisionExhausted`.
    /// @param reason a code of the clinician's
    function breakGlass(address patient, uint16 reason) external;

    /// @notice Closes emergency access: by the clinician, what is open; by the patient, whatever stands there, and for 24
    /// hours from now.
    /// @dev Reverts, in this order, with `ZeroPatient`, `ZeroGrantee`, `NotEmergencyParty`, and for the clinician
    /// `EmergencyNotOpen` (where the word is not a permit).
    function closeEmergency(address patient, address clinician) external;

    /// @notice `closeEmergency`, signed by the patient as `CloseEmergency`.
    function closeEmergencyBySig(
        address patient,
        address clinician,
        uint24 revision,
        uint40 deadline,
        bytes calldata signature
    ) external;

    // ---------------------------------------------------------------------------------------------------- Notices

    /// @notice Asks `patient` for a grant to the caller. Emits `AccessRequested` and changes nothing.
    /// @dev Reverts, in this order, with `ZeroPatient`, `SelfGrant`, `EmptyWindow` (`notAfter` not after now),
    /// `NoOperations`, `UnknownOperations`, `NoPurposes`, `EmergencyPurpose`.
    function requestAccess(address patient, bytes32 scope, uint16 operations, uint32 purposes, uint40 notAfter) external;

    /// @notice Says that the caller used records of `patient`. Emits `AccessLogged` and changes nothing.
    /// @dev Reverts with `ZeroPatient`.
    /// @param purpose index of the purpose of use
    /// @param commitment of the record, or of the entry of an audit log that says more; or 0
    function logAccess(address patient, bytes32 scope, uint8 purpose, bytes32 commitment) external;

    // ------------------------------------------------------------------------------------- Registrar and issuers

    /// @notice Writes an account's credential.
    /// @dev The registrar gives any role, over any word. An issuer, while its own credential is current, gives any role
    /// but ISSUER, no longer than its own credential, and writes only words that are unwritten or its own. Reverts, in
    /// this order, with `ZeroAccount`, `NoRoles`, `EmptyWindow`, and for an issuer `NotIssuer`, `IssuerRole`,
    /// `BeyondIssuer`, `NotOwnCredential`.
    function accredit(address account, uint16 roles, uint40 notBefore, uint40 notAfter) external;

    /// @notice Withdraws an account's credential: its roles become 0 and its issuer the caller; the window stays.
    /// @dev By the registrar, after which the registrar alone accredits the account again; or by the issuer that wrote it
    /// while its own credential is current. Reverts, in this order, with `NotAccredited`, and for an issuer `NotIssuer`,
    /// `NotOwnCredential`.
    function discredit(address account) external;

    /// @notice Proposes a successor, in place of any proposed before; 0 proposes nobody.
    /// @dev Reverts with `NotRegistrar`.
    function transferRegistrar(address pending) external;

    /// @notice Makes the caller, the proposed successor, the registrar.
    /// @dev Reverts with `NotPendingRegistrar`.
    function acceptRegistrar() external;

    // ------------------------------------------------------------------------------------------------------ Views

    /// @notice The grant of `grantee` at `scope`; all fields 0 if never written.
    function grantOf(address patient, address grantee, bytes32 scope) external view returns (GrantWord memory);

    /// @notice The delegation by which `delegator` shares with `grantee` at `scope`; all fields 0 if never written.
    function delegationOf(address patient, address delegator, address grantee, bytes32 scope)
        external
        view
        returns (DelegationWord memory);

    /// @notice The emergency access of `clinician`; all fields 0 if never written.
    function emergencyOf(address patient, address clinician) external view returns (GrantWord memory);

    /// @notice The account's epoch, flags, revision and cards; all 0 if never written.
    function accountOf(address account) external view returns (AccountWord memory);

    /// @notice The credential of `account`; all fields 0 if never written.
    function credentialOf(address account) external view returns (CredentialWord memory);

    /// @notice The anchor of `root` by `author`; all fields 0 if never written.
    function anchorOf(address author, bytes32 root) external view returns (AnchorWord memory);

    /// @notice The retraction of `commitment` by `author`; all fields 0 if never written.
    function retractionOf(address author, bytes32 commitment) external view returns (RetractionWord memory);

    /// @notice The word in storage at `slot`, as verifiers read it from a proof: so that a later contract can read this
    /// one.
    function extsload(bytes32 slot) external view returns (bytes32 word);

    /// @notice The domain of this contract's signatures (ERC-5267).
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        );

    /// @notice Who accredits and appoints issuers.
    function registrar() external view returns (address);

    /// @notice The registrar's proposed successor; 0 if there is none.
    function pendingRegistrar() external view returns (address);

    /// @notice Answers a request from the words in storage.
    /// @dev A malformed request reverts, in this order, with `ZeroPatient`, `ZeroAccessor`, `TooManyScopes`,
    /// `ZeroScope`, `NotOneOperation`, `DelegatorIsPatient`, `DelegatorIsAccessor`.
    ///
    /// The scopes tried are `scopes`, with 0 appended unless it stands last. The accessor's direct words are its grant
    /// words under its own address and, if `salt` is not 0, under its blinded address, the last 20 bytes of
    /// `keccak256(keccak256("healthrecord/hr1/blind") ‖ patient ‖ accessor ‖ salt)`; at one scope the open one comes
    /// first. Trying order: scope by scope, at each scope open then blinded. The credential is the one of the accessor's
    /// own address; it is current when `notBefore <= at < notAfter`.
    ///
    /// A word is refused for the first of these that applies, and permits otherwise:
    /// never written (255 never-granted); deny (16 explicit); not a permit (17 revoked); of another epoch than the
    /// patient's (18 revoked-all); `at >= notAfter` (19 expired); `at < notBefore` (20 not-yet); without the operation
    /// asked (21 operation; a word under a blinded address matches READ and WRITE only); without the purpose asked
    /// (22 purpose; an index above 16 never matches); `requiredRoles` not 0 and either naming a role above bit 7 or not
    /// all held by a current credential (23 credential).
    ///
    /// 1. Accessor = patient: permit (1 self), scope 0, until 2^40 - 1, whatever else is asked.
    /// 2. Purpose BTG (index 2) is answered here, whoever is named as delegator, always with scope 0: a direct word at
    ///    scope 0 is a deny (16); the patient's flag forbids it (64 emergency-forbidden); the operation is not READ (65
    ///    emergency-operation); the emergency word was never written (71 emergency-unopened), is not a permit (66
    ///    emergency-closed), is of another epoch (67 emergency-revoked-all), `at >= notAfter` (68 emergency-expired),
    ///    `at < notBefore` (69 emergency-not-yet); the credential lacks EMERGENCY or is not current (70
    ///    emergency-credential); else permit (2 emergency) until the earlier end of word and credential.
    /// 3. The first direct word in trying order that is a deny: deny (16 explicit) with its scope.
    /// 4. The first direct word in trying order that permits: permit (3 grant) with its scope, until its end or, if it
    ///    requires roles, the credential's if that is earlier.
    /// 5. Consents that were never relayed (4 consent, 32 to 47) are not known here.
    /// 6. If a delegator is named and no direct word of the accessor is revoked (17):
    ///    a. the first scope at which the delegator's own grant word is a deny: 48 delegation-denied at that scope, and
    ///       no delegation is tried;
    ///    b. else, scope by scope, the delegation word of patient, delegator, accessor (its own address) is refused as
    ///       above with the codes 48 delegation-denied, 49 delegation-revoked, 50 delegation-revoked-all, 51
    ///       delegation-expired, 52 delegation-not-yet, 53 delegation-operation (it matches READ and WRITE only), 54
    ///       delegation-purpose, 55 delegation-credential, and 255 if never written; or else for its parent, the
    ///       delegator's grant word at 0 if `parentIsAll` is not 0, at the same scope otherwise: 56 delegation-parent,
    ///       if its revision is not `parentRevision` or it does not permit, by the list above, SHARE and the operation
    ///       asked, its required roles being held by the accessor. The first that is not refused: permit (5 delegation)
    ///       with its scope, until the earlier end of the delegation, its parent and, if either requires roles, the
    ///       credential.
    /// 7. Deny with the smallest code of all refusals, those of rule 4 before those of rule 6; its scope is that of the
    ///    first word refused with that code, and 0 for 255.
    function decide(Request calldata request) external view returns (Decision memory decision);
}
