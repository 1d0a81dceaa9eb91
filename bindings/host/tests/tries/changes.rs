//! What may be done to one node of a proof.

use rlp::encode;

use crate::common::Random;
use crate::generated::value;
use crate::mutation::{Bundle, Source, hex_prefix, list};
use crate::walker::{items, nibbles, string};

/// Takes a node apart, changes its items, and writes it again.
fn parts(node: &[u8], change: impl FnOnce(&mut Vec<Vec<u8>>) -> Option<()>) -> Option<Vec<u8>> {
    let mut parts = items(node).ok()?;
    change(&mut parts)?;
    Some(list(&parts))
}

/// Changes the bytes of a path.
fn path(node: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Option<Vec<u8>> {
    parts(node, |parts| {
        let [path, _] = &mut parts[..] else { return None };
        let mut bytes = string(path).ok()?;
        change(&mut bytes);
        *path = encode(&bytes).to_vec();
        Some(())
    })
}

/// Changes the value of a leaf.
pub(crate) fn leaf(node: &[u8], change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Option<Vec<u8>> {
    parts(node, |parts| {
        let [path, value] = &mut parts[..] else { return None };
        nibbles(&string(path).ok()?).ok()?.1.then_some(())?;
        *value = encode(&change(string(value).ok()?)).to_vec();
        Some(())
    })
}

/// Puts something in place of a reference of a branch or an extension, or in an empty place of a branch.
fn refer(node: &[u8], random: &mut Random, is_empty: bool, other: Vec<u8>) -> Option<Vec<u8>> {
    parts(node, |parts| {
        let places = if parts.len() == 17 { 0..16 } else { 1..parts.len() };
        let places: Vec<usize> = places.filter(|at| (parts[*at][..] == [0x80]) == is_empty).collect();
        let chosen = (!places.is_empty()).then(|| random.below(places.len()))?;
        parts[places[chosen]] = other;
        Some(())
    })
}

/// An item or node with a prefix that is longer than it need be.
fn long(item: &[u8], random: &mut Random) -> Vec<u8> {
    let info = rlp::Rlp::new(item).payload_info().unwrap();
    let (base, content) = (if item[0] < 0xc0 { 0x80 } else { 0xc0 }, &item[info.header_len..]);
    let len = u16::try_from(content.len()).unwrap().to_be_bytes();
    let prefix = match random.below(2) {
        0 if content.len() < 56 => vec![base + len[1]],
        1 if content.len() < 256 => vec![base + 56, len[1]],
        _ => vec![base + 57, len[0], len[1]],
    };
    [&prefix, content].concat()
}

/// Another node in place of a node; `None` where it cannot be changed so.
pub(crate) type Change = fn(&[u8], &Bundle, &mut Source<'_>) -> Option<Vec<u8>>;

/// Changes of one node.
pub(crate) const CHANGES: [(&str, Change); 17] = [
    ("flip a bit", |node, _, source| {
        let mut node = node.to_vec();
        let at = source.random.below(node.len().max(1));
        *node.get_mut(at)? ^= 1 << source.random.below(8);
        Some(node)
    }),
    ("truncate a node", |node, _, source| Some(node[..source.random.below(node.len().max(1))].to_vec())),
    ("insert a byte", |node, _, source| {
        let mut node = node.to_vec();
        node.insert(source.random.below(node.len() + 1), source.random.bytes(1)[0]);
        Some(node)
    }),
    ("change a length", |node, _, source| {
        let mut node = node.to_vec();
        let by = if source.random.below(2) == 0 { 1 } else { 0xff };
        let at = source.random.below(node.len().clamp(1, 5));
        let byte = node.get_mut(at)?;
        *byte = byte.wrapping_add(by);
        Some(node)
    }),
    ("write a length long", |node, _, source| {
        if source.random.below(2) == 0 {
            return items(node).ok().map(|_| long(node, source.random));
        }
        // Put together by hand, since the item is not what it should be.
        let mut parts = items(node).ok()?;
        let at = source.random.below(parts.len().max(1));
        *parts.get_mut(at)? = long(parts.get(at)?, source.random);
        Some(list(&parts))
    }),
    ("replace a child", |node, bundle, source| {
        let hash = bundle.some_hash(source.random);
        refer(node, source.random, false, encode(&&hash.0[..]).to_vec())
    }),
    ("clear a child", |node, _, source| refer(node, source.random, false, vec![0x80])),
    ("add a child", |node, bundle, source| {
        let hash = bundle.some_hash(source.random);
        let mut choices = vec![encode(&&hash.0[..]).to_vec(), vec![0x05], vec![0xc0]];
        choices.push(source.foreign[source.random.below(source.foreign.len())].clone());
        let chosen = choices.swap_remove(source.random.below(8).saturating_sub(4));
        refer(node, source.random, true, chosen)
    }),
    ("change a value", |node, _, source| leaf(node, |_| value(source.random, source.kind))),
    ("make a leaf an extension, or an extension a leaf", |node, bundle, source| {
        let hash = bundle.some_hash(source.random);
        parts(node, |parts| {
            let [path, second] = &mut parts[..] else { return None };
            let (own, is_leaf) = nibbles(&string(path).ok()?).ok()?;
            let value = if is_leaf { hash.0.to_vec() } else { value(source.random, source.kind) };
            *path = hex_prefix(&own, !is_leaf);
            *second = encode(&value).to_vec();
            Some(())
        })
    }),
    ("break a value", |node, _, source| {
        let broken = [&[][..], &[0x80], &[0x00], &[0x82, 0x00, 0x05], &[0x81, 0x05], &[0x05, 0x05]];
        let large = [&[0xa1][..], &[7; 33]].concat();
        leaf(node, |mut value| match source.random.below(8) {
            6 => large,
            7 => {
                let at = source.random.below(value.len().max(1));
                value.splice(at..at, [source.random.bytes(1)[0]]);
                value
            }
            chosen => broken[chosen].to_vec(),
        })
    }),
    ("change a nibble", |node, _, source| {
        let random = &mut *source.random;
        path(node, |path| {
            let at = random.below(path.len().max(1));
            let by = 1 + u8::try_from(random.below(15)).unwrap();
            // The flags are changed elsewhere.
            let shift = if at == 0 || random.below(2) == 0 { 0 } else { 4 };
            if let Some(byte) = path.get_mut(at) {
                *byte ^= by << shift;
            }
        })
    }),
    ("change the flags", |node, _, source| {
        let flags = u8::try_from(source.random.below(16) % (1 + source.random.below(16))).unwrap();
        path(node, |path| {
            if let Some(first) = path.first_mut() {
                *first = *first & 15 | flags << 4;
            }
        })
    }),
    ("change the length of a path", |node, _, source| {
        let random = &mut *source.random;
        path(node, |path| {
            let at = random.below(path.len().max(1));
            if random.below(2) == 0 {
                path.splice(at.., []);
            } else {
                path.insert(at, random.bytes(1)[0]);
            }
        })
    }),
    ("give a branch a value", |node, _, source| {
        parts(node, |parts| {
            *parts.get_mut(16)? = encode(&value(source.random, source.kind)).to_vec();
            Some(())
        })
    }),
    ("put another node in its place", |_, bundle, source| {
        let own = source.random.below(bundle.nodes.len());
        let foreign = source.random.below(source.foreign.len());
        let node = if source.random.below(2) == 0 { &bundle.nodes[own] } else { &source.foreign[foreign] };
        Some(node.clone())
    }),
    ("change the number of items", |node, _, source| {
        parts(node, |parts| {
            let at = source.random.below(parts.len() + 1);
            if source.random.below(2) == 0 {
                parts.insert(at, vec![0x80]);
            } else {
                parts.pop()?;
            }
            Some(())
        })
    }),
];
