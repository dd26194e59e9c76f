//! An application as it is stored: one aggregate, changed only through the rules of `engine`.

mod promises;
mod view;

use std::collections::BTreeMap;

use contract::application::{
    ApplicationId, ApplicationState, CertificateId, ClockStop, EventKind, LaneId, LaneState, Supplement,
};
use contract::catalogue::{Bundle, BundleId, Delivery, ItemId, MaterialId};
use contract::material::Provided;
use contract::problem::FaultRule;
use contract::service::Rating;
use contract::value::Facts;
use engine::date::Date;
use engine::lane::{self, Step};
use engine::plan::Plan;
use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::http::Refusal;
use crate::{clock, random};
pub use promises::{CaseOwed, Signed};

/// The largest fee a department names, in fen: a hundred million yuan is a slip of the hand.
const MOST_FEE: contract::Fen = 10_000_000_000;

/// One application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Case {
    /// The application's id.
    pub id: ApplicationId,
    /// The receipt number.
    pub number: String,
    /// Whose it is.
    pub owner: String,
    /// The errand.
    pub bundle: BundleId,
    /// What was submitted, corrected since.
    pub facts: Facts,
    /// Facts whose register value was left alone: verified, not self-declared.
    pub verified: Vec<String>,
    /// Registers' values the person says are wrong.
    #[serde(default)]
    pub disputes: Vec<Disputed>,
    /// Who filled it in and sent it for the person: id and name.
    #[serde(default)]
    pub agent: Option<(String, String)>,
    /// How each material is met.
    pub materials: BTreeMap<MaterialId, Provided>,
    /// Commitments made: id, digest of the text shown, time.
    pub commitments: Vec<Made>,
    /// Papers signed for materials, and those served.
    #[serde(default)]
    pub papers: Vec<Signed>,
    /// What was promised, or has to be brought after all.
    #[serde(default)]
    pub owed: Vec<CaseOwed>,
    /// The departments' parts.
    pub lanes: Vec<CaseLane>,
    /// What is asked for now.
    pub correction: Option<Asked>,
    /// How often something was asked for.
    pub corrections: u32,
    /// Fees that are ordered and not paid yet.
    #[serde(default)]
    pub unpaid_fees: Vec<String>,
    /// Fees nothing waits for any more: paid and registered, or given back by a department.
    #[serde(default)]
    pub settled_fees: Vec<String>,
    /// Items that wait for a fee, and could begin otherwise.
    #[serde(default)]
    pub held: Vec<ItemId>,
    /// Fees whose amount a department has named, in fen.
    #[serde(default)]
    pub assessed: BTreeMap<String, contract::Fen>,
    /// Results, once everything has ended.
    pub certificates: Vec<Issued>,
    /// How results are handed over.
    pub mode: Delivery,
    /// Where to.
    pub address: Option<String>,
    /// Given to the courier.
    pub sent: bool,
    /// The rating.
    pub rating: Option<Rating>,
    /// What happened, oldest first.
    pub events: Vec<Happened>,
    /// When it was submitted (stored form).
    pub submitted_at: String,
    /// The region's day of it.
    #[serde(default)]
    pub day: Option<String>,
}

/// A register's value the person says is wrong.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Disputed {
    /// The field.
    pub field: String,
    /// The register.
    pub register: String,
    /// The value it gave.
    pub given: contract::value::Value,
    /// What the person says about it.
    pub note: String,
}

/// A commitment made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Made {
    /// Its id in the bundle.
    pub id: String,
    /// SHA-256 of the text shown.
    pub text_hash: String,
    /// When.
    pub at: String,
}

/// The fees of a case, by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fees {
    /// Ordered, and not paid and registered yet.
    pub unpaid: Vec<String>,
    /// Nothing waits for them any more.
    pub settled: Vec<String>,
}

/// One department's part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseLane {
    /// Its id.
    pub id: LaneId,
    /// The item.
    pub item: ItemId,
    /// Where it stands.
    pub state: LaneState,
    /// The promised day, moved by every stop of the clock.
    pub due: Option<String>,
    /// Since when and why the clock stands.
    pub stopped: Option<ClockStop>,
    /// What the department says.
    pub opinion: Option<String>,
    /// When it last changed.
    pub changed_at: String,
}

