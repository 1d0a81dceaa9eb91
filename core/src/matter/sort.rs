//! Sorting in place without a panic.
//!
//! The standard library's sorts keep a panic for comparisons that contradict themselves, and the
//! verifier must link without any.

/// Up to this many items are sorted by insertion, which beats the heap there.
const FEW: usize = 16;

/// Sorts `items` so that none is `less` than the one before it. Time O(n log n), no memory, not stable.
pub fn sort<T>(items: &mut [T], less: impl Fn(&T, &T) -> bool) {
    if items.len() <= FEW {
        for end in 1..items.len() {
            let mut position = end;
            while let Some(before) = position.checked_sub(1) {
                if !is_less(items, position, before, &less) {
                    break;
                }
                swap(items, before, position);
                position = before;
            }
        }
        return;
    }
    for root in (0..items.len() / 2).rev() {
        sift_down(items, root, &less);
    }
    for end in (1..items.len()).rev() {
        swap(items, 0, end);
        if let Some(heap) = items.get_mut(..end) {
            sift_down(heap, 0, &less);
        }
    }
}

fn sift_down<T>(heap: &mut [T], mut root: usize, less: &impl Fn(&T, &T) -> bool) {
    loop {
        let left = root.saturating_mul(2).saturating_add(1);
        let right = left.saturating_add(1);
        let child = if is_less(heap, left, right, less) { right } else { left };
        // A child beyond the heap is less than nothing, which ends the descent.
        if !is_less(heap, root, child, less) {
            return;
        }
        swap(heap, root, child);
        root = child;
    }
}

fn is_less<T>(items: &[T], one: usize, other: usize, less: &impl Fn(&T, &T) -> bool) -> bool {
    matches!((items.get(one), items.get(other)), (Some(one), Some(other)) if less(one, other))
}

fn swap<T>(items: &mut [T], one: usize, other: usize) {
    if let Ok([one, other]) = items.get_disjoint_mut([one, other]) {
        core::mem::swap(one, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorts_as_the_standard_library_does() {
        let mut state = 1_u32;
        for len in 0..120 {
            let mut ours = [0_u32; 120];
            for item in &mut ours {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *item = state >> 26;
            }
            let ours = &mut ours[..len];
            let mut theirs = [0; 120];
            let theirs = &mut theirs[..len];
            theirs.copy_from_slice(ours);
            theirs.sort_unstable();
            sort(ours, |one, other| one < other);
            assert_eq!(ours, theirs);
        }
    }
}
