// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Base} from "./Base.sol";

/// @notice Every word where the design says that verifiers find it.
contract LayoutTest is Base {
    bytes32 internal constant ROOT = keccak256("a root");

    function test_the_base_is_the_ERC_7201_base_of_its_name() public pure {
        vm.assertEq(
            base(), 0xef6630a265ec2aa78ac763dc6280afb9b536f425be02edda5deeebd9e0010900, "erc7201(healthrecord.v1)"
        );
    }

    function test_0_grants() public {
        vm.prank(PATIENT);
        hr.grant(DOCTOR, SCOPE, terms(), 0);
        vm.assertEq(load(grantSlot(PATIENT, DOCTOR, SCOPE)), pack(permitWord()), "slot");
    }

    function testFuzz_0_grants(address patient, address grantee, bytes32 scope, uint256 word) public {
        store(grantSlot(patient, grantee, scope), word);
        assertFields(hr.grantOf(patient, grantee, scope), word);
    }

    function testFuzz_1_delegations(address patient, address delegator, address grantee, bytes32 scope, uint256 word)
        public
    {
        store(delegationSlot(patient, delegator, grantee, scope), word);
        IHealthRecord.DelegationWord memory view_ = hr.delegationOf(patient, delegator, grantee, scope);
        Word memory w = Word({
            notBefore: view_.notBefore,
            notAfter: view_.notAfter,
            purposes: view_.purposes,
            operations: view_.operations,
            epoch: view_.epoch,
            revision: view_.revision,
            state: view_.state,
            requiredRoles: view_.requiredRoles,
            writtenAt: 0,
            by: 0
        });
        vm.assertEq(packDelegation(w, view_.parentRevision, 0), word % 2 ** 232, "fields");
        vm.assertEq(view_.parentIsAll, word / 2 ** 232 % 256 != 0, "parentIsAll");
    }

    function testFuzz_2_emergencies(address patient, address clinician, uint256 word) public {
        store(emergencySlot(patient, clinician), word);
        assertFields(hr.emergencyOf(patient, clinician), word);
    }

    function test_3_accounts() public {
        vm.prank(PATIENT);
        hr.setPolicy(1, 2);
        vm.assertEq(load(accountSlot(PATIENT)), packAccount(0, 1, 1, 2), "slot");
    }

    function testFuzz_3_accounts(address account, uint256 word) public {
        store(accountSlot(account), word);
        IHealthRecord.AccountWord memory w = hr.accountOf(account);
        vm.assertEq(packAccount(w.epoch, w.flags, w.revision, w.cards), word % 2 ** 88, "fields");
    }

    function test_4_credentials() public {
        accredit(DOCTOR, 2);
        vm.assertEq(load(credentialSlot(DOCTOR)), packCredential(NOW - DAY, NOW + DAY, 2, REGISTRAR), "slot");
    }

    function testFuzz_4_credentials(address account, uint256 word) public {
        store(credentialSlot(account), word);
        IHealthRecord.CredentialWord memory w = hr.credentialOf(account);
        vm.assertEq(packCredential(w.notBefore, w.notAfter, w.roles, w.issuer), word, "fields");
    }

    function test_5_anchors() public {
        vm.prank(AUTHOR);
        hr.anchor(ROOT, 2, 1);
        bytes32 place = slot(5, keccak256(abi.encode(AUTHOR, ROOT)));
        vm.assertEq(load(place), NOW + 2 * 2 ** 40 + 2 ** 72, "slot");
        IHealthRecord.AnchorWord memory w = hr.anchorOf(AUTHOR, ROOT);
        vm.assertEq(w.anchoredAt + w.count * 2 ** 40 + uint256(w.kind) * 2 ** 72, load(place), "fields");
    }

    function test_6_retractions() public {
        vm.prank(AUTHOR);
        hr.retract(ROOT, 2);
        bytes32 place = slot(6, keccak256(abi.encode(AUTHOR, ROOT)));
        vm.assertEq(load(place), NOW + 2 * 2 ** 40, "slot");
        IHealthRecord.RetractionWord memory w = hr.retractionOf(AUTHOR, ROOT);
        vm.assertEq(w.retractedAt + uint256(w.reason) * 2 ** 40, load(place), "fields");
    }

    function test_7_and_8_registrar_and_pending_registrar() public {
        vm.prank(REGISTRAR);
        hr.transferRegistrar(STRANGER);
        vm.assertEq(load(bytes32(base() + 7)), uint160(REGISTRAR), "registrar");
        vm.assertEq(load(bytes32(base() + 8)), uint160(STRANGER), "pending registrar");
        vm.assertEq(hr.registrar(), REGISTRAR, "registrar");
        vm.assertEq(hr.pendingRegistrar(), STRANGER, "pending registrar");
    }

    function testFuzz_a_slot_as_it_is(bytes32 at, bytes32 word) public {
        store(at, uint256(word));
        vm.assertEq(hr.extsload(at), word, "slot");
    }

    function assertFields(IHealthRecord.GrantWord memory w, uint256 word) internal pure {
        uint256 packed = pack(
            Word({
                notBefore: w.notBefore,
                notAfter: w.notAfter,
                purposes: w.purposes,
                operations: w.operations,
                epoch: w.epoch,
                revision: w.revision,
                state: w.state,
                requiredRoles: w.requiredRoles,
                writtenAt: w.writtenAt,
                by: w.by
            })
        );
        vm.assertEq(packed, word, "fields");
    }
}