/// A correction asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// The lane that asks.
    pub lane: LaneId,
    /// Field ids.
    pub fields: Vec<String>,
    /// Material ids.
    pub materials: Vec<MaterialId>,
    /// Why.
    pub reason: String,
    /// The last day.
    pub until: String,
}

/// A result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Issued {
    /// Its id.
    pub id: CertificateId,
    /// The item it comes from.
    pub item: ItemId,
    /// Its number.
    pub number: String,
    /// When.
    pub at: String,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Happened {
    /// When.
    pub at: String,
    /// What.
    pub what: EventKind,
    /// To which item.
    pub item: Option<ItemId>,
}

/// What a submission brings.
pub struct Submission {
    /// Whose.
    pub owner: String,
    /// The facts, in normal form.
    pub facts: Facts,
    /// Facts whose register value was left alone.
    pub verified: Vec<String>,
    /// Registers' values the person says are wrong.
    pub disputes: Vec<Disputed>,
    /// Who sends it for the person.
    pub agent: Option<(String, String)>,
    /// The materials.
    pub materials: BTreeMap<MaterialId, Provided>,
    /// The commitments.
    pub commitments: Vec<Made>,
    /// Papers signed for materials.
    pub papers: Vec<Signed>,
}

impl Case {
    /// Opens a case: a lane for each item that applies; those that can begin do.
    #[must_use]
    pub fn open(
        catalogue: &Catalogue,
        bundle: &Bundle,
        submission: Submission,
        number: String,
        unpaid_fees: Vec<String>,
    ) -> Self {
        let at = clock::stored_now();
        let plan = Plan::of(bundle, &submission.facts, catalogue.today());
        let lanes = plan.active_items(bundle).map(|item| CaseLane {
            id: LaneId(random::id()),
            item: item.id.clone(),
            state: LaneState::Waiting,
            due: None,
            stopped: None,
            opinion: None,
            changed_at: at.clone(),
        });
        let chosen = submission.facts.get("receive_mode").map(contract::value::Value::text);
        let mode = bundle
            .delivery
            .iter()
            .copied()
            .find(|mode| chosen == Some(delivery_id(*mode)))
            .or(bundle.delivery.first().copied());
        let address = submission.facts.get("post_address").map(|value| value.text().to_owned());
        let mut case = Self {
            id: ApplicationId(random::id()),
            number,
            owner: submission.owner,
            bundle: bundle.id.clone(),
            verified: submission.verified,
            disputes: submission.disputes,
            agent: submission.agent,
            materials: submission.materials,
            commitments: submission.commitments,
            papers: submission.papers,
            owed: Vec::new(),
            lanes: lanes.collect(),
            correction: None,
            corrections: 0,
            unpaid_fees,
            settled_fees: Vec::new(),
            held: Vec::new(),
            assessed: BTreeMap::new(),
            certificates: Vec::new(),
            mode: mode.unwrap_or(Delivery::EOnly),
            address: address.filter(|address| !address.is_empty()),
            sent: false,
            rating: None,
            events: vec![Happened { at: at.clone(), what: EventKind::Submitted, item: None }],
            submitted_at: at,
            day: Some(catalogue.today().to_string()),
            facts: submission.facts,
        };
        case.promise(catalogue, bundle);
        case.release(catalogue, bundle);
        case
    }

    /// Where the whole stands.
    #[must_use]
    pub fn state(&self) -> ApplicationState {
        // A lane that waits for money is not over because another was refused.
        let still = |lane: &CaseLane| {
            let held = lane.state == LaneState::Waiting && self.held.contains(&lane.item);
            if held { LaneState::Received } else { lane.state }
        };
        lane::overall(&self.lanes.iter().map(still).collect::<Vec<_>>())
    }

