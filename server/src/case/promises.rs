//! What was promised in a case: opened at submission, brought, taken back, reminded of, lapsed.

use contract::application::{EventKind, LaneState};
use contract::catalogue::{Bundle, Item, ItemId, MaterialId};
use contract::material::{DocumentId, OwedState, OwedWhy, Paper, PaperId, PaperKind, Provided};
use engine::date::Date;
use engine::promise;
use serde::{Deserialize, Serialize};

use super::Case;
use crate::catalogue::Catalogue;
use crate::http::Refusal;
use crate::{clock, random};

/// A material promised, or to be brought after all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseOwed {
    /// The material.
    pub material: MaterialId,
    /// By which instrument.
    pub why: OwedWhy,
    /// The last day; absent while the decision it counts from is not there.
    pub until: Option<String>,
    /// Where it stands.
    pub state: OwedState,
    /// The smallest lead time, in working days, that was reminded of.
    #[serde(default)]
    pub reminded: Option<u32>,
}

/// A paper that was signed, or served: its text as it was read, its digest and the time of the act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Its id.
    pub id: PaperId,
    /// The text.
    pub paper: Paper,
    /// The language it was read in.
    pub language: String,
    /// The material it is about.
    pub material: MaterialId,
    /// When (stored form).
    pub at: String,
    /// When it was taken back.
    #[serde(default)]
    pub withdrawn_at: Option<String>,
    /// The region's day of the act, which the text may name.
    #[serde(default)]
    pub day: String,
}

impl Signed {
    /// A paper signed or served now.
    #[must_use]
    pub fn now(paper: Paper, language: &str, material: MaterialId, day: Date) -> Self {
        Self {
            id: PaperId(random::id()),
            paper,
            language: language.to_owned(),
            material,
            at: clock::stored_now(),
            withdrawn_at: None,
            day: day.to_string(),
        }
    }
}

/// More time is given for at most so many days.
const EXTENSION: i64 = 90;

/// What a day brought about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayPassed {
    /// Something was reminded of or lapsed.
    pub changed: bool,
    /// Materials whose promise was broken.
    pub breaches: Vec<MaterialId>,
}

impl Case {
    /// Opens the ledger of what was promised at submission.
    pub(super) fn promise(&mut self, catalogue: &Catalogue, bundle: &Bundle) {
        let start = catalogue.zone.day(&self.submitted_at).max(catalogue.today());
        for (id, provided) in &self.materials {
            let Some(material) = promise::material(bundle, id) else { continue };
            let (why, until) = match provided {
                Provided::Deferred => {
                    (OwedWhy::Deferral, promise::deferred_until(bundle, material, start, &catalogue.calendar))
                }
                Provided::OnCommitment => (OwedWhy::OnCommitment, None),
                _ => continue,
            };
            let until = until.map(|day| day.to_string());
            self.owed.push(CaseOwed { material: id.clone(), why, until, state: OwedState::Open, reminded: None });
        }
    }

    /// Whether the person has to bring something now.
    #[must_use]
    pub fn owes(&self) -> bool {
        self.owed.iter().any(|owed| owed.state == OwedState::Open && owed.until.is_some())
    }

    /// Whether something owed keeps an item from being decided.
    pub(super) fn holds_up(&self, bundle: &Bundle, item: &ItemId) -> bool {
        let open = self.owed.iter().filter(|owed| owed.state == OwedState::Open && !promise::may_decide(owed.why));
        open.filter_map(|owed| promise::material(bundle, &owed.material)).any(|material| needs(bundle, material, item))
    }

    /// A decision starts the clock of what was to follow it; a refusal leaves nothing to follow.
    pub(super) fn decided(&mut self, catalogue: &Catalogue, bundle: &Bundle, item: &ItemId, state: LaneState) {
        let lanes: Vec<(ItemId, LaneState)> = self.lanes.iter().map(|lane| (lane.item.clone(), lane.state)).collect();
        let dead = promise::dead(bundle, &lanes);
        for owed in self.owed.iter_mut().filter(|owed| owed.state == OwedState::Open) {
            let Some(material) = promise::material(bundle, &owed.material) else { continue };
            let decided = needs(bundle, material, item) && state == LaneState::Approved;
            if decided && owed.why == OwedWhy::OnCommitment && owed.until.is_none() {
                let days = catalogue.region.promises.on_commitment_working_days;
                owed.until = Some(catalogue.calendar.add_working_days(catalogue.today(), days).to_string());
            }
            let waits = lanes.iter().any(|(other, _)| needs(bundle, material, other) && !dead.contains(other));
            if !waits {
                owed.state = OwedState::Void;
            }
        }
    }

