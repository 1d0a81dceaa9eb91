//! The types of typed data: read, checked, and written as EIP-712 hashes them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use healthrecord_core::{B256, keccak256};
use serde_json::Value;

use super::error::{self, TypedDataError};
use super::{Path, object};
use crate::form::Object;

/// Most structs that typed data may define.
pub const MAX_TYPES: usize = 256;

/// Most array brackets of a type; no value is deeper, as the JSON parser ends at 128 levels.
const MAX_DIMENSIONS: usize = 64;

/// The struct of the domain.
pub(super) const DOMAIN: &str = "EIP712Domain";

/// The members that a domain may have, in the standard's order.
const DOMAIN_MEMBERS: [(&str, &str); 5] = [
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
    ("salt", "bytes32"),
];

/// A type: a kind, and the array brackets behind it.
#[derive(Clone)]
pub(super) struct Type {
    pub(super) kind: Kind,
    /// From left to right; `None` is an array of any length.
    dimensions: Vec<Option<usize>>,
}

#[derive(Clone)]
pub(super) enum Kind {
    Bool,
    Address,
    String,
    Bytes,
    FixedBytes(usize),
    Integer { signed: bool, bits: usize },
    Struct(String),
}

pub(super) struct Member {
    pub(super) name: String,
    pub(super) kind: Type,
    /// The type as it is written, which is what is hashed.
    written: String,
}

/// The structs by name.
pub(super) struct Types {
    structs: BTreeMap<String, Vec<Member>>,
    /// Type hashes that were made already: a message may hold a struct a million times.
    hashes: RefCell<BTreeMap<String, B256>>,
}

impl Type {
    /// The size and the type of an array's elements; `None` for what is no array.
    pub(super) fn element(&self) -> Option<(Option<usize>, Self)> {
        let (size, rest) = self.dimensions.split_last()?;
        Some((*size, Self { kind: self.kind.clone(), dimensions: rest.to_vec() }))
    }

    /// Reads a type as it is written, for instance `Person[2][]`.
    fn parse(written: &str) -> Option<Self> {
        let (base, brackets) = written.split_at(written.find('[').unwrap_or(written.len()));
        let mut dimensions = vec![];
        let mut rest = brackets;
        while !rest.is_empty() {
            let (size, after) = rest.strip_prefix('[')?.split_once(']')?;
            dimensions.push(if size.is_empty() { None } else { Some(decimal(size)?) });
            rest = after;
        }
        let is_name = is_name(base) && !base.contains(' ');
        (is_name && dimensions.len() <= MAX_DIMENSIONS).then(|| Self { kind: Kind::of(base), dimensions })
    }
}

impl Kind {
    fn of(name: &str) -> Self {
        let integer = |digits: &str, signed| match decimal(digits) {
            // Without a width it has 256 bits, and is hashed as it is written.
            None if digits.is_empty() => Some(Self::Integer { signed, bits: 256 }),
            Some(bits @ 8..=256) if bits % 8 == 0 => Some(Self::Integer { signed, bits }),
            _ => None,
        };
        let sized = match name {
            "bool" => Some(Self::Bool),
            "address" => Some(Self::Address),
            "string" => Some(Self::String),
            "bytes" => Some(Self::Bytes),
            _ => None,
        };
        let sized = sized
            .or_else(|| name.strip_prefix("uint").and_then(|digits| integer(digits, false)))
            .or_else(|| name.strip_prefix("int").and_then(|digits| integer(digits, true)))
            .or_else(|| match decimal(name.strip_prefix("bytes")?) {
                Some(size @ 1..=32) => Some(Self::FixedBytes(size)),
                _ => None,
            });
        sized.unwrap_or_else(|| Self::Struct(name.to_owned()))
    }
}

impl Types {
    /// Reads the `types`: every type that is used is defined, and none holds itself.
    pub(super) fn read(value: &Value) -> Result<Self, TypedDataError> {
        let root = Path::Root("types");
        let definitions = object(value, &root, "struct definitions")?;
        if definitions.len() > MAX_TYPES {
            return Err(TypedDataError::TooManyTypes { found: definitions.len() });
        }
        let mut types = Self { structs: BTreeMap::new(), hashes: RefCell::default() };
        for (name, members) in definitions {
            let path = Path::Member(&root, name);
            let is_struct = matches!(Type::parse(name), Some(Type { kind: Kind::Struct(_), dimensions }) if dimensions.is_empty());
            if !is_struct {
                return Err(TypedDataError::Name { path: path.to_string() });
            }
            types.structs.insert(name.clone(), read_members(members, &path)?);
        }
        types.check()?;
        Ok(types)
    }

