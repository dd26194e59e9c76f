//! Which pieces of the program travel together. A piece that several parts share could be a file of its own; but a
//! file costs, and so does what is loaded and not used. Pieces are joined as long as that costs readers less.

use std::collections::{BTreeMap, BTreeSet};

/// A piece that the cutter wrote.
pub(crate) struct Piece {
    pub(crate) file: String,
    /// The parts that use it.
    pub(crate) users: BTreeSet<String>,
    /// Bytes, before compression.
    pub(crate) weight: usize,
}

/// Pieces in one file.
#[derive(Debug, PartialEq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) files: Vec<String>,
    /// The parts that load it.
    pub(crate) users: BTreeSet<String>,
}

/// What one file more costs whoever loads it, in bytes before compression: its request, its imports, and what brotli
/// would have learned from the rest.
const FILE: usize = 5000;

/// How much what a part loads counts. Whoever is sent a link to a form waits for all of it; whoever looks how an errand
/// goes opens theirs at once.
const CARES: [(&str, usize); 2] = [("form", 20), ("mine", 2)];

/// Parts that one comes to from another: what that one loaded is there already.
const AFTER: [(&str, &str); 4] =
    [("materials", "form"), ("review", "form"), ("handover", "form"), ("paying", "progress")];

/// What is known of each part, by its place in the alphabet.
struct Reader {
    cares: usize,
    /// The parts whose files are there before it is opened, as bits.
    after: u32,
}

impl Reader {
    fn all(parts: &[String]) -> Vec<Self> {
        let bit = |name: &str| parts.iter().position(|part| part == name).map_or(0, |place| 1 << place);
        let of = |part: &String| Self {
            cares: CARES.iter().find(|(name, _)| name == part).map_or(1, |(_, cares)| *cares),
            after: AFTER.iter().filter(|(name, _)| name == part).map(|(_, before)| bit(before)).sum(),
        };
        parts.iter().map(of).collect()
    }
}

struct Load {
    users: u32,
    weight: usize,
    files: Vec<String>,
}

/// Joins them, the best pair first.
pub(crate) fn together(pieces: Vec<Piece>) -> Vec<Group> {
    let parts: Vec<String> =
        pieces.iter().flat_map(|piece| piece.users.iter().cloned()).collect::<BTreeSet<_>>().into_iter().collect();
    let readers = Reader::all(&parts);
    let mut loads: Vec<Load> = alike(pieces, &parts);
    while let Some((one, other)) = best(&loads, &readers) {
        let joined = loads.swap_remove(other);
        let load = &mut loads[one];
        load.users |= joined.users;
        load.weight += joined.weight;
        load.files.extend(joined.files);
    }
    named(loads, &parts)
}

/// Pieces with the same users are one from the start.
fn alike(pieces: Vec<Piece>, parts: &[String]) -> Vec<Load> {
    let mut loads: BTreeMap<u32, Load> = BTreeMap::new();
    for Piece { file, users, weight } in pieces {
        let users =
            parts.iter().enumerate().filter(|(_, part)| users.contains(*part)).fold(0, |all, (bit, _)| all | 1 << bit);
        let load = loads.entry(users).or_insert(Load { users, weight: 0, files: Vec::new() });
        load.weight += weight;
        load.files.push(file);
    }
    loads.into_values().collect()
}

/// The pair whose joining saves most; none where none saves anything.
fn best(loads: &[Load], readers: &[Reader]) -> Option<(usize, usize)> {
    let pairs = (0..loads.len()).flat_map(|one| (one + 1..loads.len()).map(move |other| (one, other)));
    let saved = pairs.filter_map(|(one, other)| {
        let (saves, wastes) = outcome(&loads[one], &loads[other], readers);
        (saves > wastes).then(|| (saves - wastes, one, other))
    });
    saved.max_by_key(|(saving, ..)| *saving).map(|(_, one, other)| (one, other))
}

/// What joining saves (a file for who loads both), and what it wastes (bytes for who would load one).
fn outcome(one: &Load, other: &Load, readers: &[Reader]) -> (usize, usize) {
    let among =
        |users: u32| readers.iter().enumerate().filter(move |(bit, _)| users >> bit & 1 == 1).map(|(_, reader)| reader);
    let saves = FILE * among(one.users & other.users).map(|reader| reader.cares).sum::<usize>();
    let wasted = |bytes: &Load, on: u32| {
        let without = among(on & !bytes.users).filter(|reader| reader.after & bytes.users == 0);
        without.map(|reader| reader.cares * bytes.weight).sum::<usize>()
    };
    (saves, wasted(other, one.users) + wasted(one, other.users))
}

/// A file of one part has its name; the others are numbered, the heaviest first.
fn named(mut loads: Vec<Load>, parts: &[String]) -> Vec<Group> {
    loads.sort_by_key(|load| (std::cmp::Reverse(load.weight), load.users));
    let mut shared = 0;
    let group = |load: Load| {
        let users: BTreeSet<String> = parts
            .iter()
            .enumerate()
            .filter(|(bit, _)| load.users >> bit & 1 == 1)
            .map(|(_, part)| part.clone())
            .collect();
        let name = match users.first().filter(|_| users.len() == 1) {
            Some(only) => only.clone(),
            None => {
                shared += 1;
                format!("shared{shared}")
            }
        };
        Group { name, files: load.files, users }
    };
    loads.into_iter().map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(file: &str, users: &[&str], weight: usize) -> Piece {
        Piece { file: file.to_owned(), users: users.iter().map(|user| (*user).to_owned()).collect(), weight }
    }

    #[test]
    fn small_pieces_join_and_large_ones_wait_for_who_uses_them() {
        let groups = together(vec![
            piece("a", &["home", "mine"], 300),
            piece("b", &["home", "mine", "paying"], 40_000),
            piece("c", &["home", "paying"], 400),
            piece("d", &["mine"], 50_000),
        ]);
        let files = |name: &str| groups.iter().find(|group| group.name == name).map(|group| group.files.clone());
        assert_eq!(groups.len(), 2, "{groups:?}");
        assert_eq!(files("mine"), Some(vec!["d".to_owned()]), "nobody else loads what only one uses");
        assert_eq!(
            files("shared1").map(|files| files.len()),
            Some(3),
            "crumbs travel with what nearly the same readers load"
        );
    }

    #[test]
    fn every_piece_reaches_all_its_users() {
        let all = ["form", "home", "mine", "paying", "starting"];
        let pieces: Vec<Piece> = (1_usize..32)
            .map(|set| {
                let users: Vec<&str> = (0..5).filter(|bit| set >> bit & 1 == 1).map(|bit| all[bit]).collect();
                piece(&format!("p{set}"), &users, set * 700)
            })
            .collect();
        let wanted: Vec<(String, BTreeSet<String>)> =
            pieces.iter().map(|one| (one.file.clone(), one.users.clone())).collect();
        let groups = together(pieces);
        assert!(groups.len() < 31);
        for (file, users) in wanted {
            let mut holding = groups.iter().filter(|group| group.files.contains(&file));
            assert!(holding.next().is_some_and(|group| group.users.is_superset(&users)) && holding.next().is_none());
        }
    }
}
