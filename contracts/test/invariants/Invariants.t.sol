// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {IHealthRecord} from "../../src/IHealthRecord.sol";
import {Base} from "../Base.sol";
import {Handler} from "./Handler.sol";

/// @notice What holds whatever anybody does, in any order.
contract InvariantsTest is Base {
    Handler private _handler;

    function setUp() public override {
        vm.warp(NOW);
        _handler = new Handler();
        _handler.setUp();
        hr = _handler.health();
    }

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    /// @notice The functions of the handler that Forge calls.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[20] memory all = [
            Handler.grant.selector,
            Handler.grantMany.selector,
            Handler.grantFor.selector,
            Handler.grantBySig.selector,
            Handler.deny.selector,
            Handler.denyFor.selector,
            Handler.denyBySig.selector,
            Handler.revoke.selector,
            Handler.revokeFor.selector,
            Handler.revokeBySig.selector,
            Handler.revokeAll.selector,
            Handler.setPolicy.selector,
            Handler.delegate.selector,
            Handler.revokeDelegation.selector,
            Handler.denyDelegation.selector,
            Handler.liftDelegation.selector,
            Handler.breakGlass.selector,
            Handler.closeEmergency.selector,
            Handler.accreditSomebody.selector,
            Handler.discreditSomebody.selector
        ];
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_handler), new bytes4[](all.length + 1));
        for (uint256 i; i < all.length; ++i) {
            targets[0].selectors[i] = all[i];
        }
        targets[0].selectors[all.length] = Handler.pass.selector;
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function holds(Handler.Rule rule, string memory name) private view {
        vm.assertEq(_handler.broken(rule), 0, name);
    }

    /// @notice What the handler saw in each write, one rule a line.
    function invariant_every_write_keeps_the_rules() public view {
        holds(Handler.Rule.Slot, "a slot is written that the design does not name");
        holds(Handler.Rule.Event, "a state change has not exactly one event with the word as written");
        holds(Handler.Rule.Revision, "a revision did not rise");
        holds(Handler.Rule.Epoch, "an epoch fell");
        holds(Handler.Rule.Cards, "cards fell");
        holds(Handler.Rule.Writer, "somebody else than the patient, a manager or a signature changed a word");
        holds(Handler.Rule.Tombstone, "somebody else lifted what is the patient's to lift");
        holds(Handler.Rule.Bounds, "a manager or a delegator exceeded its bounds");
        holds(Handler.Rule.Emergency, "emergency access without its event, its end or its right");
        holds(Handler.Rule.Credential, "a credential was written by somebody who may not");
    }

    /// @notice A permit of `decide` rests on a word that permits; nobody revoked or denied reads.
    function invariant_decide_never_permits_a_revoked_grantee() public view {
        IHealthRecord.Request memory r;
        (r.operation, r.at) = (1, uint40(block.timestamp));
        r.scopes = new bytes32[](1);
        r.scopes[0] = SCOPE;
        for (uint256 p; p < 5; ++p) {
            for (uint256 a; a < 5; ++a) {
                if (p == a) continue;
                (r.patient, r.accessor, r.delegator) = (_handler.who(p), _handler.who(a), _handler.who(3));
                if (p == 3 || a == 3) r.delegator = address(0);
                assertDecision(r, hr.decide(r));
            }
        }
    }

    function assertDecision(IHealthRecord.Request memory r, IHealthRecord.Decision memory d) private view {
        uint256 here = stateOf(grantSlot(r.patient, r.accessor, SCOPE));
        uint256 all = stateOf(grantSlot(r.patient, r.accessor, 0));
        if (here == DENY || all == DENY) vm.assertEq(d.code, 16, "denied");
        if (!d.permit) return vm.assertEq(d.until, 0, "until of a deny");
        vm.assertTrue(d.until > r.at, "a permit holds now");
        if (d.code == 3) {
            vm.assertEq(d.scope == 0 ? all : here, PERMIT, "the word that permits");
        } else {
            vm.assertEq(d.code, 5, "basis");
            vm.assertTrue(here != REVOKED && all != REVOKED, "revoked, and reads by a delegation");
            vm.assertEq(stateOf(delegationSlot(r.patient, r.delegator, r.accessor, d.scope)), PERMIT, "delegation");
        }
    }

    function stateOf(bytes32 place) private view returns (uint256) {
        return load(place) / 2 ** 184 % 2 ** 8;
    }

    /// @notice The handler is no handler if its calls fail: in a long walk every function succeeds.
    function test_the_handler_reaches_every_function() public {
        bytes4[] memory actions = targetSelectors()[0].selectors;
        for (uint256 i; i < 3000; ++i) {
            bytes32 seed = keccak256(abi.encode(i));
            uint256 action = uint256(seed) % actions.length;
            bytes32[4] memory seeds;
            for (uint256 j; j < 4; ++j) {
                // Small enough for any parameter's type.
                seeds[j] = bytes32(uint256(keccak256(abi.encode(seed, j))) % 2 ** 16);
            }
            (bool success,) = address(_handler).call(abi.encodePacked(actions[action], abi.encode(seeds)));
            vm.assertTrue(success, "the handler reverted");
        }
        bytes4[26] memory functions = [
            hr.grant.selector,
            hr.grantMany.selector,
            hr.grantFor.selector,
            hr.grantBySig.selector,
            hr.deny.selector,
            hr.denyFor.selector,
            hr.denyBySig.selector,
            hr.revoke.selector,
            hr.revokeFor.selector,
            hr.revokeBySig.selector,
            hr.revokeAll.selector,
            hr.revokeAllBySig.selector,
            hr.setPolicy.selector,
            hr.setPolicyBySig.selector,
            hr.delegate.selector,
            hr.delegateBySig.selector,
            hr.revokeDelegation.selector,
            hr.revokeDelegationBySig.selector,
            hr.denyDelegation.selector,
            hr.denyDelegationBySig.selector,
            hr.liftDelegation.selector,
            hr.breakGlass.selector,
            hr.closeEmergency.selector,
            hr.closeEmergencyBySig.selector,
            hr.accredit.selector,
            hr.discredit.selector
        ];
        for (uint256 i; i < functions.length; ++i) {
            vm.assertGe(_handler.succeeded(functions[i]), 1, vm.toString(bytes32(functions[i])));
        }
        invariant_every_write_keeps_the_rules();
    }
}