    /// Lets every lane begin whose items before it are finished and whose fee is paid.
    pub fn release(&mut self, catalogue: &Catalogue, bundle: &Bundle) {
        let unpaid: Vec<ItemId> =
            self.lanes.iter().map(|lane| lane.item.clone()).filter(|item| self.waits_for_fee(bundle, item)).collect();
        let finished: Vec<ItemId> =
            self.lanes.iter().filter(|lane| lane.state == LaneState::Issued).map(|lane| lane.item.clone()).collect();
        self.held = unpaid.iter().filter(|item| !self.is_over(bundle, item)).cloned().collect();
        let here: Vec<ItemId> = self.lanes.iter().map(|lane| lane.item.clone()).collect();
        let today = catalogue.today();
        for lane in self.lanes.iter_mut().filter(|lane| lane.state == LaneState::Waiting) {
            let Some(item) = bundle.items.iter().find(|item| item.id == lane.item) else { continue };
            let waits = item.after.iter().any(|before| here.contains(before) && !finished.contains(before));
            if !waits
                && !unpaid.contains(&item.id)
                && let Some(next) = lane::after(lane.state, Step::Release)
            {
                lane.state = next;
                lane.due = item.promised_limit.as_ref().map(|limit| catalogue.calendar.due(today, limit).to_string());
                lane.changed_at = clock::stored_now();
            }
        }
        self.finish();
    }

    /// Hands results out together once every lane has ended.
    fn finish(&mut self) {
        let ended = matches!(self.state(), ApplicationState::Done | ApplicationState::PartlyRefused);
        if !ended || self.events.iter().any(|event| event.what == EventKind::Finished) {
            return;
        }
        let at = clock::stored_now();
        for (index, lane) in self.lanes.iter().filter(|lane| lane.state == LaneState::Issued).enumerate() {
            self.certificates.push(Issued {
                id: CertificateId(random::id()),
                item: lane.item.clone(),
                number: format!("{}-{:02}", self.number, index + 1),
                at: at.clone(),
            });
        }
        self.happened(EventKind::Finished, None);
    }

    /// Takes a step in one lane.
    ///
    /// # Errors
    /// When the lane is not there or the step is not allowed now.
    pub fn step(
        &mut self,
        catalogue: &Catalogue,
        bundle: &Bundle,
        id: &LaneId,
        step: Step,
        words: Option<&str>,
    ) -> Result<(), Refusal> {
        let index = self.lanes.iter().position(|lane| lane.id == *id).ok_or(Refusal::NotFound)?;
        let was = self.lanes[index].state;
        if step == Step::Approve && self.waits_for_assessed(bundle, &self.lanes[index].item) {
            return Err(Refusal::Conflict("a fee of this part is not paid"));
        }
        if step == Step::Approve && self.holds_up(bundle, &self.lanes[index].item) {
            return Err(Refusal::Conflict("a material that was to come later is not there"));
        }
        let state = lane::after(was, step).ok_or(Refusal::Conflict("the lane is not in a state for this"))?;
        let at = clock::stored_now();
        let current = &mut self.lanes[index];
        current.state = state;
        current.changed_at.clone_from(&at);
        // A clock that stood moves the promised day by the working days it stood.
        if let Some(stop) = current.stopped.take()
            && let Some(day) = current.due.as_deref().and_then(Date::parse)
        {
            let stood =
                catalogue.calendar.working_days_between(catalogue.zone.day(&stop.since), catalogue.today()).max(0);
            current.due = Some(catalogue.calendar.add_working_days(day, u32::try_from(stood).unwrap_or(0)).to_string());
        }
        if matches!(state, LaneState::Correction | LaneState::Stopped) {
            current.stopped = Some(ClockStop { since: at, why: words.unwrap_or_default().to_owned() });
        }
        if matches!(state, LaneState::Refused | LaneState::Ended) {
            current.opinion = words.map(str::to_owned);
        }
        let item = current.item.clone();
        // Nobody can answer a correction of what has ended.
        if state == LaneState::Ended {
            self.correction = self.correction.take().filter(|asked| asked.lane != *id);
        }
        self.decided(catalogue, bundle, &item, state);
        if let Some(what) = event_of(step) {
            self.happened(what, Some(item));
        }
        self.release(catalogue, bundle);
        Ok(())
    }