    /// Brings a material that is owed.
    ///
    /// # Errors
    /// When it is not owed, or its last day has passed.
    pub fn bring(
        &mut self,
        catalogue: &Catalogue,
        bundle: &Bundle,
        id: &MaterialId,
        documents: Vec<DocumentId>,
    ) -> Result<(), Refusal> {
        let today = catalogue.today();
        let owed = self.owed.iter_mut().find(|owed| owed.material == *id).ok_or(Refusal::NotFound)?;
        let until = owed.until.as_deref().and_then(Date::parse);
        if owed.state != OwedState::Open || promise::state(until, false, today) != OwedState::Open {
            return Err(Refusal::Conflict("this is not owed any more"));
        }
        owed.state = OwedState::Met;
        self.materials.insert(id.clone(), Provided::Documents { documents });
        self.happened(EventKind::OwedMet, None);
        // A correction that asked for the same has nothing more to ask.
        if let Some(asked) = &mut self.correction {
            asked.materials.retain(|material| material != id);
        }
        self.settle(catalogue, bundle)
    }

    /// A correction that asks for nothing any more is answered.
    fn settle(&mut self, catalogue: &Catalogue, bundle: &Bundle) -> Result<(), Refusal> {
        let done = self.correction.take_if(|asked| asked.fields.is_empty() && asked.materials.is_empty());
        match done {
            Some(asked) => self.step(catalogue, bundle, &asked.lane, engine::lane::Step::AnswerCorrection, None),
            None => Ok(()),
        }
    }

    /// What was owed and came with the answer to a correction is owed no more; a declaration it replaces is void.
    pub(super) fn came(&mut self, brought: &[MaterialId]) {
        for owed in
            self.owed.iter_mut().filter(|owed| owed.state == OwedState::Open && brought.contains(&owed.material))
        {
            owed.state = OwedState::Met;
        }
        let now = clock::stored_now();
        let replaced =
            |signed: &&mut Signed| signed.paper.kind == PaperKind::Declaration && brought.contains(&signed.material);
        for signed in self.papers.iter_mut().filter(replaced) {
            signed.withdrawn_at.get_or_insert(now.clone());
        }
    }

    /// A desk has received on paper what is owed.
    ///
    /// # Errors
    /// When it is not owed.
    pub fn received(&mut self, catalogue: &Catalogue, bundle: &Bundle, id: &MaterialId) -> Result<(), Refusal> {
        let owed = self.owed.iter_mut().find(|owed| owed.material == *id && owed.state == OwedState::Open);
        owed.ok_or(Refusal::Conflict("this is not owed"))?.state = OwedState::Met;
        self.happened(EventKind::OwedMet, None);
        if let Some(asked) = &mut self.correction {
            asked.materials.retain(|material| material != id);
        }
        self.settle(catalogue, bundle)
    }

    /// A desk gives more time for what is owed (不可抗力).
    ///
    /// # Errors
    /// When it is not owed, or the day is not a later one within `EXTENSION` days.
    pub fn extend(&mut self, id: &MaterialId, until: &str) -> Result<(), Refusal> {
        let owed = self.owed.iter_mut().find(|owed| owed.material == *id && owed.state == OwedState::Open);
        let owed = owed.ok_or(Refusal::Conflict("this is not owed"))?;
        let before = owed.until.as_deref().and_then(Date::parse).ok_or(Refusal::Conflict("no day is set yet"))?;
        let until = Date::parse(until).filter(|day| *day > before && *day <= before.plus_days(EXTENSION));
        let until =
            until.ok_or_else(|| Refusal::Malformed(format!("a day after the last one, {EXTENSION} days at most")))?;
        (owed.until, owed.reminded) = (Some(until.to_string()), None);
        self.happened(EventKind::OwedExtended, None);
        Ok(())
    }

    /// Whether a declaration can still be taken back: nothing that rests on it was decided.
    #[must_use]
    pub fn can_withdraw(&self, bundle: &Bundle, id: &MaterialId) -> bool {
        let Some(material) = promise::material(bundle, id) else { return false };
        let concerned = self.lanes.iter().filter(|lane| needs(bundle, material, &lane.item));
        let mut undecided = concerned.map(|lane| {
            !matches!(lane.state, LaneState::Approved | LaneState::Issued | LaneState::Refused | LaneState::Ended)
        });
        matches!(self.materials.get(id), Some(Provided::Declared)) && undecided.all(|undecided| undecided)
    }

