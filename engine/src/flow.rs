//! The way through the departments: which items run side by side, which wait.

use contract::catalogue::{Item, Limit, TimeUnit};

/// Items by stage: those of one stage can run side by side, each stage waits for some of
/// the one before. Items that wait for something outside the list do not wait.
#[must_use]
pub fn stages(items: &[&Item]) -> Vec<Vec<usize>> {
    let depths = depths(items);
    let most = depths.iter().copied().max().map_or(0, |depth| depth + 1);
    (0..most).map(|stage| (0..items.len()).filter(|&index| depths[index] == stage).collect()).collect()
}

fn depths(items: &[&Item]) -> Vec<usize> {
    let mut depths = vec![0; items.len()];
    // The longest chain has as many items as there are; a cycle (refused by the catalogue check) ends too.
    for _ in 0..items.len() {
        for (index, item) in items.iter().enumerate() {
            let after = items.iter().enumerate().filter(|(_, other)| item.after.contains(&other.id));
            depths[index] = after.map(|(other, _)| depths[other] + 1).max().unwrap_or(0).min(items.len());
        }
    }
    depths
}

/// The longest chain of promised limits in working days, where every item names one in
/// units that can be added.
#[must_use]
pub fn critical_path(items: &[&Item]) -> Option<u32> {
    let days: Option<Vec<u32>> = items.iter().map(|item| item.promised_limit.as_ref().and_then(working_days)).collect();
    let days = days?;
    let mut ends = vec![0_u32; items.len()];
    for stage in stages(items) {
        for index in stage {
            let start = items
                .iter()
                .enumerate()
                .filter(|(_, other)| items[index].after.contains(&other.id))
                .map(|(other, _)| ends[other])
                .max()
                .unwrap_or(0);
            ends[index] = start + days[index];
        }
    }
    ends.into_iter().max()
}

fn working_days(limit: &Limit) -> Option<u32> {
    match limit.unit {
        TimeUnit::AtOnce => Some(0),
        TimeUnit::WorkingDays => Some(limit.value),
        TimeUnit::Hours | TimeUnit::Days | TimeUnit::Months => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::tests::item;
    use proptest::prelude::*;

    #[test]
    fn parallel_items_share_a_stage() {
        let items =
            [item("a", &[]), item("b", &["a"]), item("c", &["a"]), item("d", &["b", "c"]), item("e", &["gone"])];
        let refs: Vec<_> = items.iter().collect();
        assert_eq!(stages(&refs), [vec![0, 4], vec![1, 2], vec![3]]);
        assert_eq!(critical_path(&refs), None, "one limit is unknown, so the whole is");
    }

    proptest! {
        #[test]
        fn nothing_stands_before_what_it_waits_for(edges in proptest::collection::vec((0_usize..8, 0_usize..8), 0..16)) {
            let items: Vec<_> = (0..8).map(|index| {
                let after: Vec<String> = edges.iter().filter(|(to, from)| *to == index && from < to).map(|(_, from)| from.to_string()).collect();
                item(&index.to_string(), &after.iter().map(String::as_str).collect::<Vec<_>>())
            }).collect();
            let refs: Vec<_> = items.iter().collect();
            let stages = stages(&refs);
            let stage_of = |index: usize| stages.iter().position(|stage| stage.contains(&index)).unwrap();
            for (to, from) in edges.into_iter().filter(|(to, from)| from < to) {
                prop_assert!(stage_of(from) < stage_of(to));
            }
            prop_assert_eq!(stages.iter().map(Vec::len).sum::<usize>(), 8);
        }
    }
}
