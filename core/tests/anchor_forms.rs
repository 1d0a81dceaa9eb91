//! Extra data and the states of anchors have one form each; every other is an error that names its fault.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;
#[path = "common/sealed.rs"]
mod sealed;

use healthrecord_core::chain::header::Header;
use healthrecord_core::grammar::rlp::RlpRule;
use healthrecord_core::health::anchor::{
    Anchor as _, Bft, BftError, BftExtra, CliqueExtra, ExtraError, HashRule, PinnedHash, STATE_HEAD_LEN,
    STATE_VERSION, StateError,
};
use healthrecord_core::matter::sink::{Buffer, Full};
use healthrecord_core::{B256, keccak256};
use rlp::Rlp;
use sealed::{Block, DAY, Vote, key};

const RULES: [HashRule; 3] = [HashRule::Qbft, HashRule::Ibft2, HashRule::Ibft1];

/// The bytes before the list of some extra data, and the list's items.
fn apart(rule: HashRule) -> (Vec<u8>, Vec<Vec<u8>>) {
    let block = Block { vote: Vote::Drop(key(9).address()), round: 5, ..Block::first(rule, 0..4).next() };
    let header = block.sealed(0..3);
    let extra = Header::decode(&header).unwrap().extra_data().to_vec();
    let before = if rule == HashRule::Ibft1 { extra[..32].to_vec() } else { vec![] };
    let list = Rlp::new(&extra[before.len()..]);
    (before, list.iter().map(|item| item.as_raw().to_vec()).collect())
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let mut list = rlp::RlpStream::new_list(items.len());
    for item in items {
        list.append_raw(item, 1);
    }
    list.out().to_vec()
}

fn string(bytes: &[u8]) -> Vec<u8> {
    rlp::encode(&bytes.to_vec()).to_vec()
}

#[test]
fn extra_data_is_read_as_its_chain_writes_it_and_no_other_way() {
    for rule in RULES {
        let (before, items) = apart(rule);
        let joined = |items: &[Vec<u8>]| [&before[..], &list(items)].concat();
        let read = |extra: &[u8]| BftExtra::decode(rule, extra).map(|_| ());
        assert_eq!(read(&joined(&items)), Ok(()), "{rule}");
        let names: &[&str] = if rule == HashRule::Ibft1 {
            &["validators", "proposer's seal", "seals"]
        } else {
            &["vanity", "validators", "vote", "round", "seals"]
        };
        assert_eq!(items.len(), names.len());
        let fault = |extra: &[u8]| match read(extra) {
            Err(ExtraError::Rlp { field, error }) => Some((field, error.rule)),
            Err(other) => panic!("{other}"),
            Ok(()) => None,
        };
        for (index, name) in names.iter().enumerate() {
            let replaced = |item: Vec<u8>| {
                let mut items = items.clone();
                items[index] = item;
                joined(&items)
            };
            assert_eq!(fault(&joined(&items[..index])), Some((*name, RlpRule::UnexpectedEnd)));
            // Of the other kind, not in its shortest form, of another length.
            let is_list = items[index][0] >= 0xc0;
            let (other, unexpected) = if is_list {
                (vec![0x81, 0x80], RlpRule::UnexpectedString)
            } else {
                (vec![0xc1, 0x80], RlpRule::UnexpectedList)
            };
            assert_eq!(fault(&replaced(other)), Some((*name, unexpected)), "{rule}: {name}");
            assert_eq!(fault(&replaced(vec![0x81, 1])), Some((*name, RlpRule::NonCanonicalByte)));
            if is_list && *name != "vote" {
                let entries: Vec<_> = Rlp::new(&items[index]).iter().map(|it| it.as_raw().to_vec()).collect();
                for (entry, broken) in [
                    (string(&[1; 19]), RlpRule::WrongLength),
                    (string(&[1; 66]), RlpRule::WrongLength),
                    (vec![0xc0], RlpRule::UnexpectedList),
                    (vec![0x81, 1], RlpRule::NonCanonicalByte),
                ] {
                    let more = [&entries[..], &[entry]].concat();
                    assert_eq!(fault(&replaced(list(&more))), Some((*name, broken)));
                }
                assert_eq!(fault(&replaced(vec![0xc0])), None);
            }
        }
        let more = [&items[..], &[vec![0x80]]].concat();
        assert_eq!(fault(&joined(&more)), Some(("list", RlpRule::TrailingBytes)));
        let behind = [&joined(&items)[..], &[0]].concat();
        assert_eq!(fault(&behind), Some(("list", RlpRule::TrailingBytes)));
        assert_eq!(fault(&[&before[..], &[0x80]].concat()), Some(("list", RlpRule::UnexpectedString)));
        assert_eq!(fault(&before), Some(("list", RlpRule::UnexpectedEnd)));
    }
}

