//! An application as it is stored: one aggregate, changed only through the rules of `engine`.

use std::collections::BTreeMap;

use contract::application::{
    Application, ApplicationId, ApplicationState, Certificate, CertificateId, ClockStop, Correction, Deferred, Due,
    Event, EventKind, Handover, HandoverState, Lane, LaneId, LaneState, Supplement,
};
use contract::catalogue::{Bundle, BundleId, Delivery, Item, ItemId, Limit, MaterialId, TimeUnit, Tone};
use contract::desk::{DeskDispute, DeskLane};
use contract::draft::Provided;
use contract::service::Rating;
use contract::value::Facts;
use engine::date::Date;
use engine::lane::{self, Step};
use engine::plan::Plan;
use serde::{Deserialize, Serialize};

use crate::catalogue::Catalogue;
use crate::http::Refusal;
use crate::http::extract::Language;
use crate::{clock, random};

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
    /// The departments' parts.
    pub lanes: Vec<CaseLane>,
    /// What is asked for now.
    pub correction: Option<Asked>,
    /// How often something was asked for.
    pub corrections: u32,
    /// Whether the fee is still to pay.
    pub unpaid: bool,
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
}

impl Case {
    /// Opens a case: a lane for each item that applies; those that can begin do.
    #[must_use]
    pub fn open(catalogue: &Catalogue, bundle: &Bundle, submission: Submission, number: String, unpaid: bool) -> Self {
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
            lanes: lanes.collect(),
            correction: None,
            corrections: 0,
            unpaid,
            certificates: Vec::new(),
            mode: mode.unwrap_or(Delivery::EOnly),
            address: address.filter(|address| !address.is_empty()),
            sent: false,
            rating: None,
            events: vec![Happened { at: at.clone(), what: EventKind::Submitted, item: None }],
            submitted_at: at,
            facts: submission.facts,
        };
        case.release(catalogue, bundle);
        case
    }

    /// Where the whole stands.
    #[must_use]
    pub fn state(&self) -> ApplicationState {
        lane::overall(&self.lanes.iter().map(|lane| lane.state).collect::<Vec<_>>())
    }

    /// Lets every lane begin whose items before it are finished and whose fee is paid.
    pub fn release(&mut self, catalogue: &Catalogue, bundle: &Bundle) {
        let paid_first = engine::fee::paid_items(bundle, &self.plan(bundle));
        let finished: Vec<ItemId> =
            self.lanes.iter().filter(|lane| lane.state == LaneState::Issued).map(|lane| lane.item.clone()).collect();
        let here: Vec<ItemId> = self.lanes.iter().map(|lane| lane.item.clone()).collect();
        let today = catalogue.today();
        for lane in self.lanes.iter_mut().filter(|lane| lane.state == LaneState::Waiting) {
            let Some(item) = bundle.items.iter().find(|item| item.id == lane.item) else { continue };
            let waits = item.after.iter().any(|before| here.contains(before) && !finished.contains(before));
            let unpaid = self.unpaid && paid_first.iter().any(|paid| *paid == item.id.0 || paid == "*");
            if !waits
                && !unpaid
                && let Some(next) = lane::after(lane.state, Step::Release)
            {
                lane.state = next;
                lane.due = item.promised_limit.as_ref().map(|limit| due(catalogue, today, limit).to_string());
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
        if state == LaneState::Refused {
            current.opinion = words.map(str::to_owned);
        }
        let item = current.item.clone();
        if let Some(what) = event_of(step) {
            self.happened(what, Some(item));
        }
        self.release(catalogue, bundle);
        Ok(())
    }

    /// The day it was submitted: what applied then applies, however long it takes.
    fn day(&self) -> Date {
        self.submitted_at.get(..10).and_then(Date::parse).unwrap_or(Date::FIRST)
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
        self.materials.extend(supplement.materials);
        let faults = engine::plan::faults(bundle, &self.facts, &self.materials, catalogue.today(), catalogue);
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults));
        }
        self.facts = engine::plan::submission(bundle, &self.facts, self.day());
        self.step(catalogue, bundle, &asked.lane, Step::AnswerCorrection, None)
    }

    /// Notes that the fee was paid.
    pub fn paid(&mut self, catalogue: &Catalogue, bundle: &Bundle) {
        if std::mem::replace(&mut self.unpaid, false) {
            self.happened(EventKind::Paid, None);
            self.release(catalogue, bundle);
        }
    }

    /// Notes something that happened.
    pub fn happened(&mut self, what: EventKind, item: Option<ItemId>) {
        self.events.push(Happened { at: clock::stored_now(), what, item });
    }

    /// The case as its owner sees it; the order is added by whoever holds it.
    #[must_use]
    pub fn view(&self, catalogue: &Catalogue, bundle: &Bundle, language: Language, version: i64) -> Application {
        let text = catalogue.text(&self.bundle, language).unwrap_or(bundle);
        let item = |id: &ItemId| text.items.iter().find(|item| item.id == *id);
        let item_name = |id: &ItemId| item(id).map_or_else(|| id.to_string(), |item| item.name.clone());
        let promise =
            bundle.promise.as_ref().map(|limit| due(catalogue, catalogue.zone.day(&self.submitted_at), limit));
        let lanes = self
            .lanes
            .iter()
            .filter_map(|lane| Some(self.lane_view(catalogue, lane, item(&lane.item)?, language, &item_name)));
        Application {
            id: self.id.clone(),
            number: self.number.clone(),
            bundle: self.bundle.clone(),
            name: text.name.clone(),
            agent: self.agent.as_ref().map(|(_, name)| engine::mask::mask(contract::catalogue::FieldKind::Name, name)),
            disputes: self
                .disputes
                .iter()
                .filter_map(|one| engine::plan::fields(text).find(|field| field.id == one.field))
                .map(|field| field.label.clone())
                .collect(),
            solemn: text.tone == Some(Tone::Solemn),
            version,
            state: self.state(),
            submitted_at: catalogue.zone.moment(&self.submitted_at),
            due: promise.map(|day| due_view(catalogue, day)),
            lanes: lanes.collect(),
            correction: self.correction.as_ref().and_then(|asked| {
                let lane = self.lanes.iter().find(|lane| lane.id == asked.lane)?;
                Some(Correction {
                    department_name: catalogue.department(&item(&lane.item)?.department, language),
                    lane: asked.lane.clone(),
                    fields: asked.fields.clone(),
                    materials: asked.materials.clone(),
                    reason: asked.reason.clone(),
                    until: asked.until.clone(),
                })
            }),
            order: None,
            certificates: self
                .certificates
                .iter()
                .filter_map(|issued| certificate_view(catalogue, issued, item(&issued.item)?, language))
                .collect(),
            handover: self.handover(bundle),
            deferred: self.deferred(catalogue, bundle, text),
            rating: self.rating.clone(),
            events: self
                .events
                .iter()
                .rev()
                .map(|event| Event {
                    at: catalogue.zone.moment(&event.at),
                    what: event.what,
                    item: event.item.as_ref().map(item_name),
                })
                .collect(),
        }
    }

    fn lane_view(
        &self,
        catalogue: &Catalogue,
        lane: &CaseLane,
        item: &Item,
        language: Language,
        name: &impl Fn(&ItemId) -> String,
    ) -> Lane {
        let paid_first = catalogue
            .bundle(&self.bundle)
            .map(|bundle| engine::fee::paid_items(bundle, &self.plan(bundle)))
            .unwrap_or_default();
        let unfinished =
            |id: &&ItemId| self.lanes.iter().any(|other| other.item == **id && other.state != LaneState::Issued);
        Lane {
            id: lane.id.clone(),
            item: lane.item.clone(),
            name: item.name.clone(),
            department: item.department.clone(),
            department_name: catalogue.department(&item.department, language),
            state: lane.state,
            waits_for: item.after.iter().filter(unfinished).map(name).collect(),
            waits_for_fee: lane.state == LaneState::Waiting
                && self.unpaid
                && paid_first.iter().any(|paid| *paid == item.id.0 || paid == "*"),
            legal_limit: item.legal_limit.clone(),
            promised_limit: item.promised_limit.clone(),
            due: lane.due.as_deref().and_then(Date::parse).map(|day| due_view(catalogue, day)),
            clock_stopped: lane
                .stopped
                .as_ref()
                .map(|stop| ClockStop { since: catalogue.zone.moment(&stop.since), why: stop.why.clone() }),
            opinion: lane.opinion.clone(),
            changed_at: catalogue.zone.moment(&lane.changed_at),
        }
    }

    fn handover(&self, bundle: &Bundle) -> Handover {
        let state = if self.sent {
            HandoverState::Sent
        } else if self.certificates.is_empty() {
            HandoverState::Pending
        } else {
            HandoverState::Ready
        };
        Handover {
            mode: self.mode,
            modes: bundle.delivery.clone(),
            address: self
                .address
                .as_ref()
                .map(|address| engine::mask::mask(contract::catalogue::FieldKind::Address, address)),
            state,
        }
    }

    fn deferred(&self, catalogue: &Catalogue, bundle: &Bundle, text: &Bundle) -> Vec<Deferred> {
        let start = catalogue.zone.day(&self.submitted_at);
        let promised = self.materials.iter().filter(|(_, provided)| matches!(provided, Provided::Deferred));
        promised
            .filter_map(|(id, _)| {
                let material = bundle.materials.iter().find(|material| material.id == *id)?;
                let until = match material.deferrable.as_ref()?.days {
                    Some(days) => catalogue.calendar.add_working_days(start, days),
                    None => due(catalogue, start, bundle.promise.as_ref()?),
                };
                let name = text.materials.iter().find(|material| material.id == *id)?.name.clone();
                Some(Deferred { material: id.clone(), name, until: until.to_string(), met: false })
            })
            .collect()
    }

    /// One lane as its desk sees it.
    #[must_use]
    pub fn desk_view(&self, bundle: &Bundle, lane: &CaseLane) -> Option<DeskLane> {
        let item = bundle.items.iter().find(|item| item.id == lane.item)?;
        let concerns = |items: &[String]| items.iter().any(|id| id == "*" || *id == item.id.0);
        let plan = self.plan(bundle);
        let fields: Vec<_> = plan.active_fields(bundle).filter(|field| concerns(&field.items)).collect();
        let own = |id: &String| fields.iter().any(|field| field.id == *id);
        Some(DeskLane {
            verified: self.verified.iter().filter(|id| own(id)).cloned().collect(),
            disputes: self
                .disputes
                .iter()
                .filter(|one| own(&one.field))
                .map(|one| DeskDispute {
                    field: one.field.clone(),
                    register: one.register.clone(),
                    given: one.given.clone(),
                    note: one.note.clone(),
                })
                .collect(),
            agent: self.agent.as_ref().map(|(_, name)| name.clone()),
            id: lane.id.clone(),
            application: self.id.clone(),
            number: self.number.clone(),
            bundle: self.bundle.clone(),
            item: item.id.clone(),
            department: item.department.clone(),
            state: lane.state,
            corrections: self.corrections,
            facts: fields
                .iter()
                .filter_map(|field| Some((field.id.clone(), self.facts.get(&field.id)?.clone())))
                .collect(),
            materials: plan
                .active_materials(bundle)
                .filter(|material| concerns(&material.items))
                .map(|material| material.id.clone())
                .collect(),
        })
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
    }
}

fn due(catalogue: &Catalogue, start: Date, limit: &Limit) -> Date {
    match limit.unit {
        TimeUnit::AtOnce | TimeUnit::Hours => start,
        TimeUnit::WorkingDays => catalogue.calendar.add_working_days(start, limit.value),
        TimeUnit::Days => start.plus_days(limit.value.into()),
        TimeUnit::Months => start.plus_months(i32::try_from(limit.value).unwrap_or(0)),
    }
}

fn due_view(catalogue: &Catalogue, day: Date) -> Due {
    Due { day: day.to_string(), working_days_left: catalogue.calendar.working_days_between(catalogue.today(), day) }
}

fn certificate_view(catalogue: &Catalogue, issued: &Issued, item: &Item, language: Language) -> Option<Certificate> {
    Some(Certificate {
        id: issued.id.clone(),
        name: item.result.clone()?,
        number: issued.number.clone(),
        issuer: catalogue.department(&item.department, language),
        issued_at: catalogue.zone.moment(&issued.at),
    })
}
