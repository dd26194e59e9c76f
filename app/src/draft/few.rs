//! A small map from places to things: most forms have a handful of each, and a list is less code than a tree.

/// A map with few entries, searched from the front.
pub(super) struct Few<T>(Vec<(usize, T)>);

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Few<T> {
    pub(super) fn get(&self, place: usize) -> Option<&T> {
        self.0.iter().find(|(one, _)| *one == place).map(|(_, thing)| thing)
    }

    /// Puts a thing in a place; gives what was there.
    pub(super) fn insert(&mut self, place: usize, thing: T) -> Option<T> {
        let before = self.remove(place);
        self.0.push((place, thing));
        before
    }

    pub(super) fn remove(&mut self, place: usize) -> Option<T> {
        let at = self.0.iter().position(|(one, _)| *one == place)?;
        Some(self.0.swap_remove(at).1)
    }

    pub(super) fn has(&self, place: usize) -> bool {
        self.get(place).is_some()
    }

    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|(place, _)| *place)
    }

    pub(super) fn things(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, thing)| thing)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
