"""Keccak-256 as Ethereum uses it: the Keccak submission's padding byte 0x01,
not the 0x06 of FIPS 202, so that hashlib's sha3_256 cannot stand in for it."""

MASK = (1 << 64) - 1
RATE = 136


def _constants():
    """The 24 round constants, from the shift register of FIPS 202, section 3.2.5."""
    state, constants = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            if state & 1:
                constant |= 1 << ((1 << j) - 1)
            state = (state << 1) ^ (0x171 if state & 0x80 else 0)
        constants.append(constant)
    return constants


def _moves():
    """Rho and pi as one list: for each lane where it comes from, that one's column, how far it turns."""
    moves = [(0, 0, 0)] * 25
    x, y = 1, 0
    for t in range(24):
        to_x, to_y = y, (2 * x + 3 * y) % 5
        moves[to_x + 5 * to_y] = (x + 5 * y, x, (t + 1) * (t + 2) // 2 % 64)
        x, y = to_x, to_y
    return moves


CONSTANTS = _constants()
MOVES = _moves()
# Chi: each lane and its two neighbours to the right in the same row.
ROWS = [(i, i - i % 5 + (i + 1) % 5, i - i % 5 + (i + 2) % 5) for i in range(25)]


def turn(lane, by):
    """A lane rotated to the left."""
    return (lane << by | lane >> 64 - by) & MASK


def permute(a):
    """Keccak-f[1600] on 25 lanes, lane (x, y) at x + 5 y."""
    for constant in CONSTANTS:
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[x - 1] ^ turn(c[(x + 1) % 5], 1) for x in range(5)]
        b = [turn(a[source] ^ d[column], by) for source, column, by in MOVES]
        a = [b[i] ^ (b[k] & ~b[j]) for i, j, k in ROWS]
        a[0] ^= constant
    return a


def sponge(data, padding):
    """The first 32 bytes squeezed after `data`, whose padding begins with the byte given."""
    padded = bytearray(data)
    padded += bytes(RATE - len(data) % RATE)
    padded[len(data)] ^= padding
    padded[-1] ^= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), RATE):
        for lane in range(RATE // 8):
            at = start + 8 * lane
            lanes[lane] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def keccak256(data):
    """The 32 bytes of Keccak-256 of `data`."""
    return sponge(data, 0x01)
