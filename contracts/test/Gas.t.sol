// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {GRANT, REVOKE_ALL, Signed} from "./Signed.sol";
import {ConsentRegistry} from "./comparators/ConsentRegistry.sol";
import {TutorialRecords} from "./comparators/TutorialRecords.sol";

/// @notice Receipt gas: each call is a transaction of its own. Goals that are met are asserted; the snapshot holds every
/// figure, and README.md shows the snapshot beside the goals, met or missed. `tools/gas.mjs` sends the same transactions to Anvil.
contract GasTest is Signed {
    string private constant GROUP_NAME = "HealthRecord";
    string private constant COMPARATORS = "Comparators";
    uint256 private constant UNTIL = NOW + DAY;

    function measured(string memory name) private {
        measured(name, type(uint256).max);
    }

    function measured(string memory name, uint256 goal) private {
        vm.assertLe(vm.snapshotGasLastCall(GROUP_NAME, name), goal, name);
    }

    function compared(string memory name) private {
        vm.snapshotGasLastCall(COMPARATORS, name);
    }

    function test_anchor() public {
        vm.prank(AUTHOR);
        hr.anchor(keccak256("a root"), 1, 1);
        measured("anchor");
    }

    function test_retract() public {
        vm.prank(AUTHOR);
        hr.retract(keccak256("a root"), 1);
        measured("retract");
    }

    function test_grant() public {
        vm.prank(PATIENT);
        hr.grant(DOCTOR, 0, terms(), 0);
        measured("grant, new");
        vm.warp(NOW + 1);
        vm.prank(PATIENT);
        hr.grant(DOCTOR, 0, terms(), 0);
        measured("grant, renewed");
    }

    /// @notice 32 random bytes in place of a zero word are 384 gas of calldata each, whatever the contract does.
    function test_grant_with_a_named_scope_and_a_document() public {
        vm.prank(PATIENT);
        hr.grant(DOCTOR, SCOPE, terms(), 0);
        measured("grant, new, named scope");
        vm.prank(PATIENT);
        hr.grant(COLLEAGUE, SCOPE, terms(), DOCUMENT);
        measured("grant, new, named scope, document");
        vm.warp(NOW + 1);
        vm.prank(PATIENT);
        hr.grant(COLLEAGUE, SCOPE, terms(), DOCUMENT);
        measured("grant, renewed, named scope, document");
    }

    function test_deny() public {
        vm.prank(PATIENT);
        hr.deny(DOCTOR, SCOPE, DOCUMENT);
        measured("deny, never written");
    }

    function test_deny_by_signature() public {
        relayDeny(16);
        measured("deny by signature, never written");
    }

    function test_grant_by_signature() public {
        for (uint256 revision; revision < 2; ++revision) {
            bytes memory members = abi.encode(HOLDER, DOCTOR, 0, terms(), 0, 0, revision, UNTIL);
            bytes memory signature = sign(KEY, GRANT, members);
            relay(hr.grantBySig.selector, members, signature);
            measured(revision == 0 ? "grant by signature, new" : "grant by signature, renewed");
        }
    }

    function test_grant_by_signature_with_a_named_scope_and_a_document() public {
        relayGrant(0, 0);
        measured("grant by signature, new, named scope, document");
        relayGrant(0, 1);
        measured("grant by signature, renewed, named scope, document");
    }

    function test_grant_by_a_manager() public {
        grantAs(PATIENT, COLLEAGUE, 0, 11);
        vm.prank(COLLEAGUE);
        hr.grantFor(PATIENT, DOCTOR, 0, terms(), 0);
        measured("grant by a manager, new");
    }

    /// @notice Grantees and scopes are 20 and 32 bytes without zeros, the scopes of the second batch 0.
    function test_grant_to_many() public {
        IHealthRecord.Target[] memory targets = new IHealthRecord.Target[](50);
        for (uint256 i; i < 50; ++i) {
            targets[i] = IHealthRecord.Target(person(vm.toString(i)), keccak256(abi.encode(i)));
        }
        vm.prank(PATIENT);
        hr.grantMany(targets, terms(), 0);
        each("grantMany of 50, named scopes, each", type(uint256).max);
        for (uint256 i; i < 50; ++i) {
            targets[i].scope = 0;
        }
        vm.prank(PATIENT);
        hr.grantMany(targets, terms(), 0);
        each("grantMany of 50, each", 27_000);
    }

    function each(string memory name, uint256 goal) private {
        uint256 gas = vm.lastCallGas().gasTotalUsed / 50;
        vm.snapshotValue(GROUP_NAME, name, gas);
        vm.assertLe(gas, goal, name);
    }

    function test_revoke_by_signature() public {
        relayGrant(0, 0);
        relayRevoke(1 + 16);
        measured("revoke by signature", 40_000);
    }

    function test_revokeAll_by_signature() public {
        bytes memory members = abi.encode(HOLDER, 0, UNTIL);
        relay(hr.revokeAllBySig.selector, members, sign(KEY, REVOKE_ALL, members));
        measured("revokeAll by signature, first");
    }

    function test_delegations() public {
        grantAs(PATIENT, DOCTOR, SCOPE, 5);
        vm.prank(DOCTOR);
        hr.delegate(PATIENT, COLLEAGUE, SCOPE, terms());
        measured("delegate, new");
        vm.prank(DOCTOR);
        hr.revokeDelegation(PATIENT, COLLEAGUE, SCOPE);
        measured("revokeDelegation");
        vm.prank(PATIENT);
        hr.denyDelegation(DOCTOR, COLLEAGUE, SCOPE);
        measured("denyDelegation");
        vm.prank(PATIENT);
        hr.liftDelegation(DOCTOR, COLLEAGUE, SCOPE);
        measured("liftDelegation");
    }

    function test_emergencies() public {
        accredit(DOCTOR, 4);
        vm.prank(DOCTOR);
        hr.breakGlass(PATIENT, 1);
        measured("breakGlass", 54_000);
        vm.prank(PATIENT);
        hr.closeEmergency(PATIENT, DOCTOR);
        measured("closeEmergency");
    }

    function test_notices() public {
        vm.prank(DOCTOR);
        hr.requestAccess(PATIENT, SCOPE, 1, 1, NOW + DAY);
        measured("requestAccess");
        vm.prank(DOCTOR);
        hr.logAccess(PATIENT, SCOPE, 0, DOCUMENT);
        measured("logAccess");
    }

    // ------------------------------------------------------------------------------------------------ Comparators

    function test_tutorial() public {
        TutorialRecords other = new TutorialRecords();
        vm.prank(PATIENT);
        other.addRecord(PATIENT, "Blood test of March", "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG");
        compared("tutorial: record, its name and link as strings");
        vm.prank(PATIENT);
        other.approveDoctor(DOCTOR);
        compared("tutorial: doctor approved");
        vm.prank(PATIENT);
        other.removeDoctor(DOCTOR);
        compared("tutorial: doctor removed, the refund of a cleared slot taken off");
    }

    function test_registry() public {
        ConsentRegistry other = new ConsentRegistry();
        ConsentRegistry.Consent memory consent = ConsentRegistry.Consent(true, NOW - 10, NOW + 1000, 1, 1, 0, DOCUMENT);
        vm.prank(PATIENT);
        other.grant(DOCTOR, SCOPE, consent);
        compared("registry: grant, new, named scope, document");
        vm.warp(NOW + 1);
        vm.prank(PATIENT);
        other.grant(DOCTOR, SCOPE, consent);
        compared("registry: grant, renewed, named scope, document");
        vm.prank(PATIENT);
        other.revoke(DOCTOR, SCOPE);
        compared("registry: revoke");
    }

    function test_registry_by_signature() public {
        ConsentRegistry other = new ConsentRegistry();
        ConsentRegistry.Consent memory consent = ConsentRegistry.Consent(true, NOW - 10, NOW + 1000, 1, 1, 0, DOCUMENT);
        for (uint256 nonce; nonce < 2; ++nonce) {
            (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, other.grantDigest(HOLDER, DOCTOR, SCOPE, consent, UNTIL));
            vm.prank(STRANGER);
            other.grantBySig(HOLDER, DOCTOR, SCOPE, consent, UNTIL, v, r, s);
            if (nonce == 0) compared("registry: grant by signature, new, named scope, document");
            else compared("registry: grant by signature, renewed, named scope, document");
        }
        (uint8 w, bytes32 x, bytes32 y) = vm.sign(KEY, other.revokeDigest(HOLDER, DOCTOR, SCOPE, UNTIL));
        vm.prank(STRANGER);
        other.revokeBySig(HOLDER, DOCTOR, SCOPE, UNTIL, w, x, y);
        compared("registry: revoke by signature");
    }

    // ------------------------------------------------------------------------------------------------- Our revokes

    function test_revoke() public {
        vm.prank(PATIENT);
        hr.grant(DOCTOR, SCOPE, terms(), DOCUMENT);
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        measured("revoke");
    }

    function test_revoke_of_a_never_written_word() public {
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        measured("revoke, never written");
    }

    function test_revokeAll() public {
        vm.prank(PATIENT);
        hr.revokeAll();
        measured("revokeAll, first");
        vm.prank(PATIENT);
        hr.revokeAll();
        measured("revokeAll, next");
    }

    function test_setPolicy() public {
        vm.prank(PATIENT);
        hr.setPolicy(1, 1);
        measured("setPolicy, first");
    }

    function test_accredit() public {
        vm.prank(REGISTRAR);
        hr.accredit(DOCTOR, 2, NOW, NOW + DAY);
        measured("accredit");
    }

    // -------------------------------------------------------------------------------------------------- Decisions

    function wideRequest() private view returns (IHealthRecord.Request memory r) {
        r = IHealthRecord.Request({
            patient: PATIENT,
            accessor: DOCTOR,
            salt: keccak256("a salt"),
            scopes: new bytes32[](6),
            operation: 1,
            purpose: 0,
            delegator: address(0),
            at: NOW
        });
        for (uint256 i; i < 5; ++i) {
            r.scopes[i] = keccak256(abi.encode(i));
        }
    }

    /// @notice Asks in a transaction, as nobody would, so that the figure is whole.
    function decide(IHealthRecord.Request memory r, uint8 code) private {
        (bool success, bytes memory data) = address(hr).call(abi.encodeCall(hr.decide, (r)));
        vm.assertTrue(success, "reverted");
        vm.assertEq(abi.decode(data, (IHealthRecord.Decision)).code, code, "code");
    }

    /// @notice Puts `w` at every scope of a request, for the open, the blinded and the delegated words, and a parent.
    function putEverywhere(IHealthRecord.Request memory r, Word memory w, Word memory parent) private {
        bytes32 tag = keccak256("healthrecord/hr1/blind");
        address blinded =
            address(uint160(uint256(keccak256(bytes.concat(tag, bytes20(PATIENT), bytes20(DOCTOR), r.salt)))));
        for (uint256 i; i < r.scopes.length; ++i) {
            store(grantSlot(PATIENT, DOCTOR, r.scopes[i]), pack(w));
            store(grantSlot(PATIENT, blinded, r.scopes[i]), pack(w));
            store(delegationSlot(PATIENT, COLLEAGUE, DOCTOR, r.scopes[i]), packDelegation(w, 1, 0));
            store(grantSlot(PATIENT, COLLEAGUE, r.scopes[i]), pack(parent));
        }
    }

    function test_decide_never_granted() public {
        IHealthRecord.Request memory r = wideRequest();
        decide(r, 255);
        measured("decide, 6 scopes, blinding, never granted", 105_000);
        r.delegator = COLLEAGUE;
        decide(r, 255);
        measured("decide, 6 scopes, blinding, delegator, never granted", 105_000);
    }

    function test_decide_granted_for_all_records() public {
        IHealthRecord.Request memory r = wideRequest();
        store(grantSlot(PATIENT, DOCTOR, 0), pack(permitWord()));
        decide(r, 3);
        measured("decide, 6 scopes, blinding, granted at 0", 105_000);
    }

    function test_decide_with_every_word_refused() public {
        IHealthRecord.Request memory r = wideRequest();
        r.delegator = COLLEAGUE;
        Word memory w = permitWord();
        w.requiredRoles = 2;
        putEverywhere(r, w, permitWord());
        decide(r, 23);
        measured("decide, 6 scopes, blinding, delegator, every word refused", 105_000);
    }

    /// @notice Six named scopes and 0 after them.
    function test_decide_with_six_named_scopes() public {
        IHealthRecord.Request memory r = wideRequest();
        r.delegator = COLLEAGUE;
        Word memory w = permitWord();
        w.requiredRoles = 2;
        putEverywhere(r, w, permitWord());
        r.scopes[5] = keccak256("the sixth");
        putEverywhere(r, w, permitWord());
        decide(r, 23);
        measured("decide, 6 named scopes, blinding, delegator, every word refused");
    }

    function test_decide_delegated_at_the_last_scope() public {
        IHealthRecord.Request memory r = wideRequest();
        r.delegator = COLLEAGUE;
        Word memory w = permitWord();
        w.requiredRoles = 2;
        Word memory parent = permitWord();
        parent.operations = 5;
        putEverywhere(r, w, parent);
        store(delegationSlot(PATIENT, COLLEAGUE, DOCTOR, 0), packDelegation(permitWord(), 1, 0));
        decide(r, 5);
        measured("decide, 6 scopes, blinding, delegator, delegated at 0");
    }

    function test_runtime_size() public {
        uint256 size = address(hr).code.length;
        vm.snapshotValue(GROUP_NAME, "runtime code, bytes", size);
        vm.assertLe(size, 20 * 1024, "runtime size");
    }
}
