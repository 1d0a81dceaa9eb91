// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {DELEGATE, DENY_TYPE, GRANT, REVOKE, REVOKE_ALL, SET_POLICY, Signed} from "./Signed.sol";
import {Vm} from "./Vm.sol";
import {Liar} from "./accounts/Liar.sol";
import {TwoOfThree} from "./accounts/TwoOfThree.sol";

/// @notice The ways in which consent contracts have failed, or could. Each test is one of them, and shows that it is
/// shut here. HOLDER is the patient, with a key.
contract MuseumTest is Signed {
    address internal immutable MANAGER = person("manager");
    bytes32 internal constant ROOT = keccak256("a root");

    function staleRevision(uint256 current, uint256 signed) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.StaleRevision.selector, current, signed);
    }

    function grantFor(IHealthRecord.Terms memory t) internal {
        vm.prank(MANAGER);
        hr.grantFor(HOLDER, DOCTOR, SCOPE, t, 0);
    }

    function patientWord() internal view returns (bytes memory) {
        return abi.encodeWithSelector(IHealthRecord.PatientWord.selector, load(grantSlot(HOLDER, DOCTOR, SCOPE)));
    }

    function reads(address accessor) internal view returns (uint8) {
        return codeOf(HOLDER, accessor, SCOPE, address(0));
    }

    // ----------------------------------------------------------------------------------------------------- Replays

    function test_replay_of_a_relayed_grant_after_a_revoke_by_the_patient() public {
        relayGrant(0, 0);
        vm.prank(HOLDER);
        hr.revoke(DOCTOR, SCOPE);
        vm.expectRevert(staleRevision(2, 0));
        relayGrant(0, 0);
        vm.assertEq(reads(DOCTOR), 17, "code");
    }

    function test_replay_of_a_relayed_grant_after_a_relayed_revoke() public {
        relayGrant(0, 0);
        relayRevoke(1 + 16);
        vm.expectRevert(staleRevision(18, 0));
        relayGrant(0, 0);
        vm.assertEq(reads(DOCTOR), 17, "code");
    }

    function test_replay_of_a_grant_never_relayed_after_a_revoke() public {
        vm.prank(HOLDER);
        hr.revoke(DOCTOR, SCOPE);
        vm.expectRevert(staleRevision(1, 0));
        relayGrant(0, 0);
    }

    function test_replay_of_a_grant_never_relayed_after_a_relayed_deny() public {
        relayDeny(16);
        vm.expectRevert(staleRevision(17, 0));
        relayGrant(0, 0);
        vm.assertEq(reads(DOCTOR), 16, "code");
    }

    function test_replay_of_an_earlier_grant_over_a_later_narrower_one() public {
        relayGrant(0, 0);
        IHealthRecord.Terms memory narrow = terms();
        narrow.notAfter = NOW + 1;
        bytes memory members = grantMembers(narrow, 0, 1);
        relay(hr.grantBySig.selector, members, sign(KEY, GRANT, members));
        vm.expectRevert(staleRevision(2, 0));
        relayGrant(0, 0);
    }

    function test_replay_of_a_signed_revoke_against_a_later_grant() public {
        relayRevoke(0);
        vm.prank(HOLDER);
        hr.grant(DOCTOR, SCOPE, terms(), 0);
        vm.expectRevert(staleRevision(2, 0));
        relayRevoke(0);
        vm.assertEq(reads(DOCTOR), 3, "code");
    }

    function test_replay_of_an_old_policy_that_brings_break_glass_back() public {
        bytes memory members = abi.encode(HOLDER, 0, 0, 0, NOW + DAY);
        bytes memory signature = sign(KEY, SET_POLICY, members);
        vm.prank(HOLDER);
        hr.setPolicy(1, 0);
        vm.expectRevert(staleRevision(1, 0));
        relay(hr.setPolicyBySig.selector, members, signature);
    }

    function test_revokeAll_followed_by_an_old_signature() public {
        vm.prank(HOLDER);
        hr.revokeAll();
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleEpoch.selector, 1, 0));
        relayGrant(0, 0);
        bytes memory members = abi.encode(HOLDER, uint32(1), NOW + DAY);
        relay(hr.revokeAllBySig.selector, members, sign(KEY, REVOKE_ALL, members));
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.StaleEpoch.selector, 2, 1));
        relayGrant(1, 0);
    }

    function test_revokeAll_once_signed_is_not_sent_twice() public {
        bytes memory members = abi.encode(HOLDER, uint32(0), NOW + DAY);
        bytes memory signature = sign(KEY, REVOKE_ALL, members);
        relay(hr.revokeAllBySig.selector, members, signature);
        relayGrant(1, 0);
        relay(hr.revokeAllBySig.selector, members, signature);
        vm.assertEq(reads(DOCTOR), 3, "what was granted since stands");
    }

    function test_signature_for_another_chain() public {
        bytes memory members = grantMembers(terms(), 0, 0);
        bytes32 other = digest(domain(block.chainid + 1, address(hr)), GRANT, members);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.InvalidSignature.selector, HOLDER));
        relay(hr.grantBySig.selector, members, signatureOf(KEY, other));
    }

    function test_signature_for_another_contract() public {
        bytes memory members = grantMembers(terms(), 0, 0);
        bytes32 other = digest(domain(block.chainid, address(deploy(REGISTRAR))), GRANT, members);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.InvalidSignature.selector, HOLDER));
        relay(hr.grantBySig.selector, members, signatureOf(KEY, other));
    }

    function test_signature_of_a_revoke_used_as_a_deny_or_a_deny_as_a_revoke() public {
        bytes memory members = abi.encode(HOLDER, DOCTOR, SCOPE, 16, NOW + DAY);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.InvalidSignature.selector, HOLDER));
        relay(hr.revokeBySig.selector, members, sign(KEY, DENY_TYPE, members));
        members = abi.encode(HOLDER, DOCTOR, SCOPE, DOCUMENT, 16, NOW + DAY);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.InvalidSignature.selector, HOLDER));
        relay(hr.denyBySig.selector, members, sign(KEY, REVOKE, members));
    }

    // --------------------------------------------------------------------------------------------- Others' consents

    function test_revoke_that_removes_somebody_else() public {
        grantAs(HOLDER, DOCTOR, SCOPE, 1);
        grantAs(HOLDER, COLLEAGUE, SCOPE, 1);
        grantAs(PATIENT, DOCTOR, SCOPE, 1);
        vm.prank(HOLDER);
        hr.revoke(DOCTOR, SCOPE);
        vm.assertEq(reads(DOCTOR), 17, "the one named");
        vm.assertEq(reads(COLLEAGUE), 3, "another grantee");
        vm.assertEq(codeOf(PATIENT, DOCTOR, SCOPE, address(0)), 3, "another patient");
    }

    function test_delegate_overwrites_the_patients_own_grant() public {
        grantAs(HOLDER, MANAGER, SCOPE, 11);
        grantAs(HOLDER, DOCTOR, SCOPE, 1);
        vm.expectRevert(patientWord());
        grantFor(may(3));
    }

    function test_delegate_grants_again_whom_the_patient_revoked() public {
        grantAs(HOLDER, MANAGER, SCOPE, 11);
        grantFor(may(1));
        vm.prank(HOLDER);
        hr.revoke(DOCTOR, SCOPE);
        vm.expectRevert(patientWord());
        grantFor(may(1));
    }

    function test_delegate_grants_again_whom_the_patient_denied() public {
        grantAs(HOLDER, MANAGER, SCOPE, 11);
        relayDeny(16);
        vm.expectRevert(patientWord());
        grantFor(may(1));
    }

    function test_manager_makes_the_patients_tombstone_its_own() public {
        grantAs(HOLDER, MANAGER, SCOPE, 11);
        vm.prank(HOLDER);
        hr.revoke(DOCTOR, SCOPE);
        vm.expectRevert(patientWord());
        vm.prank(MANAGER);
        hr.revokeFor(HOLDER, DOCTOR, SCOPE);
        vm.prank(MANAGER);
        hr.denyFor(HOLDER, DOCTOR, SCOPE, 0);
        vm.expectRevert(patientWord());
        vm.prank(MANAGER);
        hr.revokeFor(HOLDER, DOCTOR, SCOPE);
        vm.expectRevert(patientWord());
        grantFor(may(1));
        vm.assertEq(reads(DOCTOR), 16, "code");
    }

    function test_manager_makes_the_patients_deny_its_own() public {
        grantAs(HOLDER, MANAGER, SCOPE, 11);
        vm.prank(HOLDER);
        hr.deny(DOCTOR, SCOPE, 0);
        vm.expectRevert(patientWord());
        vm.prank(MANAGER);
        hr.denyFor(HOLDER, DOCTOR, SCOPE, 0);
        vm.expectRevert(patientWord());
        vm.prank(MANAGER);
        hr.revokeFor(HOLDER, DOCTOR, SCOPE);
    }

    function test_manager_extends_itself() public {
        grantAs(HOLDER, MANAGER, SCOPE, 11);
        IHealthRecord.Terms memory longer = terms();
        longer.notAfter = NOW + DAY;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ManagerIsGrantee.selector, MANAGER));
        vm.prank(MANAGER);
        hr.grantFor(HOLDER, MANAGER, SCOPE, longer, 0);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.BeyondManagerWindow.selector, NOW + DAY, NOW + 1000));
        grantFor(longer);
    }

    function test_manager_extends_itself_through_another_manager() public {
        grantAs(HOLDER, MANAGER, SCOPE, 11);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.BeyondManagerOperations.selector, 8, 3));
        grantFor(may(8));
        grantAs(HOLDER, DOCTOR, SCOPE, 15);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.BeyondManagerOperations.selector, 4, 3));
        vm.prank(DOCTOR);
        hr.grantFor(HOLDER, COLLEAGUE, SCOPE, may(4), 0);
    }

    function test_manager_that_resigned_comes_back() public {
        grantAs(HOLDER, MANAGER, SCOPE, 11);
        vm.prank(MANAGER);
        hr.revokeFor(HOLDER, MANAGER, SCOPE);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotManager.selector, HOLDER, MANAGER, SCOPE));
        grantFor(may(1));
    }

    function test_manager_without_the_role_that_its_grant_requires() public {
        IHealthRecord.Terms memory t = may(11);
        t.requiredRoles = 2;
        vm.prank(HOLDER);
        hr.grant(MANAGER, SCOPE, t, 0);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotManager.selector, HOLDER, MANAGER, SCOPE));
        grantFor(may(1));
        accredit(MANAGER, 2);
        grantFor(may(1));
    }

    function test_delegator_without_the_role_that_its_grant_requires() public {
        IHealthRecord.Terms memory t = may(5);
        t.requiredRoles = 2;
        vm.prank(HOLDER);
        hr.grant(DOCTOR, SCOPE, t, 0);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotSharer.selector, HOLDER, DOCTOR, SCOPE));
        vm.prank(DOCTOR);
        hr.delegate(HOLDER, COLLEAGUE, SCOPE, terms());
    }

    /// @notice The accessor must hold the roles that the delegator's grant requires, whatever the delegation says.
    function test_delegate_without_the_role_that_the_grant_requires() public {
        accredit(DOCTOR, 2);
        IHealthRecord.Terms memory t = may(5);
        t.requiredRoles = 2;
        vm.prank(HOLDER);
        hr.grant(DOCTOR, SCOPE, t, 0);
        vm.prank(DOCTOR);
        hr.delegate(HOLDER, COLLEAGUE, SCOPE, terms());
        vm.assertEq(codeOf(HOLDER, COLLEAGUE, SCOPE, DOCTOR), 56, "without it");
        accredit(COLLEAGUE, 2);
        vm.assertEq(codeOf(HOLDER, COLLEAGUE, SCOPE, DOCTOR), 5, "with it");
    }

    function test_delegation_that_wakes_again() public {
        grantAs(HOLDER, DOCTOR, SCOPE, 5);
        vm.prank(DOCTOR);
        hr.delegate(HOLDER, COLLEAGUE, SCOPE, terms());
        vm.assertEq(codeOf(HOLDER, COLLEAGUE, SCOPE, DOCTOR), 5, "before");
        vm.prank(HOLDER);
        hr.revoke(DOCTOR, SCOPE);
        vm.assertEq(codeOf(HOLDER, COLLEAGUE, SCOPE, DOCTOR), 56, "revoked");
        grantAs(HOLDER, DOCTOR, SCOPE, 5);
        vm.assertEq(codeOf(HOLDER, COLLEAGUE, SCOPE, DOCTOR), 56, "granted again");
        vm.prank(HOLDER);
        hr.revokeAll();
        grantAs(HOLDER, DOCTOR, SCOPE, 5);
        vm.assertEq(codeOf(HOLDER, COLLEAGUE, SCOPE, DOCTOR), 50, "after all was revoked");
    }

    function test_delegation_that_the_patient_denied_and_the_delegator_renews() public {
        grantAs(HOLDER, DOCTOR, SCOPE, 5);
        bytes memory members =
            abi.encode(HOLDER, vm.addr(OTHER_KEY), COLLEAGUE, SCOPE, terms(), 1, false, 0, 0, NOW + DAY);
        grantAs(HOLDER, vm.addr(OTHER_KEY), SCOPE, 5);
        vm.prank(HOLDER);
        hr.denyDelegation(vm.addr(OTHER_KEY), COLLEAGUE, SCOPE);
        vm.expectRevert(staleRevision(1, 0));
        relay(hr.delegateBySig.selector, members, sign(OTHER_KEY, DELEGATE, members));
        uint256 word = load(delegationSlot(HOLDER, vm.addr(OTHER_KEY), COLLEAGUE, SCOPE));
        vm.startPrank(vm.addr(OTHER_KEY));
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.PatientWord.selector, word));
        hr.delegate(HOLDER, COLLEAGUE, SCOPE, terms());
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.PatientWord.selector, word));
        hr.revokeDelegation(HOLDER, COLLEAGUE, SCOPE);
    }

    function test_delegation_that_is_passed_on() public {
        grantAs(HOLDER, DOCTOR, SCOPE, 5);
        vm.prank(DOCTOR);
        hr.delegate(HOLDER, COLLEAGUE, SCOPE, terms());
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotSharer.selector, HOLDER, COLLEAGUE, SCOPE));
        vm.prank(COLLEAGUE);
        hr.delegate(HOLDER, STRANGER, SCOPE, terms());
    }

    function test_deny_that_ran_out() public {
        vm.prank(HOLDER);
        hr.deny(DOCTOR, SCOPE, 0);
        grantAs(HOLDER, DOCTOR, 0, 1);
        vm.assertEq(reads(DOCTOR), 16, "now");
        vm.prank(HOLDER);
        hr.revokeAll();
        vm.warp(2 ** 40 - 1);
        vm.assertEq(reads(DOCTOR), 16, "at the end of time");
    }

    function test_zero_as_for_ever() public {
        IHealthRecord.Terms memory t = terms();
        t.notAfter = 0;
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, NOW - 10, 0));
        vm.prank(HOLDER);
        hr.grant(DOCTOR, SCOPE, t, 0);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, NOW, 0));
        vm.prank(REGISTRAR);
        hr.accredit(DOCTOR, 2, NOW, 0);
        bytes memory members = abi.encode(HOLDER, DOCTOR, SCOPE, terms(), DOCUMENT, 0, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.SignatureExpired.selector, 0));
        relay(hr.grantBySig.selector, members, sign(KEY, GRANT, members));
    }

    // -------------------------------------------------------------------------------------------------- Professions

    function test_self_appointed_doctor() public {
        vm.startPrank(DOCTOR);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, DOCTOR));
        hr.accredit(DOCTOR, 2, NOW, NOW + DAY);
        vm.stopPrank();
        accredit(DOCTOR, 2);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, DOCTOR));
        vm.prank(DOCTOR);
        hr.accredit(DOCTOR, 4, NOW, NOW + DAY);
    }

    function test_issuer_extends_itself() public {
        accredit(ISSUER, 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.IssuerRole.selector, 3));
        vm.prank(ISSUER);
        hr.accredit(ISSUER, 3, NOW, NOW + DAY);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotOwnCredential.selector, ISSUER, REGISTRAR));
        vm.prank(ISSUER);
        hr.accredit(ISSUER, 2, NOW, NOW + DAY);
    }

    function test_issuer_rewrites_anothers_credential() public {
        accredit(ISSUER, 1);
        accredit(AUTHOR, 1);
        vm.prank(AUTHOR);
        hr.accredit(DOCTOR, 2, NOW, NOW + 1);
        vm.startPrank(ISSUER);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotOwnCredential.selector, DOCTOR, AUTHOR));
        hr.accredit(DOCTOR, 4, NOW, NOW + DAY);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotOwnCredential.selector, DOCTOR, AUTHOR));
        hr.discredit(DOCTOR);
    }

    function test_issuer_accredits_again_whom_the_registrar_discredited() public {
        accredit(ISSUER, 1);
        vm.prank(ISSUER);
        hr.accredit(DOCTOR, 4, NOW, NOW + DAY);
        vm.prank(REGISTRAR);
        hr.discredit(DOCTOR);
        vm.startPrank(ISSUER);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotOwnCredential.selector, DOCTOR, REGISTRAR));
        hr.accredit(DOCTOR, 4, NOW, NOW + DAY);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotAccredited.selector, DOCTOR));
        hr.discredit(DOCTOR);
    }

    // -------------------------------------------------------------------------------------------------- Emergencies

    function test_emergency_access_without_a_trace() public {
        accredit(DOCTOR, 4);
        vm.recordLogs();
        vm.prank(DOCTOR);
        hr.breakGlass(HOLDER, 0);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1, "events");
        vm.assertEq(logs[0].topics[0], IHealthRecord.EmergencyOpened.selector, "event");
        (uint256 word,) = abi.decode(logs[0].data, (uint256, uint16));
        vm.assertEq(word, load(emergencySlot(HOLDER, DOCTOR)), "its word");
    }

    function test_emergency_access_without_an_end() public {
        vm.prank(REGISTRAR);
        hr.accredit(DOCTOR, 4, 0, 2 ** 40 - 1);
        vm.prank(DOCTOR);
        hr.breakGlass(HOLDER, 0);
        vm.assertEq(load(emergencySlot(HOLDER, DOCTOR)) / 2 ** 40 % 2 ** 40, NOW + 4 hours, "end");
        vm.warp(NOW + 1 hours);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmergencyStillOpen.selector, NOW + 4 hours));
        vm.prank(DOCTOR);
        hr.breakGlass(HOLDER, 0);
    }

    function test_emergency_access_by_an_expired_credential() public {
        accredit(DOCTOR, 4);
        vm.prank(DOCTOR);
        hr.breakGlass(HOLDER, 0);
        IHealthRecord.Request memory r;
        (r.patient, r.accessor, r.operation, r.purpose, r.at) = (HOLDER, DOCTOR, 1, 2, NOW);
        vm.assertEq(hr.decide(r).code, 2, "accredited");
        vm.prank(REGISTRAR);
        hr.discredit(DOCTOR);
        vm.assertEq(hr.decide(r).code, 70, "discredited");
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotEmergencyClinician.selector, DOCTOR));
        vm.prank(DOCTOR);
        hr.breakGlass(PATIENT, 0);
    }

    function test_emergency_access_through_an_ordinary_grant() public {
        IHealthRecord.Terms memory t = terms();
        t.purposes = 4;
        bytes memory reason = abi.encodeWithSelector(IHealthRecord.EmergencyPurpose.selector, 4);
        vm.expectRevert(reason);
        vm.prank(HOLDER);
        hr.grant(DOCTOR, 0, t, 0);
        grantAs(HOLDER, DOCTOR, SCOPE, 15);
        vm.expectRevert(reason);
        vm.prank(DOCTOR);
        hr.delegate(HOLDER, COLLEAGUE, SCOPE, IHealthRecord.Terms(NOW, NOW + 9, 4, 1, 0));
    }

    function test_emergency_access_again_at_once_after_the_patients_close() public {
        accredit(DOCTOR, 4);
        vm.startPrank(DOCTOR);
        hr.breakGlass(HOLDER, 0);
        vm.stopPrank();
        vm.prank(HOLDER);
        hr.closeEmergency(HOLDER, DOCTOR);
        vm.startPrank(DOCTOR);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmergencyNotOpen.selector, HOLDER, DOCTOR));
        hr.closeEmergency(HOLDER, DOCTOR);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmergencyLocked.selector, NOW + DAY));
        hr.breakGlass(HOLDER, 0);
    }

    // ---------------------------------------------------------------------------------------------- Keys and wallets

    function test_patients_own_key_refused_because_its_account_has_code() public {
        vm.etch(HOLDER, address(new Liar(Liar.Answer.Reverts)).code);
        relayGrant(0, 0);
        vm.assertEq(reads(DOCTOR), 3, "code");
    }

    /// @notice Two keys of three act for a patient, from its first consent, through the loss of a key, to its last.
    function test_patient_that_lost_a_key() public {
        uint256[4] memory keys = [uint256(1001), 1002, 1003, 1004];
        TwoOfThree account = new TwoOfThree([vm.addr(keys[0]), vm.addr(keys[1]), vm.addr(keys[2])]);
        address patient = address(account);
        bytes memory members = abi.encode(patient, DOCTOR, SCOPE, terms(), DOCUMENT, 0, 0, NOW + DAY);
        bytes32 hash = digest(GRANT, members);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.InvalidSignature.selector, patient));
        relay(hr.grantBySig.selector, members, signatureOf(keys[0], hash));
        relay(hr.grantBySig.selector, members, two(0, keys[0], 2, keys[2], hash));
        vm.assertEq(codeOf(patient, DOCTOR, SCOPE, address(0)), 3, "granted");

        bytes32 change = keccak256(abi.encode(patient, uint8(2), vm.addr(keys[2]), vm.addr(keys[3])));
        account.swap(2, vm.addr(keys[3]), two(0, keys[0], 1, keys[1], change));

        members = abi.encode(patient, DOCTOR, SCOPE, 1, NOW + DAY);
        hash = digest(REVOKE, members);
        bytes memory lost = two(1, keys[1], 2, keys[2], hash);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.InvalidSignature.selector, patient));
        relay(hr.revokeBySig.selector, members, lost);
        relay(hr.revokeBySig.selector, members, two(1, keys[1], 2, keys[3], hash));
        vm.assertEq(codeOf(patient, DOCTOR, SCOPE, address(0)), 17, "revoked");
    }

    function two(uint8 i, uint256 a, uint8 j, uint256 b, bytes32 hash) internal pure returns (bytes memory) {
        return bytes.concat(bytes1(i), signatureOf(a, hash), bytes1(j), signatureOf(b, hash));
    }

    function test_patient_without_gas_that_cannot_revoke() public {
        grantAs(HOLDER, DOCTOR, SCOPE, 1);
        vm.assertEq(HOLDER.balance, 0, "balance");
        relayRevoke(1 + 16);
        vm.assertEq(reads(DOCTOR), 17, "code");
    }

    function test_signature_that_recovers_to_nobody_for_nobody() public {
        bytes memory members = abi.encode(address(0), DOCTOR, SCOPE, terms(), DOCUMENT, 0, 0, NOW + DAY);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.InvalidSignature.selector, address(0)));
        relay(hr.grantBySig.selector, members, new bytes(65));
    }

    // -------------------------------------------------------------------------------------------- Loops and revisions

    /// @notice What the patient does costs the same after others have written a hundred words about it.
    function test_unbounded_loops() public {
        grantAs(HOLDER, DOCTOR, SCOPE, 5);
        vm.prank(HOLDER);
        hr.revokeAll();
        uint256 before = vm.snapshotState();
        uint256 few = costOfRevokeAll();
        vm.revertToState(before);
        for (uint256 i; i < 100; ++i) {
            address somebody = address(uint160(10_000 + i));
            vm.prank(HOLDER);
            hr.grant(somebody, SCOPE, may(5), 0);
            vm.prank(somebody);
            hr.delegate(HOLDER, DOCTOR, SCOPE, terms());
        }
        vm.assertEq(costOfRevokeAll(), few, "gas");
    }

    function costOfRevokeAll() internal returns (uint256) {
        uint256 gas = gasleft();
        vm.prank(HOLDER);
        hr.revokeAll();
        return (gas - gasleft()) / 1000;
    }

    function test_burning_revisions_to_make_a_word_irrevocable() public {
        Word memory w = permitWord();
        w.revision = LAST;
        (w.by, w.operations) = (1, 5);
        store(grantSlot(HOLDER, DOCTOR, SCOPE), pack(w));
        store(delegationSlot(HOLDER, DOCTOR, COLLEAGUE, SCOPE), packDelegation(w, LAST, 0));
        vm.assertEq(reads(DOCTOR), 3, "granted");
        vm.prank(HOLDER);
        hr.denyDelegation(DOCTOR, COLLEAGUE, SCOPE);
        vm.assertEq(codeOf(HOLDER, COLLEAGUE, SCOPE, DOCTOR), 48, "delegation denied");
        relayRevoke(LAST);
        vm.assertEq(reads(DOCTOR), 17, "revoked");
        relayDeny(LAST);
        vm.assertEq(reads(DOCTOR), 16, "denied");
        vm.expectRevert();
        relayGrant(0, LAST);
    }

    /// @notice The grantee relays older consents between the patient's signing of a revoke and its relay.
    function test_outrunning_a_signed_revoke() public {
        bytes memory members = abi.encode(HOLDER, DOCTOR, SCOPE, 16, NOW + DAY);
        bytes memory revocation = sign(KEY, REVOKE, members);
        for (uint256 revision; revision < 3; ++revision) {
            relayGrant(0, revision);
        }
        relay(hr.revokeBySig.selector, members, revocation);
        vm.assertEq(reads(DOCTOR), 17, "code");
        vm.expectRevert(staleRevision(17, 3));
        relayGrant(0, 3);
    }

    function test_signed_revoke_after_a_reorganisation_that_dropped_the_grant() public {
        bytes memory members = abi.encode(HOLDER, DOCTOR, SCOPE, 1 + 16, NOW + DAY);
        bytes memory revocation = sign(KEY, REVOKE, members);
        relay(hr.revokeBySig.selector, members, revocation);
        vm.expectRevert(staleRevision(18, 0));
        relayGrant(0, 0);
    }

    // ------------------------------------------------------------------------------------------------------ Records

    function test_third_party_occupies_an_id() public {
        vm.prank(STRANGER);
        hr.anchor(ROOT, 1, 1);
        vm.prank(STRANGER);
        hr.retract(ROOT, 1);
        vm.prank(AUTHOR);
        hr.anchor(ROOT, 7, 2);
        uint256 word = load(slot(5, keccak256(abi.encode(AUTHOR, ROOT))));
        vm.assertEq(word, NOW + 7 * 2 ** 40 + 2 * 2 ** 72, "the author's own");
        vm.assertEq(load(slot(6, keccak256(abi.encode(AUTHOR, ROOT)))), 0, "not retracted");
    }

    function test_anchor_rewritten_with_another_time_or_count() public {
        vm.startPrank(AUTHOR);
        hr.anchor(ROOT, 7, 2);
        vm.warp(NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.AlreadyAnchored.selector, AUTHOR, ROOT));
        hr.anchor(ROOT, 7, 2);
    }
}
