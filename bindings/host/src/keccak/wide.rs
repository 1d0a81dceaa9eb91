//! Keccak-f[1600] of several states side by side, in the wide registers of x86-64.
//!
//! The only unsafe code of this crate. Each type is made by its `detect` alone, so that to hold one is
//! the proof that the processor has what its functions are compiled for; the build itself assumes no
//! such feature.
#![allow(unsafe_code, reason = "instructions beyond x86-64's base, each block with its reason")]
#![allow(clippy::indexing_slicing, reason = "constant bounds, within arrays of constant length")]

use core::mem::MaybeUninit;

use super::RATE;
use super::lanes::Permutation;

/// States side by side: word w of lane l is `.0[w][l]`.
#[repr(C, align(64))]
pub(super) struct States<const LANES: usize>([[u64; LANES]; 25]);

/// Eight states, in the registers of AVX-512.
#[derive(Clone, Copy)]
pub(super) struct Eight(());

impl Eight {
    /// `Some` where the processor has AVX-512F.
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx512f").then_some(Self(()))
    }
}

impl Permutation<8> for Eight {
    type State = States<8>;

    fn zero(self) -> States<8> {
        States([[0; 8]; 25])
    }

    fn absorb(self, state: &mut States<8>, begins: u8, blocks: [&[u8; RATE]; 8]) {
        // SAFETY: a value of this type proves that the processor has AVX-512F.
        unsafe { eight::absorb(state, begins, blocks) }
    }

    fn squeeze(self, state: &States<8>) -> [[u64; 8]; 4] {
        [state.0[0], state.0[1], state.0[2], state.0[3]]
    }
}

/// Four states, in the registers of AVX2.
#[derive(Clone, Copy)]
pub(super) struct Four(());

impl Four {
    /// `Some` where the processor has AVX2.
    pub(super) fn detect() -> Option<Self> {
        is_x86_feature_detected!("avx2").then_some(Self(()))
    }
}

impl Permutation<4> for Four {
    type State = States<4>;

    fn zero(self) -> States<4> {
        States([[0; 4]; 25])
    }

    fn absorb(self, state: &mut States<4>, begins: u8, blocks: [&[u8; RATE]; 4]) {
        // SAFETY: a value of this type proves that the processor has AVX2.
        unsafe { four::absorb(state, begins, blocks) }
    }

    fn squeeze(self, state: &States<4>) -> [[u64; 4]; 4] {
        [state.0[0], state.0[1], state.0[2], state.0[3]]
    }
}

/// The constants of the step ι (FIPS 202, section 3.2.5).
static ROUNDS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// The 24 rounds on `$a`, an array of registers, by the operations of the module around it: `xor`,
/// `xor3`, `chi` (a ^ (!b & c)), `each` (a constant in every lane) and the macro `$rol`.
///
/// Four rounds a turn: after four, π has brought every word back to the register that it came from,
/// so that the loop moves none.
macro_rules! rounds {
    ($a:ident, $rol:ident) => {
        for [first, second, third, fourth] in ROUNDS.as_chunks().0 {
            rounds!($a, $rol, first);
            rounds!($a, $rol, second);
            rounds!($a, $rol, third);
            rounds!($a, $rol, fourth);
        }
    };
    // Each row of the result, with the words that ρ and π bring there: their places, columns and turns.
    ($a:ident, $rol:ident, $round:ident) => {
        rounds!($a, $rol, $round,
                0 (0 0 0) (6 1 44) (12 2 43) (18 3 21) (24 4 14);
                5 (3 3 28) (9 4 20) (10 0 3) (16 1 45) (22 2 61);
                10 (1 1 1) (7 2 6) (13 3 25) (19 4 8) (20 0 18);
                15 (4 4 27) (5 0 36) (11 1 10) (17 2 15) (23 3 56);
                20 (2 2 62) (8 3 55) (14 4 39) (15 0 41) (21 1 2);
        )
    };
    ($a:ident, $rol:ident, $round:ident, $($to:literal $(($from:literal $x:literal $by:literal))+;)+) => {
        // The form of these sums decides how many registers are copied: `xor` needs no copy, `xor3` does.
        let mut column = [each(0); 5];
        for x in 0..5 {
            column[x] = xor3(xor($a[x], $a[x + 5]), xor($a[x + 10], $a[x + 15]), $a[x + 20]);
        }
        let mut change = [each(0); 5];
        for x in 0..5 {
            change[x] = xor(column[(x + 4) % 5], $rol!(column[(x + 1) % 5], 1));
        }
        let before = $a;
        // Row by row, so that few words wait in registers.
        $(
            let row = [$($rol!(xor(before[$from], change[$x]), $by)),+];
            for x in 0..5 {
                $a[$to + x] = chi(row[x], row[(x + 1) % 5], row[(x + 2) % 5]);
            }
        )+
        $a[0] = xor($a[0], each(*$round));
    };
}

