//! Several hands on one draft: different facts merge, the same fact asks.

use std::collections::BTreeMap;

use contract::value::{Facts, Value};

/// The facts of a draft, and when each last changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// The facts.
    pub facts: Facts,
    /// Grows with every patch.
    pub version: i64,
    /// The version that last changed a fact; facts nobody touched since the start are not in it.
    pub changed: BTreeMap<String, i64>,
}

/// Some facts as they should be; `None` takes one back.
pub type Patch = BTreeMap<String, Option<Value>>;

/// Facts both sides changed, as they stand in the draft. Nothing was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict(
    /// The facts.
    pub Patch,
);

impl Shared {
    /// Takes a patch over whose author last saw version `base`.
    ///
    /// # Errors
    /// Names the facts that somebody else changed since then to something else. The whole patch waits
    /// until its author has chosen; a fact both changed to the same value is no conflict.
    pub fn merge(&mut self, base: i64, patch: Patch) -> Result<(), Conflict> {
        let clashes = |(id, wanted): &(&String, &Option<Value>)| {
            self.changed.get(*id).is_some_and(|at| *at > base) && self.facts.get(*id) != wanted.as_ref()
        };
        let theirs: Patch =
            patch.iter().filter(clashes).map(|(id, _)| (id.clone(), self.facts.get(id).cloned())).collect();
        if !theirs.is_empty() {
            return Err(Conflict(theirs));
        }
        self.version += 1;
        for (id, value) in patch {
            self.put(id, value);
        }
        Ok(())
    }

    /// Changes one fact within the present version.
    pub fn put(&mut self, id: String, value: Option<Value>) {
        if self.facts.get(&id) == value.as_ref() {
            return;
        }
        self.changed.insert(id.clone(), self.version);
        match value {
            Some(value) => self.facts.insert(id, value),
            None => self.facts.remove(&id),
        };
    }

    /// What changed after a version, as it stands now.
    #[must_use]
    pub fn since(&self, base: i64) -> Patch {
        let later = self.changed.iter().filter(|(_, at)| **at > base);
        later.map(|(id, _)| (id.clone(), self.facts.get(id).cloned())).collect()
    }
}

/// Pages of two hands over what both had seen: what either took out is out, what either added is in.
#[must_use]
pub fn pages<T: Clone + PartialEq>(base: &[T], mine: &[T], theirs: &[T]) -> Vec<T> {
    let mut merged: Vec<T> =
        theirs.iter().filter(|page| !base.contains(page) || mine.contains(page)).cloned().collect();
    for page in mine.iter().filter(|page| !base.contains(page)) {
        if !merged.contains(page) {
            merged.push(page.clone());
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn patch(pairs: &[(&str, Option<&str>)]) -> Patch {
        pairs.iter().map(|(id, value)| ((*id).to_owned(), value.map(Value::from))).collect()
    }

    #[test]
    fn different_facts_merge_and_the_same_fact_asks() {
        let mut shared = Shared::default();
        shared.merge(0, patch(&[("a", Some("1"))])).unwrap();
        shared.merge(0, patch(&[("b", Some("2"))])).unwrap();
        assert_eq!(shared.since(1), patch(&[("b", Some("2"))]));
        let before = shared.clone();
        let Conflict(theirs) = shared.merge(0, patch(&[("a", Some("9")), ("c", Some("3"))])).unwrap_err();
        assert_eq!((theirs, &shared), (patch(&[("a", Some("1"))]), &before), "nothing was taken over");
        shared.merge(0, patch(&[("a", Some("1"))])).unwrap();
        shared.merge(3, patch(&[("a", None)])).unwrap();
        assert_eq!(shared.facts, Facts::from([("b".into(), "2".into())]));
        assert!(shared.merge(3, patch(&[("a", Some("9"))])).is_err(), "taking back is a change too");
    }

    /// A client: the version it saw, its facts, and what it has not sent yet.
    #[derive(Clone, Default)]
    struct Client {
        seen: i64,
        facts: Facts,
        unsent: Patch,
    }

    impl Client {
        fn types(&mut self, id: &str, value: Option<Value>) {
            match value.clone() {
                Some(value) => self.facts.insert(id.to_owned(), value),
                None => self.facts.remove(id),
            };
            self.unsent.insert(id.to_owned(), value);
        }

        /// Sends; where asked, keeps its own value (`stubborn`) or takes the other's.
        fn sends(&mut self, shared: &mut Shared, stubborn: bool) {
            if let Err(Conflict(theirs)) = shared.merge(self.seen, self.unsent.clone()) {
                if !stubborn {
                    self.unsent.retain(|id, _| !theirs.contains_key(id));
                }
                self.seen = shared.version;
                shared.merge(self.seen, self.unsent.clone()).unwrap();
            }
            self.unsent.clear();
            self.seen = shared.version;
            self.facts = shared.facts.clone();
        }
    }

    #[test]
    fn pages_of_two_hands_are_all_there() {
        assert_eq!(pages(&[1, 2], &[1, 2, 3], &[1, 2, 4]), [1, 2, 4, 3]);
        assert_eq!(pages(&[1, 2], &[2], &[1, 2, 4]), [2, 4], "what was taken out stays out");
        assert_eq!(pages(&[1, 2], &[1, 2], &[2, 1]), [2, 1]);
        assert_eq!(pages::<u8>(&[], &[], &[]), Vec::<u8>::new());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Whatever the order in which hands write and send, in the end all see the same, and a fact
        /// only one hand wrote holds what that hand wrote last.
        #[test]
        fn every_order_converges(steps in prop::collection::vec((0..3_usize, 0..5_usize, 0..4_u8, any::<bool>(), any::<bool>()), 0..60)) {
            let mut shared = Shared::default();
            let mut clients = vec![Client::default(); 3];
            let mut writers: BTreeMap<String, (std::collections::BTreeSet<usize>, Option<Value>)> = BTreeMap::new();
            for (who, fact, value, send, stubborn) in steps {
                // Fact 0 is everybody's; the others have one writer each, or none.
                let id = if fact == 0 { "shared".to_owned() } else { format!("{who}-{fact}") };
                let value = (value > 0).then(|| Value::Text(value.to_string()));
                clients[who].types(&id, value.clone());
                let entry = writers.entry(id).or_default();
                entry.0.insert(who);
                entry.1 = value;
                if send {
                    clients[who].sends(&mut shared, stubborn);
                }
            }
            for _ in 0..2 {
                for client in &mut clients {
                    client.sends(&mut shared, false);
                }
            }
            for client in &clients {
                prop_assert_eq!(&client.facts, &shared.facts);
            }
            for (id, (who, last)) in writers {
                if who.len() == 1 {
                    prop_assert_eq!(shared.facts.get(&id), last.as_ref());
                }
            }
        }

        /// Patches of different facts give the same draft in any order.
        #[test]
        fn disjoint_patches_commute(order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle()) {
            let mut shared = Shared::default();
            for number in &order {
                shared.merge(0, Patch::from([(format!("f{number}"), Some(Value::Text(number.to_string())))])).unwrap();
            }
            let all: Facts = (0..6).map(|number| (format!("f{number}"), Value::Text(number.to_string()))).collect();
            prop_assert_eq!(shared.facts, all);
        }
    }
}
