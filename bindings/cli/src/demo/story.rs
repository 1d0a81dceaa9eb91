//! The story: a hospital, a patient, a cardiologist, a psychiatrist, a pharmacist, a stranger, and a
//! verifier who has nothing but a bundle and a block hash.

use healthrecord::access::{self, Deployment, Purpose, Request, decision_to_value, request_to_json};
use healthrecord::code::Code as _;
use healthrecord::consent::{self, Consent};
use healthrecord::core::access::{Clock, Decision, Policy, VerifyError};
use healthrecord::core::health::anchor::{HashRule, PinnedHash};
use healthrecord::core::health::contract::message::{Grant, domain};
use healthrecord::core::health::contract::{AnchorWord, Call, Message, Operation, Slot, Terms, blind};
use healthrecord::core::health::record::measure;
use healthrecord::core::{B256, U256};
use healthrecord::record::{
    self, BoundRecord, Metadata, OwnedDisclosure, RecordKey, Secret, Selection, reserved,
};
use healthrecord::rpc::verify_proof;
use healthrecord::withdrawal;
use serde_json::json;

use super::records::{Records, Resource};
use super::stage::{Mark, Stage, date, grouped, short};
use super::world::{World, timed};
use crate::failure::Failure;
use crate::record::{random, spoken};

/// Days for which the patient grants.
const DAYS: u64 = 30;

/// A committed record and what opens it.
struct Committed<'a> {
    resource: &'a Resource<'a>,
    key: RecordKey,
    leaves: usize,
}

pub(crate) fn tell(records: &Records<'_>, stage: &mut Stage) -> Result<(), Failure> {
    let mut world = World::begin(records.all.len())?;
    let committed = commit_and_anchor(records, &mut world, stage)?;
    let (Some(laboratory), Some(private)) =
        (committed.get(records.laboratory), committed.get(records.private))
    else {
        return Ok(());
    };
    let (record, binding) = bind(laboratory)?;
    stage.file("laboratory/binding.json", binding.to_json())?;

    let (cardiologist, stranger) = (world.cardiologist, world.stranger);
    let until = world.time() + DAYS * 86_400;
    let scope = record.scopes().first().copied().unwrap_or_default();
    let terms = Terms {
        not_before: world.time(),
        not_after: until,
        purposes: Purpose::Treatment.bit(),
        operations: Operation::Read.bit(),
        required_roles: 0,
    };

    stage.scene("The patient grants one record to a cardiologist");
    let grant = Call::Grant { grantee: cardiologist, scope, terms, document: B256::ZERO };
    let gas = world.act(&grant)?;
    stage.line(
        "patient",
        &format!(
            "may READ {} for TREAT until {}: {} gas",
            laboratory.resource.name(),
            date(until),
            grouped(gas)
        ),
    );
    stage.line(
        "chain",
        &format!("knows {} may read something that {} names", short(&cardiologist), short(&scope)),
    );
    stage.fact("gas", gas);
    let treatment = world.request(&record, cardiologist, Purpose::Treatment)?;
    ask(&world, stage, "grant", &treatment)?;

    stage.scene("The same doctor asks for another purpose");
    let research = world.request(&record, cardiologist, Purpose::Research)?;
    ask(&world, stage, "another-purpose", &research)?;

    stage.scene("Somebody whom the patient never named asks");
    let nobody = world.request(&record, stranger, Purpose::Treatment)?;
    ask(&world, stage, "never-granted", &nobody)?;
    stage.line("", "the absence is proved by the trie's own nodes, not by the node's silence");

    tell_blinded(private, terms, &mut world, stage)?;
    tell_consent(laboratory, terms, &mut world, stage)?;
    tell_withdrawal(laboratory, private, terms, &mut world, stage)?;
    tell_forgeries(laboratory, &record, &world, stage)?;
    tell_disclosure(laboratory, &world, stage)?;
    stage.file("deployment.json", world.deployment().to_json())?;
    stage.keep_script()
}