/// Room that a function shows to nobody, for the sake of its alignment.
///
/// A function that keeps such room on its stack has registers put aside there at whole lines of the
/// cache. Without it their place is a matter of luck from call to call, and costs up to a third.
#[repr(align(64))]
struct Line(#[expect(dead_code, reason = "never written")] [u8; 64]);

impl Line {
    #[inline(always)]
    fn align_the_stack() {
        core::hint::black_box(&mut MaybeUninit::<Self>::uninit());
    }
}

/// Word `index` of a block.
fn word(block: &[u8; RATE], index: usize) -> u64 {
    block.as_chunks::<8>().0.get(index).copied().map_or(0, u64::from_le_bytes)
}

/// The operations on eight lanes.
mod eight {
    use core::arch::x86_64::*;

    use super::{Line, RATE, ROUNDS, States, word};

    macro_rules! rol {
        ($a:expr, $by:literal) => {
            _mm512_rol_epi64::<$by>($a)
        };
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn each(value: u64) -> __m512i {
        _mm512_set1_epi64(value.cast_signed())
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn xor(a: __m512i, b: __m512i) -> __m512i {
        _mm512_xor_si512(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn xor3(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
        _mm512_ternarylogic_epi64::<0x96>(a, b, c)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn chi(a: __m512i, b: __m512i, c: __m512i) -> __m512i {
        _mm512_ternarylogic_epi64::<0xd2>(a, b, c)
    }

    /// Words `from..from + 8` of all blocks, one register a word.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn words(blocks: &[&[u8; RATE]; 8], from: usize) -> [__m512i; 8] {
        let mut rows = [each(0); 8];
        for lane in 0..8 {
            if let Some(bytes) = blocks[lane][8 * from..].first_chunk::<64>() {
                // SAFETY: the 64 bytes are there, and the load asks for no alignment.
                rows[lane] = unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) };
            }
        }
        let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
        let (e0, o0) = (_mm512_unpacklo_epi64(r0, r1), _mm512_unpackhi_epi64(r0, r1));
        let (e1, o1) = (_mm512_unpacklo_epi64(r2, r3), _mm512_unpackhi_epi64(r2, r3));
        let (e2, o2) = (_mm512_unpacklo_epi64(r4, r5), _mm512_unpackhi_epi64(r4, r5));
        let (e3, o3) = (_mm512_unpacklo_epi64(r6, r7), _mm512_unpackhi_epi64(r6, r7));
        let [w0, w2, w4, w6] = quarters(e0, e1, e2, e3);
        let [w1, w3, w5, w7] = quarters(o0, o1, o2, o3);
        [w0, w1, w2, w3, w4, w5, w6, w7]
    }

    /// The first, second, third and fourth pairs of all four.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn quarters(a: __m512i, b: __m512i, c: __m512i, d: __m512i) -> [__m512i; 4] {
        let (ab, cd) = (_mm512_shuffle_i64x2::<0x88>(a, b), _mm512_shuffle_i64x2::<0x88>(c, d));
        let (ab1, cd1) = (_mm512_shuffle_i64x2::<0xdd>(a, b), _mm512_shuffle_i64x2::<0xdd>(c, d));
        [
            _mm512_shuffle_i64x2::<0x88>(ab, cd),
            _mm512_shuffle_i64x2::<0x88>(ab1, cd1),
            _mm512_shuffle_i64x2::<0xdd>(ab, cd),
            _mm512_shuffle_i64x2::<0xdd>(ab1, cd1),
        ]
    }

    #[target_feature(enable = "avx512f")]
    pub(super) fn absorb(state: &mut States<8>, begins: u8, blocks: [&[u8; RATE]; 8]) {
        Line::align_the_stack();
        let mut a = [each(0); 25];
        for (register, word) in a.iter_mut().zip(&state.0) {
            // SAFETY: the word's 64 bytes are there, aligned to 64 by the type of the states.
            *register = unsafe { _mm512_maskz_load_epi64(!begins, word.as_ptr().cast()) };
        }
        let (low, high) = (words(&blocks, 0), words(&blocks, 8));
        for w in 0..8 {
            a[w] = xor(a[w], low[w]);
            a[w + 8] = xor(a[w + 8], high[w]);
        }
        let [b0, b1, b2, b3, b4, b5, b6, b7] = blocks;
        let last = |block| word(block, 16).cast_signed();
        let (l0, l1, l2, l3) = (last(b0), last(b1), last(b2), last(b3));
        let last = _mm512_set_epi64(last(b7), last(b6), last(b5), last(b4), l3, l2, l1, l0);
        a[16] = xor(a[16], last);
        rounds!(a, rol);
        for (register, word) in a.iter().zip(&mut state.0) {
            // SAFETY: the word's 64 bytes are there, aligned to 64 by the type of the states.
            unsafe { _mm512_store_si512(word.as_mut_ptr().cast(), *register) };
        }
    }
}

/// The operations on four lanes.
mod four {
    use core::arch::x86_64::*;

    use super::{Line, RATE, ROUNDS, States, word};

    macro_rules! rol {
        ($a:expr, $by:literal) => {{
            let a = $a;
            _mm256_or_si256(_mm256_slli_epi64::<$by>(a), _mm256_srli_epi64::<{ 64 - $by }>(a))
        }};
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn each(value: u64) -> __m256i {
        _mm256_set1_epi64x(value.cast_signed())
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn xor(a: __m256i, b: __m256i) -> __m256i {
        _mm256_xor_si256(a, b)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn xor3(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
        xor(xor(a, b), c)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn chi(a: __m256i, b: __m256i, c: __m256i) -> __m256i {
        xor(a, _mm256_andnot_si256(b, c))
    }

    /// Words `from..from + 4` of all blocks, one register a word.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn words(blocks: &[&[u8; RATE]; 4], from: usize) -> [__m256i; 4] {
        let mut rows = [each(0); 4];
        for lane in 0..4 {
            if let Some(bytes) = blocks[lane][8 * from..].first_chunk::<32>() {
                // SAFETY: the 32 bytes are there, and the load asks for no alignment.
                rows[lane] = unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) };
            }
        }
        let [r0, r1, r2, r3] = rows;
        let (e0, o0) = (_mm256_unpacklo_epi64(r0, r1), _mm256_unpackhi_epi64(r0, r1));
        let (e1, o1) = (_mm256_unpacklo_epi64(r2, r3), _mm256_unpackhi_epi64(r2, r3));
        [
            _mm256_permute2x128_si256::<0x20>(e0, e1),
            _mm256_permute2x128_si256::<0x20>(o0, o1),
            _mm256_permute2x128_si256::<0x31>(e0, e1),
            _mm256_permute2x128_si256::<0x31>(o0, o1),
        ]
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn absorb(state: &mut States<4>, begins: u8, blocks: [&[u8; RATE]; 4]) {
        for lane in (0..4).filter(|lane| begins >> lane & 1 == 1) {
            for word in &mut state.0 {
                word[lane] = 0;
            }
        }
        Line::align_the_stack();
        let mut a = [each(0); 25];
        for (register, word) in a.iter_mut().zip(&state.0) {
            // SAFETY: the word's 32 bytes are there, aligned to 32 by the type of the states.
            *register = unsafe { _mm256_load_si256(word.as_ptr().cast()) };
        }
        for from in [0, 4, 8, 12] {
            let words = words(&blocks, from);
            for w in 0..4 {
                a[from + w] = xor(a[from + w], words[w]);
            }
        }
        let [b0, b1, b2, b3] = blocks.map(|block| word(block, 16).cast_signed());
        a[16] = xor(a[16], _mm256_set_epi64x(b3, b2, b1, b0));
        rounds!(a, rol);
        for (register, word) in a.iter().zip(&mut state.0) {
            // SAFETY: the word's 32 bytes are there, aligned to 32 by the type of the states.
            unsafe { _mm256_store_si256(word.as_mut_ptr().cast(), *register) };
        }
    }
}
