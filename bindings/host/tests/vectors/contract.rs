//! The contract's calls, logs, refusals, answers and signed structs, from and to their JSON.

use healthrecord::code::Code as _;
use healthrecord::core::chain::key::SecretKey;
use healthrecord::core::chain::signature::Signature;
use healthrecord::core::health::contract::message::{self, Message};
use healthrecord::core::health::contract::{
    AccountWord, AnchorWord, Call, CredentialWord, DelegationWord, Event, GrantWord, Question,
    RetractionWord, Revert, Target, Terms,
};
use healthrecord::core::matter::sink::Buffer;
use healthrecord::core::{Address, B256};
use serde_json::{Map, Value, json};

use super::{Outcome, bytes, print, word, words};

/// Reads an argument under its name.
trait Argument {
    fn of(value: &Value) -> Self;
}

macro_rules! numbers {
    ($($kind:ty),+) => {
        $(impl Argument for $kind {
            fn of(value: &Value) -> Self {
                value.as_str().unwrap().parse().unwrap()
            }
        })+
    };
}

numbers!(u8, u16, u32, u64, Address, B256);

impl Argument for bool {
    fn of(value: &Value) -> Self {
        value.as_bool().unwrap()
    }
}

/// The terms stand under a name of their own in a call, and among the members in a struct.
impl Argument for Terms {
    fn of(value: &Value) -> Self {
        Self {
            not_before: Argument::of(&value["notBefore"]),
            not_after: Argument::of(&value["notAfter"]),
            purposes: Argument::of(&value["purposes"]),
            operations: Argument::of(&value["operations"]),
            required_roles: Argument::of(&value["requiredRoles"]),
        }
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
}

/// A value of each field by its name.
macro_rules! read {
    ($values:ident, $module:ident::$variant:ident { $($field:ident),* }) => {
        $module::$variant { $($field: Argument::of(member($values, stringify!($field)))),* }
    };
}

fn member<'a>(values: &'a Value, field: &str) -> &'a Value {
    let name = camel(field);
    // The members of a struct's terms are its own.
    values.get(&name).unwrap_or(values)
}

fn struct_of(name: &str, values: &Value) -> Message {
    match name {
        "Anchor" => read!(values, message::Anchor { author, root, count, kind, deadline }).into(),
        "Retract" => read!(values, message::Retract { author, commitment, reason, deadline }).into(),
        "Grant" => {
            let read = read!(
                values,
                message::Grant { patient, grantee, scope, terms, document, epoch, revision, deadline }
            );
            read.into()
        }
        "Deny" => {
            read!(values, message::Deny { patient, grantee, scope, document, revision, deadline }).into()
        }
        "Revoke" => read!(values, message::Revoke { patient, grantee, scope, revision, deadline }).into(),
        "RevokeAll" => read!(values, message::RevokeAll { patient, epoch, deadline }).into(),
        "SetPolicy" => read!(values, message::SetPolicy { account, flags, cards, revision, deadline }).into(),
        "Delegate" => {
            let read = read!(
                values,
                message::Delegate {
                    patient,
                    delegator,
                    grantee,
                    scope,
                    terms,
                    parent_revision,
                    parent_is_all,
                    epoch,
                    revision,
                    deadline
                }
            );
            read.into()
        }
        "RevokeDelegation" => {
            let read = read!(
                values,
                message::RevokeDelegation { patient, delegator, grantee, scope, revision, deadline }
            );
            read.into()
        }
        "DenyDelegation" => {
            let read = read!(
                values,
                message::DenyDelegation { patient, delegator, grantee, scope, revision, deadline }
            );
            read.into()
        }
        "LiftDelegation" => {
            let read = read!(
                values,
                message::LiftDelegation { patient, delegator, grantee, scope, epoch, revision, deadline }
            );
            read.into()
        }
        "CloseEmergency" => {
            read!(values, message::CloseEmergency { patient, clinician, revision, deadline }).into()
        }
        name => panic!("no struct {name}"),
    }
}

