//! Choosing elements by patterns like those of `FHIRPath`.

use core::fmt;

use healthrecord_core::grammar::json::{Event, JsonError, Reader, Scalar, Text};

/// Greatest length of a pattern, in bytes.
pub const MAX_PATTERN_LEN: usize = 1024;

/// A pattern that was read.
///
/// ```text
/// pattern = [ type "." ] step *( "." step ) / type
/// step    = name [ "[" index "]" ]
/// type    = an upper-case letter, then letters and digits
/// name    = 1*( letter / digit / "_" / "-" / "*" )
/// index   = "0" / a digit but 0, then digits
/// ```
///
/// - A step names a member of an object, and `*` in it any number of characters, none too: `value*` is
///   `valueQuantity` as well as `valueString`, whichever of the choice type is there.
/// - Arrays are transparent, as in `FHIRPath`: `Patient.name.given` goes through every name, and what it chooses
///   is every given name, with the arrays that hold them. `[0]` chooses the first element of an array alone.
/// - The type is optional and must be the document's `resourceType`; alone, it is the whole document. The
///   names of FHIR's elements begin with lower-case letters.
/// - Everything else of `FHIRPath` (functions, filters, operators) is refused. Names with other characters are
///   for JSON Pointers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    resource_type: Option<String>,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// A name, in which `*` stands for any characters.
    name: String,
    index: Option<u32>,
}

/// Resolves what is asked for of a document: JSON Pointers and names of reserved leaves stay as they are,
/// patterns become the pointers of all that they choose.
///
/// # Errors
///
/// [`PatternError`].
pub fn resolve(document: &[u8], wanted: &[&str]) -> Result<Vec<String>, PatternError> {
    let mut paths = vec![];
    for text in wanted {
        if text.is_empty() || text.starts_with(['/', '#']) {
            paths.push((*text).to_owned());
        } else {
            paths.extend(Pattern::parse(text)?.find(document)?);
        }
    }
    Ok(paths)
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// [`PatternError::TooLong`], [`PatternError::Syntax`].
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_PATTERN_LEN {
            return Err(PatternError::TooLong { len: text.len() });
        }
        let (mut resource_type, mut steps, mut offset) = (None, vec![], 0);
        for part in text.split('.') {
            if offset == 0 && part.starts_with(|first: char| first.is_ascii_uppercase()) {
                check_all(
                    text,
                    part,
                    0,
                    |c| c.is_ascii_alphanumeric(),
                    "a resource type, or a dot behind it",
                )?;
                resource_type = Some(part.to_owned());
            } else {
                steps.push(step(text, part, offset)?);
            }
            offset += part.len() + 1;
        }
        Ok(Self { text: text.to_owned(), resource_type, steps })
    }

    /// The JSON Pointers of all that the pattern chooses in a document, in its order: each element, and the
    /// arrays that hold one.
    ///
    /// # Errors
    ///
    /// [`PatternError::Json`], [`PatternError::OtherType`], [`PatternError::NoMatch`].
    pub fn find(&self, document: &[u8]) -> Result<Vec<String>, PatternError> {
        if let Some(expected) = &self.resource_type {
            let found = resource_type(document).map_err(PatternError::Json)?;
            if found.as_ref() != Some(expected) {
                return Err(PatternError::OtherType { expected: expected.clone(), found });
            }
        }
        let mut found = vec![];
        let mut reader = Reader::new(document).map_err(PatternError::Json)?;
        // What is open: how far the pattern has come there, where it has at all.
        let mut open: Vec<Place> = vec![];
        let (mut path, mut name) = (String::new(), None);
        while let Some(event) = reader.next_event().map_err(PatternError::Json)? {
            match event {
                Event::Name(text) => name = Some(text),
                Event::EndArray | Event::EndObject => {
                    open.pop();
                }
                Event::Scalar(_) | Event::BeginArray | Event::BeginObject => {
                    let way = match open.last_mut() {
                        None => Some(Way { steps: 0, index: None }),
                        Some(parent) => {
                            path.truncate(parent.path_len);
                            parent.enter(&self.steps, name.take(), &mut path)
                        }
                    };
                    if way.is_some_and(|way| way.steps == self.steps.len() && way.index.is_none()) {
                        found.push(path.clone());
                    }
                    if !matches!(event, Event::Scalar(_)) {
                        open.push(Place { way, children: 0, path_len: path.len() });
                    }
                }
            }
        }
        if found.is_empty() { Err(PatternError::NoMatch { pattern: self.text.clone() }) } else { Ok(found) }
    }
}

/// How far the pattern has come at a value.
#[derive(Clone, Copy)]
struct Way {
    /// Steps taken.
    steps: usize,
    /// Which element of the array that this should be is meant; `None` for all.
    index: Option<u32>,
}

/// An array or object that is open.
struct Place {
    way: Option<Way>,
    children: u32,
    path_len: usize,
}

