//! A Bundle split into records.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

use super::error::FhirError;
use super::json::{Parts, Raw, find};
use super::reference::{Reference, Target};
use super::resource::Resource;

/// The resources of a Bundle, each a record of its own.
///
/// Those of a Bundle inside it stand at its place, one after the other. What a Bundle says beside its
/// resources (its signature, the order of a document) is in none of them: a document that was attested as a
/// whole is to be committed as a whole.
#[derive(Clone, Debug)]
pub struct Bundle<'a> {
    entries: Vec<Entry<'a>>,
    /// The Bundle in which each Bundle stands; the outermost is the first.
    outer: Vec<Option<usize>>,
    /// Each entry by its Bundle and its full URL, and by its Bundle, type and id; `None` for more than one.
    by_name: BTreeMap<(usize, String), Option<usize>>,
}

/// A resource and where it stood.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The resource.
    pub resource: Resource<'a>,
    /// The URL by which the other entries refer to it.
    pub full_url: Option<String>,
    /// Its place: `Bundle.entry[3].resource`.
    pub at: String,
    /// The Bundle that it stands in.
    bundle: usize,
}

impl<'a> Bundle<'a> {
    /// Splits a Bundle of at most 16 MiB, which may be nested in others as deep as JSON is read.
    ///
    /// An entry that has a request or a response in place of a resource (one that was deleted) is passed
    /// over.
    ///
    /// # Errors
    ///
    /// [`FhirError`], with the place.
    pub fn read(json: &'a str) -> Result<Self, FhirError> {
        let whole = Resource::read(json)?;
        if whole.resource_type != BUNDLE {
            return Err(FhirError::OtherType { expected: BUNDLE, found: whole.resource_type });
        }
        let mut bundle = Self { entries: vec![], outer: vec![], by_name: BTreeMap::new() };
        bundle.split(&whole, BUNDLE, None)?;
        Ok(bundle)
    }

    /// The entries, in the order of the text.
    #[must_use]
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The resource that a reference of one of the entries names, if it is in the Bundle.
    ///
    /// By the rules of FHIR: inside the entry (`#…`), else by the full URL, to which a relative reference is
    /// completed by that of the entry; in the innermost Bundle first. Where there are no full URLs, by
    /// type and id. Two that go by one name are none.
    ///
    /// # Errors
    ///
    /// [`FhirError`] for a contained resource that is none.
    pub fn resolve(
        &self,
        from: &Entry<'a>,
        reference: &Reference,
    ) -> Result<Option<Resource<'a>>, FhirError> {
        match &reference.target {
            Target::Contained(_) => from.resource.contained(reference),
            Target::Relative { .. } | Target::Absolute(_) | Target::Logical { .. } => {
                Ok(self.entry_of(from, reference).map(|entry| entry.resource.clone()))
            }
        }
    }

    /// The entry that a reference of another names.
    fn entry_of(&self, from: &Entry<'a>, reference: &Reference) -> Option<&Entry<'a>> {
        let names = match &reference.target {
            Target::Contained(_) | Target::Logical { .. } => return None,
            Target::Absolute(url) => [Some(url.clone()), None],
            Target::Relative { resource_type, id } => {
                let name = format!("{resource_type}/{id}");
                let base = from.full_url.as_deref().and_then(|url| base(url, &from.resource));
                [base.map(|base| format!("{base}{name}")), Some(name)]
            }
        };
        let mut bundle = Some(from.bundle);
        while let Some(inner) = bundle {
            for name in names.iter().flatten() {
                if let Some(found) = self.by_name.get(&(inner, name.clone())) {
                    return found.and_then(|index| self.entries.get(index));
                }
            }
            bundle = self.outer.get(inner).copied().flatten();
        }
        None
    }

    /// As [`Resource::patients`], without those that name something else in the Bundle.
    ///
    /// # Errors
    ///
    /// [`FhirError`], as there.
    pub fn patients(&self, of: &Entry<'a>) -> Result<Vec<Reference>, FhirError> {
        let mut patients = vec![];
        for reference in of.resource.patients()? {
            if self.entry_of(of, &reference).is_none_or(|found| found.resource.resource_type == "Patient") {
                patients.push(reference);
            }
        }
        Ok(patients)
    }

    /// As deep as the reader goes into JSON, so that the recursion ends.
    fn split(&mut self, whole: &Resource<'a>, at: &str, outer: Option<usize>) -> Result<(), FhirError> {
        let bundle = self.outer.len();
        self.outer.push(outer);
        let entries = match whole.raw("entry").map(|raw| (raw.parts(), raw.offset)) {
            None => vec![],
            Some((parts, offset)) => match parts? {
                Parts::Array(entries) => entries,
                Parts::Object(_) | Parts::String(_) | Parts::Other => {
                    return Err(FhirError::Type { at: format!("{at}.entry"), offset, expected: "an array" });
                }
            },
        };
        for (index, entry) in entries.into_iter().enumerate() {
            self.take(entry, &format!("{at}.entry[{index}]"), bundle)?;
        }
        Ok(())
    }

    fn take(&mut self, entry: Raw<'a>, at: &str, bundle: usize) -> Result<(), FhirError> {
        let offset = entry.offset;
        let Parts::Object(members) = entry.parts()? else {
            return Err(FhirError::Type { at: at.to_owned(), offset, expected: "an object" });
        };
        let Some(resource) = find(&members, "resource") else {
            let has_other = ["request", "response"].iter().any(|name| find(&members, name).is_some());
            return if has_other { Ok(()) } else { Err(FhirError::NoResource { at: at.to_owned(), offset }) };
        };
        let at = format!("{at}.resource");
        let resource = Resource::from_raw(resource, &at)?;
        if resource.resource_type == BUNDLE {
            return self.split(&resource, &at, Some(bundle));
        }
        let full_url = find(&members, "fullUrl").map_or(Ok(None), Raw::string)?;
        let name = resource.id.as_ref().map(|id| format!("{}/{id}", resource.resource_type));
        let url = full_url.as_ref().filter(|url| Some(*url) != name.as_ref()).cloned();
        for name in [url, name].into_iter().flatten() {
            match self.by_name.entry((bundle, name)) {
                Slot::Vacant(slot) => drop(slot.insert(Some(self.entries.len()))),
                Slot::Occupied(mut slot) => drop(slot.insert(None)),
            }
        }
        self.entries.push(Entry { resource, full_url, at, bundle });
        Ok(())
    }
}

const BUNDLE: &str = "Bundle";

/// The server's part of a full URL, which ends in the type and id of the resource.
fn base<'u>(full_url: &'u str, resource: &Resource<'_>) -> Option<&'u str> {
    let id = resource.id.as_deref()?;
    let base = full_url.strip_suffix(id)?.strip_suffix('/')?.strip_suffix(&resource.resource_type)?;
    base.ends_with('/').then_some(base)
}