    /// The day it was submitted: what applied then applies, however long it takes.
    fn day(&self) -> Date {
        self.day.as_deref().or(self.submitted_at.get(..10)).and_then(Date::parse).unwrap_or(Date::FIRST)
    }

    /// What of the bundle applies.
    #[must_use]
    pub fn plan(&self, bundle: &Bundle) -> Plan {
        Plan::of(bundle, &self.facts, self.day())
    }

    /// Asks for everything that is missing in one lane, once.
    ///
    /// # Errors
    /// When another correction is open, or something asked for does not belong to the errand.
    pub fn ask(&mut self, catalogue: &Catalogue, bundle: &Bundle, asked: Asked) -> Result<(), Refusal> {
        if self.correction.is_some() {
            return Err(Refusal::Conflict("another correction is open"));
        }
        let plan = self.plan(bundle);
        let field = |id: &String| plan.active_fields(bundle).any(|field| field.id == *id);
        let material = |id: &MaterialId| plan.active_materials(bundle).any(|material| material.id == *id);
        let known = asked.fields.iter().all(field) && asked.materials.iter().all(material);
        if !known || (asked.fields.is_empty() && asked.materials.is_empty()) || asked.reason.trim().is_empty() {
            return Err(Refusal::Malformed("name fields or materials of this application, and a reason".to_owned()));
        }
        let lane = asked.lane.clone();
        let reason = asked.reason.clone();
        self.step(catalogue, bundle, &lane, Step::AskCorrection, Some(&reason))?;
        self.corrections += 1;
        self.correction = Some(asked);
        Ok(())
    }

    /// Takes the answer to the open correction: only what was asked for may change.
    ///
    /// # Errors
    /// When nothing is asked for, or more or less is answered than was asked.
    pub fn answer(&mut self, catalogue: &Catalogue, bundle: &Bundle, supplement: Supplement) -> Result<(), Refusal> {
        let asked = self.correction.take().ok_or(Refusal::Conflict("nothing is asked for"))?;
        let only_asked = supplement.facts.keys().all(|id| asked.fields.contains(id))
            && supplement.materials.keys().all(|id| asked.materials.contains(id));
        if !only_asked {
            return Err(Refusal::Conflict("only what was asked for can change"));
        }
        self.verified.retain(|id| !supplement.facts.contains_key(id));
        self.facts.extend(supplement.facts);
        let brought: Vec<MaterialId> = supplement.materials.keys().cloned().collect();
        self.materials.extend(supplement.materials);
        let mut faults = engine::plan::faults(bundle, &self.facts, &self.materials, catalogue.today(), catalogue);
        // What is owed otherwise is not asked for here.
        faults.retain(|fault| fault.rule != FaultRule::Material || asked.materials.iter().any(|id| id.0 == fault.at));
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        self.facts = engine::plan::submission(bundle, &self.facts, self.day());
        self.came(&brought);
        self.step(catalogue, bundle, &asked.lane, Step::AnswerCorrection, None)
    }

    /// Takes over which fees are still unpaid, and whether it is because something was paid; lanes
    /// begin that wait for nothing any more.
    pub fn unpaid(&mut self, catalogue: &Catalogue, bundle: &Bundle, fees: Fees, paid: bool) {
        let changed = (&self.unpaid_fees, &self.settled_fees) != (&fees.unpaid, &fees.settled);
        (self.unpaid_fees, self.settled_fees) = (fees.unpaid, fees.settled);
        if paid {
            self.happened(EventKind::Paid, None);
        }
        if paid || changed {
            self.release(catalogue, bundle);
        }
    }

