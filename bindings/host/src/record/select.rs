//! Which leaves of a record a disclosure shows.

use std::collections::HashSet;

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

    /// The selection, made ready to look many leaves up.
    pub(super) fn prepare(&self) -> Chooser<'a> {
        let above = self.paths.iter().flat_map(|path| containers(path)).collect();
        let Self { subtrees, modifiers, .. } = *self;
        Chooser {
            wanted: self.paths.iter().copied().collect(),
            above,
            subtrees,
            modifiers,
            found: HashSet::new(),
        }
    }
}

/// A selection that is looked leaves up in: the time for each is that of its own path, whatever is chosen.
pub(super) struct Chooser<'a> {
    wanted: HashSet<&'a str>,
    /// The containers that something wanted is in.
    above: HashSet<&'a str>,
    subtrees: bool,
    modifiers: bool,
    /// What of the wanted was there.
    found: HashSet<&'a str>,
}

impl<'a> Chooser<'a> {
    /// Whether the leaf at `path` is shown.
    pub(super) fn takes(&mut self, path: &str) -> bool {
        if let Some(wanted) = self.wanted.get(path) {
            self.found.insert(wanted);
            return true;
        }
        self.above.contains(path)
            || (self.subtrees && containers(path).any(|container| self.wanted.contains(container)))
            || (self.modifiers && self.is_modifier_on_the_way(path))
    }

    /// Whether `path` is, or is inside, a modifier element of a container that something wanted is in.
    fn is_modifier_on_the_way(&self, path: &str) -> bool {
        containers(path).any(|container| {
            let rest = path.get(container.len() + 1..).unwrap_or_default();
            let element = rest.split('/').next().unwrap_or_default();
            MODIFIERS.contains(&element) && self.above.contains(container)
        })
    }

    /// The first of the paths that was not there.
    pub(super) fn missing(&self, paths: &[&'a str]) -> Option<&'a str> {
        paths.iter().find(|path| !self.found.contains(*path)).copied()
    }
}

/// Every container that the value at `path` is in, the outermost first.
fn containers(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_on_the_way_and_modifiers_beside_it_are_shown() {
        let takes = |selection: Selection<'_>, path| selection.prepare().takes(path);
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