#[test]
fn vanities_votes_and_rounds_have_one_form() {
    for rule in [HashRule::Qbft, HashRule::Ibft2] {
        let qbft = rule == HashRule::Qbft;
        let (_, items) = apart(rule);
        let with = |index: usize, item: Vec<u8>| {
            let mut items = items.clone();
            items[index] = item;
            BftExtra::decode(rule, &list(&items)).map(|extra| extra.round())
        };
        let broken = |index, item, field, rule| match with(index, item) {
            Err(ExtraError::Rlp { field: found, error }) => assert_eq!((found, error.rule), (field, rule)),
            other => panic!("{field}: {other:?}"),
        };
        for length in [0, 31, 33] {
            broken(0, string(&vec![1; length]), "vanity", RlpRule::WrongLength);
        }
        let address = string(&[1; 20]);
        let vote = |choice: &[u8]| list(&[address.clone(), choice.to_vec()]);
        let (none, drop, other_drop) =
            if qbft { (vec![0xc0], [0x80], [0]) } else { (vec![0x80], [0], [0x80]) };
        for good in [none, vote(&[0x81, 0xff]), vote(&drop)] {
            assert_eq!(with(2, good), Ok(5));
        }
        for choice in [&other_drop[..], &[1], &[0x81, 0xfe], &[0x82, 0xff, 0xff]] {
            assert_eq!(with(2, vote(choice)), Err(ExtraError::Vote));
        }
        broken(2, list(&[string(&[1; 19]), vec![0x80]]), "vote", RlpRule::WrongLength);
        broken(2, list(std::slice::from_ref(&address)), "vote", RlpRule::UnexpectedEnd);
        broken(2, list(&[address.clone(), vec![0x81, 0xff], vec![0x80]]), "vote", RlpRule::TrailingBytes);
        broken(2, list(&[address.clone(), vec![0xc0]]), "vote", RlpRule::UnexpectedList);
        if qbft {
            assert_eq!(with(3, vec![0x80]), Ok(0));
            assert_eq!(with(3, string(&[0xff; 4])), Ok(u32::MAX));
            broken(3, vec![0], "round", RlpRule::LeadingZero);
            broken(3, string(&[0, 1]), "round", RlpRule::LeadingZero);
            broken(3, string(&[1; 5]), "round", RlpRule::IntegerTooLarge);
            broken(3, string(&[1; 33]), "round", RlpRule::IntegerTooLarge);
        } else {
            assert_eq!(with(3, string(&[0; 4])), Ok(0));
            assert_eq!(with(3, string(&[0, 0, 1, 6])), Ok(262));
            for length in [0, 1, 3, 5] {
                broken(3, string(&vec![1; length]), "round", RlpRule::WrongLength);
            }
        }
    }
    // IBFT 1's vanity stands before the list, and its proposer's seal is one, or none.
    for length in [0, 31] {
        let short = BftExtra::decode(HashRule::Ibft1, &vec![0; length]).map(|_| ());
        assert_eq!(short, Err(ExtraError::TooShort { found: length, least: 32 }));
    }
    let (before, mut items) = apart(HashRule::Ibft1);
    for (length, good) in [(0, true), (64, false), (65, true), (66, false)] {
        items[1] = string(&vec![1; length]);
        let extra = [&before[..], &list(&items)].concat();
        assert_eq!(BftExtra::decode(HashRule::Ibft1, &extra).is_ok(), good, "{length} bytes");
    }
    for rule in [HashRule::Plain, HashRule::Clique] {
        assert_eq!(BftExtra::decode(rule, &[]).map(|_| ()), Err(ExtraError::Rule { rule }));
    }
}

#[test]
fn cliques_extra_data_is_vanity_signers_and_seal() {
    for count in [0, 1, 7] {
        let signers: Vec<u8> = (0..count).flat_map(|index| [index; 20]).collect();
        let extra = [&[1; 32][..], &signers, &[3; 65]].concat();
        let read = CliqueExtra::decode(&extra).unwrap();
        assert_eq!(
            read.signers().map(|signer| signer.0[19]).collect::<Vec<_>>(),
            (0..count).collect::<Vec<_>>()
        );
        assert_eq!(read.seal(), &[3; 65]);
        let found = signers.len() + 1;
        let more = CliqueExtra::decode(&[&extra[..], &[0]].concat()).map(|_| ());
        assert_eq!(more, Err(ExtraError::Signers { found }));
    }
    for found in [0, 32, 65, 96] {
        let short = CliqueExtra::decode(&vec![0; found]).map(|_| ());
        assert_eq!(short, Err(ExtraError::TooShort { found, least: 97 }));
    }
}

fn state<const N: usize>(anchor: &Bft<N>) -> Vec<u8> {
    let mut memory = [0; STATE_HEAD_LEN + 20 * 255];
    let mut buffer = Buffer::new(&mut memory);
    anchor.write(&mut buffer).unwrap();
    buffer.into_written().to_vec()
}

