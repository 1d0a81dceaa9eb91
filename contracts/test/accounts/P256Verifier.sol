// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice Verifies ECDSA signatures over P-256 where no precompile does (RIP-7212), for the tests: they put this code at
/// the address where Solady's `P256` asks.
/// @dev Takes hash, r, s, x, y; gives one word, 1 or 0, and never reverts. Points are Jacobian; both products are summed in
/// one pass over the bits (Shamir). Not constant in time, as nothing is that verifies public things.
contract P256Verifier {
    uint256 private constant P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff;
    uint256 private constant N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;
    uint256 private constant B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b;
    uint256 private constant GX = 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296;
    uint256 private constant GY = 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5;

    /// @dev Infinity has z = 0.
    struct Point {
        uint256 x;
        uint256 y;
        uint256 z;
    }

    fallback(bytes calldata input) external returns (bytes memory) {
        if (input.length != 160) return abi.encode(0);
        (uint256 hash, uint256 r, uint256 s, uint256 x, uint256 y) =
            abi.decode(input, (uint256, uint256, uint256, uint256, uint256));
        return abi.encode(_verify(hash, r, s, x, y) ? 1 : 0);
    }

    function _verify(uint256 hash, uint256 r, uint256 s, uint256 x, uint256 y) private view returns (bool) {
        if (r == 0 || r >= N || s == 0 || s >= N || !_onCurve(x, y)) return false;
        uint256 inverse = _power(s, N - 2, N);
        Point memory sum = _combine(mulmod(hash, inverse, N), mulmod(r, inverse, N), x, y);
        if (sum.z == 0) return false;
        uint256 z = _power(sum.z, P - 2, P);
        return mulmod(sum.x, mulmod(z, z, P), P) % N == r;
    }

    function _onCurve(uint256 x, uint256 y) private pure returns (bool) {
        if (x >= P || y >= P) return false;
        // y² = x³ - 3x + b
        uint256 right = addmod(mulmod(mulmod(x, x, P), x, P), mulmod(P - 3, x, P), P);
        return mulmod(y, y, P) == addmod(right, B, P);
    }

    /// @dev u·G + v·Q.
    function _combine(uint256 u, uint256 v, uint256 x, uint256 y) private pure returns (Point memory sum) {
        Point[4] memory table;
        table[1] = Point(GX, GY, 1);
        table[2] = Point(x, y, 1);
        table[3] = _add(table[1], table[2]);
        for (uint256 bit = 256; bit > 0; --bit) {
            sum = _double(sum);
            uint256 index = ((u >> (bit - 1)) & 1) | (((v >> (bit - 1)) & 1) << 1);
            if (index > 0) sum = _add(sum, table[index]);
        }
    }

    /// @dev dbl-2001-b, for a = -3.
    function _double(Point memory p) private pure returns (Point memory q) {
        if (p.z == 0) return p;
        uint256 delta = mulmod(p.z, p.z, P);
        uint256 gamma = mulmod(p.y, p.y, P);
        uint256 beta = mulmod(p.x, gamma, P);
        uint256 alpha = mulmod(3, mulmod(addmod(p.x, P - delta, P), addmod(p.x, delta, P), P), P);
        q.x = addmod(mulmod(alpha, alpha, P), P - mulmod(8, beta, P), P);
        q.z = mulmod(2, mulmod(p.y, p.z, P), P);
        uint256 square = mulmod(8, mulmod(gamma, gamma, P), P);
        q.y = addmod(mulmod(alpha, addmod(mulmod(4, beta, P), P - q.x, P), P), P - square, P);
    }

    /// @dev add-1998-cmo-2, with the cases that it leaves out.
    function _add(Point memory p, Point memory q) private pure returns (Point memory sum) {
        if (p.z == 0) return q;
        if (q.z == 0) return p;
        uint256 zz = mulmod(p.z, p.z, P);
        uint256 ww = mulmod(q.z, q.z, P);
        uint256 u = mulmod(p.x, ww, P);
        uint256 s = mulmod(p.y, mulmod(ww, q.z, P), P);
        uint256 h = addmod(mulmod(q.x, zz, P), P - u, P);
        uint256 r = addmod(mulmod(q.y, mulmod(zz, p.z, P), P), P - s, P);
        // The same x: the same point, or its opposite.
        if (h == 0) return r == 0 ? _double(p) : sum;
        uint256 hh = mulmod(h, h, P);
        uint256 hhh = mulmod(hh, h, P);
        u = mulmod(u, hh, P);
        sum.x = addmod(addmod(mulmod(r, r, P), P - hhh, P), P - mulmod(2, u, P), P);
        sum.y = addmod(mulmod(r, addmod(u, P - sum.x, P), P), P - mulmod(s, hhh, P), P);
        sum.z = mulmod(mulmod(p.z, q.z, P), h, P);
    }

    /// @dev By the precompile of EIP-198.
    function _power(uint256 base, uint256 exponent, uint256 modulus) private view returns (uint256 result) {
        (bool done, bytes memory answer) = address(5).staticcall(abi.encode(32, 32, 32, base, exponent, modulus));
        // Not done for want of gas: 0 is no inverse, and nothing verifies.
        return done ? abi.decode(answer, (uint256)) : 0;
    }
}
