//! FHIR resources keep their bytes when a Bundle is split, and tell their type, their kind and whose they are.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::{Path, PathBuf};

use healthrecord::code::Code as _;
use healthrecord::fhir::{Bundle, Reference, Resource};
use healthrecord_core::grammar::json::{JsonError, JsonRule};
use serde_json::Value;

fn vectors(cases: usize) -> Option<PathBuf> {
    let folder = std::env::var_os("HEALTHRECORD_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"), PathBuf::from);
    if folder.is_dir() {
        return Some(folder.join("fhir"));
    }
    assert!(std::env::var_os("CI").is_none(), "no external vectors at {}", folder.display());
    println!("SKIPPED {cases}");
    None
}

/// Every file of a folder, by name.
fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let text = |path: PathBuf| {
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap())
    };
    paths.into_iter().map(text).collect()
}

/// Whose record each of HL7's examples is; the rest is nobody's.
const PATIENTS: &[(&str, &str)] = &[
    ("account-example", "Patient/example"),
    ("allergyintolerance-example", "Patient/example"),
    ("appointment-example", "Patient/example"),
    ("appointmentresponse-example", "Patient/example"),
    ("basic-example", "Patient/f201"),
    ("bodystructure-example-fetus", "Patient/example"),
    ("careplan-example", "#p1"),
    ("careteam-example", "Patient/example"),
    ("claim-example", "Patient/1"),
    ("clinicalimpression-example", "Patient/example"),
    ("communication-example", "Patient/example"),
    ("composition-example", "Patient/xcda"),
    ("condition-example", "Patient/example"),
    ("consent-example", "Patient/f001"),
    ("deviceusestatement-example", "Patient/example"),
    ("documentreference-example", "Patient/xcda"),
    ("encounter-example", "Patient/example"),
    ("episodeofcare-example", "Patient/example"),
    ("familymemberhistory-example", "Patient/example"),
    ("flag-example", "Patient/example"),
    ("goal-example", "Patient/example"),
    ("imagingstudy-example", "Patient/dicom"),
    ("immunization-example", "Patient/example"),
    ("list-example", "Patient/example"),
    ("medicationadministration0301", "Patient/pat1"),
    ("medicationdispense0301", "Patient/pat1"),
    ("medicationrequest0301", "Patient/pat1"),
    ("medicationstatementexample1", "Patient/pat1"),
    ("molecularsequence-example", "Patient/example"),
    ("observation-example", "Patient/example"),
    ("patient-example", "Patient/example"),
    ("person-example", "Patient/example"),
    ("procedure-example", "Patient/example"),
    ("questionnaireresponse-example-bluebook", "http://hl7.org/fhir/Patient/1"),
    ("relatedperson-example", "Patient/animal"),
    ("riskassessment-example", "Patient/b248b1b2-1686-4b94-9936-37d7a5f94b51"),
    ("servicerequest-example", "Patient/example"),
    ("specimen-example", "Patient/example"),
    ("task-example", "Patient/example"),
    ("visionprescription-example", "Patient/example"),
];

#[test]
fn examples_tell_their_type_their_kind_and_whose_they_are() {
    let Some(folder) = vectors(71) else { return };
    let mut wrong = vec![];
    for (name, text) in texts(&folder.join("r4")) {
        let value: Value = serde_json::from_str(&text).unwrap();
        let resource = Resource::read(&text).unwrap();
        assert_eq!(Some(resource.resource_type.as_str()), value["resourceType"].as_str(), "{name}");
        assert_eq!(resource.id.as_deref(), value["id"].as_str(), "{name}");
        let kind = match name.split('-').next().unwrap() {
            "auditevent" => 2,
            "adverseevent" => 3,
            "medicationdispense0301" | "supplydelivery" => 4,
            "claim" | "paymentnotice" => 5,
            _ => 1,
        };
        assert_eq!(resource.kind(), kind, "{name}");
        let found: Vec<String> = resource.patients().unwrap().iter().map(Reference::to_string).collect();
        let expected = PATIENTS.iter().find(|(known, _)| *known == name).map_or("", |(_, patient)| patient);
        if found.join(" ") != expected {
            wrong.push((name, found));
        }
    }
    assert_eq!(wrong, []);
}

#[test]
fn bundles_are_split_into_the_bytes_that_they_were_and_join_to_what_they_were() {
    let Some(folder) = vectors(3) else { return };
    for (name, text) in texts(&folder.join("synthea")) {
        let bundle = Bundle::read(&text).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        let entries = value["entry"].as_array().unwrap();
        assert_eq!(bundle.entries().len(), entries.len(), "{name}");
        let (mut joined, mut done) = (String::new(), 0);
        for (index, (entry, expected)) in bundle.entries().iter().zip(entries).enumerate() {
            let resource = &entry.resource;
            assert_eq!(serde_json::from_str::<Value>(resource.json).unwrap(), expected["resource"]);
            assert_eq!(&text[resource.offset..][..resource.json.len()], resource.json);
            assert_eq!(entry.full_url.as_deref(), expected["fullUrl"].as_str());
            assert_eq!(entry.at, format!("Bundle.entry[{index}].resource"));
            joined.push_str(&text[done..resource.offset]);
            joined.push_str(resource.json);
            done = resource.offset + resource.json.len();
            for patient in bundle.patients(entry).unwrap() {
                let of = bundle.resolve(entry, &patient).unwrap().unwrap();
                assert_eq!(of, bundle.entries()[0].resource, "{name} {index}");
            }
            if resource.resource_type == "Observation" {
                assert_eq!(bundle.patients(entry).unwrap().len(), 1);
            }
        }
        joined.push_str(&text[done..]);
        assert_eq!(joined, text);
    }
}