    /// Takes a declaration back: the proof is to be brought the normal way.
    ///
    /// # Errors
    /// When there is none, or something was decided on it.
    pub fn withdraw(&mut self, catalogue: &Catalogue, bundle: &Bundle, id: &MaterialId) -> Result<(), Refusal> {
        if !matches!(self.materials.get(id), Some(Provided::Declared)) {
            return Err(Refusal::NotFound);
        }
        if !self.can_withdraw(bundle, id) {
            return Err(Refusal::Conflict("it was decided on this declaration already"));
        }
        self.materials.remove(id);
        let now = clock::stored_now();
        let of_it = |signed: &&mut Signed| signed.material == *id && signed.paper.kind == PaperKind::Declaration;
        for signed in self.papers.iter_mut().filter(of_it) {
            signed.withdrawn_at = Some(now.clone());
        }
        let mut until = catalogue.today().plus_days(catalogue.region.correction.days.into());
        // A last day on which offices are closed is the next on which they work (民法典 203).
        while !catalogue.calendar.is_working(until) {
            until = until.plus_days(1);
        }
        let until = until.to_string();
        self.owed.retain(|owed| owed.material != *id);
        self.owed.push(CaseOwed {
            material: id.clone(),
            why: OwedWhy::Withdrawn,
            until: Some(until),
            state: OwedState::Open,
            reminded: None,
        });
        self.happened(EventKind::DeclarationWithdrawn, None);
        Ok(())
    }

    /// Lets a day pass: reminds of what is due soon, ends what did not come.
    ///
    /// # Errors
    /// Never in practice: a lane that cannot take the step is left as it is.
    pub fn day_passed(&mut self, catalogue: &Catalogue, bundle: &Bundle) -> DayPassed {
        let (today, mut passed) = (catalogue.today(), DayPassed::default());
        let leads = &catalogue.region.promises.remind_working_days;
        let mut lapsed = Vec::new();
        for owed in self.owed.iter_mut().filter(|owed| owed.state == OwedState::Open) {
            let Some(until) = owed.until.as_deref().and_then(Date::parse) else { continue };
            if promise::state(Some(until), false, today) == OwedState::Lapsed {
                owed.state = OwedState::Lapsed;
                lapsed.push((owed.material.clone(), owed.why));
            } else if let Some(lead) = promise::reminder(until, today, leads, owed.reminded, &catalogue.calendar) {
                owed.reminded = Some(lead);
                passed.changed = true;
            }
        }
        if passed.changed {
            self.happened(EventKind::OwedSoon, None);
        }
        for (id, why) in lapsed {
            passed.changed = true;
            self.lapse(catalogue, bundle, &id, why);
            if promise::is_breach(why) {
                passed.breaches.push(id);
            }
        }
        passed
    }

    fn lapse(&mut self, catalogue: &Catalogue, bundle: &Bundle, id: &MaterialId, why: OwedWhy) {
        let Some(material) = promise::material(bundle, id) else { return };
        let name = material.name.clone();
        let concerned: Vec<_> = (self.lanes.iter())
            .filter(|lane| needs(bundle, material, &lane.item))
            .map(|lane| (lane.id.clone(), lane.state))
            .collect();
        for (lane, state) in concerned {
            // A lane that ended otherwise stays as it ended.
            let _ = self.step(catalogue, bundle, &lane, promise::on_lapse(why, state), Some(&name));
        }
    }

    /// Whether the result of an item counts no more.
    #[must_use]
    pub fn is_revoked(&self, item: &ItemId) -> bool {
        self.lanes.iter().any(|lane| lane.item == *item && lane.state == LaneState::Ended)
    }

    /// The next day on which something owed is to be looked at: that of a reminder, or the one after the last.
    #[must_use]
    pub fn next_due(&self, catalogue: &Catalogue) -> Option<String> {
        let leads = &catalogue.region.promises.remind_working_days;
        let next = |owed: &CaseOwed| {
            let until = owed.until.as_deref().and_then(Date::parse)?;
            let mut day = catalogue.today();
            let reminds = |day| promise::reminder(until, day, leads, owed.reminded, &catalogue.calendar).is_some();
            while day <= until && !reminds(day) {
                day = day.plus_days(1);
            }
            Some(day.to_string())
        };
        self.owed.iter().filter(|owed| owed.state == OwedState::Open).filter_map(next).min()
    }
}

fn needs(bundle: &Bundle, material: &contract::catalogue::Material, item: &ItemId) -> bool {
    bundle.items.iter().any(|one: &Item| one.id == *item && promise::needs(material, one))
}
