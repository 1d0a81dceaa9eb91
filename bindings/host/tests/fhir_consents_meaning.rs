//! On random consents, the terms permit nothing that a plain reading of the consent does not, and all of it
//! where there is no report.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use healthrecord::fhir::consent::{Map, Term, import};
use healthrecord_core::{Address, B256};
use serde_json::{Value, json};

const PARTIES: [&str; 3] = ["Practitioner/1", "Organization/2", "Device/3"];
const RECORDS: [&str; 2] = ["Observation/1", "Observation/2"];
const PURPOSES: [(&str, u32); 3] = [("TREAT", 1), ("HPAYMT", 1 << 7), ("HRESCH", 1 << 11)];
const ACTIONS: [(&str, u16); 3] = [("access", 1), ("correct", 3), ("disclose", 4)];
const YEARS: [u64; 5] = [1_735_689_600, 1_767_225_600, 1_798_761_600, 1_830_297_600, 1_861_920_000];

fn address(party: usize) -> Address {
    Address([u8::try_from(party + 1).unwrap(); 20])
}

fn scope(record: usize) -> B256 {
    B256([u8::try_from(record + 1).unwrap(); 32])
}

/// The second and the third party are the community; 2026 and 2027, to read for TREAT, is what silence means.
fn map() -> Map {
    let mut map = Map {
        patient: Address([9; 20]),
        patient_reference: "Patient/1".into(),
        community: Some(vec![address(1), address(2)]),
        purposes: 1,
        not_before: Some(YEARS[1]),
        not_after: Some(YEARS[3]),
        ..Map::default()
    };
    map.parties.extend(PARTIES.iter().enumerate().map(|(index, name)| ((*name).to_owned(), address(index))));
    let records = RECORDS.iter().enumerate();
    map.records
        .extend(records.map(|(index, name)| (("instance".to_owned(), (*name).to_owned()), scope(index))));
    map
}

/// A provision as it is written.
#[derive(Clone, Debug, Default)]
struct Node {
    permits: bool,
    actors: Option<Vec<usize>>,
    records: Option<Vec<usize>>,
    actions: Option<Vec<usize>>,
    purposes: Option<Vec<usize>>,
    begin: Option<usize>,
    end: Option<usize>,
    nested: Vec<Node>,
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn pick(&mut self, bound: usize) -> usize {
        usize::try_from(self.below(bound as u64)).unwrap()
    }

    /// Some of the first so many numbers, at least one, or nothing in most cases.
    fn some(&mut self, count: usize) -> Option<Vec<usize>> {
        if self.below(3) != 0 {
            return None;
        }
        let picked: Vec<usize> = (0..count).filter(|_| self.below(2) == 0).collect();
        Some(if picked.is_empty() { vec![self.pick(count)] } else { picked })
    }

    fn node(&mut self, depth: u64, permits: Option<bool>) -> Node {
        let permits = permits.unwrap_or_else(|| self.below(2) == 0);
        let nested = if depth == 0 { 0 } else { self.below(3) };
        let dated = self.below(4);
        Node {
            permits,
            actors: self.some(PARTIES.len()),
            records: self.some(RECORDS.len()),
            actions: self.some(ACTIONS.len()),
            purposes: self.some(PURPOSES.len()),
            begin: (dated == 0).then(|| self.pick(4)),
            end: (dated == 1).then(|| 1 + self.pick(4)),
            nested: (0..nested).map(|_| self.node(depth - 1, None)).collect(),
        }
    }
}

impl Node {
    /// Below an R5 provision everything says the opposite.
    fn alternate(&mut self) {
        for nested in &mut self.nested {
            nested.permits = !self.permits;
            nested.alternate();
        }
    }

