// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {HealthRecord} from "../src/HealthRecord.sol";
import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Base} from "./Base.sol";

contract CredentialsTest is Base {
    uint16 internal constant PRACTITIONER = 2;

    function accreditBy(address issuer, address account, uint16 roles, uint40 notAfter) internal {
        vm.prank(issuer);
        hr.accredit(account, roles, NOW, notAfter);
    }

    function discreditBy(address issuer, address account) internal {
        vm.prank(issuer);
        hr.discredit(account);
    }

    // --------------------------------------------------------------------------------------------------- Accredit

    function test_accredit_by_the_registrar() public {
        vm.recordLogs();
        accreditBy(REGISTRAR, DOCTOR, 0xffff, NOW + 1);
        uint256 word = packCredential(NOW, NOW + 1, 0xffff, REGISTRAR);
        vm.assertEq(credentialWord(DOCTOR), word, "word");
        assertLog("Accredited(address,address,uint256)", topic(DOCTOR), topic(REGISTRAR), abi.encode(word));
    }

    function testFuzz_accredit_packs_its_fields(
        address registrar,
        address account,
        uint16 roles,
        uint40 notBefore,
        uint40 notAfter
    ) public {
        vm.assume(registrar != address(0) && account != address(0) && roles != 0 && notBefore < notAfter);
        hr = new HealthRecord(registrar);
        vm.prank(registrar);
        hr.accredit(account, roles, notBefore, notAfter);
        vm.assertEq(credentialWord(account), packCredential(notBefore, notAfter, roles, registrar), "word");
    }

    function test_accredit_by_the_registrar_overwrites_an_issuers_word() public {
        accredit(ISSUER, 1);
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + 1);
        accreditBy(REGISTRAR, DOCTOR, 4, NOW + 2);
        vm.assertEq(credentialWord(DOCTOR), packCredential(NOW, NOW + 2, 4, REGISTRAR), "word");
    }

    function test_accredit_by_an_issuer_up_to_its_own_end() public {
        accredit(ISSUER, 1);
        vm.recordLogs();
        accreditBy(ISSUER, DOCTOR, 0xfffe, NOW + DAY);
        uint256 word = packCredential(NOW, NOW + DAY, 0xfffe, ISSUER);
        vm.assertEq(credentialWord(DOCTOR), word, "word");
        assertLog("Accredited(address,address,uint256)", topic(DOCTOR), topic(ISSUER), abi.encode(word));
    }

    function test_accredit_by_an_issuer_renews_its_own_word() public {
        accredit(ISSUER, 1);
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + 1);
        discreditBy(ISSUER, DOCTOR);
        accreditBy(ISSUER, DOCTOR, 4, NOW + 2);
        vm.assertEq(credentialWord(DOCTOR), packCredential(NOW, NOW + 2, 4, ISSUER), "word");
    }

    function test_accredit_refuses_the_zero_account() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ZeroAccount.selector));
        accreditBy(REGISTRAR, address(0), 1, NOW + 1);
    }

    function test_accredit_refuses_no_roles() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NoRoles.selector));
        accreditBy(REGISTRAR, DOCTOR, 0, NOW + 1);
    }

    function test_accredit_refuses_an_empty_window() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, NOW, NOW));
        accreditBy(REGISTRAR, DOCTOR, 1, NOW);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.EmptyWindow.selector, NOW, 1));
        accreditBy(REGISTRAR, DOCTOR, 1, 1);
    }

    function test_accredit_refuses_who_has_no_credential() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, DOCTOR));
        accreditBy(DOCTOR, DOCTOR, 4, NOW + 1);
    }

    function test_accredit_refuses_every_role_but_issuer() public {
        accredit(DOCTOR, 0xfffe);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, DOCTOR));
        accreditBy(DOCTOR, COLLEAGUE, PRACTITIONER, NOW + 1);
    }

    function test_accredit_refuses_an_issuer_whose_credential_has_ended() public {
        accredit(ISSUER, 1);
        vm.warp(NOW + DAY - 1);
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + DAY);
        vm.warp(NOW + DAY);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, ISSUER));
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + DAY);
    }

    function test_accredit_refuses_an_issuer_whose_credential_has_not_begun() public {
        accredit(ISSUER, 1);
        vm.warp(NOW - DAY - 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, ISSUER));
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + DAY);
        vm.warp(NOW - DAY);
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + DAY);
    }

    function test_accredit_refuses_a_discredited_issuer() public {
        accredit(ISSUER, 1);
        discreditBy(REGISTRAR, ISSUER);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, ISSUER));
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + 1);
    }

    function test_accredit_refuses_an_issuer_that_makes_issuers() public {
        accredit(ISSUER, 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.IssuerRole.selector, 3));
        accreditBy(ISSUER, DOCTOR, 3, NOW + 1);
    }

    function test_accredit_refuses_a_credential_longer_than_the_issuers() public {
        accredit(ISSUER, 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.BeyondIssuer.selector, NOW + DAY + 1, NOW + DAY));
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + DAY + 1);
    }

    function test_accredit_refuses_an_issuer_that_rewrites_anothers_word() public {
        accredit(ISSUER, 1);
        accredit(DOCTOR, PRACTITIONER);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotOwnCredential.selector, DOCTOR, REGISTRAR));
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + 1);
        discreditBy(REGISTRAR, DOCTOR);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotOwnCredential.selector, DOCTOR, REGISTRAR));
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + 1);
    }

    function test_accredit_refuses_an_issuer_that_extends_itself() public {
        accredit(ISSUER, 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotOwnCredential.selector, ISSUER, REGISTRAR));
        accreditBy(ISSUER, ISSUER, PRACTITIONER, NOW + DAY);
    }

    // -------------------------------------------------------------------------------------------------- Discredit

    function test_discredit_by_the_registrar_keeps_all_but_the_roles() public {
        accredit(ISSUER, 1);
        accreditBy(ISSUER, DOCTOR, 0xfffe, NOW + 1);
        vm.recordLogs();
        discreditBy(REGISTRAR, DOCTOR);
        uint256 word = packCredential(NOW, NOW + 1, 0, ISSUER);
        vm.assertEq(credentialWord(DOCTOR), word, "word");
        assertLog("Discredited(address,address,uint256)", topic(DOCTOR), topic(REGISTRAR), abi.encode(word));
    }

    function test_discredit_by_the_issuer_of_the_word() public {
        accredit(ISSUER, 1);
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + 1);
        vm.recordLogs();
        discreditBy(ISSUER, DOCTOR);
        uint256 word = packCredential(NOW, NOW + 1, 0, ISSUER);
        vm.assertEq(credentialWord(DOCTOR), word, "word");
        assertLog("Discredited(address,address,uint256)", topic(DOCTOR), topic(ISSUER), abi.encode(word));
    }

    function test_discredit_refuses_what_was_never_written() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotAccredited.selector, DOCTOR));
        discreditBy(REGISTRAR, DOCTOR);
    }

    function test_discredit_refuses_what_is_withdrawn() public {
        accredit(DOCTOR, PRACTITIONER);
        discreditBy(REGISTRAR, DOCTOR);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotAccredited.selector, DOCTOR));
        discreditBy(REGISTRAR, DOCTOR);
    }

    function test_discredit_refuses_who_is_no_issuer() public {
        accredit(DOCTOR, PRACTITIONER);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, DOCTOR));
        discreditBy(DOCTOR, DOCTOR);
    }

    function test_discredit_refuses_an_issuer_whose_credential_has_ended() public {
        accredit(ISSUER, 1);
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + DAY);
        vm.warp(NOW + DAY);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, ISSUER));
        discreditBy(ISSUER, DOCTOR);
    }

    function test_discredit_refuses_another_issuer() public {
        accredit(ISSUER, 1);
        accredit(COLLEAGUE, 1);
        accreditBy(ISSUER, DOCTOR, PRACTITIONER, NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotOwnCredential.selector, DOCTOR, ISSUER));
        discreditBy(COLLEAGUE, DOCTOR);
    }

    // -------------------------------------------------------------------------------------------------- Registrar

    function test_constructor_names_the_registrar() public {
        vm.recordLogs();
        hr = new HealthRecord(REGISTRAR);
        assertLog("RegistrarChanged(address,address)", 0, topic(REGISTRAR), "");
        vm.assertEq(hr.registrar(), REGISTRAR, "registrar");
        vm.assertEq(hr.pendingRegistrar(), address(0), "pending");
    }

    function test_constructor_refuses_the_zero_registrar() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.ZeroRegistrar.selector));
        new HealthRecord(address(0));
    }

    function test_transferRegistrar_proposes_and_changes_nothing_yet() public {
        vm.recordLogs();
        vm.prank(REGISTRAR);
        hr.transferRegistrar(STRANGER);
        assertLog("RegistrarProposed(address,address)", topic(REGISTRAR), topic(STRANGER), "");
        vm.assertEq(hr.registrar(), REGISTRAR, "registrar");
        vm.assertEq(hr.pendingRegistrar(), STRANGER, "pending");
    }

    function test_transferRegistrar_again_replaces_the_proposal() public {
        vm.prank(REGISTRAR);
        hr.transferRegistrar(STRANGER);
        vm.prank(REGISTRAR);
        hr.transferRegistrar(address(0));
        vm.assertEq(hr.pendingRegistrar(), address(0), "pending");
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotPendingRegistrar.selector, STRANGER));
        vm.prank(STRANGER);
        hr.acceptRegistrar();
    }

    function test_transferRegistrar_refuses_a_stranger() public {
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotRegistrar.selector, STRANGER));
        vm.prank(STRANGER);
        hr.transferRegistrar(STRANGER);
    }

    function test_acceptRegistrar_hands_over() public {
        vm.prank(REGISTRAR);
        hr.transferRegistrar(STRANGER);
        vm.recordLogs();
        vm.prank(STRANGER);
        hr.acceptRegistrar();
        assertLog("RegistrarChanged(address,address)", topic(REGISTRAR), topic(STRANGER), "");
        vm.assertEq(hr.registrar(), STRANGER, "registrar");
        vm.assertEq(hr.pendingRegistrar(), address(0), "pending");
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotIssuer.selector, REGISTRAR));
        accreditBy(REGISTRAR, DOCTOR, 1, NOW + 1);
    }

    function test_acceptRegistrar_refuses_the_registrar_itself() public {
        vm.prank(REGISTRAR);
        hr.transferRegistrar(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IHealthRecord.NotPendingRegistrar.selector, REGISTRAR));
        vm.prank(REGISTRAR);
        hr.acceptRegistrar();
    }
}
