//! What was promised: until when, when to remind, what may be decided meanwhile, and what lapse does.
//!
//! Three instruments, never mixed: a *deferral* lets a secondary material come later, before the
//! decision; a *declaration* replaces a proof and can be taken back; *approval on commitment*
//! decides first, and the material follows the decision.

use contract::application::LaneState;
use contract::catalogue::{Bundle, Item, ItemId, Material, MaterialId};
use contract::material::{OwedState, OwedWhy};

use crate::calendar::Calendar;
use crate::date::Date;
use crate::lane::Step;

/// The last day of a deferral that begins on `start`: its own days, never beyond the promised limit
/// of the whole errand. `None` where the errand promises nothing, for then nothing can be deferred.
#[must_use]
pub fn deferred_until(bundle: &Bundle, material: &Material, start: Date, calendar: &Calendar) -> Option<Date> {
    let deferral = material.deferrable.as_ref()?;
    let limit = calendar.due(start, bundle.promise.as_ref()?);
    Some(deferral.days.map_or(limit, |days| calendar.add_working_days(start, days).min(limit)))
}

/// Whether a material may follow the decision: every one of the items that need it must allow it.
#[must_use]
pub fn may_follow(items: &[&Item], material: &Material) -> bool {
    let mut needing = items.iter().filter(|item| needs(material, item)).peekable();
    let allows = |item: &&Item| item.on_commitment.as_ref().is_some_and(|one| one.materials.contains(&material.id));
    needing.peek().is_some() && needing.all(allows)
}

/// Whether an item needs a material.
#[must_use]
pub fn needs(material: &Material, item: &Item) -> bool {
    material.items.iter().any(|id| id == "*" || *id == item.id.0)
}

/// Where something owed stands on a day. `until` is absent while the decision it counts from is not there.
#[must_use]
pub fn state(until: Option<Date>, met: bool, today: Date) -> OwedState {
    match until {
        _ if met => OwedState::Met,
        Some(until) if until < today => OwedState::Lapsed,
        _ => OwedState::Open,
    }
}

/// The reminder that is due on a day: the smallest of the region's lead times, in working days, that
/// has come and was not sent yet. `sent` is the last one sent.
#[must_use]
pub fn reminder(until: Date, today: Date, leads: &[u32], sent: Option<u32>, calendar: &Calendar) -> Option<u32> {
    if today > until {
        return None;
    }
    let left = calendar.working_days_between(today, until);
    let due = leads.iter().copied().filter(|lead| left <= i64::from(*lead)).min()?;
    sent.is_none_or(|sent| due < sent).then_some(due)
}

/// Whether a department may decide in favour while something is owed.
#[must_use]
pub fn may_decide(why: OwedWhy) -> bool {
    why == OwedWhy::OnCommitment
}

/// What lapse does to a lane that needs it: one decided on the commitment is revoked, one that is not
/// decided yet ends.
#[must_use]
pub fn on_lapse(why: OwedWhy, state: LaneState) -> Step {
    match (why, state) {
        (OwedWhy::OnCommitment, LaneState::Approved | LaneState::Issued) => Step::Revoke,
        _ => Step::Lapse,
    }
}

/// Lanes that can never begin, because what they wait for ended without a result. `lanes` are items
/// with where they stand.
#[must_use]
pub fn dead(bundle: &Bundle, lanes: &[(ItemId, LaneState)]) -> Vec<ItemId> {
    let ended = |state: &LaneState| matches!(state, LaneState::Refused | LaneState::Ended);
    let mut dead: Vec<ItemId> = lanes.iter().filter(|(_, state)| ended(state)).map(|(item, _)| item.clone()).collect();
    loop {
        let waits_for_dead = |item: &ItemId| {
            let found = bundle.items.iter().find(|one| one.id == *item);
            found.is_some_and(|one| one.after.iter().any(|before| dead.contains(before)))
        };
        let next = lanes
            .iter()
            .find(|(item, state)| *state == LaneState::Waiting && !dead.contains(item) && waits_for_dead(item));
        match next.map(|(item, _)| item.clone()) {
            Some(item) => dead.push(item),
            None => return dead,
        }
    }
}

/// Whether lapse goes on the person's record: a written promise was broken. Whoever took a
/// declaration back promised nothing.
#[must_use]
pub fn is_breach(why: OwedWhy) -> bool {
    why != OwedWhy::Withdrawn
}

