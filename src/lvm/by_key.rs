//! A few values by key, in order of the keys: what a segment of a volume says beside its extents.

use std::borrow::Cow;
use std::ops::Index;

/// A key and its value.
type Entry<V> = (Cow<'static, str>, V);

/// A map of a handful of entries. A group has hundreds of thousands of these, most with one entry and a key
/// that is known beforehand: such a one takes some forty bytes, where a tree takes some four hundred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByKey<V> {
    /// By key, no key twice.
    entries: Vec<Entry<V>>,
}

impl<V> ByKey<V> {
    /// Nothing.
    #[must_use]
    pub const fn new() -> ByKey<V> {
        ByKey {
            entries: Vec::new(),
        }
    }

    fn at(&self, key: &str) -> Result<usize, usize> {
        self.entries
            .binary_search_by(|(other, _)| other.as_ref().cmp(key))
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&V> {
        self.at(key).ok().map(|at| &self.entries[at].1)
    }

    /// Whether there is such a key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.at(key).is_ok()
    }

    /// Sets the value of a key; returns the one before.
    pub fn insert(&mut self, key: impl Into<Cow<'static, str>>, value: V) -> Option<V> {
        let key = key.into();
        match self.at(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.entries[at].1, value)),
            Err(at) => {
                self.entries.reserve_exact(1);
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes a key away; returns its value.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        self.at(key).ok().map(|at| self.entries.remove(at).1)
    }

    /// The entries, by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &V)> {
        let entries = self.entries.iter();
        entries.map(|(key, value)| (key.as_ref(), value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(key, _)| key)
    }

    /// The values in order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }
}

impl<V> Default for ByKey<V> {
    fn default() -> ByKey<V> {
        ByKey::new()
    }
}

impl<K: Into<Cow<'static, str>>, V> FromIterator<(K, V)> for ByKey<V> {
    /// Of several values of a key the last one stays.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> ByKey<V> {
        let mut map = ByKey::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

impl<K: Into<Cow<'static, str>>, V, const N: usize> From<[(K, V); N]> for ByKey<V> {
    fn from(entries: [(K, V); N]) -> ByKey<V> {
        entries.into_iter().collect()
    }
}

impl<V> IntoIterator for ByKey<V> {
    type Item = Entry<V>;
    type IntoIter = std::vec::IntoIter<Entry<V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'m, V> IntoIterator for &'m ByKey<V> {
    type Item = (&'m str, &'m V);
    type IntoIter = std::iter::Map<std::slice::Iter<'m, Entry<V>>, fn(&'m Entry<V>) -> Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries
            .iter()
            .map(|(key, value)| (key.as_ref(), value))
    }
}

impl<V> Index<&str> for ByKey<V> {
    type Output = V;

    /// # Panics
    /// If there is no such key.
    fn index(&self, key: &str) -> &V {
        self.get(key).expect("a key that is there")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_those_of_an_ordered_map() {
        let words = ["c", "a", "b", "a", "d", "c"];
        let mut map = ByKey::new();
        let mut plain = std::collections::BTreeMap::new();
        for (number, word) in words.into_iter().enumerate() {
            assert_eq!(map.insert(word, number), plain.insert(word, number));
            assert!(
                map.iter()
                    .eq(plain.iter().map(|(key, value)| (*key, value)))
            );
        }
        assert_eq!(map, plain.clone().into_iter().collect());
        for word in ["b", "e", "b", "a"] {
            assert_eq!(map.get(word), plain.get(word));
            assert_eq!(map.contains_key(word), plain.contains_key(word));
            assert_eq!(map.remove(word), plain.remove(word));
            assert!(map.values().eq(plain.values()));
        }
    }
}