impl Place {
    /// Goes to the next child: writes its step to `path`, and gives how far the pattern has come there.
    fn enter(&mut self, steps: &[Step], name: Option<Text<'_>>, path: &mut String) -> Option<Way> {
        let number = self.children;
        self.children = number.saturating_add(1);
        path.push('/');
        let Some(name) = name else {
            path.push_str(&number.to_string());
            // An element of an array is where its array is.
            let way = self.way?;
            return way.index.is_none_or(|index| index == number).then_some(Way { index: None, ..way });
        };
        let name: String = name.chars().collect();
        path.push_str(&name.replace('~', "~0").replace('/', "~1"));
        let way = self.way.filter(|way| way.index.is_none())?;
        let step = steps.get(way.steps).filter(|step| matches(&step.name, &name))?;
        Some(Way { steps: way.steps + 1, index: step.index })
    }
}

/// Whether a name is one that a pattern of names means.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(begin) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        // The earliest place leaves the most for what follows.
        match name.find(part) {
            Some(at) => name = name.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    name.ends_with(end)
}

/// The document's `resourceType`, where it has one.
fn resource_type(document: &[u8]) -> Result<Option<String>, JsonError> {
    let mut reader = Reader::new(document)?;
    let (mut depth, mut is_it) = (0_usize, false);
    while let Some(event) = reader.next_event()? {
        match event {
            Event::Name(name) => is_it = depth == 1 && name.chars().eq("resourceType".chars()),
            Event::Scalar(Scalar::String(text)) if is_it => return Ok(Some(text.chars().collect())),
            Event::Scalar(_) => is_it = false,
            Event::BeginArray | Event::BeginObject => (depth, is_it) = (depth + 1, false),
            Event::EndArray | Event::EndObject => depth = depth.saturating_sub(1),
        }
    }
    Ok(None)
}