    /// Whether an item cannot begin before a fee is paid.
    #[must_use]
    pub fn waits_for_fee(&self, bundle: &Bundle, item: &ItemId) -> bool {
        let plan = self.plan(bundle);
        let mut first = engine::fee::first(bundle, &plan, item.as_str()).peekable();
        if first.peek().is_none() {
            return false;
        }
        // By what it costs now, whether it is ordered yet or not; what is waived is in no basket.
        let basket = engine::fee::basket(bundle, &plan, &self.facts);
        first.any(|fee| !self.settled_fees.contains(&fee.id) && basket.lines().any(|line| line.fee == fee.id))
    }

    /// Whether an item was refused or ended, or can never begin because one before it was.
    #[must_use]
    pub fn is_over(&self, bundle: &Bundle, item: &ItemId) -> bool {
        let Some(lane) = self.lanes.iter().find(|lane| lane.item == *item) else { return false };
        match lane.state {
            LaneState::Refused | LaneState::Ended => true,
            // The catalogue's check allows no circles.
            LaneState::Waiting => {
                let own = bundle.items.iter().find(|one| one.id == *item);
                own.is_some_and(|own| own.after.iter().any(|before| self.is_over(bundle, before)))
            }
            _ => false,
        }
    }

    /// Whether an item cannot be decided before a fee is paid whose amount its department named.
    fn waits_for_assessed(&self, bundle: &Bundle, item: &ItemId) -> bool {
        bundle.fees.iter().any(|fee| {
            self.assessed.contains_key(&fee.id) && self.unpaid_fees.contains(&fee.id) && fee.items.contains(&item.0)
        })
    }

    /// Takes over the amount a department names for a fee of one of its lanes; gives the order's line.
    ///
    /// # Errors
    /// When the fee is not one to be named, or was named before.
    pub fn assess(
        &mut self,
        bundle: &Bundle,
        lane: &LaneId,
        id: &str,
        amount: contract::Fen,
    ) -> Result<(contract::catalogue::DepartmentId, contract::payment::OrderLine), Refusal> {
        let lane = self.lanes.iter().find(|one| one.id == *lane).ok_or(Refusal::NotFound)?;
        if !matches!(lane.state, LaneState::Accepted | LaneState::Stopped) {
            return Err(Refusal::Conflict("the lane is not in a state for this"));
        }
        let plan = self.plan(bundle);
        let fee = plan
            .active_fees(bundle)
            .find(|fee| fee.id == id && fee.assessed && fee.items.contains(&lane.item.0))
            .ok_or(Refusal::Conflict("no fee of this lane that is to be named"))?;
        if !(1..=MOST_FEE).contains(&amount) {
            return Err(Refusal::Malformed("an amount in fen".to_owned()));
        }
        if self.assessed.contains_key(id) {
            return Err(Refusal::Conflict("the amount was named before"));
        }
        let line = engine::fee::priced(fee, amount, 1, None);
        let payee = engine::fee::payee(bundle, fee);
        self.assessed.insert(id.to_owned(), amount);
        Ok((payee, line))
    }

    /// Notes something that happened.
    pub fn happened(&mut self, what: EventKind, item: Option<ItemId>) {
        self.events.push(Happened { at: clock::stored_now(), what, item });
    }
}

/// The id of a way of handing over, as the code table has it.
#[must_use]
pub fn delivery_id(mode: Delivery) -> &'static str {
    match mode {
        Delivery::EOnly => "e_only",
        Delivery::Post => "post",
        Delivery::Window => "window",
        Delivery::SelfService => "self_service",
    }
}

fn event_of(step: Step) -> Option<EventKind> {
    match step {
        Step::Release => None,
        Step::Accept => Some(EventKind::Accepted),
        Step::AskCorrection => Some(EventKind::CorrectionAsked),
        Step::AnswerCorrection => Some(EventKind::CorrectionAnswered),
        Step::StopClock => Some(EventKind::ClockStopped),
        Step::StartClock => Some(EventKind::ClockStarted),
        Step::Approve => Some(EventKind::Approved),
        Step::Refuse => Some(EventKind::Refused),
        Step::Issue => Some(EventKind::Issued),
        Step::Lapse | Step::Revoke => Some(EventKind::OwedLapsed),
    }
}
