//! From the rules of a consent to the words of the contract.

use std::collections::{BTreeMap, BTreeSet};

use healthrecord_core::health::contract::{Operation, Purpose, Terms};
use healthrecord_core::{Address, B256};

use super::map::Map;
use super::report::{Inexpressible, Loses, Reason};
use super::{ConsentError, Import, MAX_WORDS, Term};

/// What a provision says, with what it inherits.
#[derive(Clone, Debug, Default)]
pub(super) struct Rule {
    pub(super) at: String,
    /// Who; `None` is everybody.
    pub(super) actors: Option<BTreeSet<Actor>>,
    /// Of which records; `None` is all.
    pub(super) scopes: Option<BTreeSet<B256>>,
    pub(super) operations: Option<u16>,
    pub(super) purposes: Option<u32>,
    pub(super) window: Window,
    /// Something limits it that is not in here: it is no term.
    pub(super) is_limited: bool,
    /// Something that it names beside others is not in here: it is a term, but not all of it.
    pub(super) is_partly_lost: bool,
    /// One of those whom it names is not known.
    pub(super) has_unknown_actor: bool,
}

/// Somebody, and the roles that its credential must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Actor {
    pub(super) address: Address,
    pub(super) roles: u16,
}

/// First second, and first second after; open where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) begin: Option<u64>,
    pub(super) end: Option<u64>,
}

/// What a consent says.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) permits: Vec<Rule>,
    pub(super) denies: Vec<Rule>,
    /// The base rule, where it is a deny: it gives way to the permits.
    pub(super) base_deny: Option<Rule>,
    /// Something limits the consent as a whole: it permits nothing.
    pub(super) is_limited: bool,
    pub(super) report: Vec<Inexpressible>,
}

pub(super) fn weigh(rules: Rules, map: &Map) -> Result<Import, ConsentError> {
    let mut scale = Scale { map, grants: BTreeMap::new(), denies: BTreeSet::new(), report: rules.report };
    for rule in rules.permits.iter().chain(&rules.denies).chain(&rules.base_deny) {
        let words = scale.named(rule).unwrap_or_default().len().saturating_mul(rule.scopes().len());
        if words > MAX_WORDS {
            return Err(ConsentError::TooMany {
                of: "parties times records in a provision",
                limit: MAX_WORDS,
            });
        }
    }
    let mut permitted = BTreeSet::new();
    for rule in &rules.permits {
        permitted.extend(scale.named(rule).iter().flatten().map(|actor| actor.address));
        if !rule.is_limited && !rules.is_limited {
            scale.permit(rule);
        }
    }
    for rule in &rules.denies {
        scale.deny(rule);
    }
    if let Some(base) = &rules.base_deny {
        // Whoever is permitted nothing is denied everything by the contract itself.
        let is_default = base.actors.is_none() && !rules.permits.is_empty();
        match scale.named(base) {
            _ if is_default => {}
            None => scale.report(&base.at, Reason::Everybody, Loses::Deny),
            Some(actors) => {
                let others = actors.into_iter().filter(|actor| !permitted.contains(&actor.address)).collect();
                scale.deny(&Rule { actors: Some(others), ..base.clone() });
            }
        }
    }
    let denies = scale.denies.into_iter().map(|(grantee, scope)| Term::Deny { grantee, scope });
    let grants =
        scale.grants.into_iter().map(|((grantee, scope), (terms, _))| Term::Grant { grantee, scope, terms });
    let mut told = BTreeSet::new();
    scale.report.retain(|entry| told.insert(entry.clone()));
    Ok(Import { terms: denies.chain(grants).collect(), report: scale.report })
}

/// A word's key.
type Key = (Address, B256);

struct Scale<'m> {
    map: &'m Map,
    /// What is permitted, and where the consent says so.
    grants: BTreeMap<Key, (Terms, String)>,
    denies: BTreeSet<Key>,
    report: Vec<Inexpressible>,
}

