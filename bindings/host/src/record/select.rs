//! Which leaves of a record a disclosure shows.

/// What is to be disclosed of a record, by paths: JSON Pointers and names of reserved leaves, into which
/// [`resolve`](super::resolve) turns patterns.
///
/// Beside what is named, every array and object on the way to it is shown (its length, or its
/// members' names), without which a verifier refuses the disclosure.
#[derive(Clone, Copy, Debug)]
pub struct Selection<'a> {
    /// What is asked for.
    pub paths: &'a [&'a str],
    /// Whether an array or object that is asked for comes with all that is in it.
    pub subtrees: bool,
    /// Whether the FHIR elements that change the meaning of what stands beside them are shown where
    /// they stand on the way: a medication is not shown without its `doNotPerform`.
    pub modifiers: bool,
}

/// Elements that FHIR R4 marks as modifiers (`?!` in its definitions), by the names they go by.
const MODIFIERS: [&str; 18] = [
    "modifierExtension",
    "implicitRules",
    "status",
    "clinicalStatus",
    "verificationStatus",
    "intent",
    "doNotPerform",
    "comparator",
    "use",
    "active",
    "deceasedBoolean",
    "deceasedDateTime",
    "exclude",
    "deleted",
    "mode",
    "isSubpotent",
    "inactive",
    "prohibited",
];

impl<'a> Selection<'a> {
    /// Exactly these paths, and the containers on the way.
    #[must_use]
    pub const fn exactly(paths: &'a [&'a str]) -> Self {
        Self { paths, subtrees: false, modifiers: false }
    }

    /// These paths with all that is in them, and the modifier elements on the way.
    #[must_use]
    pub const fn with_meaning(paths: &'a [&'a str]) -> Self {
        Self { paths, subtrees: true, modifiers: true }
    }

    /// Whether the leaf at `path` is shown; marks in `found` which of the paths it is.
    pub(super) fn takes(&self, path: &str, found: &mut [bool]) -> bool {
        let mut takes = false;
        for (wanted, found) in self.paths.iter().zip(found) {
            *found |= *wanted == path;
            takes |= *wanted == path
                || is_inside(wanted, path)
                || (self.subtrees && is_inside(path, wanted))
                || (self.modifiers && is_modifier_beside(path, wanted));
        }
        takes
    }
}

/// Whether the value at `path` is somewhere in the container at `container`.
fn is_inside(path: &str, container: &str) -> bool {
    path.strip_prefix(container).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether `path` is, or is inside, a modifier element of a container on the way to `wanted`.
fn is_modifier_beside(path: &str, wanted: &str) -> bool {
    path.match_indices('/').any(|(at, _)| {
        let (container, rest) = path.split_at(at);
        let element = rest.split('/').nth(1).unwrap_or_default();
        MODIFIERS.contains(&element) && is_inside(wanted, container)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_on_the_way_and_modifiers_beside_it_are_shown() {
        let takes = |selection: Selection<'_>, path| selection.takes(path, &mut [false]);
        let exactly = Selection::exactly(&["/a/b"]);
        for (path, expected) in [("", true), ("/a", true), ("/a/b", true), ("/a/b/c", false), ("/ab", false)]
        {
            assert_eq!(takes(exactly, path), expected, "{path}");
        }
        let meaning = Selection::with_meaning(&["/component/0/valueQuantity"]);
        for (path, expected) in [
            ("/status", true),
            ("/component/0/valueQuantity/comparator", true),
            ("/component/0/modifierExtension/0/url", true),
            ("/component/1/modifierExtension", false),
            ("/component/0/code", false),
            ("/subject/use", false),
            ("#patient", false),
        ] {
            assert_eq!(takes(meaning, path), expected, "{path}");
        }
        assert!(takes(Selection::exactly(&["#patient"]), "#patient"));
        assert!(!takes(Selection::with_meaning(&["#patient"]), "/status"));
    }
}