fn call_of<'a>(name: &str, values: &Value, memory: &'a mut Memory) -> Call<'a> {
    match name {
        "anchor" => read!(values, Call::Anchor { root, count, kind }),
        "retract" => read!(values, Call::Retract { commitment, reason }),
        "grant" => read!(values, Call::Grant { grantee, scope, terms, document }),
        "grantMany" => {
            let target = |value: &Value| Target {
                grantee: Argument::of(&value["grantee"]),
                scope: Argument::of(&value["scope"]),
            };
            memory.targets = values["targets"].as_array().unwrap().iter().map(target).collect();
            let (terms, document) = (Argument::of(&values["terms"]), Argument::of(&values["document"]));
            Call::GrantMany { targets: &memory.targets, terms, document }
        }
        "grantFor" => read!(values, Call::GrantFor { patient, grantee, scope, terms, document }),
        "deny" => read!(values, Call::Deny { grantee, scope, document }),
        "denyFor" => read!(values, Call::DenyFor { patient, grantee, scope, document }),
        "revoke" => read!(values, Call::Revoke { grantee, scope }),
        "revokeFor" => read!(values, Call::RevokeFor { patient, grantee, scope }),
        "revokeAll" => Call::RevokeAll,
        "setPolicy" => read!(values, Call::SetPolicy { flags, cards }),
        "delegate" => read!(values, Call::Delegate { patient, grantee, scope, terms }),
        "revokeDelegation" => read!(values, Call::RevokeDelegation { patient, grantee, scope }),
        "denyDelegation" => read!(values, Call::DenyDelegation { delegator, grantee, scope }),
        "liftDelegation" => read!(values, Call::LiftDelegation { delegator, grantee, scope }),
        "breakGlass" => read!(values, Call::BreakGlass { patient, reason }),
        "closeEmergency" => read!(values, Call::CloseEmergency { patient, clinician }),
        "requestAccess" => {
            read!(values, Call::RequestAccess { patient, scope, operations, purposes, not_after })
        }
        "logAccess" => read!(values, Call::LogAccess { patient, scope, purpose, commitment }),
        "accredit" => read!(values, Call::Accredit { account, roles, not_before, not_after }),
        "discredit" => read!(values, Call::Discredit { account }),
        "transferRegistrar" => read!(values, Call::TransferRegistrar { pending }),
        "acceptRegistrar" => Call::AcceptRegistrar,
        "grantOf" => read!(values, Call::GrantOf { patient, grantee, scope }),
        "delegationOf" => read!(values, Call::DelegationOf { patient, delegator, grantee, scope }),
        "emergencyOf" => read!(values, Call::EmergencyOf { patient, clinician }),
        "accountOf" => read!(values, Call::AccountOf { account }),
        "credentialOf" => read!(values, Call::CredentialOf { account }),
        "anchorOf" => read!(values, Call::AnchorOf { author, root }),
        "retractionOf" => read!(values, Call::RetractionOf { author, commitment }),
        "extsload" => read!(values, Call::Extsload { slot }),
        "eip712Domain" => Call::Eip712Domain,
        "registrar" => Call::Registrar,
        "pendingRegistrar" => Call::PendingRegistrar,
        "decide" => {
            let values = &values["request"];
            memory.scopes = words(&values["scopes"]);
            let question = Question {
                patient: Argument::of(&values["patient"]),
                accessor: Argument::of(&values["accessor"]),
                salt: Argument::of(&values["salt"]),
                scopes: &memory.scopes,
                operation: Argument::of(&values["operation"]),
                purpose: Argument::of(&values["purpose"]),
                delegator: Argument::of(&values["delegator"]),
                at: Argument::of(&values["at"]),
            };
            Call::Decide { question }
        }
        name => {
            let (first, rest) = name.strip_suffix("BySig").unwrap_or_else(|| panic!("no {name}")).split_at(1);
            memory.signature = bytes(&values["signature"]);
            let message = struct_of(&(first.to_uppercase() + rest), values);
            Call::BySig { message, signature: &memory.signature }
        }
    }
}