impl Scale<'_> {
    /// Whom a rule is about; `None` if that is everybody and the map does not say who that is.
    fn named(&self, rule: &Rule) -> Option<BTreeSet<Actor>> {
        let community = || {
            let members = self.map.community.as_ref()?.iter();
            Some(members.map(|address| Actor { address: *address, roles: 0 }).collect())
        };
        rule.actors.clone().or_else(community)
    }

    fn permit(&mut self, rule: &Rule) {
        let Some(terms) = self.terms_of(rule) else { return };
        let Some(actors) = self.named(rule) else {
            self.report(&rule.at, Reason::Everybody, Loses::Permit);
            return;
        };
        for Actor { address, roles } in actors {
            // The patient may do everything anyway.
            if address == self.map.patient {
                continue;
            }
            for scope in rule.scopes() {
                self.grant((address, scope), Terms { required_roles: roles, ..terms }, &rule.at);
            }
        }
    }

    /// What a permit permits; `None` if it is nothing, which is in the report.
    fn terms_of(&mut self, rule: &Rule) -> Option<Terms> {
        let default = if self.map.operations == 0 { Operation::Read.bit() } else { self.map.operations };
        let begin = rule.window.begin.or(self.map.not_before);
        let end = rule.window.end.or(self.map.not_after);
        let missing = [
            (begin.is_none(), Reason::NoStart),
            (end.is_none(), Reason::NoEnd),
            (rule.purposes.is_none() && self.map.purposes == 0, Reason::NoPurpose),
            (begin.zip(end).is_some_and(|(begin, end)| begin >= end), Reason::EmptyWindow),
        ];
        for (_, reason) in missing.iter().filter(|(is_missing, _)| *is_missing) {
            self.report(&rule.at, reason.clone(), Loses::Permit);
        }
        let terms = Terms {
            not_before: begin?,
            not_after: end?,
            purposes: rule.purposes.unwrap_or(self.map.purposes),
            operations: rule.operations.unwrap_or(default),
            required_roles: 0,
        };
        let is_something = terms.not_before < terms.not_after && terms.purposes != 0 && terms.operations != 0;
        is_something.then_some(terms)
    }

    /// Adds a permit; a word has room for one set of terms, and takes two where they differ in purposes or in
    /// operations alone.
    fn grant(&mut self, key: Key, terms: Terms, at: &str) {
        let Some((held, _)) = self.grants.get_mut(&key) else {
            self.grants.insert(key, (terms, at.to_owned()));
            return;
        };
        let with_purposes = Terms { purposes: held.purposes | terms.purposes, ..*held };
        let with_operations = Terms { operations: held.operations | terms.operations, ..*held };
        if (Terms { purposes: with_purposes.purposes, ..terms }) == with_purposes {
            *held = with_purposes;
        } else if (Terms { operations: with_operations.operations, ..terms }) == with_operations {
            *held = with_operations;
        } else {
            self.report(at, Reason::SecondGrant, Loses::Permit);
        }
    }

    fn deny(&mut self, rule: &Rule) {
        let Some(actors) = self.named(rule) else {
            self.report(&rule.at, Reason::Everybody, Loses::Deny);
            self.withhold(None, &rule.at);
            return;
        };
        if rule.has_unknown_actor {
            self.withhold(None, &rule.at);
        }
        for Actor { address, .. } in actors {
            if address == self.map.patient {
                self.report(&rule.at, Reason::Patient, Loses::Deny);
                continue;
            }
            if rule.is_limited || rule.is_partly_lost {
                self.withhold(Some(address), &rule.at);
            }
            if !rule.is_limited {
                for scope in rule.scopes() {
                    self.deny_at(rule, (address, scope));
                }
            }
        }
    }

    fn deny_at(&mut self, rule: &Rule, key: Key) {
        let (grantee, scope) = key;
        let permitted: Vec<(Key, Overlap)> =
            self.of(grantee).map(|(key, terms)| (*key, Overlap::of(terms, rule))).collect();
        // A clinician who breaks the glass is stopped by a deny of all records, and by none of fewer.
        let names_break_glass =
            rule.purposes.is_some_and(|purposes| purposes & Purpose::BreakGlass.bit() != 0);
        let covers_all = permitted.iter().all(|(_, overlap)| *overlap == Overlap::Whole);
        let is_whole = rule.is_total() || (covers_all && (!permitted.is_empty() || self.map.widens_denies));
        if names_break_glass && !(is_whole && scope.is_zero()) {
            self.report(&rule.at, Reason::BreakGlass, Loses::Deny);
        }
        if is_whole {
            self.denies.insert(key);
            for (held, _) in permitted.iter().filter(|(held, _)| held.1 == scope || scope.is_zero()) {
                self.grants.remove(held);
            }
            return;
        }
        // What the consent nowhere permits needs no deny.
        let is_apart = permitted.iter().all(|(_, overlap)| *overlap == Overlap::Nothing);
        if is_apart && !permitted.is_empty() {
            return;
        }
        let is_same = scope.is_zero() || permitted.iter().all(|((_, held), _)| *held == scope);
        if permitted.is_empty() || !is_same {
            self.report(&rule.at, Reason::PartialDeny, Loses::Deny);
            self.withhold(Some(grantee), &rule.at);
            return;
        }
        for (held, overlap) in permitted {
            match overlap {
                Overlap::Nothing => {}
                Overlap::Whole => drop(self.grants.remove(&held)),
                Overlap::Cut(rest) => {
                    if let Some((terms, _)) = self.grants.get_mut(&held) {
                        *terms = rest;
                    }
                }
                Overlap::Unclear => {
                    self.report(&rule.at, Reason::PartialDeny, Loses::Deny);
                    self.withhold_one(held, &rule.at);
                }
            }
        }
    }

    fn of(&self, grantee: Address) -> impl Iterator<Item = (&Key, &Terms)> {
        self.grants
            .range((grantee, B256::ZERO)..)
            .take_while(move |(key, _)| key.0 == grantee)
            .map(|(key, held)| (key, &held.0))
    }

    /// Takes back what is permitted to a grantee, or to everybody.
    fn withhold(&mut self, grantee: Option<Address>, at: &str) {
        let keys: Vec<Key> = match grantee {
            Some(grantee) => self.of(grantee).map(|(key, _)| *key).collect(),
            None => self.grants.keys().copied().collect(),
        };
        for key in keys {
            self.withhold_one(key, at);
        }
    }

    fn withhold_one(&mut self, key: Key, at: &str) {
        if let Some((_, granted_at)) = self.grants.remove(&key) {
            self.report(&granted_at, Reason::CutByDeny(at.to_owned()), Loses::Permit);
        }
    }

    fn report(&mut self, at: &str, reason: Reason, loses: Loses) {
        self.report.push(Inexpressible { at: at.to_owned(), reason, loses });
    }
}

