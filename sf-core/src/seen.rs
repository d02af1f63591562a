//! Notices pages that go round in a circle.
use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

/// The names of pages that an org has given so far, as hashes of eight bytes. Whoever asks only for new ones reads no page
/// twice, whatever the length of the circle.
#[derive(Debug, Default)]
pub(crate) struct Seen(Option<Box<(RandomState, HashSet<u64>)>>);

impl Seen {
    /// Notes a name; false: it was noted before.
    pub(crate) fn is_new(&mut self, name: &str) -> bool {
        let (hasher, names) = &mut **self.0.get_or_insert_default();
        names.insert(hasher.hash_one(name))
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    #[test]
    fn a_name_is_new_once() {
        let mut seen = Seen::default();
        assert!((0..5_000).all(|n| seen.is_new(&n.to_string())));
        assert!(!(0..5_000).any(|n| seen.is_new(&n.to_string())));
        assert!(seen.is_new("") && !seen.is_new(""));
    }
}
