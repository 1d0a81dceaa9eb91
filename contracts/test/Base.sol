// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {HealthRecord} from "../src/HealthRecord.sol";
import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Vm} from "./Vm.sol";

/// @notice A deployed contract, its people, and the words and slots of the design, written a second time by other means:
/// words by multiplication and addition, keys by `abi.encode`, the base from the text of ERC-7201.
abstract contract Base {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    uint40 internal constant NOW = 1_800_000_000;
    uint40 internal constant DAY = 86_400;
    bytes32 internal constant SCOPE = keccak256("a record");
    bytes32 internal constant GROUP = keccak256("a group");
    bytes32 internal constant DOCUMENT = keccak256("a consent form");

    address internal immutable REGISTRAR = person("registrar");
    address internal immutable ISSUER = person("issuer");
    address internal immutable PATIENT = person("patient");
    address internal immutable DOCTOR = person("doctor");
    address internal immutable COLLEAGUE = person("colleague");
    address internal immutable AUTHOR = person("author");
    address internal immutable STRANGER = person("stranger");

    uint256 internal constant NONE = 0;
    uint256 internal constant PERMIT = 1;
    uint256 internal constant REVOKED = 2;
    uint256 internal constant DENY = 3;

    /// @notice A grant or emergency word.
    struct Word {
        uint256 notBefore;
        uint256 notAfter;
        uint256 purposes;
        uint256 operations;
        uint256 epoch;
        uint256 revision;
        uint256 state;
        uint256 requiredRoles;
        uint256 writtenAt;
        uint256 by;
    }

    HealthRecord internal hr;

    function setUp() public virtual {
        vm.warp(NOW);
        hr = new HealthRecord(REGISTRAR);
    }

    // ----------------------------------------------------------------------------------------------------- People

    function person(string memory name) internal pure returns (address) {
        return address(uint160(uint256(keccak256(bytes(name)))));
    }

    /// @notice The registrar gives `account` roles that are current.
    function accredit(address account, uint16 roles) internal {
        vm.prank(REGISTRAR);
        hr.accredit(account, roles, NOW - DAY, NOW + DAY);
    }

    // ------------------------------------------------------------------------------------------------------ Words

    function terms() internal pure returns (IHealthRecord.Terms memory) {
        return
            IHealthRecord.Terms({
                notBefore: NOW - 10, notAfter: NOW + 1000, purposes: 1, operations: 1, requiredRoles: 0
            });
    }

    /// @notice The word of `terms()` as first written.
    function permitWord() internal pure returns (Word memory) {
        return Word({
            notBefore: NOW - 10,
            notAfter: NOW + 1000,
            purposes: 1,
            operations: 1,
            epoch: 0,
            revision: 1,
            state: PERMIT,
            requiredRoles: 0,
            writtenAt: NOW,
            by: 0
        });
    }

    function endedWord(uint256 state, uint256 revision) internal pure returns (Word memory w) {
        w.revision = revision;
        w.state = state;
        w.writtenAt = NOW;
    }

    function pack(Word memory w) internal pure returns (uint256) {
        return head(w) + w.writtenAt * 2 ** 208 + w.by * 2 ** 248;
    }

    function packDelegation(Word memory w, uint256 parentRevision, uint256 parentIsAll)
        internal
        pure
        returns (uint256)
    {
        return head(w) + parentRevision * 2 ** 208 + parentIsAll * 2 ** 232;
    }

    function head(Word memory w) private pure returns (uint256) {
        return w.notBefore + w.notAfter * 2 ** 40 + w.purposes * 2 ** 80 + w.operations * 2 ** 112 + w.epoch * 2 ** 128
            + w.revision * 2 ** 160 + w.state * 2 ** 184 + w.requiredRoles * 2 ** 192;
    }

    function packAccount(uint256 epoch, uint256 flags, uint256 revision, uint256 cards)
        internal
        pure
        returns (uint256)
    {
        return epoch + flags * 2 ** 32 + revision * 2 ** 40 + cards * 2 ** 64;
    }

    function packCredential(uint256 notBefore, uint256 notAfter, uint256 roles, address issuer)
        internal
        pure
        returns (uint256)
    {
        return notBefore + notAfter * 2 ** 40 + roles * 2 ** 80 + uint256(uint160(issuer)) * 2 ** 96;
    }

    // ------------------------------------------------------------------------------------------------------ Slots

    function base() internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(uint256(keccak256("healthrecord.v1")) - 1))) / 256 * 256;
    }

    function slot(uint256 index, bytes32 key) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(key, base() + index));
    }

    function grantSlot(address patient, address grantee, bytes32 scope) internal pure returns (bytes32) {
        return slot(0, keccak256(abi.encode(patient, grantee, scope)));
    }

    function delegationSlot(address patient, address delegator, address grantee, bytes32 scope)
        internal
        pure
        returns (bytes32)
    {
        return slot(1, keccak256(abi.encode(patient, delegator, grantee, scope)));
    }

    function emergencySlot(address patient, address clinician) internal pure returns (bytes32) {
        return slot(2, keccak256(abi.encode(patient, clinician)));
    }

    function accountSlot(address account) internal pure returns (bytes32) {
        return slot(3, bytes32(uint256(uint160(account))));
    }

    function credentialSlot(address account) internal pure returns (bytes32) {
        return slot(4, bytes32(uint256(uint160(account))));
    }

    function anchorSlot(address author, bytes32 root) internal pure returns (bytes32) {
        return slot(5, keccak256(abi.encode(author, root)));
    }

    function retractionSlot(address author, bytes32 commitment) internal pure returns (bytes32) {
        return slot(6, keccak256(abi.encode(author, commitment)));
    }

    function grantWord(address patient, address grantee, bytes32 scope) internal view returns (uint256) {
        return load(grantSlot(patient, grantee, scope));
    }

    function delegationWord(address patient, address delegator, address grantee, bytes32 scope)
        internal
        view
        returns (uint256)
    {
        return load(delegationSlot(patient, delegator, grantee, scope));
    }

    function emergencyWord(address patient, address clinician) internal view returns (uint256) {
        return load(emergencySlot(patient, clinician));
    }

    function accountWord(address account) internal view returns (uint256) {
        return load(accountSlot(account));
    }

    function credentialWord(address account) internal view returns (uint256) {
        return load(credentialSlot(account));
    }

    function anchorWord(address author, bytes32 root) internal view returns (uint256) {
        return load(anchorSlot(author, root));
    }

    function retractionWord(address author, bytes32 commitment) internal view returns (uint256) {
        return load(retractionSlot(author, commitment));
    }

    function load(bytes32 at) internal view returns (uint256) {
        return uint256(vm.load(address(hr), at));
    }

    function store(bytes32 at, uint256 word) internal {
        vm.store(address(hr), at, bytes32(word));
    }

    // ------------------------------------------------------------------------------------------------------- Logs

    /// @notice Asserts that exactly one event was emitted since `vm.recordLogs`, with these topics and this data.
    function assertLog(string memory signature, bytes32 a, bytes32 b, bytes memory data) internal {
        Vm.Log memory log = onlyLog(signature, 3, data);
        vm.assertEq(log.topics[1], a, "topic 1");
        vm.assertEq(log.topics[2], b, "topic 2");
    }

    function assertLog(string memory signature, bytes32 a, bytes memory data) internal {
        Vm.Log memory log = onlyLog(signature, 2, data);
        vm.assertEq(log.topics[1], a, "topic 1");
    }

    function assertLog(string memory signature, bytes32 a, bytes32 b, bytes32 c, bytes memory data) internal {
        Vm.Log memory log = onlyLog(signature, 4, data);
        vm.assertEq(log.topics[1], a, "topic 1");
        vm.assertEq(log.topics[2], b, "topic 2");
        vm.assertEq(log.topics[3], c, "topic 3");
    }

    function onlyLog(string memory signature, uint256 topics, bytes memory data) private returns (Vm.Log memory) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1, "number of events");
        vm.assertEq(logs[0].emitter, address(hr), "emitter");
        vm.assertEq(logs[0].topics.length, topics, "number of topics");
        vm.assertEq(logs[0].topics[0], keccak256(bytes(signature)), "event");
        vm.assertEq(logs[0].data, data, "data");
        return logs[0];
    }

    function topic(address a) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(a)));
    }
}