/// What a deny leaves of a permit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overlap {
    /// All of it: they have nothing in common.
    Nothing,
    /// Nothing of it.
    Whole,
    /// This.
    Cut(Terms),
    /// What no single set of terms says.
    Unclear,
}

impl Overlap {
    fn of(permit: &Terms, deny: &Rule) -> Self {
        let operations = permit.operations & !deny.operations.unwrap_or(u16::MAX);
        let purposes = permit.purposes & !deny.purposes.unwrap_or(u32::MAX);
        let begin = deny.window.begin.unwrap_or(0).max(permit.not_before);
        let end = deny.window.end.unwrap_or(u64::MAX).min(permit.not_after);
        if operations == permit.operations || purposes == permit.purposes || begin >= end {
            return Self::Nothing;
        }
        let (is_from, is_to) = (begin == permit.not_before, end == permit.not_after);
        match (operations, purposes, is_from, is_to) {
            (0, 0, true, true) => Self::Whole,
            (_, 0, true, true) => Self::Cut(Terms { operations, ..*permit }),
            (0, _, true, true) => Self::Cut(Terms { purposes, ..*permit }),
            (0, 0, true, false) => Self::Cut(Terms { not_before: end, ..*permit }),
            (0, 0, false, true) => Self::Cut(Terms { not_after: begin, ..*permit }),
            _ => Self::Unclear,
        }
    }
}

impl Rule {
    /// At which scopes it stands.
    fn scopes(&self) -> BTreeSet<B256> {
        self.scopes.clone().unwrap_or_else(|| [B256::ZERO].into())
    }

    /// Whether, as a deny, it is for all operations, purposes and times.
    fn is_total(&self) -> bool {
        self.operations.is_none() && self.purposes.is_none() && self.window == Window::default()
    }
}