fn commit_and_anchor<'a>(
    records: &'a Records<'a>,
    world: &mut World,
    stage: &mut Stage,
) -> Result<Vec<Committed<'a>>, Failure> {
    stage.scene("A hospital commits a patient's records and anchors them");
    let bytes: usize = records.all.iter().map(|resource| resource.json.len()).sum();
    let (committed, time) =
        timed(|| records.all.iter().map(|resource| commit(resource, world)).collect::<Result<Vec<_>, _>>());
    let committed = committed?;
    let leaves: usize = committed.iter().map(|one| one.leaves).sum();
    let count = committed.len();
    stage.line(
        "hospital",
        &format!(
            "{count} records, {} bytes of FHIR, become {} salted leaves under {count} hashes: {}",
            grouped(bytes as u64),
            grouped(leaves as u64),
            spent(time)
        ),
    );
    let hashes: Vec<B256> = committed.iter().map(|one| one.key.commitment).collect();
    let gas = world.anchor(&hashes)?;
    stage.line(
        "chain",
        &format!(
            "{} holds {count} hashes and not one record: {} gas, {} each",
            short(&world.contract()),
            grouped(gas),
            grouped(gas / count.max(1) as u64)
        ),
    );
    stage.fact("records", count);
    stage.fact("bytes", bytes);
    stage.fact("leaves", leaves);
    stage.fact("microseconds", time);
    stage.fact("gas", gas);
    stage.fact("contract", world.contract().to_string());
    for (index, one) in committed.iter().enumerate() {
        let name = one.resource.file_name(index);
        stage.file(&format!("records/{name}.json"), one.resource.json)?;
        stage.secret_file(&format!("records/{name}.key.json"), &one.key.to_json())?;
    }
    Ok(committed)
}

fn commit<'a>(resource: &'a Resource<'a>, world: &World) -> Result<Committed<'a>, Failure> {
    let metadata = Metadata {
        patient: world.patient.address(),
        author: world.hospital.address(),
        kind: 1,
        issued: world.time(),
        scopes: vec![B256(*random()?)],
        previous: None,
        attachments: vec![],
    };
    let secret = Secret::from_bytes(&*random()?);
    let wrong = |error: healthrecord::core::health::record::RecordError| {
        Failure::new(error.code(), format!("{}: {error}", resource.name()))
    };
    let document = resource.json.as_bytes();
    let commitment = record::commit(document, &metadata, &secret).map_err(wrong)?;
    // Five leaves are of the metadata, the others of the document.
    let leaves = measure(document).leaves + 5;
    Ok(Committed { resource, key: RecordKey { metadata, commitment, secret }, leaves })
}

/// Shows whose record a commitment is, and nothing of its content.
fn bind(committed: &Committed<'_>) -> Result<(BoundRecord, OwnedDisclosure), Failure> {
    let paths = [reserved::PATIENT, reserved::AUTHOR, reserved::SCOPE];
    let disclosure = disclose(committed, &Selection::exactly(&paths))?;
    let opened =
        disclosure.open(committed.key.commitment).map_err(|error| Failure::new(error.code(), error))?;
    let bound = opened.bound.map_err(|error| Failure::new(error.code(), error))?;
    Ok((bound, disclosure))
}

fn disclose(committed: &Committed<'_>, selection: &Selection<'_>) -> Result<OwnedDisclosure, Failure> {
    let RecordKey { metadata, secret, .. } = &committed.key;
    record::disclose(committed.resource.json.as_bytes(), metadata, secret, selection)
        .map_err(|error| Failure::new(error.code(), error))
}

/// An untrusted node makes the bundle; the verifier has it, the question and a block hash, and answers.
fn ask(world: &World, stage: &mut Stage, folder: &str, request: &Request) -> Result<(), Failure> {
    ask_with(world, stage, folder, request, None)
}

