// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Base} from "./Base.sol";

/// @notice The committed artifact is what Forge compiles and deploys.
contract ArtifactTest is Base {
    string private json;

    function setUp() public override {
        super.setUp();
        json = vm.readFile("artifacts/HealthRecord.json");
    }

    function test_creation_code_is_the_artifacts() public view {
        vm.assertEq(vm.getCode("HealthRecord.sol:HealthRecord"), vm.parseJsonBytes(json, ".bytecode"), "bytecode");
    }

    function test_runtime_code_is_the_artifacts_whoever_is_registrar() public {
        vm.assertEq(address(hr).code, vm.parseJsonBytes(json, ".runtimeBytecode"), "code");
        vm.assertEq(address(hr).codehash, vm.parseJsonBytes32(json, ".runtimeCodeHash"), "hash");
        vm.assertEq(address(deploy(STRANGER)).codehash, address(hr).codehash, "another deployment");
    }

    function test_the_layout_is_the_nine_slots_of_the_design() public view {
        string[9] memory labels = [
            "_grants",
            "_delegations",
            "_emergencies",
            "_accounts",
            "_credentials",
            "_anchors",
            "_retractions",
            "registrar",
            "pendingRegistrar"
        ];
        for (uint256 i; i < labels.length; ++i) {
            string memory entry = string.concat(".storageLayout[", string(abi.encodePacked(uint8(48 + i))), "]");
            vm.assertEq(vm.parseJsonString(json, string.concat(entry, ".label")), labels[i], "label");
            vm.assertEq(vm.parseJsonBytes32(json, string.concat(entry, ".slot")), bytes32(base() + i), "slot");
        }
        vm.assertTrue(!vm.keyExistsJson(json, ".storageLayout[9]"), "nothing after them");
    }
}
