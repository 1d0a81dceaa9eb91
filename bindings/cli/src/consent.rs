//! `healthrecord consent`

use std::path::Path;

use healthrecord::code::Code as _;
use healthrecord::core::grammar::json::MAX_DOCUMENT_LEN;
use healthrecord::core::health::contract::{Operation, Purpose, Terms};
use healthrecord::core::matter::checksum::Checksummed;
use healthrecord::core::matter::date::Date;
use healthrecord::core::matter::hex::Hex;
use healthrecord::fhir::consent::{
    self, Inexpressible, Loses, MAX_MAP_LEN, MAX_TERMS_LEN, Map, Release, Signing, Term,
};
use serde_json::json;

use crate::access::{deployment_of, unix_now};
use crate::args::{ConsentCommand, ConsentExport, ConsentImport, FhirRelease};
use crate::failure::Failure;
use crate::files;
use crate::report::Report;

pub(crate) fn run(command: &ConsentCommand) -> Result<Report, Failure> {
    match command {
        ConsentCommand::Import(args) => import(args),
        ConsentCommand::Export(args) => export(args),
    }
}

fn import(args: &ConsentImport) -> Result<Report, Failure> {
    let map = read_map(&args.map)?;
    let text = files::read_text(&args.consent, MAX_DOCUMENT_LEN)?;
    let import = consent::import(&text, &map)
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.consent))?;
    let signing = signing_of(args)?;
    let is_good = args.accept_report || import.report().is_empty();
    let mut report = Report::new(is_good)
        .spoken("patient", &Checksummed(map.patient).to_string(), "patient", map.patient.to_string())
        .hidden("terms", json!([]))
        .hidden("report", json!([]))
        .hidden("accepted", is_good);
    for term in import.terms_accepting_report() {
        report = report.entry(
            label(term),
            &spoken(term),
            "terms",
            value(term, args, &map, signing.as_ref(), is_good),
        );
        if is_good {
            report = report.note(&format!("calldata {}", Hex::new(&term.calldata(args.document))));
        }
    }
    for entry in import.report() {
        let Inexpressible { at, reason, loses } = entry;
        let lost = match loses {
            Loses::Permit => "permit",
            Loses::Deny => "deny",
        };
        let value = json!({"at": at, "code": reason.code(), "reason": reason.to_string(), "loses": lost});
        report = report.entry("not said", &format!("{entry} [{}]", reason.code()), "report", value);
    }
    Ok(report)
}

fn export(args: &ConsentExport) -> Result<Report, Failure> {
    let map = read_map(&args.map)?;
    let terms = consent::terms_from_json(&files::read_text(&args.terms, MAX_TERMS_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.terms))?;
    let release = match args.release {
        FhirRelease::R4 => Release::R4,
        FhirRelease::R5 => Release::R5,
    };
    let consent = consent::export(&terms, &map, release, args.date.unwrap_or_else(unix_now))
        .map_err(|error| Failure::new(error.code(), error).in_file(&args.terms))?;
    let text = format!("{consent:#}\n");
    let Some(out) = &args.out else { return Ok(Report::told(text, consent)) };
    files::write(out, &text)?;
    Ok(Report::new(true).field("written to", "out", out.display().to_string()))
}

fn read_map(path: &Path) -> Result<Map, Failure> {
    Map::from_json(&files::read_text(path, MAX_MAP_LEN)?)
        .map_err(|error| Failure::new(error.code(), error).in_file(path))
}

/// What signatures are for, where that was asked for.
fn signing_of(args: &ConsentImport) -> Result<Option<Signing>, Failure> {
    let Some(file) = &args.deployment else { return Ok(None) };
    let deployment = deployment_of(file)?;
    // clap demands both where a deployment is given.
    let (epoch, deadline) = (args.epoch.unwrap_or_default(), args.deadline.unwrap_or_default());
    let (chain_id, contract) = (deployment.chain_id, deployment.contract);
    Ok(Some(Signing { chain_id, contract, epoch, revision: args.revision, deadline }))
}

/// A term as JSON, with what writes it, if it may be written.
fn value(
    term: &Term,
    args: &ConsentImport,
    map: &Map,
    signing: Option<&Signing>,
    may_be_written: bool,
) -> serde_json::Value {
    let mut value = term.to_value();
    if let (Some(fields), true) = (value.as_object_mut(), may_be_written) {
        fields.insert("calldata".to_owned(), Hex::new(&term.calldata(args.document)).to_string().into());
        if let Some(signing) = signing {
            fields.insert("typedData".to_owned(), term.typed_data(map.patient, args.document, signing));
        }
    }
    value
}

const fn label(term: &Term) -> &'static str {
    match term {
        Term::Deny { .. } => "deny",
        Term::Grant { .. } => "grant",
    }
}

/// A term as people read it.
fn spoken(term: &Term) -> String {
    let records =
        if term.scope().is_zero() { "all records".to_owned() } else { format!("scope {}", term.scope()) };
    let grantee = Checksummed(term.grantee());
    match term {
        Term::Deny { .. } => format!("{grantee} everything with {records}"),
        Term::Grant { terms, .. } => {
            let Terms { not_before, not_after, required_roles, .. } = terms;
            let (from, until) = (Date::from_unix(*not_before), Date::from_unix(*not_after));
            let mut text = format!(
                "{grantee} {} for {} with {records}\nfrom {from} until {until}",
                operations(terms.operations),
                purposes(terms.purposes)
            );
            if *required_roles != 0 {
                text.push_str(&format!("\nwith a credential of the roles {required_roles:#x}"));
            }
            text
        }
    }
}

fn operations(mask: u16) -> String {
    let names = [
        (Operation::Read, "READ"),
        (Operation::Write, "WRITE"),
        (Operation::Share, "SHARE"),
        (Operation::Manage, "MANAGE"),
    ];
    let held = names.iter().filter(|(operation, _)| mask & operation.bit() != 0).map(|(_, name)| *name);
    held.collect::<Vec<_>>().join(", ")
}

fn purposes(mask: u32) -> String {
    let held = Purpose::ALL.into_iter().filter(|purpose| mask & purpose.bit() != 0).map(Purpose::code);
    held.collect::<Vec<_>>().join(", ")
}