/// The same, for an accessor who shows a consent that the chain does not know.
fn ask_with(
    world: &World,
    stage: &mut Stage,
    folder: &str,
    request: &Request,
    consent: Option<&Consent>,
) -> Result<(), Failure> {
    if let Some(consent) = consent {
        stage.file(&format!("{folder}/consent.rlp"), consent::to_bytes(consent))?;
    }
    let bundle = world.bundle(request)?;
    let (_, hash) = world.head();
    stage.file(&format!("{folder}/bundle.rlp"), &bundle)?;
    stage.file(&format!("{folder}/request.json"), request_to_json(request))?;
    stage.file(&format!("{folder}/trusted-hash.txt"), format!("{hash}\n"))?;
    let (verdict, time) = timed(|| match consent {
        Some(consent) => {
            let Deployment { chain_id, contract, .. } = world.deployment();
            let checked = consent.check(chain_id, contract);
            judge(world, &bundle, hash, &request.clone().consented(checked))
        }
        None => judge(world, &bundle, hash, request),
    });
    let decision = verdict.map_err(|error| Failure::new(error.code(), error))?;
    let note = format!("bundle of {} bytes, verified in {}", grouped(bundle.len() as u64), spent(time));
    match decision {
        Decision::Permit { basis, until, .. } => {
            stage.answer(Mark::Permit, &format!("permit ({basis}) until {}", date(until)), &note);
        }
        Decision::Deny { reason, .. } => stage.answer(Mark::Deny, &format!("deny ({reason})"), &note),
    }
    stage.again(folder, consent.is_some());
    stage.answered(json!({
        "folder": folder,
        "decision": decision_to_value(&decision),
        "bundleBytes": bundle.len(),
        "microseconds": time,
    }));
    Ok(())
}

fn judge(world: &World, bundle: &[u8], hash: B256, request: &Request) -> Result<Decision, VerifyError> {
    let clock = Clock { now: world.time(), error: 0, max_age: 3600, max_skew: 60 };
    let anchor = PinnedHash::new(hash, HashRule::Plain);
    access::verify(bundle, &anchor, &world.deployment(), request, &Policy::default(), &clock)
        .map(|verdict| verdict.decision)
}

fn tell_blinded(
    private: &Committed<'_>,
    terms: Terms,
    world: &mut World,
    stage: &mut Stage,
) -> Result<(), Failure> {
    stage.scene("The patient grants to a psychiatrist whom nobody finds on the chain");
    let (record, _) = bind(private)?;
    let (patient, psychiatrist) = (world.patient.address(), world.psychiatrist);
    let salt = B256(*random()?);
    let hidden = blind(&patient, &psychiatrist, &salt);
    let scope = record.scopes().first().copied().unwrap_or_default();
    let gas = world.act(&Call::Grant { grantee: hidden, scope, terms, document: B256::ZERO })?;
    stage.line(
        "patient",
        &format!(
            "grants {} to a blinded address, and tells the salt to the psychiatrist alone: {} gas",
            private.resource.name(),
            grouped(gas)
        ),
    );
    stage.line(
        "chain",
        &format!(
            "shows {}, of which nobody holds the key; {} is nowhere",
            short(&hidden),
            short(&psychiatrist)
        ),
    );
    stage.fact("gas", gas);
    let open = world.request(&record, psychiatrist, Purpose::Treatment)?;
    stage.line("", "without the salt:");
    ask(world, stage, "blinded-without-salt", &open)?;
    let salted = open.blinded(salt).map_err(|error| Failure::new(error.code(), error))?;
    stage.line("", "with the salt:");
    ask(world, stage, "blinded", &salted)
}

/// A consent that costs no gas permits, and a revoke on the chain ends it.
fn tell_consent(
    laboratory: &Committed<'_>,
    terms: Terms,
    world: &mut World,
    stage: &mut Stage,
) -> Result<(), Failure> {
    stage.scene("The patient consents without the chain");
    let (record, _) = bind(laboratory)?;
    let (patient, pharmacist) = (world.patient.address(), world.pharmacist);
    let Deployment { chain_id, contract, .. } = world.deployment();
    let grant = Grant {
        patient,
        grantee: pharmacist,
        scope: record.scopes().first().copied().unwrap_or_default(),
        terms,
        document: B256::ZERO,
        epoch: 0,
        revision: 0,
        deadline: terms.not_after,
    };
    let words = Message::from(grant).in_words(chain_id, contract).to_string();
    let shown: Vec<&str> = words.lines().collect();
    if let [who, what, _, purpose, ..] = shown[..] {
        stage.line("wallet", &format!("asks: {who} {what} … {purpose} … {} lines", shown.len()));
    }
    let signature = world.patient.sign_hash(&grant.signing_hash(&domain(chain_id, contract)));
    let consent = Consent { grant, signature };
    let bytes = consent::to_bytes(&consent).len();
    stage.line(
        "patient",
        &format!("signs, and gives the pharmacist the consent, {bytes} bytes for a QR code: 0 gas"),
    );
    stage.line("chain", &format!("knows nothing of {}", short(&pharmacist)));
    stage.fact("consentBytes", bytes);
    stage.fact("words", words.as_str());
    stage.file("consent/words.txt", format!("{words}\n"))?;
    stage.file("consent/consent.json", consent::to_json(&consent))?;
    let request = world.request(&record, pharmacist, Purpose::Treatment)?;
    ask_with(world, stage, "consent", &request, Some(&consent))?;

    stage.scene("A revoke on the chain ends what was never there");
    let answer = world.answer(&request.required_slots())?;
    let (_, hash) = world.head();
    let proved = verify_proof(&answer, &world.block()?.rlp, &PinnedHash::new(hash, HashRule::Plain))
        .map_err(|error| Failure::new(error.code(), error))?;
    let words: Vec<U256> = proved.slots.iter().map(|(_, word)| *word).collect();
    let steps =
        withdrawal::steps(&request, &words, &[grant]).map_err(|error| Failure::new(error.code(), error))?;
    let mut gas = 0;
    for step in &steps {
        gas += world.act(&step.call())?;
    }
    stage.line("patient", &format!("revokes what may have been consented to: {} gas", grouped(gas)));
    stage.fact("gas", gas);
    let again = world.request(&record, pharmacist, Purpose::Treatment)?;
    ask_with(world, stage, "consent-revoked", &again, Some(&consent))
}

