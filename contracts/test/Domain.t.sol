// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {GRANT, Signed} from "./Signed.sol";
import {EIP712} from "solady/src/utils/EIP712.sol";

/// @notice The domain of this contract's name and version, by Solady.
contract SoladyDomain is EIP712 {
    function _domainNameAndVersion() internal pure override returns (string memory, string memory) {
        return ("HealthRecord", "1");
    }

    function separator() external view returns (bytes32) {
        return _domainSeparator();
    }
}

/// @notice The domain of signatures (ERC-5267).
contract DomainTest is Signed {
    function test_is_what_signatures_are_of() public {
        vm.chainId(31_337_000);
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chain,
            address verifier,
            bytes32 salt,
            uint256[] memory extensions
        ) = hr.eip712Domain();
        vm.assertEq(uint8(fields), 0x0f, "name, version, chain and contract");
        vm.assertEq(name, "HealthRecord", "name");
        vm.assertEq(version, "1", "version");
        vm.assertEq(chain, 31_337_000, "chain");
        vm.assertEq(verifier, address(hr), "contract");
        vm.assertEq(salt, 0, "salt");
        vm.assertEq(extensions.length, 0, "extensions");
    }

    function test_is_Soladys_of_the_same_name_and_version() public {
        SoladyDomain solady = new SoladyDomain();
        vm.assertEq(domain(block.chainid, address(solady)), solady.separator(), "separator");
        bytes memory theirs = domainOf(address(solady));
        vm.etch(address(solady), address(hr).code);
        vm.assertEq(domainOf(address(solady)), theirs, "eip712Domain");
    }

    function domainOf(address verifier) internal view returns (bytes memory) {
        (bool success, bytes memory answer) = verifier.staticcall(abi.encodeCall(hr.eip712Domain, ()));
        vm.assertTrue(success, "eip712Domain reverted");
        return answer;
    }

    /// @notice The hash of a whole typed document, as wallets take it, by Foundry.
    function test_and_a_grant_hash_as_in_a_wallet() public view {
        string memory json = string.concat(
            '{"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},',
            '{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],"Grant":[',
            '{"name":"patient","type":"address"},{"name":"grantee","type":"address"},{"name":"scope","type":"bytes32"},',
            '{"name":"notBefore","type":"uint40"},{"name":"notAfter","type":"uint40"},{"name":"purposes","type":"uint32"},',
            '{"name":"operations","type":"uint16"},{"name":"requiredRoles","type":"uint16"},',
            '{"name":"document","type":"bytes32"},{"name":"epoch","type":"uint32"},{"name":"revision","type":"uint24"},',
            '{"name":"deadline","type":"uint40"}]},"primaryType":"Grant",'
        );
        json = string.concat(
            json,
            '"domain":{"name":"HealthRecord","version":"1","chainId":',
            vm.toString(block.chainid),
            ',"verifyingContract":"',
            vm.toString(address(hr)),
            '"},"message":{"patient":"',
            vm.toString(HOLDER),
            '","grantee":"',
            vm.toString(DOCTOR),
            '","scope":"',
            vm.toString(SCOPE)
        );
        json = string.concat(
            json,
            '","notBefore":1,"notAfter":2,"purposes":3,"operations":4,"requiredRoles":5,"document":"',
            vm.toString(DOCUMENT),
            '","epoch":6,"revision":7,"deadline":8}}'
        );
        bytes memory members = abi.encode(HOLDER, DOCTOR, SCOPE, 1, 2, 3, 4, 5, DOCUMENT, 6, 7, 8);
        vm.assertEq(vm.eip712HashTypedData(json), digest(GRANT, members), "digest");
    }
}
