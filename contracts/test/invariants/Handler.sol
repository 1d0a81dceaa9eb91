// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../../src/IHealthRecord.sol";
import {
    CLOSE_EMERGENCY,
    DELEGATE,
    DENY_DELEGATION,
    DENY_TYPE,
    GRANT,
    LIFT_DELEGATION,
    REVOKE,
    REVOKE_ALL,
    REVOKE_DELEGATION,
    SET_POLICY,
    Signed
} from "../Signed.sol";
import {Vm} from "../Vm.sol";

/// @notice Five people who do anything to one another, in their own transactions, as managers, and by signatures that
/// anybody relays and that are sometimes stale or of the wrong key. Every write is held against the rules.
contract Handler is Signed {
    enum Rule {
        Slot,
        Event,
        Revision,
        Epoch,
        Cards,
        Writer,
        Tombstone,
        Bounds,
        Emergency,
        Credential
    }

    enum Kind {
        Unknown,
        Grant,
        Delegation,
        Emergency,
        Account,
        Credential
    }

    /// @notice Whose word a slot holds.
    struct Place {
        Kind kind;
        address patient;
        address delegator;
        address grantee;
        bytes32 scope;
    }

    uint256 internal constant PEOPLE = 5;

    /// @notice How often a rule was broken.
    mapping(Rule => uint256) public broken;
    /// @notice How many calls of a function succeeded.
    mapping(bytes4 => uint256) public succeeded;

    mapping(bytes32 => Place) private _places;
    address[PEOPLE] private _people;
    // The call under test; the signer is 0 if nobody signed, or not with its own key.
    bytes4 private _selector;
    address private _sender;
    address private _signer;

    function setUp() public override {
        super.setUp();
        for (uint256 i; i < PEOPLE; ++i) {
            _people[i] = vm.addr(keyOf(i));
        }
        for (uint256 i; i < PEOPLE; ++i) {
            _places[accountSlot(who(i))] = Place(Kind.Account, who(i), address(0), address(0), 0);
            _places[credentialSlot(who(i))] = Place(Kind.Credential, who(i), address(0), address(0), 0);
            for (uint256 j; j < PEOPLE; ++j) {
                _places[emergencySlot(who(i), who(j))] = Place(Kind.Emergency, who(i), address(0), who(j), 0);
                for (uint256 s; s < 2; ++s) {
                    _places[grantSlot(who(i), who(j), scopeOf(s))] =
                        Place(Kind.Grant, who(i), address(0), who(j), scopeOf(s));
                    for (uint256 k; k < PEOPLE; ++k) {
                        _places[delegationSlot(who(i), who(j), who(k), scopeOf(s))] =
                            Place(Kind.Delegation, who(i), who(j), who(k), scopeOf(s));
                    }
                }
            }
        }
        accredit(who(3), 7);
        accredit(who(4), 6);
    }

    function health() external view returns (IHealthRecord) {
        return hr;
    }

    function keyOf(uint256 i) internal pure returns (uint256) {
        return 1000 + i % PEOPLE;
    }

    function who(uint256 i) public view returns (address) {
        return _people[i % PEOPLE];
    }

    function scopeOf(uint256 seed) public pure returns (bytes32) {
        return seed % 2 == 0 ? bytes32(0) : SCOPE;
    }

    /// @notice The `i`th number of a seed, below `count`.
    function pick(uint256 seed, uint256 i, uint256 count) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, i))) % count;
    }

    function termsOf(uint256 seed) internal view returns (IHealthRecord.Terms memory t) {
        t.notBefore = uint40(block.timestamp - pick(seed, 10, 3) * 50 + pick(seed, 11, 5) / 4 * 200);
        t.notAfter = uint40(t.notBefore + 100 + pick(seed, 12, 3) * 40_000);
        t.purposes = uint32(1 + pick(seed, 13, 2) * 8);
        t.operations = uint16(pick(seed, 14, 2) == 0 ? 15 : 1 + pick(seed, 15, 15));
        t.requiredRoles = pick(seed, 16, 4) == 0 ? 2 : 0;
    }

    /// @notice The revision to sign: most often the current one plus what wallets add.
    function revisionOf(bytes32 place, uint256 seed, uint256 ahead) internal view returns (uint256) {
        uint256 revision = field(load(place), 160, 24) + ahead;
        uint256 error = pick(seed, 20, 8);
        if (error == 0) return revision + 300;
        return error == 1 && revision > 0 ? revision - 1 : revision;
    }

    function epochOf(address patient, uint256 seed) internal view returns (uint256) {
        return field(load(accountSlot(patient)), 0, 32) + pick(seed, 21, 8) / 7;
    }

    // ----------------------------------------------------------------------------------------------------- Actions

    function direct(uint256 sender, bytes memory data) internal {
        act(who(sender), address(0), bytes4(data), data);
    }

    /// @notice Relays members that `signer` signed or, one time in eight, somebody else.
    function signed(uint256 signer, uint256 seed, bytes4 selector, string memory kind, bytes memory members) internal {
        bool honest = pick(seed, 22, 8) != 0;
        bytes memory signature = sign(honest ? keyOf(signer) : keyOf(signer % PEOPLE + 1), kind, members);
        act(who(seed), honest ? who(signer) : address(0), selector, signedCall(selector, members, signature));
    }

    function grant(uint256 patient, uint256 grantee, uint256 seed) external {
        direct(patient, abi.encodeCall(hr.grant, (who(grantee), scopeOf(seed), termsOf(seed), 0)));
    }

    function grantMany(uint256 patient, uint256 seed) external {
        IHealthRecord.Target[] memory targets = new IHealthRecord.Target[](1 + pick(seed, 1, 3));
        for (uint256 i; i < targets.length; ++i) {
            targets[i] = IHealthRecord.Target(who(patient % PEOPLE + 1 + i), scopeOf(pick(seed, 2 + i, 2)));
        }
        direct(patient, abi.encodeCall(hr.grantMany, (targets, termsOf(seed), 0)));
    }

    /// @notice Most often by somebody that manages, to somebody that a manager may grant to, within bounds: hardly any
    /// would be granted else.
    function grantFor(uint256 manager, uint256 patient, uint256 grantee, uint256 seed) external {
        IHealthRecord.Terms memory t = termsOf(seed);
        if (pick(seed, 3, 4) != 0) {
            manager = pick(seed, 4, PEOPLE);
            grantee = pick(seed, 5, PEOPLE);
            for (uint256 i; i < PEOPLE && !isManager(who(patient), who(manager), scopeOf(seed)); ++i) {
                ++manager;
            }
            for (uint256 i; i < PEOPLE && isPatients(grantSlot(who(patient), who(grantee), scopeOf(seed))); ++i) {
                ++grantee;
            }
            (t.operations, t.purposes, t.notBefore) = (uint16(1 + pick(seed, 6, 3)), 1, uint40(block.timestamp));
            t.notAfter = t.notBefore + 50;
        }
        direct(manager, abi.encodeCall(hr.grantFor, (who(patient), who(grantee), scopeOf(seed), t, 0)));
    }

    function isManager(address patient, address manager, bytes32 scope) private returns (bool) {
        _sender = manager;
        return managing(Place(Kind.Grant, patient, address(0), address(0), scope), 0) != 0;
    }

    function isPatients(bytes32 place) private view returns (bool) {
        uint256 word = load(place);
        return field(word, 184, 8) != NONE && field(word, 248, 8) == 0;
    }

    function grantBySig(uint256 patient, uint256 grantee, uint256 seed) external {
        uint256 revision = revisionOf(grantSlot(who(patient), who(grantee), scopeOf(seed)), seed, 0);
        bytes memory members = abi.encode(
            who(patient),
            who(grantee),
            scopeOf(seed),
            termsOf(seed),
            DOCUMENT,
            epochOf(who(patient), seed),
            revision,
            block.timestamp
        );
        signed(patient, seed, hr.grantBySig.selector, GRANT, members);
    }

    function deny(uint256 patient, uint256 grantee, uint256 seed) external {
        direct(patient, abi.encodeCall(hr.deny, (who(grantee), scopeOf(seed), 0)));
    }

    function denyFor(uint256 manager, uint256 patient, uint256 grantee, uint256 seed) external {
        direct(manager, abi.encodeCall(hr.denyFor, (who(patient), who(grantee), scopeOf(seed), 0)));
    }

    function denyBySig(uint256 patient, uint256 grantee, uint256 seed) external {
        uint256 revision = revisionOf(grantSlot(who(patient), who(grantee), scopeOf(seed)), seed, 16);
        bytes memory members =
            abi.encode(who(patient), who(grantee), scopeOf(seed), DOCUMENT, revision, block.timestamp);
        signed(patient, seed, hr.denyBySig.selector, DENY_TYPE, members);
    }

    function revoke(uint256 patient, uint256 grantee, uint256 seed) external {
        direct(patient, abi.encodeCall(hr.revoke, (who(grantee), scopeOf(seed))));
    }

    function revokeFor(uint256 manager, uint256 patient, uint256 grantee, uint256 seed) external {
        direct(manager, abi.encodeCall(hr.revokeFor, (who(patient), who(grantee), scopeOf(seed))));
    }

    function revokeBySig(uint256 patient, uint256 grantee, uint256 seed) external {
        uint256 revision = revisionOf(grantSlot(who(patient), who(grantee), scopeOf(seed)), seed, 16);
        bytes memory members = abi.encode(who(patient), who(grantee), scopeOf(seed), revision, block.timestamp);
        signed(patient, seed, hr.revokeBySig.selector, REVOKE, members);
    }

    function revokeAll(uint256 patient, uint256 seed) external {
        // Now and then: else nothing would live long enough to be shared or managed.
        if (pick(seed, 1, 4) == 0) {
            direct(patient, abi.encodeCall(hr.revokeAll, ()));
        } else if (pick(seed, 1, 4) == 1) {
            bytes memory members = abi.encode(who(patient), epochOf(who(patient), seed), block.timestamp);
            signed(patient, seed, hr.revokeAllBySig.selector, REVOKE_ALL, members);
        }
    }

    function setPolicy(uint256 account, uint256 seed) external {
        uint256 word = load(accountSlot(who(account)));
        uint256 cards = field(word, 64, 24) + pick(seed, 1, 3);
        if (pick(seed, 2, 4) == 0 && cards > 0) cards -= 1;
        uint8 flags = uint8(pick(seed, 3, 4) / 3);
        if (pick(seed, 4, 2) == 0) {
            direct(account, abi.encodeCall(hr.setPolicy, (flags, uint24(cards))));
        } else {
            uint256 revision = field(word, 40, 24) + pick(seed, 5, 4) / 3;
            bytes memory members = abi.encode(who(account), flags, cards, revision, block.timestamp);
            signed(account, seed, hr.setPolicyBySig.selector, SET_POLICY, members);
        }
    }

    function delegate(uint256 delegator, uint256 patient, uint256 grantee, uint256 seed) external {
        IHealthRecord.Terms memory t = termsOf(seed);
        t.operations = uint16(1 + pick(seed, 1, 3));
        if (pick(seed, 2, 2) == 0) {
            direct(delegator, abi.encodeCall(hr.delegate, (who(patient), who(grantee), scopeOf(seed), t)));
        } else {
            bytes memory members = bytes.concat(
                abi.encode(who(patient), who(delegator), who(grantee), scopeOf(seed), t),
                seen(who(patient), who(delegator), who(grantee), seed),
                abi.encode(block.timestamp)
            );
            signed(delegator, seed, hr.delegateBySig.selector, DELEGATE, members);
        }
    }

    /// @notice What a delegator saw when it signed: its parent, the epoch, the revision.
    function seen(address p, address d, address g, uint256 seed) private view returns (bytes memory) {
        bool isAll = pick(seed, 3, 2) == 0;
        uint256 parent = field(load(grantSlot(p, d, isAll ? bytes32(0) : scopeOf(seed))), 160, 24);
        uint256 revision = revisionOf(delegationSlot(p, d, g, scopeOf(seed)), seed, 0);
        return abi.encode(parent, isAll, epochOf(p, seed), revision);
    }

    function revokeDelegation(uint256 delegator, uint256 patient, uint256 grantee, uint256 seed) external {
        (address p, address d, address g) = (who(patient), who(delegator), who(grantee));
        if (pick(seed, 2, 2) == 0) {
            direct(delegator, abi.encodeCall(hr.revokeDelegation, (p, g, scopeOf(seed))));
        } else {
            uint256 revision = revisionOf(delegationSlot(p, d, g, scopeOf(seed)), seed, 16);
            bytes memory members = abi.encode(p, d, g, scopeOf(seed), revision, block.timestamp);
            signed(delegator, seed, hr.revokeDelegationBySig.selector, REVOKE_DELEGATION, members);
        }
    }

    function denyDelegation(uint256 patient, uint256 delegator, uint256 grantee, uint256 seed) external {
        (address p, address d, address g) = (who(patient), who(delegator), who(grantee));
        if (pick(seed, 2, 2) == 0) {
            direct(patient, abi.encodeCall(hr.denyDelegation, (d, g, scopeOf(seed))));
        } else {
            uint256 revision = revisionOf(delegationSlot(p, d, g, scopeOf(seed)), seed, 16);
            bytes memory members = abi.encode(p, d, g, scopeOf(seed), revision, block.timestamp);
            signed(patient, seed, hr.denyDelegationBySig.selector, DENY_DELEGATION, members);
        }
    }

    function liftDelegation(uint256 patient, uint256 delegator, uint256 grantee, uint256 seed) external {
        (address p, address d, address g) = (who(patient), who(delegator), who(grantee));
        if (pick(seed, 2, 2) == 0) {
            direct(patient, abi.encodeCall(hr.liftDelegation, (d, g, scopeOf(seed))));
        } else {
            uint256 revision = revisionOf(delegationSlot(p, d, g, scopeOf(seed)), seed, 0);
            bytes memory members = abi.encode(p, d, g, scopeOf(seed), epochOf(p, seed), revision, block.timestamp);
            signed(patient, seed, hr.liftDelegationBySig.selector, LIFT_DELEGATION, members);
        }
    }

    function breakGlass(uint256 clinician, uint256 patient, uint16 reason) external {
        direct(clinician, abi.encodeCall(hr.breakGlass, (who(patient), reason)));
    }

    function closeEmergency(uint256 caller, uint256 patient, uint256 clinician, uint256 seed) external {
        (address p, address c) = (who(patient), who(clinician));
        if (pick(seed, 2, 3) != 0) {
            direct(caller, abi.encodeWithSelector(hr.closeEmergency.selector, p, c));
        } else {
            uint256 revision = revisionOf(emergencySlot(p, c), seed, 16);
            bytes memory members = abi.encode(p, c, revision, block.timestamp);
            signed(patient, seed, hr.closeEmergencyBySig.selector, CLOSE_EMERGENCY, members);
        }
    }

    function accreditSomebody(uint256 issuer, uint256 account, uint256 seed) external {
        address sender = pick(seed, 1, 2) == 0 ? REGISTRAR : who(issuer);
        uint40 notAfter = uint40(block.timestamp + 1 + pick(seed, 2, 50_000));
        uint16 roles = uint16(pick(seed, 3, 8));
        bytes memory data = abi.encodeCall(hr.accredit, (who(account), roles, NOW - DAY, notAfter));
        act(sender, address(0), hr.accredit.selector, data);
    }

    function discreditSomebody(uint256 issuer, uint256 account, uint256 seed) external {
        address sender = pick(seed, 1, 8) == 0 ? REGISTRAR : who(issuer);
        act(sender, address(0), hr.discredit.selector, abi.encodeCall(hr.discredit, (who(account))));
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + time % 20_000);
    }

    // ------------------------------------------------------------------------------------------------------- Rules

    /// @notice Makes the call and holds each of its writes against the rules.
    function act(address sender, address signer, bytes4 selector, bytes memory data) private {
        (_sender, _signer, _selector) = (sender, signer, selector);
        vm.startStateDiffRecording();
        vm.recordLogs();
        vm.prank(sender);
        (bool success,) = address(hr).call(data);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        if (!success) {
            if (logs.length != 0) ++broken[Rule.Event];
            return;
        }
        ++succeeded[selector];
        uint256 writes;
        for (uint256 i; i < accesses.length; ++i) {
            for (uint256 j; j < accesses[i].storageAccesses.length; ++j) {
                Vm.StorageAccess memory access = accesses[i].storageAccesses[j];
                if (access.account != address(hr) || !access.isWrite) continue;
                ++writes;
                check(access, logs);
            }
        }
        if (writes != logs.length) ++broken[Rule.Event];
    }

    function check(Vm.StorageAccess memory access, Vm.Log[] memory logs) private {
        (uint256 old, uint256 word) = (uint256(access.previousValue), uint256(access.newValue));
        Place memory place = _places[access.slot];
        if (place.kind == Kind.Unknown) ++broken[Rule.Slot];
        if (!told(word, logs)) ++broken[Rule.Event];
        if (place.kind == Kind.Account) checkAccount(place, old, word);
        else if (place.kind == Kind.Credential) checkCredential(place, old, word);
        else if (field(word, 160, 24) <= field(old, 160, 24)) ++broken[Rule.Revision];
        if (place.kind == Kind.Grant) checkGrant(place, old, word);
        if (place.kind == Kind.Delegation) checkDelegation(place, old, word);
        if (place.kind == Kind.Emergency) checkEmergency(place, old, word, logs);
    }

    /// @notice Whether an event has the word among its data.
    function told(uint256 word, Vm.Log[] memory logs) private pure returns (bool) {
        for (uint256 i; i < logs.length; ++i) {
            bytes memory data = logs[i].data;
            for (uint256 at; at < data.length; at += 32) {
                uint256 found;
                assembly ("memory-safe") {
                    found := mload(add(add(data, 32), at))
                }
                if (found == word) return true;
            }
        }
        return false;
    }

    function checkAccount(Place memory place, uint256 old, uint256 word) private {
        if (_sender != place.patient && _signer != place.patient) ++broken[Rule.Writer];
        if (field(word, 40, 24) <= field(old, 40, 24)) ++broken[Rule.Revision];
        if (field(word, 0, 32) < field(old, 0, 32)) ++broken[Rule.Epoch];
        if (field(word, 64, 24) < field(old, 64, 24)) ++broken[Rule.Cards];
    }

    function checkCredential(Place memory place, uint256 old, uint256 word) private {
        if (address(uint160(word >> 96)) != _sender) ++broken[Rule.Credential];
        if (_sender == REGISTRAR) return;
        uint256 own = load(credentialSlot(_sender));
        // An issuer cannot have rewritten its own word, so that it is read as it was before.
        if (_sender == place.patient || field(own, 80, 1) == 0 || !inWindow(own)) ++broken[Rule.Credential];
        if (field(word, 80, 1) != 0 || field(word, 40, 40) > field(own, 40, 40)) ++broken[Rule.Credential];
        if (old != 0 && address(uint160(old >> 96)) != _sender) ++broken[Rule.Credential];
    }

    function checkGrant(Place memory place, uint256 old, uint256 word) private {
        if (_sender == place.patient || _signer == place.patient) {
            if (field(word, 248, 8) != 0) ++broken[Rule.Writer];
            return;
        }
        bool isFor =
            _selector == hr.grantFor.selector || _selector == hr.denyFor.selector || _selector == hr.revokeFor.selector;
        uint256 own = managing(place, old);
        if (!isFor || own == 0) ++broken[Rule.Writer];
        (uint256 was, uint256 state) = (field(old, 184, 8), field(word, 184, 8));
        bool patients = was != NONE && field(old, 248, 8) == 0;
        // A tombstone of the patient becomes nothing but the patient's deny, and a deny stands.
        if (patients && was == DENY) ++broken[Rule.Tombstone];
        if (patients && was == REVOKED && (state != DENY || field(word, 248, 8) != 0)) ++broken[Rule.Tombstone];
        if (!(patients && was == REVOKED) && field(word, 248, 8) != 1) ++broken[Rule.Writer];
        if (field(old, 112, 16) & 8 != 0 && place.grantee != _sender) ++broken[Rule.Bounds];
        if (state == PERMIT) {
            if (patients || place.grantee == _sender) ++broken[Rule.Tombstone];
            if (field(word, 112, 16) & ~(field(own, 112, 16) & 3) != 0) ++broken[Rule.Bounds];
            if (field(word, 80, 32) & ~field(own, 80, 32) != 0) ++broken[Rule.Bounds];
            if (field(word, 40, 40) > field(own, 40, 40)) ++broken[Rule.Bounds];
        }
    }

    /// @notice The word by which the sender managed the place before it was written, or 0.
    function managing(Place memory place, uint256 old) private view returns (uint256) {
        bytes32 here = grantSlot(place.patient, _sender, place.scope);
        uint256 own = place.grantee == _sender ? old : load(here);
        uint256 all = place.scope == 0 ? own : load(grantSlot(place.patient, _sender, 0));
        if (field(own, 184, 8) == DENY || field(all, 184, 8) == DENY) return 0;
        if (manages(place.patient, own)) return own;
        return manages(place.patient, all) ? all : 0;
    }

    function manages(address patient, uint256 word) private view returns (bool) {
        uint256 credential = load(credentialSlot(_sender));
        uint256 roles = inWindow(credential) ? field(credential, 80, 8) : 0;
        return field(word, 184, 8) == PERMIT && field(word, 112, 16) & 8 != 0 && inWindow(word)
            && field(word, 128, 32) == field(load(accountSlot(patient)), 0, 32) && field(word, 192, 16) & ~roles == 0;
    }

    function checkDelegation(Place memory place, uint256 old, uint256 word) private {
        bool byDelegator = _sender == place.delegator || _signer == place.delegator;
        bool byPatient = _sender == place.patient || _signer == place.patient;
        (uint256 was, uint256 state) = (field(old, 184, 8), field(word, 184, 8));
        if (!byDelegator && !byPatient) ++broken[Rule.Writer];
        if ((was == DENY || state == DENY) && !byPatient) ++broken[Rule.Tombstone];
        if (state == PERMIT && (!byDelegator || field(word, 112, 16) & ~uint256(3) != 0)) ++broken[Rule.Bounds];
        if (was == DENY && state == PERMIT) ++broken[Rule.Tombstone];
    }

    function checkEmergency(Place memory place, uint256 old, uint256 word, Vm.Log[] memory logs) private {
        uint256 state = field(word, 184, 8);
        if (state == PERMIT) {
            uint256 flags = field(load(accountSlot(place.patient)), 32, 8);
            bool opened = logs[0].topics[0] == IHealthRecord.EmergencyOpened.selector
                && logs[0].topics[2] == topic(place.grantee);
            if (!opened || _sender != place.grantee || flags != 0) ++broken[Rule.Emergency];
            if (field(word, 40, 40) > block.timestamp + 4 * 3600) ++broken[Rule.Emergency];
            bool locked = field(old, 184, 8) == DENY && block.timestamp < field(old, 208, 40) + DAY;
            if (locked) ++broken[Rule.Emergency];
        } else {
            bool byPatient = _sender == place.patient || _signer == place.patient;
            if (state == DENY && !byPatient) ++broken[Rule.Writer];
            if (state == REVOKED && (_sender != place.grantee || field(old, 184, 8) != PERMIT)) {
                ++broken[Rule.Writer];
            }
        }
    }

    function inWindow(uint256 word) private view returns (bool) {
        return field(word, 0, 40) <= block.timestamp && block.timestamp < field(word, 40, 40);
    }

    function field(uint256 word, uint256 at, uint256 bits) public pure returns (uint256) {
        return word / 2 ** at % 2 ** bits;
    }

    function wordAt(bytes32 place) external view returns (uint256) {
        return load(place);
    }
}
