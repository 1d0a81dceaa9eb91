//! References from one resource to another.

use core::fmt;

use healthrecord_core::grammar::json::JsonError;

use super::json::Raw;

/// What a reference names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A type and an id on the server that the resource comes from: `Patient/23`.
    Relative {
        /// The type.
        resource_type: String,
        /// The id.
        id: String,
    },
    /// A URL or a URN, `urn:uuid:…` for one.
    Absolute(String),
    /// A resource inside the one that refers to it, by its id: `#p1`.
    Contained(String),
    /// A business identifier: whoever knows its system finds whom it names.
    Logical {
        /// Whose identifiers they are.
        system: Option<String>,
        /// The identifier.
        value: String,
    },
}

/// A FHIR `Reference`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What it names; a literal reference goes before an identifier.
    pub target: Target,
    /// The type of the target, where the reference tells it.
    pub resource_type: Option<String>,
}

impl Reference {
    /// A reference from its text, as in `Reference.reference`; of which version is not told apart.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        let unversioned = text.split_once("/_history/").map_or(text, |(current, _)| current);
        let (before, id) = unversioned.rsplit_once('/').unwrap_or_default();
        let resource_type = before.rsplit_once('/').map_or(before, |(_, last)| last);
        let is_type = resource_type.starts_with(|c: char| c.is_ascii_uppercase())
            && resource_type.bytes().all(|byte| byte.is_ascii_alphabetic());
        let told = (is_type && !id.is_empty()).then(|| resource_type.to_owned());
        let target = if let Some(id) = text.strip_prefix('#') {
            return Self { target: Target::Contained(id.to_owned()), resource_type: None };
        } else if told.as_deref() == Some(before) {
            Target::Relative { resource_type: before.to_owned(), id: id.to_owned() }
        } else {
            Target::Absolute(unversioned.to_owned())
        };
        Self { target, resource_type: told }
    }

    /// Reads a `Reference`; `None` for one that names nothing (a display alone, say) or for another type.
    pub(super) fn read(value: Raw<'_>) -> Result<Option<Self>, JsonError> {
        let string = |value: Raw<'_>, name: &str| match value.member(name)? {
            Some(text) => text.string(),
            None => Ok(None),
        };
        let declared = string(value, "type")?;
        let read = match (string(value, "reference")?, value.member("identifier")?) {
            (Some(text), _) => Self::from_text(&text),
            (None, Some(identifier)) => {
                let Some(value) = string(identifier, "value")? else { return Ok(None) };
                let system = string(identifier, "system")?;
                Self { target: Target::Logical { system, value }, resource_type: None }
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(Self { resource_type: read.resource_type.or(declared), ..read }))
    }

    /// Whether it may name a resource of a type: it does not tell another.
    #[must_use]
    pub fn may_be(&self, resource_type: &str) -> bool {
        self.resource_type.as_deref().is_none_or(|told| told == resource_type)
    }
}

/// `Patient/23`, `urn:uuid:…`, `#p1`, or `system|value`.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Target::Relative { resource_type, id } => write!(f, "{resource_type}/{id}"),
            Target::Absolute(url) => f.write_str(url),
            Target::Contained(id) => write!(f, "#{id}"),
            Target::Logical { system, value } => {
                write!(f, "{}|{value}", system.as_deref().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_what_they_look_like() {
        for (text, shown, told) in [
            ("Patient/23", "Patient/23", Some("Patient")),
            ("Patient/23/_history/4", "Patient/23", Some("Patient")),
            ("http://a.example/fhir/Patient/23", "http://a.example/fhir/Patient/23", Some("Patient")),
            (
                "http://a.example/fhir/Patient/23/_history/1",
                "http://a.example/fhir/Patient/23",
                Some("Patient"),
            ),
            (
                "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a",
                "urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a",
                None,
            ),
            ("#p1", "#p1", None),
            ("#Patient/1", "#Patient/1", None),
            ("", "", None),
            ("/", "/", None),
            ("Patient/", "Patient/", None),
            ("patient/1", "patient/1", None),
        ] {
            let reference = Reference::from_text(text);
            assert_eq!(
                (reference.to_string().as_str(), reference.resource_type.as_deref()),
                (shown, told),
                "{text}"
            );
        }
        let relative = Reference::from_text("Patient/23");
        assert!(matches!(relative.target, Target::Relative { .. }));
        assert!(relative.may_be("Patient") && !relative.may_be("Group"));
        assert!(Reference::from_text("#x").may_be("Group"));
    }
}