fn tell_withdrawal(
    laboratory: &Committed<'_>,
    private: &Committed<'_>,
    terms: Terms,
    world: &mut World,
    stage: &mut Stage,
) -> Result<(), Failure> {
    let (record, _) = bind(laboratory)?;
    let (cardiologist, name) = (world.cardiologist, laboratory.resource.name());
    let scope = record.scopes().first().copied().unwrap_or_default();
    stage.scene("The patient takes it back");
    let gas = world.act(&Call::Revoke { grantee: cardiologist, scope })?;
    stage.line("patient", &format!("revokes the grant of {name}: {} gas", grouped(gas)));
    stage.fact("gas", gas);
    let again = world.request(&record, cardiologist, Purpose::Treatment)?;
    ask(world, stage, "revoked", &again)?;

    stage.scene("All records but this one");
    let all = Call::Grant { grantee: cardiologist, scope: B256::ZERO, terms, document: B256::ZERO };
    let granted = world.act(&all)?;
    let denied = world.act(&Call::Deny { grantee: cardiologist, scope, document: B256::ZERO })?;
    stage.line(
        "patient",
        &format!("grants all records ({} gas) and denies {name} ({} gas)", grouped(granted), grouped(denied)),
    );
    stage.fact("gas", granted + denied);
    let (other, _) = bind(private)?;
    stage.line("", &format!("about {}:", private.resource.name()));
    let another = world.request(&other, cardiologist, Purpose::Treatment)?;
    ask(world, stage, "all-records", &another)?;
    stage.line("", &format!("about {name}:"));
    let this = world.request(&record, cardiologist, Purpose::Treatment)?;
    ask(world, stage, "all-but-this", &this)
}

fn tell_forgeries(
    laboratory: &Committed<'_>,
    record: &BoundRecord,
    world: &World,
    stage: &mut Stage,
) -> Result<(), Failure> {
    stage.scene("A node hides the deny: it leaves out the last node of its proof");
    let request = world.request(record, world.cardiologist, Purpose::Treatment)?;
    let (_, hash) = world.head();
    let mut answer = world.answer(&request.required_slots())?;
    let cut = answer.storage_proof.iter_mut().rev().find_map(|slot| slot.proof.pop());
    let cut = cut.and_then(|place| answer.node(place)).map_or(0, |node| node.len() as u64);
    stage.line("node", &format!("drops {} bytes", grouped(cut)));
    let bundle = healthrecord::bundle::build(world.deployment().chain_id, &world.block()?, &answer);
    stage.file("truncated/bundle.rlp", &bundle)?;
    stage.file("truncated/request.json", request_to_json(&request))?;
    stage.file("truncated/trusted-hash.txt", format!("{hash}\n"))?;
    match judge(world, &bundle, hash, &request) {
        Ok(decision) => stage.answered(json!({"decision": decision_to_value(&decision)})),
        Err(error) => {
            stage.answer(
                Mark::Error,
                &format!("error [{}]", error.code()),
                "nothing is proved, which is not a deny",
            );
            stage.line("", &error.to_string());
            stage.answered(json!({"folder": "truncated", "error": error.code()}));
        }
    }
    stage.again("truncated", false);

    stage.scene("Somebody alters the record");
    let RecordKey { metadata, secret, commitment } = &laboratory.key;
    let altered = alter(laboratory.resource.json);
    let found = record::commit(altered.as_bytes(), metadata, secret)
        .map_err(|error| Failure::new(error.code(), error))?;
    stage.line("", "one digit of the record is another; its key and its commitment are the true ones");
    let (text, mark) = if found == *commitment {
        ("the record belongs to its commitment", Mark::Permit)
    } else {
        ("the record does not belong to its commitment", Mark::Deny)
    };
    stage.answer(mark, text, &format!("{} is not {}", short(&found), short(&commitment)));
    stage.fact("expected", commitment.to_string());
    stage.fact("found", found.to_string());
    stage.file("altered/record.json", altered)
}

