// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Base} from "./Base.sol";

/// @notice One test per basis and per reason of `decide`, at its edges, on words put into storage.
contract DecideTest is Base {
    bytes32 internal constant SALT = bytes32(uint256(0x5a17));
    uint40 internal constant FOREVER = 2 ** 40 - 1;

    function request() internal view returns (IHealthRecord.Request memory r) {
        r.patient = PATIENT;
        r.accessor = DOCTOR;
        r.scopes = new bytes32[](1);
        r.scopes[0] = SCOPE;
        r.operation = 1;
        r.at = NOW;
    }

    /// @notice SCOPE, then GROUP, then 0 implied.
    function wideRequest() internal view returns (IHealthRecord.Request memory r) {
        r = request();
        r.scopes = new bytes32[](2);
        (r.scopes[0], r.scopes[1]) = (SCOPE, GROUP);
    }

    function blinded(address accessor) internal view returns (address) {
        bytes32 tag = keccak256("healthrecord/hr1/blind");
        return address(uint160(uint256(keccak256(bytes.concat(tag, bytes20(PATIENT), bytes20(accessor), SALT)))));
    }

    function put(address grantee, bytes32 scope, Word memory w) internal {
        store(grantSlot(PATIENT, grantee, scope), pack(w));
    }

    function permits(IHealthRecord.Request memory r, uint8 code, bytes32 scope, uint40 until) internal view {
        decides(r, true, code, scope, until);
    }

    function denies(IHealthRecord.Request memory r, uint8 code, bytes32 scope) internal view {
        decides(r, false, code, scope, 0);
    }

    function decides(IHealthRecord.Request memory r, bool permit, uint8 code, bytes32 scope, uint40 until)
        internal
        view
    {
        IHealthRecord.Decision memory d = hr.decide(r);
        vm.assertEq(d.code, code, "code");
        vm.assertEq(d.permit, permit, "permit");
        vm.assertEq(d.scope, scope, "scope");
        vm.assertEq(d.until, until, "until");
    }

    function malformed(IHealthRecord.Request memory r, bytes memory reason) internal {
        vm.expectRevert(reason);
        hr.decide(r);
    }

    // --------------------------------------------------------------------------------------------- Well-formedness

    function test_malformed_patient_is_named_first() public {
        IHealthRecord.Request memory r;
        malformed(r, abi.encodeWithSelector(IHealthRecord.ZeroPatient.selector));
    }

    function test_malformed_accessor() public {
        IHealthRecord.Request memory r;
        r.patient = PATIENT;
        malformed(r, abi.encodeWithSelector(IHealthRecord.ZeroAccessor.selector));
    }

    function test_malformed_number_of_scopes() public {
        IHealthRecord.Request memory r = request();
        r.scopes = new bytes32[](7);
        malformed(r, abi.encodeWithSelector(IHealthRecord.TooManyScopes.selector, 7));
    }

    function test_malformed_zero_scope_before_the_last() public {
        IHealthRecord.Request memory r = wideRequest();
        r.operation = 0;
        r.scopes[0] = 0;
        malformed(r, abi.encodeWithSelector(IHealthRecord.ZeroScope.selector, 0));
        r.scopes = new bytes32[](3);
        r.scopes[0] = SCOPE;
        malformed(r, abi.encodeWithSelector(IHealthRecord.ZeroScope.selector, 1));
    }

    function test_malformed_operation() public {
        IHealthRecord.Request memory r = request();
        for (uint16 operation; operation < 40; ++operation) {
            r.operation = operation;
            if (operation == 1 || operation == 2 || operation == 4 || operation == 8) hr.decide(r);
            else malformed(r, abi.encodeWithSelector(IHealthRecord.NotOneOperation.selector, operation));
        }
        r.operation = 2 ** 15;
        malformed(r, abi.encodeWithSelector(IHealthRecord.NotOneOperation.selector, 2 ** 15));
    }

    function test_malformed_delegator() public {
        IHealthRecord.Request memory r = request();
        r.delegator = PATIENT;
        malformed(r, abi.encodeWithSelector(IHealthRecord.DelegatorIsPatient.selector, PATIENT));
        r.delegator = DOCTOR;
        malformed(r, abi.encodeWithSelector(IHealthRecord.DelegatorIsAccessor.selector, DOCTOR));
    }

    function test_malformed_requests_of_the_patient_itself_revert_too() public {
        IHealthRecord.Request memory r = request();
        r.accessor = PATIENT;
        r.operation = 3;
        malformed(r, abi.encodeWithSelector(IHealthRecord.NotOneOperation.selector, 3));
    }

    // ----------------------------------------------------------------------------------------------------- Scopes

    function test_scope_0_is_implied_and_may_be_written_out() public {
        put(DOCTOR, 0, permitWord());
        IHealthRecord.Request memory r = wideRequest();
        permits(r, 3, 0, NOW + 1000);
        r.scopes[1] = 0;
        permits(r, 3, 0, NOW + 1000);
        r.scopes = new bytes32[](1);
        permits(r, 3, 0, NOW + 1000);
        r.scopes = new bytes32[](0);
        permits(r, 3, 0, NOW + 1000);
    }

    function test_six_named_scopes_and_0_are_tried() public {
        IHealthRecord.Request memory r = request();
        r.scopes = new bytes32[](6);
        for (uint256 i; i < 6; ++i) {
            r.scopes[i] = bytes32(i + 1);
        }
        put(DOCTOR, 0, permitWord());
        permits(r, 3, 0, NOW + 1000);
        put(DOCTOR, bytes32(uint256(6)), permitWord());
        permits(r, 3, bytes32(uint256(6)), NOW + 1000);
    }

    // --------------------------------------------------------------------------------------------------- 1: self

    function test_1_self_whatever_is_asked() public {
        IHealthRecord.Request memory r = request();
        r.accessor = PATIENT;
        permits(r, 1, 0, FOREVER);
        (r.operation, r.purpose, r.at, r.salt) = (8, 2, FOREVER, SALT);
        store(accountSlot(PATIENT), packAccount(3, 1, 0, 0));
        put(PATIENT, 0, endedWord(DENY, 1));
        permits(r, 1, 0, FOREVER);
    }

    // ---------------------------------------------------------------------------------------------- 2: emergency

    function emergency() internal view returns (IHealthRecord.Request memory r) {
        r = request();
        r.purpose = 2;
    }

    function putEmergency(Word memory w) internal {
        store(emergencySlot(PATIENT, DOCTOR), pack(w));
    }

    function open() internal {
        Word memory w = permitWord();
        w.purposes = 4;
        putEmergency(w);
        store(credentialSlot(DOCTOR), packCredential(NOW - 5, NOW + 500, 4, REGISTRAR));
    }

    function test_2_emergency_until_the_earlier_end() public {
        open();
        permits(emergency(), 2, 0, NOW + 500);
        store(credentialSlot(DOCTOR), packCredential(NOW - 5, NOW + 5000, 4, REGISTRAR));
        permits(emergency(), 2, 0, NOW + 1000);
    }

    function test_2_emergency_answers_in_spite_of_grants_and_denies_elsewhere() public {
        open();
        put(DOCTOR, SCOPE, endedWord(DENY, 1));
        put(COLLEAGUE, 0, endedWord(DENY, 1));
        put(blinded(DOCTOR), 0, endedWord(DENY, 1));
        permits(emergency(), 2, 0, NOW + 500);
    }

    function test_2_no_delegation_answers_break_glass() public {
        IHealthRecord.Request memory r = emergency();
        r.delegator = COLLEAGUE;
        Word memory w = permitWord();
        (w.operations, w.purposes) = (15, 2 ** 32 - 1);
        put(COLLEAGUE, 0, w);
        store(delegationSlot(PATIENT, COLLEAGUE, DOCTOR, 0), packDelegation(w, 1, 0));
        denies(r, 71, 0);
        open();
        permits(r, 2, 0, NOW + 500);
    }

    function test_2_no_grant_answers_break_glass() public {
        Word memory w = permitWord();
        w.purposes = 4;
        put(DOCTOR, SCOPE, w);
        denies(emergency(), 71, 0);
    }

    function test_16_explicit_deny_at_0_forbids_the_emergency() public {
        open();
        store(accountSlot(PATIENT), packAccount(0, 1, 0, 0));
        put(DOCTOR, 0, endedWord(DENY, 1));
        denies(emergency(), 16, 0);
    }

    function test_16_explicit_blinded_deny_at_0_forbids_the_emergency() public {
        open();
        put(blinded(DOCTOR), 0, endedWord(DENY, 1));
        IHealthRecord.Request memory r = emergency();
        r.salt = SALT;
        denies(r, 16, 0);
    }

    function test_64_emergency_forbidden() public {
        open();
        store(accountSlot(PATIENT), packAccount(0, 1, 0, 0));
        IHealthRecord.Request memory r = emergency();
        r.operation = 2;
        denies(r, 64, 0);
    }

    function test_65_emergency_operation() public {
        putEmergency(endedWord(NONE, 0));
        IHealthRecord.Request memory r = emergency();
        for (r.operation = 2; r.operation < 16; r.operation *= 2) {
            denies(r, 65, 0);
        }
    }

    function test_66_emergency_closed() public {
        open();
        Word memory w = endedWord(REVOKED, 2);
        w.epoch = 1;
        putEmergency(w);
        denies(emergency(), 66, 0);
        w.state = DENY;
        putEmergency(w);
        denies(emergency(), 66, 0);
    }

    function test_67_emergency_revoked_all() public {
        open();
        store(accountSlot(PATIENT), packAccount(1, 0, 0, 0));
        IHealthRecord.Request memory r = emergency();
        r.at = NOW + 1000;
        denies(r, 67, 0);
    }

    function test_68_emergency_expired_from_notAfter_on() public {
        open();
        store(credentialSlot(DOCTOR), packCredential(0, FOREVER, 4, REGISTRAR));
        IHealthRecord.Request memory r = emergency();
        r.at = NOW + 999;
        permits(r, 2, 0, NOW + 1000);
        r.at = NOW + 1000;
        denies(r, 68, 0);
    }

    function test_69_emergency_not_yet_before_notBefore() public {
        open();
        store(credentialSlot(DOCTOR), packCredential(0, FOREVER, 4, REGISTRAR));
        IHealthRecord.Request memory r = emergency();
        r.at = NOW - 11;
        denies(r, 69, 0);
        r.at = NOW - 10;
        permits(r, 2, 0, NOW + 1000);
    }

    function test_70_emergency_credential() public {
        open();
        IHealthRecord.Request memory r = emergency();
        r.at = NOW - 6;
        denies(r, 70, 0);
        r.at = NOW - 5;
        permits(r, 2, 0, NOW + 500);
        r.at = NOW + 499;
        permits(r, 2, 0, NOW + 500);
        r.at = NOW + 500;
        denies(r, 70, 0);
        store(credentialSlot(DOCTOR), packCredential(NOW - 5, NOW + 500, 0xfffb, REGISTRAR));
        denies(emergency(), 70, 0);
        store(credentialSlot(DOCTOR), 0);
        denies(emergency(), 70, 0);
    }

    function test_71_emergency_unopened() public view {
        denies(emergency(), 71, 0);
    }

    // --------------------------------------------------------------------------------------- 3 and 16: explicit

    function test_16_explicit_at_the_first_scope_that_is_denied() public {
        put(DOCTOR, SCOPE, permitWord());
        put(DOCTOR, GROUP, endedWord(DENY, 1));
        put(DOCTOR, 0, endedWord(DENY, 1));
        denies(wideRequest(), 16, GROUP);
    }

    function test_16_explicit_before_the_end_of_time_and_in_every_epoch() public {
        put(DOCTOR, 0, endedWord(DENY, 1));
        store(accountSlot(PATIENT), packAccount(9, 0, 0, 0));
        IHealthRecord.Request memory r = request();
        r.at = 0;
        denies(r, 16, 0);
        r.at = FOREVER;
        denies(r, 16, 0);
    }

    function test_16_explicit_by_the_blinded_word() public {
        put(DOCTOR, SCOPE, permitWord());
        put(blinded(DOCTOR), GROUP, endedWord(DENY, 1));
        IHealthRecord.Request memory r = wideRequest();
        permits(r, 3, SCOPE, NOW + 1000);
        r.salt = SALT;
        denies(r, 16, GROUP);
    }

    // ------------------------------------------------------------------------------------------------- 4: grant

    function test_3_grant_at_the_first_scope_that_permits() public {
        put(DOCTOR, 0, permitWord());
        Word memory w = permitWord();
        w.notAfter = NOW + 1;
        put(DOCTOR, GROUP, w);
        permits(wideRequest(), 3, GROUP, NOW + 1);
        w.notAfter = NOW;
        put(DOCTOR, SCOPE, w);
        permits(wideRequest(), 3, GROUP, NOW + 1);
    }

    function test_3_grant_for_the_operation_and_purpose_alone() public {
        for (uint256 operation = 1; operation < 16; operation *= 2) {
            for (uint256 purpose; purpose <= 16; ++purpose) {
                if (purpose == 2) continue;
                Word memory w = permitWord();
                (w.operations, w.purposes) = (operation, 2 ** purpose);
                put(DOCTOR, SCOPE, w);
                IHealthRecord.Request memory r = request();
                (r.operation, r.purpose) = (uint16(operation), uint8(purpose));
                permits(r, 3, SCOPE, NOW + 1000);
                (w.operations, w.purposes) = (15 - operation, 2 ** 32 - 1);
                put(DOCTOR, SCOPE, w);
                denies(r, 21, SCOPE);
                (w.operations, w.purposes) = (15, 2 ** 32 - 1 - 2 ** purpose);
                put(DOCTOR, SCOPE, w);
                denies(r, 22, SCOPE);
            }
        }
    }

    function test_3_grant_with_roles_until_the_earlier_end() public {
        Word memory w = permitWord();
        w.requiredRoles = 6;
        put(DOCTOR, SCOPE, w);
        store(credentialSlot(DOCTOR), packCredential(NOW - 5, NOW + 500, 0xff, REGISTRAR));
        permits(request(), 3, SCOPE, NOW + 500);
        store(credentialSlot(DOCTOR), packCredential(NOW - 5, NOW + 5000, 6, REGISTRAR));
        permits(request(), 3, SCOPE, NOW + 1000);
    }

    function test_3_grant_without_roles_reads_no_credential() public {
        put(DOCTOR, SCOPE, permitWord());
        store(credentialSlot(DOCTOR), packCredential(NOW - 5, NOW + 1, 6, REGISTRAR));
        permits(request(), 3, SCOPE, NOW + 1000);
    }

    function test_3_grant_open_before_blinded_at_one_scope() public {
        Word memory w = permitWord();
        w.notAfter = NOW + 1;
        put(blinded(DOCTOR), SCOPE, w);
        IHealthRecord.Request memory r = wideRequest();
        r.salt = SALT;
        permits(r, 3, SCOPE, NOW + 1);
        put(DOCTOR, SCOPE, permitWord());
        permits(r, 3, SCOPE, NOW + 1000);
        put(DOCTOR, SCOPE, endedWord(NONE, 0));
        put(DOCTOR, GROUP, permitWord());
        permits(r, 3, SCOPE, NOW + 1);
    }

    function test_3_grant_blinded_for_read_and_write_alone() public {
        Word memory w = permitWord();
        w.operations = 15;
        put(blinded(DOCTOR), SCOPE, w);
        IHealthRecord.Request memory r = request();
        denies(r, 255, 0);
        r.salt = SALT;
        permits(r, 3, SCOPE, NOW + 1000);
        r.operation = 2;
        permits(r, 3, SCOPE, NOW + 1000);
        r.operation = 4;
        denies(r, 21, SCOPE);
        r.operation = 8;
        denies(r, 21, SCOPE);
    }

    function test_3_grant_blinded_needs_the_true_accessors_credential() public {
        Word memory w = permitWord();
        w.requiredRoles = 2;
        put(blinded(DOCTOR), SCOPE, w);
        store(credentialSlot(blinded(DOCTOR)), packCredential(0, FOREVER, 2, REGISTRAR));
        IHealthRecord.Request memory r = request();
        r.salt = SALT;
        denies(r, 23, SCOPE);
        store(credentialSlot(DOCTOR), packCredential(0, FOREVER, 2, REGISTRAR));
        permits(r, 3, SCOPE, NOW + 1000);
    }

    function test_blinded_address_of_a_known_vector() public {
        IHealthRecord.Request memory r = request();
        r.patient = 0x1111111111111111111111111111111111111111;
        r.accessor = 0x2222222222222222222222222222222222222222;
        r.salt = 0x3333333333333333333333333333333333333333333333333333333333333333;
        address known = address(bytes20(hex"42142998d7f3c516c50abd25eda997e35cab02ec"));
        store(grantSlot(r.patient, known, SCOPE), pack(permitWord()));
        permits(r, 3, SCOPE, NOW + 1000);
    }

    // ---------------------------------------------------------------------------------------- 7: reasons of denies

    function test_17_revoked() public {
        put(DOCTOR, SCOPE, endedWord(REVOKED, 1));
        denies(request(), 17, SCOPE);
    }

    function test_18_revoked_all() public {
        Word memory w = permitWord();
        w.notAfter = NOW;
        put(DOCTOR, SCOPE, w);
        store(accountSlot(PATIENT), packAccount(1, 0, 0, 0));
        denies(request(), 18, SCOPE);
        w = permitWord();
        w.epoch = 2;
        put(DOCTOR, SCOPE, w);
        denies(request(), 18, SCOPE);
        w.epoch = 1;
        put(DOCTOR, SCOPE, w);
        permits(request(), 3, SCOPE, NOW + 1000);
    }

    function test_19_expired_from_notAfter_on() public {
        put(DOCTOR, SCOPE, permitWord());
        IHealthRecord.Request memory r = request();
        r.at = NOW + 999;
        permits(r, 3, SCOPE, NOW + 1000);
        r.at = NOW + 1000;
        denies(r, 19, SCOPE);
    }

    function test_20_not_yet_before_notBefore() public {
        put(DOCTOR, SCOPE, permitWord());
        IHealthRecord.Request memory r = request();
        r.operation = 2;
        r.at = NOW - 11;
        denies(r, 20, SCOPE);
        r.operation = 1;
        r.at = NOW - 10;
        permits(r, 3, SCOPE, NOW + 1000);
    }

    function test_21_operation_before_purpose() public {
        put(DOCTOR, SCOPE, permitWord());
        IHealthRecord.Request memory r = request();
        (r.operation, r.purpose) = (2, 1);
        denies(r, 21, SCOPE);
    }

    function test_22_purpose_before_credential() public {
        Word memory w = permitWord();
        w.requiredRoles = 2;
        put(DOCTOR, SCOPE, w);
        IHealthRecord.Request memory r = request();
        r.purpose = 1;
        denies(r, 22, SCOPE);
    }

    function test_22_purposes_without_a_name_never_match() public {
        Word memory w = permitWord();
        w.purposes = 2 ** 32 - 1;
        put(DOCTOR, SCOPE, w);
        IHealthRecord.Request memory r = request();
        r.purpose = 16;
        permits(r, 3, SCOPE, NOW + 1000);
        r.purpose = 17;
        denies(r, 22, SCOPE);
        r.purpose = 31;
        denies(r, 22, SCOPE);
        r.purpose = 255;
        denies(r, 22, SCOPE);
    }

    function test_23_credential() public {
        Word memory w = permitWord();
        w.requiredRoles = 6;
        put(DOCTOR, SCOPE, w);
        denies(request(), 23, SCOPE);
        store(credentialSlot(DOCTOR), packCredential(NOW - 5, NOW + 5, 0xfff9 + 2, REGISTRAR));
        denies(request(), 23, SCOPE);
        store(credentialSlot(DOCTOR), packCredential(NOW + 1, NOW + 5, 6, REGISTRAR));
        denies(request(), 23, SCOPE);
        store(credentialSlot(DOCTOR), packCredential(NOW - 5, NOW, 6, REGISTRAR));
        denies(request(), 23, SCOPE);
        store(credentialSlot(DOCTOR), packCredential(NOW, NOW + 1, 6, REGISTRAR));
        permits(request(), 3, SCOPE, NOW + 1);
    }

    function test_23_roles_without_a_name_are_never_held() public {
        Word memory w = permitWord();
        w.requiredRoles = 0x102;
        put(DOCTOR, SCOPE, w);
        store(credentialSlot(DOCTOR), packCredential(0, FOREVER, 0xffff, REGISTRAR));
        denies(request(), 23, SCOPE);
    }

    function test_255_never_granted() public view {
        IHealthRecord.Request memory r = wideRequest();
        r.salt = SALT;
        r.delegator = COLLEAGUE;
        denies(r, 255, 0);
    }

    function test_7_the_most_informative_reason_with_its_first_scope() public {
        Word memory w = permitWord();
        w.purposes = 2;
        put(DOCTOR, SCOPE, w);
        denies(wideRequest(), 22, SCOPE);
        put(DOCTOR, 0, endedWord(REVOKED, 1));
        denies(wideRequest(), 17, 0);
        put(DOCTOR, GROUP, endedWord(REVOKED, 1));
        denies(wideRequest(), 17, GROUP);
    }

    // -------------------------------------------------------------------------------------------- 6: delegation

    function delegated() internal view returns (IHealthRecord.Request memory r) {
        r = wideRequest();
        r.delegator = COLLEAGUE;
    }

    function putDelegation(bytes32 scope, Word memory w, uint256 parentRevision, uint256 parentIsAll) internal {
        store(delegationSlot(PATIENT, COLLEAGUE, DOCTOR, scope), packDelegation(w, parentRevision, parentIsAll));
    }

    /// @notice A parent at `scope` that may share reading.
    function parentWord() internal pure returns (Word memory w) {
        w = permitWord();
        (w.operations, w.revision, w.notAfter) = (5, 7, NOW + 800);
    }

    function delegate() internal {
        put(COLLEAGUE, GROUP, parentWord());
        putDelegation(GROUP, permitWord(), 7, 0);
    }

    function test_5_delegation_until_the_earliest_end() public {
        delegate();
        permits(delegated(), 5, GROUP, NOW + 800);
        Word memory w = permitWord();
        w.notAfter = NOW + 700;
        putDelegation(GROUP, w, 7, 0);
        permits(delegated(), 5, GROUP, NOW + 700);
        store(credentialSlot(DOCTOR), packCredential(0, NOW + 1, 2, REGISTRAR));
        permits(delegated(), 5, GROUP, NOW + 700);
        w.requiredRoles = 2;
        putDelegation(GROUP, w, 7, 0);
        permits(delegated(), 5, GROUP, NOW + 1);
    }

    function test_5_delegation_whose_parent_requires_roles_of_the_accessor() public {
        delegate();
        Word memory p = parentWord();
        p.requiredRoles = 2;
        put(COLLEAGUE, GROUP, p);
        store(credentialSlot(COLLEAGUE), packCredential(0, FOREVER, 2, REGISTRAR));
        denies(delegated(), 56, GROUP);
        store(credentialSlot(DOCTOR), packCredential(0, NOW + 1, 2, REGISTRAR));
        permits(delegated(), 5, GROUP, NOW + 1);
    }

    function test_5_delegation_whose_parent_is_at_0() public {
        put(COLLEAGUE, 0, parentWord());
        putDelegation(GROUP, permitWord(), 7, 1);
        permits(delegated(), 5, GROUP, NOW + 800);
        putDelegation(GROUP, permitWord(), 7, 0);
        denies(delegated(), 56, GROUP);
    }

    function test_5_delegation_at_the_first_scope_that_permits() public {
        delegate();
        put(COLLEAGUE, 0, parentWord());
        putDelegation(0, permitWord(), 7, 1);
        putDelegation(SCOPE, endedWord(REVOKED, 1), 0, 0);
        permits(delegated(), 5, GROUP, NOW + 800);
    }

    function test_5_delegation_in_spite_of_refused_direct_words() public {
        delegate();
        Word memory w = permitWord();
        w.notAfter = NOW;
        put(DOCTOR, SCOPE, w);
        permits(delegated(), 5, GROUP, NOW + 800);
    }

    function test_5_delegation_only_if_a_delegator_is_named() public {
        delegate();
        denies(wideRequest(), 255, 0);
    }

    function test_5_delegation_yields_to_the_direct_grant() public {
        delegate();
        put(DOCTOR, 0, permitWord());
        permits(delegated(), 3, 0, NOW + 1000);
    }

    function test_17_a_revoked_accessor_gets_no_delegation() public {
        delegate();
        put(DOCTOR, 0, endedWord(REVOKED, 1));
        denies(delegated(), 17, 0);
    }

    function test_17_a_revoked_blinded_accessor_gets_no_delegation() public {
        delegate();
        put(blinded(DOCTOR), 0, endedWord(REVOKED, 1));
        IHealthRecord.Request memory r = delegated();
        permits(r, 5, GROUP, NOW + 800);
        r.salt = SALT;
        denies(r, 17, 0);
    }

    function test_16_a_denied_accessor_gets_no_delegation() public {
        delegate();
        put(DOCTOR, 0, endedWord(DENY, 1));
        denies(delegated(), 16, 0);
    }

    function test_48_delegation_denied_with_the_delegator() public {
        delegate();
        put(COLLEAGUE, 0, endedWord(DENY, 1));
        denies(delegated(), 48, 0);
        put(COLLEAGUE, SCOPE, endedWord(DENY, 1));
        denies(delegated(), 48, SCOPE);
    }

    function test_48_delegation_denied() public {
        delegate();
        putDelegation(GROUP, endedWord(DENY, 1), 0, 0);
        denies(delegated(), 48, GROUP);
    }

    function test_49_delegation_revoked() public {
        delegate();
        putDelegation(GROUP, endedWord(REVOKED, 1), 0, 0);
        denies(delegated(), 49, GROUP);
    }

    function test_50_delegation_revoked_all() public {
        delegate();
        store(accountSlot(PATIENT), packAccount(1, 0, 0, 0));
        denies(delegated(), 50, GROUP);
    }

    function test_51_delegation_expired() public {
        delegate();
        Word memory w = permitWord();
        w.notAfter = NOW;
        putDelegation(GROUP, w, 7, 0);
        denies(delegated(), 51, GROUP);
    }

    function test_52_delegation_not_yet() public {
        delegate();
        Word memory w = permitWord();
        w.notBefore = NOW + 1;
        putDelegation(GROUP, w, 7, 0);
        denies(delegated(), 52, GROUP);
    }

    function test_53_delegation_operation() public {
        delegate();
        IHealthRecord.Request memory r = delegated();
        r.operation = 2;
        denies(r, 53, GROUP);
    }

    function test_53_delegation_of_reading_and_writing_alone() public {
        Word memory w = permitWord();
        w.operations = 15;
        put(COLLEAGUE, GROUP, w);
        putDelegation(GROUP, w, 1, 0);
        IHealthRecord.Request memory r = delegated();
        r.operation = 2;
        permits(r, 5, GROUP, NOW + 1000);
        r.operation = 4;
        denies(r, 53, GROUP);
        r.operation = 8;
        denies(r, 53, GROUP);
    }

    function test_53_delegation_of_writing_needs_no_reading() public {
        Word memory w = permitWord();
        w.operations = 6;
        put(COLLEAGUE, GROUP, w);
        putDelegation(GROUP, w, 1, 0);
        IHealthRecord.Request memory r = delegated();
        denies(r, 53, GROUP);
        r.operation = 2;
        permits(r, 5, GROUP, NOW + 1000);
    }

    function test_54_delegation_purpose() public {
        delegate();
        IHealthRecord.Request memory r = delegated();
        r.purpose = 1;
        denies(r, 54, GROUP);
    }

    function test_55_delegation_credential() public {
        delegate();
        Word memory w = permitWord();
        w.requiredRoles = 2;
        putDelegation(GROUP, w, 7, 0);
        denies(delegated(), 55, GROUP);
    }

    function test_56_delegation_parent_was_written_since() public {
        delegate();
        putDelegation(GROUP, permitWord(), 6, 0);
        denies(delegated(), 56, GROUP);
        putDelegation(GROUP, permitWord(), 8, 0);
        denies(delegated(), 56, GROUP);
    }

    function test_56_delegation_parent_does_not_permit() public {
        delegate();
        Word memory p = parentWord();
        p.operations = 1;
        put(COLLEAGUE, GROUP, p);
        denies(delegated(), 56, GROUP);
        p.operations = 4;
        put(COLLEAGUE, GROUP, p);
        denies(delegated(), 56, GROUP);
        p = parentWord();
        p.notAfter = NOW;
        put(COLLEAGUE, GROUP, p);
        denies(delegated(), 56, GROUP);
        p = parentWord();
        p.purposes = 2;
        put(COLLEAGUE, GROUP, p);
        denies(delegated(), 56, GROUP);
        put(COLLEAGUE, GROUP, endedWord(REVOKED, 7));
        denies(delegated(), 56, GROUP);
    }

    function test_7_reasons_of_direct_words_come_before_those_of_delegations() public {
        putDelegation(SCOPE, endedWord(DENY, 1), 0, 0);
        Word memory w = permitWord();
        w.requiredRoles = 2;
        put(DOCTOR, 0, w);
        denies(delegated(), 23, 0);
    }
}
