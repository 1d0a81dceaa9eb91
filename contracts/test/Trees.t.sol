// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @notice The trees of records and batches are those that OpenZeppelin's contract proves, on random trees from 1 to
/// 1000 leaves that a second implementation of the format made.
contract TreesTest {
    Vm private constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    struct Tree {
        string key;
        bytes32 root;
        bytes32[] leaves;
    }

    string private json;

    function setUp() public {
        json = vm.readFile("../core/tests/vectors/golden/trees.json");
    }

    function test_proofs_lead_to_the_root() public view {
        string memory text = json;
        uint256 count;
        for (uint256 i; has(text, i); ++i) {
            Tree memory tree = read(text, i);
            for (uint256 j; vm.keyExistsJson(text, entry(tree.key, ".proofs", j)); ++j) {
                string memory key = entry(tree.key, ".proofs", j);
                bytes32 leaf = tree.leaves[vm.parseJsonUint(text, string.concat(key, ".leaf"))];
                bytes32[] memory proof = vm.parseJsonBytes32Array(text, string.concat(key, ".proof"));
                vm.assertTrue(MerkleProof.verify(proof, tree.root, leaf), key);
                vm.assertTrue(!MerkleProof.verify(proof, tree.root, ~leaf), "another leaf");
                if (proof.length != 0) {
                    proof[j % proof.length] ^= bytes32(uint256(1) << (j * 21));
                    vm.assertTrue(!MerkleProof.verify(proof, tree.root, leaf), "another sibling");
                }
                ++count;
            }
        }
        vm.assertGe(count, 140, "proofs");
    }

    function test_multiproofs_lead_to_the_root() public view {
        string memory text = json;
        uint256 count;
        for (uint256 i; has(text, i); ++i) {
            Tree memory tree = read(text, i);
            for (uint256 j; vm.keyExistsJson(text, entry(tree.key, ".multiproofs", j)); ++j) {
                string memory key = entry(tree.key, ".multiproofs", j);
                bytes32[] memory leaves = pick(tree, vm.parseJsonUintArray(text, string.concat(key, ".leaves")));
                bytes32[] memory proof = vm.parseJsonBytes32Array(text, string.concat(key, ".proof"));
                bool[] memory flags = vm.parseJsonBoolArray(text, string.concat(key, ".flags"));
                vm.assertTrue(MerkleProof.multiProofVerify(proof, flags, tree.root, leaves), key);
                leaves[leaves.length / 2] = ~leaves[leaves.length / 2];
                vm.assertTrue(!MerkleProof.multiProofVerify(proof, flags, tree.root, leaves), "another leaf");
                ++count;
            }
        }
        vm.assertGe(count, 60, "multiproofs");
    }

    /// @dev The only tree of one leaf is the leaf: a batch of one record is anchored as the record's commitment.
    function test_a_batch_of_one_is_its_commitment() public view {
        string memory text = json;
        for (uint256 i; has(text, i); ++i) {
            Tree memory tree = read(text, i);
            if (tree.leaves.length != 1) continue;
            string memory key = string.concat(tree.key, ".commitments");
            vm.assertEq(tree.root, vm.parseJsonBytes32Array(text, key)[0], "root");
            vm.assertTrue(MerkleProof.verify(new bytes32[](0), tree.root, tree.leaves[0]), "proof");
            return;
        }
        vm.assertTrue(false, "no tree of one leaf");
    }

    function has(string memory text, uint256 index) private view returns (bool) {
        return vm.keyExistsJson(text, entry("", ".cases", index));
    }

    function read(string memory text, uint256 index) private pure returns (Tree memory) {
        string memory key = entry("", ".cases", index);
        bytes32 root = vm.parseJsonBytes32(text, string.concat(key, ".root"));
        return Tree(key, root, vm.parseJsonBytes32Array(text, string.concat(key, ".leaves")));
    }

    function pick(Tree memory tree, uint256[] memory positions) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](positions.length);
        for (uint256 i; i < positions.length; ++i) {
            leaves[i] = tree.leaves[positions[i]];
        }
    }

    function entry(string memory key, string memory list, uint256 index) private pure returns (string memory) {
        return string.concat(key, list, "[", vm.toString(index), "]");
    }
}