/// What a call borrows.
#[derive(Default)]
struct Memory {
    targets: Vec<Target>,
    scopes: Vec<B256>,
    signature: Vec<u8>,
}

fn calldata(call: &Call<'_>) -> String {
    let mut memory = [0; 4096];
    let mut buffer = Buffer::new(&mut memory);
    call.write(&mut buffer).unwrap();
    print(buffer.into_written())
}

pub(super) fn call(input: &Value) -> Outcome {
    let mut memory = Memory::default();
    let call = call_of(input["function"].as_str().unwrap(), &input["arguments"], &mut memory);
    Ok(json!({"calldata": calldata(&call)}))
}

/// Name and fields of a variant, from its `Debug` text.
fn told(value: &impl std::fmt::Debug) -> (String, Value) {
    let text = format!("{value:?}");
    let Some((name, fields)) = text.split_once(" { ") else { return (text, json!({})) };
    let fields = fields.strip_suffix(" }").unwrap().split(", ").map(|field| {
        let (name, value) = field.split_once(": ").unwrap();
        (camel(name), Value::from(value))
    });
    (name.to_owned(), Value::Object(fields.collect::<Map<_, _>>()))
}

pub(super) fn event(input: &Value) -> Outcome {
    let event = Event::decode(&words(&input["topics"]), &bytes(&input["data"]));
    let (event, arguments) = told(&event.map_err(|error| (error.code(), None))?);
    Ok(json!({"event": event, "arguments": arguments}))
}

pub(super) fn revert(input: &Value) -> Outcome {
    Ok(match Revert::decode(&bytes(&input["data"])) {
        Some(revert) => {
            let (error, arguments) = told(&revert);
            json!({"error": error, "arguments": arguments})
        }
        None => json!({"error": null}),
    })
}

pub(super) fn answer(input: &Value) -> Outcome {
    let answer = bytes(&input["answer"]);
    let word = match input["function"].as_str().unwrap() {
        "grantOf" | "emergencyOf" => GrantWord::from_answer(&answer).map(|word| word.encode()),
        "delegationOf" => DelegationWord::from_answer(&answer).map(|word| word.encode()),
        "accountOf" => AccountWord::from_answer(&answer).map(|word| word.encode()),
        "credentialOf" => CredentialWord::from_answer(&answer).map(|word| word.encode()),
        "anchorOf" => AnchorWord::from_answer(&answer).map(|word| word.encode()),
        "retractionOf" => RetractionWord::from_answer(&answer).map(|word| word.encode()),
        name => panic!("no view {name}"),
    };
    Ok(json!({"word": word.map_err(|error| (error.code(), None))?.to_string()}))
}

pub(super) fn message(input: &Value) -> Outcome {
    let message = struct_of(input["struct"].as_str().unwrap(), &input["members"]);
    let contract: Address = Argument::of(&input["contract"]);
    let domain = message::domain(Argument::of(&input["chainId"]), contract);
    let key = SecretKey::from_bytes(&word(&input["secretKey"]).0).unwrap();
    let hash = message.signing_hash(&domain);
    let signature = key.sign_hash(&hash);
    assert_eq!(signature.recover(&hash), Ok(message.signer()));
    let signature = signature.to_bytes();
    assert_eq!(Signature::from_bytes(&signature).unwrap().recover(&hash), Ok(key.address()));
    let (kind, _) =
        Message::TYPES.iter().find(|(kind, _)| kind.split('(').next() == input["struct"].as_str()).unwrap();
    let call = Call::BySig { message, signature: &signature };
    Ok(json!({
        "type": kind,
        "structHash": message.struct_hash().to_string(),
        "signingHash": hash.to_string(),
        "signer": key.address().to_string(),
        "signature": print(&signature),
        "calldata": calldata(&call),
    }))
}
