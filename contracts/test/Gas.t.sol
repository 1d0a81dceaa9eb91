// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../src/IHealthRecord.sol";
import {Base} from "./Base.sol";

/// @notice Receipt gas: each call is a transaction of its own. Where the design has a goal, it is asserted; the snapshot
/// holds every figure. `tools/gas.mjs` sends the same transactions to Anvil.
contract GasTest is Base {
    string private constant GROUP_NAME = "HealthRecord";

    function measured(string memory name) private {
        measured(name, type(uint256).max);
    }

    function measured(string memory name, uint256 goal) private {
        uint256 gas = vm.snapshotGasLastCall(GROUP_NAME, name);
        vm.assertLe(gas, goal, name);
        assertInReadme(name, gas);
    }

    function assertInReadme(string memory name, uint256 figure) private view {
        string memory row = string.concat("| ", name, " | ", vm.toString(figure), " |");
        vm.assertTrue(vm.contains(vm.readFile("README.md"), row), string.concat("README.md has no row ", row));
    }

    function test_anchor() public {
        vm.prank(AUTHOR);
        hr.anchor(keccak256("a root"), 1, 1);
        measured("anchor", 46_700);
    }

    function test_retract() public {
        vm.prank(AUTHOR);
        hr.retract(keccak256("a root"), 1);
        measured("retract");
    }

    function test_grant() public {
        vm.prank(PATIENT);
        hr.grant(DOCTOR, 0, terms(), 0);
        measured("grant, new", 51_100);
        vm.warp(NOW + 1);
        vm.prank(PATIENT);
        hr.grant(DOCTOR, 0, terms(), 0);
        measured("grant, renewed", 34_000);
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

    function test_revoke() public {
        vm.prank(PATIENT);
        hr.grant(DOCTOR, SCOPE, terms(), DOCUMENT);
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        measured("revoke", 30_300);
    }

    function test_revoke_of_a_never_written_word() public {
        vm.prank(PATIENT);
        hr.revoke(DOCTOR, SCOPE);
        measured("revoke, never written", 47_400);
    }

    function test_revokeAll() public {
        vm.prank(PATIENT);
        hr.revokeAll();
        measured("revokeAll, first", 45_500);
        vm.prank(PATIENT);
        hr.revokeAll();
        measured("revokeAll, next", 28_400);
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
        measured("decide, 6 scopes, blinding, delegator, delegated at 0", 105_000);
    }

    function test_runtime_size() public {
        uint256 size = address(hr).code.length;
        vm.snapshotValue(GROUP_NAME, "runtime code, bytes", size);
        vm.assertLe(size, 20 * 1024, "runtime size");
        assertInReadme("runtime code, bytes", size);
    }
}