/// The document with its last digit changed.
fn alter(json: &str) -> String {
    let Some((at, digit)) = json.char_indices().rev().find(|(_, c)| c.is_ascii_digit()) else {
        return json.to_owned();
    };
    let (before, after) = json.split_at(at);
    let other = if digit == '1' { '2' } else { '1' };
    format!("{before}{other}{}", after.get(1..).unwrap_or_default())
}

fn tell_disclosure(laboratory: &Committed<'_>, world: &World, stage: &mut Stage) -> Result<(), Failure> {
    stage.scene("The patient shows one value, and nothing else");
    let paths = [
        "/valueQuantity",
        reserved::PATIENT,
        reserved::AUTHOR,
        reserved::KIND,
        reserved::ISSUED,
        reserved::SCOPE,
    ];
    let disclosure = disclose(laboratory, &Selection::with_meaning(&paths))?;
    let text = disclosure.to_json();
    stage.file("disclosure/disclosure.json", &text)?;
    let commitment = laboratory.key.commitment;
    stage.file("disclosure/commitment.txt", format!("{commitment}\n"))?;
    let read = OwnedDisclosure::from_json(&text).map_err(|error| Failure::new(error.code(), error))?;
    let (opened, time) = timed(|| read.open(commitment));
    let opened = opened.map_err(|error| Failure::new(error.code(), error))?;
    let shown = |path: &&str| path.starts_with("/valueQuantity/") || *path == "/status";
    let values: Vec<String> = opened
        .values
        .iter()
        .filter(|(path, _)| shown(path))
        .map(|(path, value)| format!("{path} = {}", spoken(path, *value).0))
        .collect();
    stage.line(
        "patient",
        &format!("{} of {} leaves of {}", read.leaves.len(), laboratory.leaves, laboratory.resource.name()),
    );
    stage.answer(
        Mark::Permit,
        &format!("belongs to {}", short(&commitment)),
        &format!("{} bytes, checked in {}", grouped(text.len() as u64), spent(time)),
    );
    for value in &values {
        stage.line("", value);
    }
    stage.fact("leaves", read.leaves.len());
    stage.fact("of", laboratory.leaves);
    stage.fact("disclosed", json!(values));
    anchored(laboratory, world, stage)
}

/// Proves by whom and when the commitment was anchored.
fn anchored(laboratory: &Committed<'_>, world: &World, stage: &mut Stage) -> Result<(), Failure> {
    let (author, root) = (world.hospital.address(), laboratory.key.commitment);
    let answer = world.answer(&[Slot::Anchor { author, root }.key()])?;
    let (_, hash) = world.head();
    let proved = verify_proof(&answer, &world.block()?.rlp, &PinnedHash::new(hash, HashRule::Plain))
        .map_err(|error| Failure::new(error.code(), error))?;
    let word = proved.slots.first().map(|(_, word)| *word).unwrap_or_default();
    let anchor = AnchorWord::decode(word).map_err(|error| Failure::new(error.code(), error))?;
    stage.line("", &format!("anchored by {} at {}, proved", short(&author), date(anchor.anchored_at)));
    stage.fact("anchoredAt", anchor.anchored_at);
    Ok(())
}

/// Microseconds as people read them.
fn spent(microseconds: u64) -> String {
    if microseconds < 10_000 {
        format!("{} µs", grouped(microseconds))
    } else {
        format!("{} ms", grouped(microseconds / 1000))
    }
}
