//! Feeding messages of any lengths to the lanes of a permutation.

use healthrecord_core::B256;
use healthrecord_core::matter::batch::Messages;

use super::RATE;

/// Up to this many messages are ordered by length first, so that the lanes end together.
const FEW: usize = 64;

/// Several Keccak states side by side.
pub(super) trait Permutation<const LANES: usize>: Copy {
    /// The states: word w of lane l is `state[w][l]`.
    type State;

    /// States of zeros.
    fn zero(self) -> Self::State;

    /// Sets the lanes in `begins` to zero, takes one block into every lane and permutes.
    fn absorb(self, state: &mut Self::State, begins: u8, blocks: [&[u8; RATE]; LANES]);

    /// The first four words of every lane.
    fn squeeze(self, state: &Self::State) -> [[u64; LANES]; 4];
}

/// What one lane hashes.
#[derive(Clone, Copy)]
struct Job {
    index: usize,
    offset: usize,
}

/// Hashes every message.
pub(super) fn hash_all<const LANES: usize>(
    permutation: impl Permutation<LANES>,
    messages: &mut impl Messages,
) {
    let count = messages.count();
    let mut order = [0_usize; FEW];
    let order = longest_first(messages, &mut order);
    let index_of = |turn: usize| order.get(turn).copied().unwrap_or(turn);
    let mut state = permutation.zero();
    let mut next = 0;
    let mut jobs: [Option<Job>; LANES] = [None; LANES];
    loop {
        let mut begins = 0_u8;
        for (lane, job) in jobs.iter_mut().enumerate() {
            if job.is_none() && next < count {
                *job = Some(Job { index: index_of(next), offset: 0 });
                begins |= 1 << lane;
                next += 1;
            }
        }
        if jobs.iter().all(Option::is_none) {
            return;
        }
        let mut ends = 0_u8;
        let mut padded = [[0; RATE]; LANES];
        let mut lanes = padded.iter_mut().zip(&mut jobs).enumerate();
        let blocks: [&[u8; RATE]; LANES] = core::array::from_fn(|_| {
            let Some((lane, (padded, job))) = lanes.next() else { return &[0; RATE] };
            // A lane without a message permutes zeros.
            let Some(job) = job else { return &*padded };
            let rest = messages.message(job.index).get(job.offset..).unwrap_or_default();
            if let Some(block) = rest.first_chunk() {
                job.offset += RATE;
                return block;
            }
            if let Some(places) = padded.get_mut(..rest.len()) {
                places.copy_from_slice(rest);
            }
            if let Some(place) = padded.get_mut(rest.len()) {
                *place ^= 0x01;
            }
            if let Some(place) = padded.last_mut() {
                *place ^= 0x80;
            }
            ends |= 1 << lane;
            &*padded
        });
        permutation.absorb(&mut state, begins, blocks);
        if ends == 0 {
            continue;
        }
        let words = permutation.squeeze(&state);
        for (lane, job) in jobs.iter_mut().enumerate() {
            if ends >> lane & 1 == 0 {
                continue;
            }
            if let Some(Job { index, .. }) = job.take() {
                let mut hash = [0; 32];
                for (bytes, word) in hash.as_chunks_mut::<8>().0.iter_mut().zip(&words) {
                    *bytes = word.get(lane).copied().unwrap_or_default().to_le_bytes();
                }
                messages.put(index, B256(hash));
            }
        }
    }
}

/// The order in which few messages are best taken; empty where there are many.
fn longest_first<'o>(messages: &impl Messages, order: &'o mut [usize; FEW]) -> &'o [usize] {
    let Some(order) = order.get_mut(..messages.count()) else { return &[] };
    for (index, place) in order.iter_mut().enumerate() {
        *place = index;
    }
    order.sort_unstable_by_key(|index| core::cmp::Reverse(messages.message(*index).len() / RATE));
    order
}
