//! A case as its owner and as a desk see it.

use contract::application::{
    Application, Certificate, ClockStop, Correction, Due, Event, Handover, HandoverState, Lane, LaneState,
};
use contract::catalogue::{Bundle, Item, ItemId, MaterialId, Tone};
use contract::desk::{DeskDispute, DeskFee, DeskLane, DeskMaterial};
use contract::material::{Declared, Owed, PaperCard, Provided};
use engine::date::Date;

use super::promises::{CaseOwed, Signed};
use super::{Case, CaseLane, Issued};
use crate::catalogue::Catalogue;
use crate::http::extract::Language;

impl Case {
    /// The case as its owner sees it; the money is added by whoever holds it.
    #[must_use]
    pub fn view(&self, catalogue: &Catalogue, bundle: &Bundle, language: Language, version: i64) -> Application {
        let text = catalogue.text(&self.bundle, language).unwrap_or(bundle);
        let item = |id: &ItemId| text.items.iter().find(|item| item.id == *id);
        let item_name = |id: &ItemId| item(id).map_or_else(|| id.to_string(), |item| item.name.clone());
        let promise =
            bundle.promise.as_ref().map(|limit| catalogue.calendar.due(catalogue.zone.day(&self.submitted_at), limit));
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
            payment: None,
            certificates: self
                .certificates
                .iter()
                .filter_map(|issued| {
                    certificate_view(catalogue, issued, item(&issued.item)?, language, self.is_revoked(&issued.item))
                })
                .collect(),
            handover: self.handover(bundle),
            owed: self.owed_view(catalogue, text),
            declared: self.declared_view(text),
            papers: self.papers_view(catalogue, text, |_| true),
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
        let unpaid = |bundle: &Bundle| self.waits_for_fee(bundle, &lane.item);
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
            waits_for_fee: lane.state == LaneState::Waiting && catalogue.bundle(&self.bundle).is_some_and(unpaid),
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

    fn owed_view(&self, catalogue: &Catalogue, text: &Bundle) -> Vec<Owed> {
        let view = |owed: &CaseOwed| {
            let material = engine::promise::material(text, &owed.material)?;
            let items = self.plan(text);
            let items = items.active_items(text).filter(|item| engine::promise::needs(material, item));
            Some(Owed {
                material: owed.material.clone(),
                name: material.name.clone(),
                why: owed.why,
                until: owed.until.as_deref().and_then(Date::parse).map(|day| due_view(catalogue, day)),
                state: owed.state,
                items: items.map(|item| item.name.clone()).collect(),
            })
        };
        self.owed.iter().filter_map(view).collect()
    }

    fn declared_view(&self, text: &Bundle) -> Vec<Declared> {
        let declared = self.materials.iter().filter(|(_, provided)| matches!(provided, Provided::Declared));
        declared
            .filter_map(|(id, _)| {
                let name = engine::promise::material(text, id)?.name.clone();
                Some(Declared { material: id.clone(), name, can_withdraw: self.can_withdraw(text, id) })
            })
            .collect()
    }

    fn papers_view(&self, catalogue: &Catalogue, text: &Bundle, which: impl Fn(&MaterialId) -> bool) -> Vec<PaperCard> {
        let card = |signed: &Signed| PaperCard {
            id: signed.id.clone(),
            kind: signed.paper.kind,
            title: signed.paper.title.clone(),
            material: engine::promise::material(text, &signed.material)
                .map_or_else(String::new, |one| one.name.clone()),
            at: catalogue.zone.moment(&signed.at),
            withdrawn: signed.withdrawn_at.is_some(),
        };
        self.papers.iter().filter(|signed| which(&signed.material)).map(card).collect()
    }

    /// One lane as its desk sees it.
    #[must_use]
    pub fn desk_view(&self, catalogue: &Catalogue, bundle: &Bundle, lane: &CaseLane) -> Option<DeskLane> {
        let item = bundle.items.iter().find(|item| item.id == lane.item)?;
        let concerns = |items: &[String]| items.iter().any(|id| id == "*" || *id == item.id.0);
        let plan = self.plan(bundle);
        let fields: Vec<_> = plan.active_fields(bundle).filter(|field| concerns(&field.items)).collect();
        let owed = self.owed_view(catalogue, bundle);
        let fees = plan.active_fees(bundle).filter(|fee| fee.amount != Some(0) && concerns(&fee.items));
        let fees = fees.map(|fee| DeskFee {
            fee: fee.id.clone(),
            name: fee.name.clone(),
            amount: fee.amount.or_else(|| self.assessed.get(&fee.id).copied()),
            assessed: fee.assessed,
            unpaid: self.unpaid_fees.contains(&fee.id),
        });
        let fees = fees.collect();
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
                .map(|material| DeskMaterial {
                    material: material.id.clone(),
                    provided: self.materials.get(&material.id).cloned(),
                    owed: owed.iter().find(|owed| owed.material == material.id).cloned(),
                })
                .collect(),
            fees,
            papers: self.papers_view(catalogue, bundle, |id| {
                engine::promise::material(bundle, id).is_some_and(|material| concerns(&material.items))
            }),
        })
    }
}

fn due_view(catalogue: &Catalogue, day: Date) -> Due {
    Due { day: day.to_string(), working_days_left: catalogue.calendar.working_days_between(catalogue.today(), day) }
}

fn certificate_view(
    catalogue: &Catalogue,
    issued: &Issued,
    item: &Item,
    language: Language,
    revoked: bool,
) -> Option<Certificate> {
    Some(Certificate {
        id: issued.id.clone(),
        name: item.result.clone()?,
        number: issued.number.clone(),
        issuer: catalogue.department(&item.department, language),
        issued_at: catalogue.zone.moment(&issued.at),
        revoked,
    })
}