/// A material of a bundle.
#[must_use]
pub fn material<'b>(bundle: &'b Bundle, id: &MaterialId) -> Option<&'b Material> {
    bundle.materials.iter().find(|material| material.id == *id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::catalogue::{Deferral, OnCommitment};
    use proptest::prelude::*;

    fn calendar() -> Calendar {
        Calendar::new([], [])
    }

    fn day(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn a_deferral_never_outlives_the_promise() {
        let mut bundle = crate::lint::tests::sample();
        let start = day("2026-11-23");
        let until = |bundle: &Bundle| deferred_until(bundle, &bundle.materials[0], start, &calendar());
        assert_eq!(until(&bundle), None, "not every material can come later");
        bundle.materials[0].deferrable = Some(Deferral { days: Some(3) });
        assert_eq!(until(&bundle), Some(day("2026-11-26")));
        bundle.materials[0].deferrable = Some(Deferral { days: Some(60) });
        assert_eq!(until(&bundle), Some(day("2026-11-30")), "the promised 5 working days");
        bundle.promise = None;
        assert_eq!(until(&bundle), None);
    }

    #[test]
    fn every_item_must_allow_the_material_to_follow() {
        let mut bundle = crate::lint::tests::sample();
        let listed = |id: &str| {
            Some(OnCommitment { materials: vec![MaterialId(id.into())], basis: contract::catalogue::Basis::Memory })
        };
        bundle.materials[0].items = vec!["*".into()];
        let id = bundle.materials[0].id.0.clone();
        let may = |bundle: &Bundle| may_follow(&bundle.items.iter().collect::<Vec<_>>(), &bundle.materials[0]);
        assert!(!may(&bundle));
        bundle.items[0].on_commitment = listed(&id);
        assert!(!may(&bundle), "one item is not enough");
        bundle.items[1].on_commitment = listed(&id);
        assert!(may(&bundle));
        bundle.items[1].id = ItemId("other".into());
        bundle.materials[0].items = vec!["nobody".into()];
        assert!(!may(&bundle));
    }

    #[test]
    fn the_three_instruments_end_differently() {
        use LaneState::{Accepted, Approved, Issued, Waiting};
        let ends = |why| [Waiting, Accepted, Approved, Issued].map(|state| on_lapse(why, state));
        assert_eq!(ends(OwedWhy::OnCommitment), [Step::Lapse, Step::Lapse, Step::Revoke, Step::Revoke]);
        assert_eq!(ends(OwedWhy::Deferral), [Step::Lapse; 4]);
        assert_eq!(ends(OwedWhy::Withdrawn), [Step::Lapse; 4]);
        let of = |why| (is_breach(why), may_decide(why));
        assert_eq!(of(OwedWhy::Deferral), (true, false));
        assert_eq!(of(OwedWhy::OnCommitment), (true, true));
        assert_eq!(of(OwedWhy::Withdrawn), (false, false));
    }

    #[test]
    fn what_waits_for_the_dead_is_dead() {
        let mut bundle = crate::lint::tests::sample();
        bundle.items = vec![
            crate::lint::tests::item("a", &[]),
            crate::lint::tests::item("b", &["a"]),
            crate::lint::tests::item("c", &["b"]),
            crate::lint::tests::item("d", &[]),
        ];
        let lanes = |first| {
            let states =
                [("a", first), ("b", LaneState::Waiting), ("c", LaneState::Waiting), ("d", LaneState::Waiting)];
            states.map(|(id, state)| (ItemId(id.into()), state))
        };
        let names =
            |lanes: &[(ItemId, LaneState)]| dead(&bundle, lanes).iter().map(|item| item.0.clone()).collect::<Vec<_>>();
        assert_eq!(names(&lanes(LaneState::Refused)), ["a", "b", "c"]);
        assert!(names(&lanes(LaneState::Issued)).is_empty());
    }

    proptest! {
        /// Each reminder is sent once, in falling order, and none after the last day.
        #[test]
        fn reminders_come_once_and_in_time(length in 0_i64..40, skips in proptest::collection::vec(1_i64..4, 1..40)) {
            let (start, leads) = (day("2026-11-23"), [3, 1]);
            let until = start.plus_days(length);
            let (mut today, mut sent, mut all) = (start, None, Vec::new());
            for skip in skips {
                if let Some(lead) = reminder(until, today, &leads, sent, &calendar()) {
                    prop_assert!(today <= until && calendar().working_days_between(today, until) <= i64::from(lead));
                    prop_assert_eq!(state(Some(until), false, today), OwedState::Open);
                    sent = Some(lead);
                    all.push(lead);
                }
                today = today.plus_days(skip);
            }
            prop_assert!(all.windows(2).all(|pair| pair[0] > pair[1]), "{:?}", all);
        }
    }
}