const BUNDLE: &str = r##"{"resourceType": "Bundle", "type": "collection", "entry": [
    {"fullUrl": "http://a.example/fhir/Patient/1", "resource": {"resourceType": "Patient", "id": "1"}},
    {"fullUrl": "http://a.example/fhir/Observation/o", "resource": {
        "resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/1"}, "valueDecimal": 2.00 }},
    {"resource": {"resourceType": "Bundle", "entry": [
        {"fullUrl": "urn:uuid:9", "resource": {"resourceType": "Group", "id": "1"}},
        {"fullUrl": "urn:uuid:8", "resource": {"resourceType": "Flag", "subject": {"reference": "urn:uuid:9"}}},
        {"resource": {"resourceType": "Flag", "subject": {"reference": "http://a.example/fhir/Patient/1/_history/3"}}},
        {"resource": {"resourceType": "Flag", "id": "c", "subject": {"reference": "#p"},
            "contained": [{"resourceType": "Device", "id": "d"}, {"resourceType": "Patient", "id": "p", "active": true}]}},
        {"resource": {"resourceType": "Flag", "subject": {"reference": "#d"}, "contained": [{"resourceType": "Device", "id": "d"}]}},
        {"resource": {"resourceType": "Flag", "subject": {"identifier": {"system": "urn:oid:1.2", "value": "77"}}}}
    ]}},
    {"request": {"method": "DELETE", "url": "Patient/9"}},
    {"resource": {"resourceType": "Patient", "id": "twice", "active": true}},
    {"resource": {"resourceType": "Patient", "id": "twice", "active": false}},
    {"resource": {"resourceType": "Flag", "subject": {"reference": "Patient/twice"}}}
]}"##;

#[test]
fn references_are_resolved_inside_out() {
    let bundle = Bundle::read(BUNDLE).unwrap();
    let places: Vec<&str> = bundle.entries().iter().map(|entry| entry.at.as_str()).collect();
    assert_eq!(places.len(), 11);
    assert_eq!(places[2], "Bundle.entry[2].resource.entry[0].resource");
    assert!(bundle.entries()[1].resource.json.ends_with("2.00 }"), "numbers keep their writing");
    let whose = |index: usize| {
        let entry = &bundle.entries()[index];
        let patients = bundle.patients(entry).unwrap();
        let resolved =
            patients.iter().map(|patient| bundle.resolve(entry, patient).unwrap().and_then(|found| found.id));
        (
            patients.iter().map(Reference::to_string).collect::<Vec<_>>().join(" "),
            resolved.flatten().collect::<Vec<_>>(),
        )
    };
    let one = |name: &str, id: &str| (name.to_owned(), vec![id.to_owned()]);
    let unresolved = |name: &str| (name.to_owned(), vec![]);
    assert_eq!(whose(0), one("Patient/1", "1"));
    assert_eq!(whose(1), one("Patient/1", "1"));
    assert_eq!(whose(3), unresolved(""), "a group is no patient");
    assert_eq!(whose(4), one("http://a.example/fhir/Patient/1", "1"), "from the Bundle outside");
    assert_eq!(whose(5), one("#p", "p"));
    assert_eq!(whose(6), unresolved(""), "a device is no patient");
    assert_eq!(whose(7), unresolved("urn:oid:1.2|77"));
    assert_eq!(whose(10), unresolved("Patient/twice"), "two of one name are none");
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let entry = |resource: &str| {
        format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{{"resourceType":"A"}}}},{resource}]}}"#)
    };
    let mut deep = String::from("{}");
    for _ in 0..40 {
        deep = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{deep}}}]}}"#);
    }
    for (text, code, words) in [
        ("[]".to_owned(), "fhir.no_type", "the text is no FHIR resource"),
        ("{}".to_owned(), "fhir.no_type", "at byte 0"),
        (r#"{"resourceType":7}"#.to_owned(), "fhir.no_type", "at byte 0"),
        (r#"{"resourceType":"Patient"}"#.to_owned(), "fhir.other_type", "\"Patient\": expected Bundle"),
        (
            r#"{"resourceType":"Bundle","entry":{}}"#.to_owned(),
            "fhir.type",
            "Bundle.entry is not an array, at byte 33",
        ),
        (entry("7"), "fhir.type", "Bundle.entry[1] is not an object, at byte 68"),
        (entry("{}"), "fhir.no_resource", "Bundle.entry[1] holds no resource, at byte 68"),
        (entry(r#"{"resource":[]}"#), "fhir.no_type", "Bundle.entry[1].resource is no FHIR resource"),
        (entry(r#"{"resource":{},"resource":{}}"#), "json.duplicate_member", "at byte 83"),
        (entry(r#"{"resource":{"id":"a","i\u0064":"b"}}"#), "json.duplicate_member", "at byte 90"),
        (entry(r#"{"resource":{"id":01}}"#), "json.number", "at byte 86"),
        (entry("{}") + "x", "json.trailing_bytes", "at byte 72"),
        (deep, "json.too_deep", "more than 64"),
    ] {
        let error = Bundle::read(&text).unwrap_err();
        assert_eq!(error.code(), code, "{text}: {error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let twice =
        Resource::read(r#"{"resourceType":"Flag","subject":{"reference":"a/1","reference":"b/2"}}"#).unwrap();
    let duplicate = JsonError { rule: JsonRule::DuplicateMember, offset: 52 };
    assert_eq!(twice.patients(), Err(duplicate.into()));
}