/// A state whose last bytes agree with the others.
fn checked(before: &[u8]) -> Vec<u8> {
    [before, &keccak256(before).0[..4]].concat()
}

#[test]
fn a_state_is_what_its_table_says_and_is_read_back() {
    for (rule, byte) in RULES.into_iter().zip(1..) {
        for count in [1, 4, 50] {
            let block = Block::first(rule, 0..count).later();
            let anchor = block.anchor(DAY);
            let bytes = state(&anchor);
            assert!(bytes.len() <= 256 + 20 * usize::from(count));
            assert_eq!(bytes[..3], [STATE_VERSION, byte, count]);
            let number = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().unwrap());
            assert_eq!((number(3), number(11), number(19)), (DAY, block.number, block.time));
            assert_eq!(bytes[27..59], block.hash().0);
            let mut validators = block.validators.clone();
            validators.sort_unstable();
            let listed: Vec<u8> = validators.iter().flat_map(|validator| validator.0).collect();
            assert_eq!(bytes[59..59 + listed.len()], listed);
            assert_eq!(bytes, checked(&bytes[..59 + listed.len()]));
            let read = Bft::<64>::decode(&bytes).unwrap();
            assert_eq!(read, anchor);
            // What it was, it is: it takes the next block, and is written as it was.
            assert!(read.trust(&block.next().sealed(0..count)).is_ok());
            assert_eq!(state(&read), bytes);
            let mut memory = vec![0; bytes.len() - 1];
            assert_eq!(anchor.write(&mut Buffer::new(&mut memory)), Err(Full));
        }
    }
}

#[test]
fn a_state_that_was_cut_off_or_changed_is_an_error() {
    let bytes = state(&Block::first(HashRule::Qbft, 0..4).anchor(DAY));
    for place in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << bit;
            let error = Bft::<8>::decode(&changed).unwrap_err();
            let expected = match place {
                0 => StateError::Version { found: changed[0] },
                2 => StateError::Length {
                    found: bytes.len(),
                    expected: STATE_HEAD_LEN + 20 * usize::from(changed[2]),
                },
                _ => StateError::Check,
            };
            assert_eq!(error, expected, "bit {bit} of byte {place}");
        }
        let cut = Bft::<8>::decode(&bytes[..place]).unwrap_err();
        assert!(matches!(cut, StateError::Length { found, .. } if found == place));
    }
    let more = Bft::<8>::decode(&[&bytes[..], &[0]].concat()).unwrap_err();
    assert_eq!(more, StateError::Length { found: bytes.len() + 1, expected: bytes.len() });
}

#[test]
fn a_state_that_no_anchor_has_is_an_error() {
    let bytes = state(&Block::first(HashRule::Qbft, 0..4).anchor(DAY));
    let before = &bytes[..bytes.len() - 4];
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut changed = before.to_vec();
        change(&mut changed);
        Bft::<8>::decode(&checked(&changed))
    };
    assert!(with(&|_| {}).is_ok());
    for rule in [0, 4, 255] {
        assert_eq!(with(&|bytes| bytes[1] = rule), Err(StateError::Rule { found: rule }));
    }
    let faulty = |error| Err(StateError::Validators(error));
    assert_eq!(with(&|bytes| bytes[3..11].fill(0)), faulty(BftError::TrustingPeriod));
    let nobody = |bytes: &mut Vec<u8>| {
        bytes[2] = 0;
        bytes.truncate(59);
    };
    assert_eq!(with(&nobody), faulty(BftError::EmptySet));
    assert_eq!(with(&|bytes| bytes[59..].reverse()), Err(StateError::Order));
    let twice = with(&|bytes| bytes.copy_within(59..79, 79));
    assert!(matches!(twice, Err(StateError::Validators(BftError::DuplicateValidator { .. }))), "{twice:?}");
    let small = Bft::<3>::decode(&bytes).map(|_| ());
    assert_eq!(small, Err(StateError::Validators(BftError::TooManyValidators { max: 3 })));
}

/// What a device keeps, it keeps across its own restarts: written and read between any two headers.
#[test]
fn an_anchor_that_sleeps_between_headers_goes_on() {
    for rule in RULES {
        let mut block = Block::first(rule, 0..4);
        let (mut awake, mut kept) = (block.anchor(DAY), state(&block.anchor(DAY)));
        for keys in [0..4, 0..5, 0..6, 0..6, 1..6, 1..5] {
            block = block.next().of(keys.clone());
            let header = block.sealed(keys);
            awake.advance(&header).unwrap();
            let mut woken = Bft::<64>::decode(&kept).unwrap();
            let trusted = woken.advance(&header).unwrap();
            let pinned = PinnedHash::new(block.hash(), rule);
            assert_eq!(pinned.trust(&header), Ok(trusted));
            kept = state(&woken);
            assert_eq!(kept, state(&awake));
        }
        assert_ne!(awake.hash(), B256::ZERO);
    }
}