fn step(text: &str, part: &str, offset: usize) -> Result<Step, PatternError> {
    let (name, index) = match part.split_once('[') {
        None => (part, None),
        Some((name, rest)) => {
            let at = offset + name.len() + 1;
            let digits = rest.strip_suffix(']');
            let expected = "the index of an element, and a ] behind it";
            let digits = digits.ok_or_else(|| syntax(text, offset + part.len(), expected))?;
            let canonical = digits == "0" || !digits.starts_with(['0', '+']);
            let index = digits.parse().ok().filter(|_| canonical);
            (name, Some(index.ok_or_else(|| syntax(text, at, expected))?))
        }
    };
    if name.is_empty() {
        return Err(syntax(text, offset, "the name of an element"));
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*');
    check_all(text, name, offset, is_name, "a letter, a digit, _, -, *, [ or a dot")?;
    Ok(Step { name: name.to_owned(), index })
}

/// Refuses the first character that is not `known`.
fn check_all(
    text: &str,
    part: &str,
    offset: usize,
    known: impl Fn(char) -> bool,
    expected: &'static str,
) -> Result<(), PatternError> {
    match part.find(|c| !known(c)) {
        Some(at) => Err(syntax(text, offset + at, expected)),
        None => Ok(()),
    }
}

fn syntax(text: &str, offset: usize, expected: &'static str) -> PatternError {
    PatternError::Syntax { pattern: text.to_owned(), offset, expected }
}

/// Why a pattern chooses nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// The pattern is longer than [`MAX_PATTERN_LEN`].
    TooLong {
        /// Its length, in bytes.
        len: usize,
    },
    /// The pattern is none.
    Syntax {
        /// The pattern.
        pattern: String,
        /// The byte at which something else should stand.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// The document is of another resource type.
    OtherType {
        /// The pattern's type.
        expected: String,
        /// The document's.
        found: Option<String>,
    },
    /// The document has nothing that the pattern means.
    NoMatch {
        /// The pattern.
        pattern: String,
    },
    /// The document is not the JSON that is accepted.
    Json(JsonError),
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { len } => {
                write!(f, "a pattern of {len} bytes: at most {MAX_PATTERN_LEN} are read")
            }
            Self::Syntax { pattern, offset, expected } => {
                write!(f, "the pattern {pattern:?}, at byte {offset}: expected {expected}")
            }
            Self::OtherType { expected, found: Some(found) } => {
                write!(f, "the document is of the type {found}: expected {expected}")
            }
            Self::OtherType { expected, found: None } => {
                write!(f, "the document has no resourceType: expected {expected}")
            }
            Self::NoMatch { pattern } => write!(f, "the document has nothing at {pattern:?}"),
            Self::Json(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for PatternError {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
    use super::*;

    const PATIENT: &str = r#"{
        "name": [{"given": ["Ann", "Eva"], "use": "official"}, {"given": ["Annie"]}, {"text": "A"}],
        "resourceType": "Patient", "birthDate": "1970", "_birthDate": {"id": "b"},
        "a/b": {"c~d": 1}, "link": [[{"x": 1}], {"x": {"x": [2]}}], "given": true}"#;

    fn find(pattern: &str) -> Vec<String> {
        Pattern::parse(pattern).unwrap().find(PATIENT.as_bytes()).unwrap()
    }

    #[test]
    fn patterns_choose_what_fhirpath_would() {
        let given =
            ["/name/0/given", "/name/0/given/0", "/name/0/given/1", "/name/1/given", "/name/1/given/0"];
        assert_eq!(find("Patient.name.given"), given);
        assert_eq!(find("name.g*n"), given);
        assert_eq!(find("name.given[1]"), ["/name/0/given/1"]);
        assert_eq!(find("name[1].given"), ["/name/1/given", "/name/1/given/0"]);
        assert_eq!(find("name"), ["/name", "/name/0", "/name/1", "/name/2"]);
        assert_eq!(find("Patient"), [""]);
        assert_eq!(find("birth*"), ["/birthDate"]);
        assert_eq!(find("*birth*"), ["/birthDate", "/_birthDate"]);
        assert_eq!(find("*"), find("Patient.*"));
        assert_eq!(find("link.x"), ["/link/0/0/x", "/link/1/x"], "and not the x inside an x");
        assert_eq!(find("link.x.x"), ["/link/1/x/x", "/link/1/x/x/0"]);
        assert_eq!(find("*.c*"), ["/a~1b/c~0d"]);
        let both = resolve(PATIENT.as_bytes(), &["/a~1b", "#kind", "", "name.text"]).unwrap();
        assert_eq!(both, ["/a~1b", "#kind", "", "/name/2/text"]);
    }

    #[test]
    fn patterns_of_names_are_matched_as_a_plain_search_does() {
        fn plain(pattern: &[u8], name: &[u8]) -> bool {
            match (pattern, name) {
                ([], name) => name.is_empty(),
                ([b'*', rest @ ..], name) => (0..=name.len()).any(|at| plain(rest, &name[at..])),
                ([one, rest @ ..], [other, tail @ ..]) => one == other && plain(rest, tail),
                (_, []) => false,
            }
        }
        let words = |letters: &str, longest: u32| -> Vec<String> {
            let letters: Vec<char> = letters.chars().collect();
            let of = |len: u32| {
                let letters = &letters;
                (0..letters.len().pow(len)).map(move |number| {
                    (0..len).map(|place| letters[number / letters.len().pow(place) % letters.len()]).collect()
                })
            };
            (0..=longest).flat_map(of).collect()
        };
        for pattern in words("ab*", 5) {
            for name in words("ab", 5) {
                let expected = plain(pattern.as_bytes(), name.as_bytes());
                assert_eq!(matches(&pattern, &name), expected, "{pattern} {name}");
            }
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_what_was_expected() {
        for (pattern, offset, expected) in [
            ("name..given", 5, "name of an element"),
            ("name.", 5, "name of an element"),
            (".name", 0, "name of an element"),
            ("name.where(use='official')", 10, "a letter"),
            ("name given", 4, "a letter"),
            ("name[0", 6, "index"),
            ("name[01]", 5, "index"),
            ("name[+1]", 5, "index"),
            ("name[]", 5, "index"),
            ("name[-1]", 5, "index"),
            ("name[4294967296]", 5, "index"),
            ("name[0][1]", 5, "index"),
            ("[0]", 0, "name of an element"),
            ("Pati*", 4, "resource type"),
            ("Patient[0]", 7, "resource type"),
            ("naïve", 2, "a letter"),
        ] {
            let Err(PatternError::Syntax { offset: found, expected: text, .. }) = Pattern::parse(pattern)
            else {
                panic!("{pattern} was read")
            };
            assert_eq!(found, offset, "{pattern}");
            assert!(text.contains(expected), "{pattern}: {text}");
        }
        assert_eq!(Pattern::parse(&"a".repeat(1025)), Err(PatternError::TooLong { len: 1025 }));
        let no_match = |pattern: &str| {
            let error = Pattern::parse(pattern).unwrap().find(PATIENT.as_bytes());
            assert_eq!(error, Err(PatternError::NoMatch { pattern: pattern.to_owned() }));
        };
        [
            "nam",
            "name.given.x",
            "name.family",
            "name[3]",
            "birthDate[0]",
            "name.given[2]",
            "Patient.Patient",
            "0",
        ]
        .into_iter()
        .for_each(no_match);
        let type_of =
            |document: &str| Pattern::parse("Observation.status").unwrap().find(document.as_bytes());
        for (document, found) in [
            (PATIENT, Some("Patient")),
            (r#"{"a":{"resourceType":"Observation"},"status":1}"#, None),
            (r#"[{"resourceType":"Observation","status":1}]"#, None),
            (r#"{"resourceType":["Observation"],"status":1}"#, None),
            (r#"{"resourceType":1,"status":"Observation"}"#, None),
        ] {
            let (expected, found) = ("Observation".to_owned(), found.map(str::to_owned));
            assert_eq!(type_of(document), Err(PatternError::OtherType { expected, found }), "{document}");
        }
        assert_eq!(type_of(r#"{"status":1,"\u0072esourceType":"Observation"}"#), Ok(vec!["/status".into()]));
        assert!(matches!(type_of("{"), Err(PatternError::Json(_))));
    }
}