    /// Gives the domain the type that its members make, where it has none.
    pub(super) fn complete_domain(&mut self, domain: &Value) -> Result<(), TypedDataError> {
        let found = object(domain, &Path::Root("domain"), DOMAIN)?;
        if !self.structs.contains_key(DOMAIN) {
            let present = DOMAIN_MEMBERS.iter().filter(|(name, _)| found.contains_key(*name));
            let member = |(name, written): &(&str, &str)| Member {
                name: (*name).to_owned(),
                kind: Type { kind: Kind::of(written), dimensions: vec![] },
                written: (*written).to_owned(),
            };
            self.structs.insert(DOMAIN.to_owned(), present.map(member).collect());
        }
        let members = self.members(DOMAIN, &Path::Root("domain"))?;
        let unsigned = found.keys().find(|name| members.iter().all(|member| member.name != **name));
        match unsigned {
            Some(name) => Err(TypedDataError::UnsignedDomain { member: name.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn members(&self, name: &str, path: &Path<'_>) -> Result<&[Member], TypedDataError> {
        self.structs.get(name).map(Vec::as_slice).ok_or_else(|| error::unknown(path, name))
    }

    /// A struct's type: itself, then the structs that it refers to, sorted by name.
    pub(super) fn encode(&self, name: &str, path: &Path<'_>) -> Result<String, TypedDataError> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![name];
        while let Some(next) = waiting.pop() {
            if seen.insert(next) {
                let members = self.members(next, path)?;
                waiting.extend(members.iter().filter_map(Member::structure));
            }
        }
        seen.remove(name);
        let mut encoded = String::new();
        for name in std::iter::once(name).chain(seen) {
            let members = self.members(name, path)?.iter();
            let members: Vec<String> =
                members.map(|member| format!("{} {}", member.written, member.name)).collect();
            encoded.push_str(&format!("{name}({})", members.join(",")));
        }
        Ok(encoded)
    }

    pub(super) fn type_hash(&self, name: &str, path: &Path<'_>) -> Result<B256, TypedDataError> {
        if let Some(hash) = self.hashes.borrow().get(name) {
            return Ok(*hash);
        }
        let hash = keccak256(self.encode(name, path)?.as_bytes());
        self.hashes.borrow_mut().insert(name.to_owned(), hash);
        Ok(hash)
    }

    fn check(&self) -> Result<(), TypedDataError> {
        let root = Path::Root("types");
        for (name, members) in &self.structs {
            let parent = Path::Member(&root, name);
            for member in members {
                let path = Path::Member(&parent, &member.name);
                if let Some(used) = member.structure() {
                    self.members(used, &path)?;
                }
            }
        }
        // Takes away structs whose own structs are gone; those that stay hold each other.
        let mut left: BTreeSet<&str> = self.structs.keys().map(String::as_str).collect();
        loop {
            let free = |name: &&str| {
                let members = self.structs.get(*name).into_iter().flatten();
                members.filter_map(Member::structure).all(|used| !left.contains(used))
            };
            let (gone, stay): (BTreeSet<&str>, BTreeSet<&str>) = left.iter().copied().partition(free);
            match (stay.first(), gone.is_empty()) {
                (None, _) => return Ok(()),
                (Some(name), true) => return Err(TypedDataError::Circular { name: (*name).to_owned() }),
                (Some(_), false) => left = stay,
            }
        }
    }
}

impl Member {
    /// The struct that the member is, or is an array of.
    fn structure(&self) -> Option<&str> {
        match &self.kind.kind {
            Kind::Struct(name) => Some(name),
            Kind::Bool
            | Kind::Address
            | Kind::String
            | Kind::Bytes
            | Kind::FixedBytes(_)
            | Kind::Integer { .. } => None,
        }
    }
}

fn read_members(value: &Value, path: &Path<'_>) -> Result<Vec<Member>, TypedDataError> {
    let entries = value.as_array().ok_or_else(|| error::value(path, format_args!("an array of members")))?;
    let mut members: Vec<Member> = vec![];
    for (index, entry) in entries.iter().enumerate() {
        let place = Path::Index(path, index).to_string();
        let entry = Object::inside(&place, entry)?;
        let (name, written) = (entry.string("name")?, entry.string("type")?);
        let kind = Type::parse(written)
            .ok_or_else(|| TypedDataError::UnknownType { path: place.clone(), name: written.to_owned() })?;
        if !is_name(name) {
            return Err(TypedDataError::Name { path: place });
        }
        if members.iter().any(|member| member.name == name) {
            return Err(TypedDataError::DuplicateMember { path: Path::Member(path, name).to_string() });
        }
        members.push(Member { name: name.to_owned(), kind, written: written.to_owned() });
    }
    Ok(members)
}

/// A name that cannot be taken for two: the characters that part names are not in it.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_control() || matches!(c, '(' | ')' | ',' | '[' | ']'))
}

/// A number in plain digits without a leading zero.
fn decimal(digits: &str) -> Option<usize> {
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_plain && (digits == "0" || !digits.starts_with('0')))
}
