// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {
    ANCHOR,
    CLOSE_EMERGENCY,
    DELEGATE,
    DENY_DELEGATION,
    DENY_TYPE,
    GRANT,
    LIFT_DELEGATION,
    RETRACT,
    REVOKE,
    REVOKE_ALL,
    REVOKE_DELEGATION,
    SET_POLICY,
    Signed
} from "./Signed.sol";
import {Vm} from "./Vm.sol";

/// @notice One story through every function that writes; then every slot that was written is one that the design names,
/// its word is what the views say, and no bit stands outside the named fields.
contract StoryTest is Signed {
    struct Named {
        bytes32 place;
        uint256 word;
    }

    address internal immutable MANAGER = person("manager");
    address internal immutable DELEGATOR = vm.addr(OTHER_KEY);
    bytes32 internal constant ROOT = keccak256("a root");
    uint256 internal constant UNTIL = NOW + DAY;

    Named[] private _named;

    function direct(address sender, bytes memory data) private {
        send(sender, data);
    }

    function signed(uint256 key, bytes4 selector, string memory kind, bytes memory members) private {
        relay(selector, members, sign(key, kind, members));
    }

    function tell() private {
        direct(REGISTRAR, abi.encodeCall(hr.accredit, (ISSUER, 1, NOW - DAY, NOW + DAY)));
        direct(ISSUER, abi.encodeCall(hr.accredit, (DOCTOR, 0xfffe, NOW - DAY, NOW + DAY)));
        direct(ISSUER, abi.encodeCall(hr.accredit, (STRANGER, 2, NOW - DAY, NOW + DAY)));
        direct(REGISTRAR, abi.encodeCall(hr.discredit, (STRANGER)));
        direct(REGISTRAR, abi.encodeCall(hr.transferRegistrar, (AUTHOR)));
        direct(AUTHOR, abi.encodeCall(hr.acceptRegistrar, ()));
        direct(AUTHOR, abi.encodeCall(hr.transferRegistrar, (REGISTRAR)));

        direct(AUTHOR, abi.encodeCall(hr.anchor, (ROOT, 2 ** 32 - 1, 2 ** 16 - 1)));
        signed(KEY, hr.anchorBySig.selector, ANCHOR, abi.encode(HOLDER, ROOT, 1, 1, UNTIL));
        direct(AUTHOR, abi.encodeCall(hr.retract, (ROOT, 2 ** 16 - 1)));
        signed(KEY, hr.retractBySig.selector, RETRACT, abi.encode(HOLDER, ROOT, 1, UNTIL));

        direct(HOLDER, abi.encodeCall(hr.setPolicy, (1, 2)));
        signed(KEY, hr.setPolicyBySig.selector, SET_POLICY, abi.encode(HOLDER, 0, 3, 1, UNTIL));
        direct(HOLDER, abi.encodeCall(hr.revokeAll, ()));
        signed(KEY, hr.revokeAllBySig.selector, REVOKE_ALL, abi.encode(HOLDER, 1, UNTIL));

        IHealthRecord.Terms memory all = IHealthRecord.Terms(NOW - 1, 2 ** 40 - 1, 2 ** 32 - 5, 15, 0);
        direct(HOLDER, abi.encodeCall(hr.grant, (MANAGER, SCOPE, all, DOCUMENT)));
        direct(HOLDER, abi.encodeCall(hr.grant, (DELEGATOR, 0, all, 0)));
        all.requiredRoles = 2 ** 16 - 1;
        direct(HOLDER, abi.encodeCall(hr.grant, (DOCTOR, GROUP, all, DOCUMENT)));
        IHealthRecord.Target[] memory targets = new IHealthRecord.Target[](2);
        targets[0] = IHealthRecord.Target(COLLEAGUE, GROUP);
        targets[1] = IHealthRecord.Target(COLLEAGUE, 0);
        direct(HOLDER, abi.encodeCall(hr.grantMany, (targets, all, DOCUMENT)));
        signed(KEY, hr.grantBySig.selector, GRANT, abi.encode(HOLDER, STRANGER, GROUP, all, DOCUMENT, 2, 0, UNTIL));
        direct(MANAGER, abi.encodeCall(hr.grantFor, (HOLDER, DOCTOR, SCOPE, terms(), DOCUMENT)));
        direct(MANAGER, abi.encodeCall(hr.denyFor, (HOLDER, COLLEAGUE, SCOPE, DOCUMENT)));
        direct(MANAGER, abi.encodeCall(hr.revokeFor, (HOLDER, STRANGER, SCOPE)));
        direct(HOLDER, abi.encodeCall(hr.deny, (ISSUER, SCOPE, DOCUMENT)));
        direct(HOLDER, abi.encodeCall(hr.revoke, (ISSUER, GROUP)));
        signed(KEY, hr.denyBySig.selector, DENY_TYPE, abi.encode(HOLDER, ISSUER, 0, DOCUMENT, 16, UNTIL));
        signed(KEY, hr.revokeBySig.selector, REVOKE, abi.encode(HOLDER, AUTHOR, 0, 16, UNTIL));

        all.operations = 3;
        direct(DELEGATOR, abi.encodeCall(hr.delegate, (HOLDER, DOCTOR, SCOPE, all)));
        bytes memory members = abi.encode(HOLDER, DELEGATOR, COLLEAGUE, SCOPE, terms(), 1, true, 2, 0, UNTIL);
        signed(OTHER_KEY, hr.delegateBySig.selector, DELEGATE, members);
        direct(DELEGATOR, abi.encodeCall(hr.revokeDelegation, (HOLDER, STRANGER, SCOPE)));
        members = abi.encode(HOLDER, DELEGATOR, ISSUER, SCOPE, 16, UNTIL);
        signed(OTHER_KEY, hr.revokeDelegationBySig.selector, REVOKE_DELEGATION, members);
        direct(HOLDER, abi.encodeCall(hr.denyDelegation, (DELEGATOR, AUTHOR, SCOPE)));
        members = abi.encode(HOLDER, DELEGATOR, AUTHOR, GROUP, 16, UNTIL);
        signed(KEY, hr.denyDelegationBySig.selector, DENY_DELEGATION, members);
        direct(HOLDER, abi.encodeCall(hr.denyDelegation, (DELEGATOR, DOCTOR, GROUP)));
        direct(HOLDER, abi.encodeCall(hr.liftDelegation, (DELEGATOR, DOCTOR, GROUP)));
        members = abi.encode(HOLDER, DELEGATOR, AUTHOR, GROUP, 2, 17, UNTIL);
        signed(KEY, hr.liftDelegationBySig.selector, LIFT_DELEGATION, members);

        direct(DOCTOR, abi.encodeCall(hr.breakGlass, (HOLDER, 9)));
        direct(DOCTOR, abi.encodeCall(hr.breakGlass, (PATIENT, 9)));
        direct(DOCTOR, abi.encodeWithSelector(hr.closeEmergency.selector, PATIENT, DOCTOR));
        direct(HOLDER, abi.encodeWithSelector(hr.closeEmergency.selector, HOLDER, COLLEAGUE));
        signed(KEY, hr.closeEmergencyBySig.selector, CLOSE_EMERGENCY, abi.encode(HOLDER, STRANGER, 16, UNTIL));

        direct(DOCTOR, abi.encodeCall(hr.requestAccess, (HOLDER, SCOPE, 1, 1, NOW + 1)));
        direct(DOCTOR, abi.encodeCall(hr.logAccess, (HOLDER, SCOPE, 0, DOCUMENT)));
    }

    // ------------------------------------------------------------------------------------------ What the views say

    /// @notice Every word of these people, as the views give it, packed as the design does.
    function nameWords() private {
        address[10] memory people =
            [REGISTRAR, ISSUER, PATIENT, DOCTOR, COLLEAGUE, AUTHOR, STRANGER, MANAGER, DELEGATOR, HOLDER];
        bytes32[3] memory scopes = [bytes32(0), SCOPE, GROUP];
        for (uint256 i; i < people.length; ++i) {
            address who = people[i];
            IHealthRecord.AccountWord memory a = hr.accountOf(who);
            add(accountSlot(who), packAccount(a.epoch, a.flags, a.revision, a.cards));
            IHealthRecord.CredentialWord memory c = hr.credentialOf(who);
            add(credentialSlot(who), packCredential(c.notBefore, c.notAfter, c.roles, c.issuer));
            IHealthRecord.AnchorWord memory n = hr.anchorOf(who, ROOT);
            add(anchorSlot(who, ROOT), n.anchoredAt + uint256(n.count) * 2 ** 40 + uint256(n.kind) * 2 ** 72);
            IHealthRecord.RetractionWord memory r = hr.retractionOf(who, ROOT);
            add(retractionSlot(who, ROOT), r.retractedAt + uint256(r.reason) * 2 ** 40);
            add(emergencySlot(HOLDER, who), packGrant(hr.emergencyOf(HOLDER, who)));
            add(emergencySlot(PATIENT, who), packGrant(hr.emergencyOf(PATIENT, who)));
            for (uint256 j; j < scopes.length; ++j) {
                add(grantSlot(HOLDER, who, scopes[j]), packGrant(hr.grantOf(HOLDER, who, scopes[j])));
                add(
                    delegationSlot(HOLDER, DELEGATOR, who, scopes[j]),
                    packDelegation(hr.delegationOf(HOLDER, DELEGATOR, who, scopes[j]))
                );
            }
        }
        add(bytes32(base() + 7), uint160(hr.registrar()));
        add(bytes32(base() + 8), uint160(hr.pendingRegistrar()));
    }

    function add(bytes32 place, uint256 word) private {
        if (word != 0) _named.push(Named(place, word));
    }

    function packGrant(IHealthRecord.GrantWord memory g) private pure returns (uint256) {
        Word memory w;
        (w.notBefore, w.notAfter, w.purposes, w.operations) = (g.notBefore, g.notAfter, g.purposes, g.operations);
        (w.epoch, w.revision, w.state, w.requiredRoles) = (g.epoch, g.revision, g.state, g.requiredRoles);
        (w.writtenAt, w.by) = (g.writtenAt, g.by);
        return pack(w);
    }

    function packDelegation(IHealthRecord.DelegationWord memory g) private pure returns (uint256) {
        Word memory w;
        (w.notBefore, w.notAfter, w.purposes, w.operations) = (g.notBefore, g.notAfter, g.purposes, g.operations);
        (w.epoch, w.revision, w.state, w.requiredRoles) = (g.epoch, g.revision, g.state, g.requiredRoles);
        return packDelegation(w, g.parentRevision, g.parentIsAll ? 1 : 0);
    }

    // ------------------------------------------------------------------------------------------------------- Tests

    function test_storage_holds_nothing_but_the_documented_words() public {
        vm.startStateDiffRecording();
        tell();
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        nameWords();
        uint256 writes;
        for (uint256 i; i < accesses.length; ++i) {
            for (uint256 j; j < accesses[i].storageAccesses.length; ++j) {
                Vm.StorageAccess memory access = accesses[i].storageAccesses[j];
                if (access.account != address(hr) || !access.isWrite) continue;
                ++writes;
                assertNamed(access.slot);
            }
        }
        vm.assertGe(writes, 40, "one write at least for each step that changes something");
        vm.assertGe(_named.length, 30, "words");
    }

    /// @notice Asserts that a slot that was written holds what the views say.
    function assertNamed(bytes32 place) private view {
        uint256 word = load(place);
        for (uint256 i; i < _named.length; ++i) {
            if (_named[i].place == place) {
                return vm.assertEq(word, _named[i].word, "word");
            }
        }
        vm.assertTrue(false, string.concat("no view names the word ", vm.toString(word)));
    }

    /// @notice Each step of the story that changes a word emits one event, whose data name that word.
    function test_every_write_is_told_by_one_event() public {
        vm.startStateDiffRecording();
        vm.recordLogs();
        tell();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        uint256 writes;
        uint256 notices;
        for (uint256 i; i < accesses.length; ++i) {
            for (uint256 j; j < accesses[i].storageAccesses.length; ++j) {
                Vm.StorageAccess memory access = accesses[i].storageAccesses[j];
                if (access.account == address(hr) && access.isWrite) ++writes;
            }
        }
        for (uint256 i; i < logs.length; ++i) {
            bytes32 kind = logs[i].topics[0];
            if (kind == IHealthRecord.AccessRequested.selector || kind == IHealthRecord.AccessLogged.selector) {
                ++notices;
            }
        }
        vm.assertEq(notices, 2, "notices");
        // Accepting writes two words, the registrar and nobody as pending.
        vm.assertEq(logs.length - notices, writes - 1, "events");
    }
}
