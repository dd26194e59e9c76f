//! Several hands on one form: what is still to be saved, what others said, and who is asked to choose.

use contract::draft::Draft;
use contract::value::Value;
use engine::merge::Patch;
use engine::plan::{self, DECLINED};
use leptos::prelude::*;

use super::{Changes, DECLINED_ITEMS, Sheet, Touch, declined};

impl Sheet {
    /// What changed since it was last asked; given away, so keep it. Fields in conflict wait.
    #[must_use]
    pub fn take_changes(&self) -> Changes {
        let taken = self.core.try_update_value(|core| {
            let all: Vec<usize> = core.changes.places().collect();
            let taken: Vec<usize> = all.into_iter().filter(|place| !core.conflicts.has(*place)).collect();
            for place in &taken {
                core.changes.remove(*place);
            }
            (taken, std::mem::take(&mut core.disputed))
        });
        let (places, dispute) = taken.unwrap_or_default();
        Changes { set: self.named(&places), dispute }
    }

    /// What nobody took yet, for the outbox.
    #[must_use]
    pub fn unsaved(&self) -> Changes {
        let places: Vec<usize> = self.core.with_value(|core| core.changes.places().collect());
        Changes { set: self.named(&places), dispute: self.core.with_value(|core| core.disputed.clone()) }
    }

    fn named(&self, places: &[usize]) -> Patch {
        let mut patch = Patch::new();
        for place in places {
            match self.field(*place) {
                Some(field) => {
                    patch.insert(field.id.clone(), Some(self.value(*place)).filter(|value| !value.is_blank()))
                }
                None => patch.insert(DECLINED.to_owned(), Some(Value::Many(self.declined()))),
            };
        }
        patch
    }

    /// The place of a fact among the changes.
    fn change_of(&self, id: &str) -> Option<usize> {
        if id == DECLINED { Some(DECLINED_ITEMS) } else { self.index(id) }
    }

    /// Gives changes back that could not be stored.
    pub fn give_back(&self, changes: Changes) {
        self.core.update_value(|core| {
            for place in changes.set.keys().filter_map(|id| self.change_of(id)) {
                core.changes.insert(place, ());
            }
            for (id, note) in changes.dispute {
                // What was said since counts.
                core.disputed.entry(id).or_insert(note);
            }
        });
    }

    /// Whether something changed that nobody took and that waits for no choice.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.core.with_value(|core| {
            !core.disputed.is_empty() || core.changes.places().any(|place| !core.conflicts.has(place))
        })
    }

    /// The server holds these facts now: what was typed over them is measured against this from here on.
    pub fn stored(&self, facts: &Patch) {
        for (place, value) in facts.iter().filter_map(|(id, value)| Some((self.index(id)?, value))) {
            self.core.update_value(|core| {
                // Only what was typed since is still to be measured.
                if core.changes.has(place) {
                    core.seen.insert(place, value.clone());
                } else {
                    core.seen.remove(place);
                }
            });
        }
    }

    /// Takes over what another tab, device or person saved. Where this tab changed the same fact, and the
    /// other answer is new to it and another one, the person has to choose.
    pub fn take_over(&self, facts: Patch) {
        for (id, value) in facts {
            let Some(index) = self.index(&id) else {
                if id == DECLINED && !self.core.with_value(|core| core.changes.has(DECLINED_ITEMS)) {
                    self.set_declined(declined(value.as_ref()));
                }
                continue;
            };
            let mine = self.core.with_value(|core| core.changes.has(index));
            let said = Some(self.value(index)).filter(|value| !value.is_blank());
            if said == value {
                self.core.update_value(|core| {
                    core.seen.remove(index);
                });
            } else if !mine {
                self.set(index, value.unwrap_or_else(|| self.empty(index)));
                self.tell(index, Touch::Whole);
            } else if self.core.with_value(|core| core.seen.get(index) != Some(&value)) {
                self.contest(Patch::from([(id, value)]));
            }
        }
    }

    /// Takes a whole draft over, except where this tab has changes of its own.
    pub fn take_over_all(&self, draft: &Draft) {
        self.learn(draft);
        let mut patch = Patch::new();
        for field in plan::fields(&self.view.bundle) {
            patch.insert(field.id.clone(), draft.facts.get(&field.id).cloned());
        }
        patch.insert(DECLINED.to_owned(), draft.facts.get(DECLINED).cloned());
        self.take_over(patch);
    }

    /// Says again what an earlier tab said and could not send, also under a name a field had before.
    pub fn restore(&self, patch: Patch) {
        for (id, value) in patch {
            if id == DECLINED {
                self.set_declined(declined(value.as_ref()));
                self.note(DECLINED_ITEMS);
                continue;
            }
            let renamed = || plan::fields(&self.view.bundle).position(|field| field.was.contains(&id));
            if let Some(index) = self.index(&id).or_else(renamed) {
                self.type_in(index, value.unwrap_or_else(|| self.empty(index)));
            }
        }
    }

    /// Asks the person to choose where somebody else said something different.
    pub fn contest(&self, theirs: Patch) {
        for (id, value) in theirs {
            if let Some(index) = self.index(&id) {
                self.core.update_value(|core| {
                    core.changes.insert(index, ());
                    core.seen.insert(index, value.clone());
                    core.conflicts.insert(index, value);
                });
                self.tell(index, Touch::Whole);
            }
        }
    }

    /// Nobody can choose where nothing is asked: there the other answer stands.
    pub fn settle_unasked(&self) {
        for index in self.conflicts().into_iter().filter(|index| !self.asks(*index)) {
            self.settle(index, false);
        }
    }

    /// The person chose: one's own answer, or the other one.
    pub fn settle(&self, index: usize, mine: bool) {
        let theirs = self.core.try_update_value(|core| core.conflicts.remove(index)).flatten();
        let Some(theirs) = theirs else { return };
        if !mine {
            self.core.update_value(|core| {
                core.changes.remove(index);
                core.seen.remove(index);
            });
            self.set(index, theirs.unwrap_or_else(|| self.empty(index)));
        }
        self.changed.update(|count| *count += 1);
        self.tell(index, Touch::Whole);
    }
}
