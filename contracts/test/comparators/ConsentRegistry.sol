// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice For comparison: the shape of a registry with a struct for each consent and a nonce for each patient's
/// signatures, of the same fields as a grant here, none packed by hand.
contract ConsentRegistry {
    struct Consent {
        bool granted;
        uint64 notBefore;
        uint64 notAfter;
        uint32 purposes;
        uint16 operations;
        uint256 updatedAt;
        bytes32 document;
    }

    event ConsentGranted(address indexed patient, address indexed grantee, bytes32 indexed scope, Consent consent);
    event ConsentRevoked(address indexed patient, address indexed grantee, bytes32 indexed scope);

    error BadSignature();
    error Expired();

    bytes32 private constant GRANT_TYPEHASH = keccak256(
        "Grant(address patient,address grantee,bytes32 scope,uint64 notBefore,uint64 notAfter,uint32 purposes,uint16 operations,bytes32 document,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant REVOKE_TYPEHASH =
        keccak256("Revoke(address patient,address grantee,bytes32 scope,uint256 nonce,uint256 deadline)");

    mapping(address patient => mapping(address grantee => mapping(bytes32 scope => Consent))) public consents;
    mapping(address patient => uint256) public nonces;

    function grant(address grantee, bytes32 scope, Consent calldata consent) external {
        _grant(msg.sender, grantee, scope, consent);
    }

    function grantBySig(
        address patient,
        address grantee,
        bytes32 scope,
        Consent calldata consent,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 digest = grantDigest(patient, grantee, scope, consent, deadline);
        _check(patient, digest, deadline, v, r, s);
        _grant(patient, grantee, scope, consent);
    }

    function revoke(address grantee, bytes32 scope) external {
        _revoke(msg.sender, grantee, scope);
    }

    function revokeBySig(
        address patient,
        address grantee,
        bytes32 scope,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        _check(patient, revokeDigest(patient, grantee, scope, deadline), deadline, v, r, s);
        _revoke(patient, grantee, scope);
    }

    function _grant(address patient, address grantee, bytes32 scope, Consent calldata consent) private {
        Consent storage stored = consents[patient][grantee][scope];
        stored.granted = true;
        stored.notBefore = consent.notBefore;
        stored.notAfter = consent.notAfter;
        stored.purposes = consent.purposes;
        stored.operations = consent.operations;
        stored.updatedAt = block.timestamp;
        stored.document = consent.document;
        emit ConsentGranted(patient, grantee, scope, stored);
    }

    function _revoke(address patient, address grantee, bytes32 scope) private {
        Consent storage stored = consents[patient][grantee][scope];
        stored.granted = false;
        stored.updatedAt = block.timestamp;
        emit ConsentRevoked(patient, grantee, scope);
    }

    function _check(address patient, bytes32 digest, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private {
        if (block.timestamp > deadline) revert Expired();
        ++nonces[patient];
        address signer = ecrecover(digest, v, r, s);
        if (signer == address(0) || signer != patient) revert BadSignature();
    }

    function grantDigest(address patient, address grantee, bytes32 scope, Consent calldata consent, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        bytes memory terms =
            abi.encode(consent.notBefore, consent.notAfter, consent.purposes, consent.operations, consent.document);
        bytes memory parties = abi.encode(GRANT_TYPEHASH, patient, grantee, scope);
        return _digest(bytes.concat(parties, terms, abi.encode(nonces[patient], deadline)));
    }

    function revokeDigest(address patient, address grantee, bytes32 scope, uint256 deadline)
        public
        view
        returns (bytes32)
    {
        return _digest(abi.encode(REVOKE_TYPEHASH, patient, grantee, scope, nonces[patient], deadline));
    }

    function _digest(bytes memory members) private view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("ConsentRegistry"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
        return keccak256(bytes.concat(hex"1901", separator, keccak256(members)));
    }
}
