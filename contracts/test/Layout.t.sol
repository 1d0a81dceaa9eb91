// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Base} from "./Base.sol";

/// @notice Every word where the design says that verifiers find it.
contract LayoutTest is Base {
    bytes32 internal constant ROOT = keccak256("a root");

    function at(bytes32 place) internal view returns (uint256) {
        return uint256(vm.load(address(hr), place));
    }

    function test_the_base_is_the_ERC_7201_base_of_its_name() public pure {
        vm.assertEq(
            base(), 0xef6630a265ec2aa78ac763dc6280afb9b536f425be02edda5deeebd9e0010900, "erc7201(healthrecord.v1)"
        );
    }

    function test_0_grants() public {
        vm.prank(PATIENT);
        hr.grant(DOCTOR, SCOPE, terms(), 0);
        vm.assertEq(at(grantSlot(PATIENT, DOCTOR, SCOPE)), pack(permitWord()), "slot");
    }

    function testFuzz_0_grants(address patient, address grantee, bytes32 scope, uint256 word) public {
        store(grantSlot(patient, grantee, scope), word);
        vm.assertEq(hr.grantOf(patient, grantee, scope), word, "view");
    }

    function testFuzz_1_delegations(address patient, address delegator, address grantee, bytes32 scope, uint256 word)
        public
    {
        store(delegationSlot(patient, delegator, grantee, scope), word);
        vm.assertEq(hr.delegationOf(patient, delegator, grantee, scope), word, "view");
    }

    function testFuzz_2_emergencies(address patient, address clinician, uint256 word) public {
        store(emergencySlot(patient, clinician), word);
        vm.assertEq(hr.emergencyOf(patient, clinician), word, "view");
    }

    function test_3_accounts() public {
        vm.prank(PATIENT);
        hr.setPolicy(1, 2);
        vm.assertEq(at(accountSlot(PATIENT)), packAccount(0, 1, 1, 2), "slot");
    }

    function testFuzz_3_accounts(address account, uint256 word) public {
        store(accountSlot(account), word);
        vm.assertEq(hr.accountOf(account), word, "view");
    }

    function test_4_credentials() public {
        accredit(DOCTOR, 2);
        vm.assertEq(at(credentialSlot(DOCTOR)), packCredential(NOW - DAY, NOW + DAY, 2, REGISTRAR), "slot");
    }

    function testFuzz_4_credentials(address account, uint256 word) public {
        store(credentialSlot(account), word);
        vm.assertEq(hr.credentialOf(account), word, "view");
    }

    function test_5_anchors() public {
        vm.prank(AUTHOR);
        hr.anchor(ROOT, 2, 1);
        bytes32 place = slot(5, keccak256(abi.encode(AUTHOR, ROOT)));
        vm.assertEq(at(place), NOW + 2 * 2 ** 40 + 2 ** 72, "slot");
        vm.assertEq(hr.anchorOf(AUTHOR, ROOT), at(place), "view");
    }

    function test_6_retractions() public {
        vm.prank(AUTHOR);
        hr.retract(ROOT, 2);
        bytes32 place = slot(6, keccak256(abi.encode(AUTHOR, ROOT)));
        vm.assertEq(at(place), NOW + 2 * 2 ** 40, "slot");
        vm.assertEq(hr.retractionOf(AUTHOR, ROOT), at(place), "view");
    }

    function test_7_and_8_registrar_and_pending_registrar() public {
        vm.prank(REGISTRAR);
        hr.transferRegistrar(STRANGER);
        vm.assertEq(at(bytes32(base() + 7)), uint160(REGISTRAR), "registrar");
        vm.assertEq(at(bytes32(base() + 8)), uint160(STRANGER), "pending registrar");
        vm.assertEq(hr.registrar(), REGISTRAR, "registrar");
        vm.assertEq(hr.pendingRegistrar(), STRANGER, "pending registrar");
    }
}