    fn json(&self, with_type: bool) -> Value {
        let mut value = json!({});
        let coding = |system: &str, code: &str| json!({"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code});
        if with_type {
            value["type"] = json!(if self.permits { "permit" } else { "deny" });
        }
        let mut list = |name: &str, of: &Option<Vec<usize>>, one: &dyn Fn(usize) -> Value| {
            if let Some(of) = of {
                value[name] = of.iter().map(|index| one(*index)).collect();
            }
        };
        list(
            "actor",
            &self.actors,
            &|party| json!({"role": {"coding": [coding("v3-ParticipationType", "IRCP")]}, "reference": {"reference": PARTIES[party]}}),
        );
        list(
            "data",
            &self.records,
            &|record| json!({"meaning": "instance", "reference": {"reference": RECORDS[record]}}),
        );
        list(
            "action",
            &self.actions,
            &|action| json!({"coding": [coding("consentaction", ACTIONS[action].0)]}),
        );
        list("purpose", &self.purposes, &|purpose| coding("v3-ActReason", PURPOSES[purpose].0));
        if self.begin.is_some() || self.end.is_some() {
            value["period"] = json!({});
        }
        if let Some(year) = self.begin {
            value["period"]["start"] = json!(format!("{}", 2025 + year));
        }
        if let Some(year) = self.end {
            value["period"]["end"] = json!(format!("{}", 2024 + year));
        }
        if !self.nested.is_empty() {
            value["provision"] = self.nested.iter().map(|nested| nested.json(with_type)).collect();
        }
        value
    }
}

/// Somebody who wants something of a record that is in some scopes.
#[derive(Clone, Copy, Debug)]
struct Request {
    party: usize,
    /// Whether the record is in the first and in the second scope.
    within: [bool; 2],
    operation: u16,
    purpose: usize,
    at: u64,
}

fn requests() -> Vec<Request> {
    let mut all = vec![];
    for party in 0..3 {
        for within in [[false, false], [true, false], [false, true], [true, true]] {
            for operation in [1, 2, 4] {
                for purpose in 0..3 {
                    for at in YEARS.map(|year| year - 1000) {
                        all.push(Request { party, within, operation, purpose, at });
                    }
                }
            }
        }
    }
    all
}

/// A plain reading: permitted is what some permit permits within all that it stands in, and no deny but the
/// base rule denies. A permit inside such a deny is read as if it were not there.
fn is_permitted(root: &Node, request: &Request) -> bool {
    let mut chain = vec![root];
    some_permit(&mut chain, request) && !root.nested.iter().any(|nested| some_deny(nested, &[root], request))
}

fn some_permit(chain: &mut Vec<&Node>, request: &Request) -> bool {
    let node = *chain.last().unwrap();
    if node.permits && holds(chain, request) {
        return true;
    }
    if !node.permits && chain.len() > 1 {
        return false;
    }
    node.nested.iter().any(|nested| {
        let mut inner = chain.clone();
        inner.push(nested);
        some_permit(&mut inner, request)
    })
}

fn some_deny(node: &Node, around: &[&Node], request: &Request) -> bool {
    let is_in_deny = around.len() > 1 && !around.last().unwrap().permits;
    if node.permits && is_in_deny {
        return false;
    }
    let chain = [around, &[node]].concat();
    let denies = !node.permits && {
        let party = about(&chain, |node| node.actors.as_ref());
        let party = party.map_or(request.party != 0, |parties| parties.contains(&request.party));
        let record = about(&chain, |node| node.records.as_ref());
        let names =
            party && record.is_none_or(|records| records.iter().any(|record| request.within[*record]));
        let actions = node
            .actions
            .as_ref()
            .is_none_or(|actions| actions.iter().any(|action| ACTIONS[*action].1 & request.operation != 0));
        let purposes = node.purposes.as_ref().is_none_or(|purposes| purposes.contains(&request.purpose));
        let times = node.begin.is_none_or(|year| request.at >= YEARS[year])
            && node.end.is_none_or(|year| request.at < YEARS[year]);
        names && actions && purposes && times
    };
    denies || node.nested.iter().any(|nested| some_deny(nested, &chain, request))
}

/// Whom or what the last of the provisions is about: the limits of permits add up, and a deny has its own, or
/// those around it.
fn about(chain: &[&Node], of: impl Fn(&Node) -> Option<&Vec<usize>>) -> Option<Vec<usize>> {
    chain.iter().enumerate().fold(None, |around: Option<Vec<usize>>, (depth, node)| {
        match (of(node), around) {
            (Some(own), Some(around)) if node.permits || depth == 0 => {
                Some(own.iter().copied().filter(|index| around.contains(index)).collect())
            }
            (own, around) => own.cloned().or(around),
        }
    })
}

/// Whether a permit holds, within all that it stands in.
fn holds(chain: &[&Node], request: &Request) -> bool {
    let all = |of: &dyn Fn(&Node) -> Option<bool>, silent: bool| {
        let told: Vec<bool> = chain.iter().filter_map(|node| of(node)).collect();
        if told.is_empty() { silent } else { told.into_iter().all(|told| told) }
    };
    let action = |node: &Node| {
        let mask = |actions: &Vec<usize>| actions.iter().fold(0, |mask, action| mask | ACTIONS[*action].1);
        node.actions.as_ref().map(|actions| mask(actions) & request.operation != 0)
    };
    // A record is of both scopes: those of the innermost list that all around it have.
    let scopes = [0, 1].into_iter().any(|record| {
        request.within[record]
            && chain.iter().all(|node| node.records.as_ref().is_none_or(|records| records.contains(&record)))
    });
    all(&|node| node.actors.as_ref().map(|actors| actors.contains(&request.party)), request.party != 0)
        && (scopes || chain.iter().all(|node| node.records.is_none()))
        && all(&action, request.operation == 1)
        && all(
            &|node| node.purposes.as_ref().map(|purposes| purposes.contains(&request.purpose)),
            request.purpose == 0,
        )
        && all(&|node| node.begin.map(|year| request.at >= YEARS[year]), request.at >= YEARS[1])
        && all(&|node| node.end.map(|year| request.at < YEARS[year]), request.at < YEARS[3])
}

/// As the contract decides, by rules 3 and 4.
fn decides(terms: &[Term], request: &Request) -> bool {
    let is_at = |found: B256| {
        found.is_zero() || (0..2).any(|record| request.within[record] && found == scope(record))
    };
    let own = |term: &&Term| term.grantee() == address(request.party) && is_at(term.scope());
    let mut permits = false;
    for term in terms.iter().filter(own) {
        match term {
            Term::Deny { .. } => return false,
            Term::Grant { terms, .. } => {
                permits |= terms.operations & request.operation != 0
                    && terms.purposes & PURPOSES[request.purpose].1 != 0
                    && (terms.not_before..terms.not_after).contains(&request.at);
            }
        }
    }
    permits
}

#[test]
fn terms_permit_what_the_consent_permits_and_never_more() {
    let (mut random, mut map, requests) = (Random(7), map(), requests());
    let (mut exact, mut permitting, mut short) = (0, 0, 0);
    for round in 0..10_000 {
        let is_r5 = round % 3 == 0;
        map.widens_denies = round % 2 == 0;
        let mut root = random.node(2, None);
        let mut consent = json!({"resourceType": "Consent", "status": "active"});
        if is_r5 {
            root = Node { permits: root.permits, nested: root.nested, ..Node::default() };
            root.alternate();
            consent["subject"] = json!({"reference": "Patient/1"});
            consent["decision"] = json!(if root.permits { "permit" } else { "deny" });
            consent["provision"] = root.nested.iter().map(|nested| nested.json(false)).collect();
        } else {
            consent["patient"] = json!({"reference": "Patient/1"});
            consent["scope"] = json!({"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy",
            }]});
            consent["provision"] = root.json(true);
        }
        let found = import(&consent.to_string(), &map).unwrap();
        let terms = found.terms_accepting_report();
        let is_exact = found.report().is_empty();
        let mut any = false;
        for request in &requests {
            let (permitted, decided) = (is_permitted(&root, request), decides(terms, request));
            assert!(permitted || !decided, "{request:?} {terms:?} {:?} {root:#?}", found.report());
            assert!(!is_exact || permitted == decided, "{request:?} {terms:?} {root:#?}");
            any |= decided;
            short += usize::from(permitted && !decided);
        }
        exact += usize::from(is_exact);
        permitting += usize::from(is_exact && any);
    }
    assert!(
        exact > 1500 && permitting > 800 && short > 0,
        "{exact} exact, {permitting} of them permit, {short} short"
    );
}
