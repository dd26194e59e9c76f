//! Simulated departments: they do their work through the desk API, as people would, only faster.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use contract::application::LaneState;
use contract::desk::{DeskAction, DeskLane, DeskRectification, RectifyAction};
use contract::service::RectificationState;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt;

use crate::api::account::COOKIE;
use crate::catalogue::Catalogue;
use crate::{App, random};

/// A reason the citizen reads, in the language of the demo city.
const REASON: &str = "演示：请核对这一项，如无误可直接重新提交。（Demo: please check this and send it again.）";
/// What a simulated department assesses, in fen.
const ASSESSED: contract::Fen = 12_300;
const ANSWER: &str =
    "演示：已核实并致歉，相关环节已整改。（Demo: we looked into it, apologise, and have put it right.）";

/// Works through the desk until the server stops; one step a lane in each `pace`.
pub async fn work(app: App, pace: Duration) {
    let (api, _) = crate::api::routes();
    let mut desk = Desk { api: api.with_state(app.clone()), cookie: String::new() };
    loop {
        tokio::time::sleep(pace).await;
        if desk.cookie.is_empty() && desk.sign_in().await.is_none() {
            continue;
        }
        if desk.round(&app.catalogue).await.is_none() {
            // The session ended, or the store was away: sign in again.
            desk.cookie.clear();
        }
    }
}

struct Desk {
    api: Router,
    cookie: String,
}

impl Desk {
    async fn sign_in(&mut self) -> Option<()> {
        let ticket: contract::account::Ticket = self.post("/demo/personas/clerk/ticket", &()).await?;
        let request = Request::post("/session")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(serde_json::to_string(&contract::account::SignIn { ticket: ticket.ticket }).ok()?))
            .ok()?;
        let response = self.api.clone().oneshot(request).await.ok()?;
        let cookie = response.headers().get(header::SET_COOKIE)?.to_str().ok()?;
        self.cookie = cookie.split(';').next().filter(|cookie| cookie.starts_with(COOKIE))?.to_owned();
        Some(())
    }

    /// One step in every lane, every bad rating, every parcel.
    async fn round(&self, catalogue: &Catalogue) -> Option<()> {
        let lanes: Vec<DeskLane> = self.get("/desk/lanes").await?;
        for lane in lanes {
            self.send(&format!("/desk/lanes/{}", lane.id), &next(catalogue, &lane)).await;
        }
        let bad: Vec<DeskRectification> = self.get("/desk/rectifications").await?;
        for one in bad {
            let open =
                one.rating.rectification.is_some_and(|rectification| rectification.state == RectificationState::Open);
            let action = if open { RectifyAction::Take } else { RectifyAction::Answer { answer: ANSWER.to_owned() } };
            self.send(&format!("/desk/rectifications/{}", one.application), &action).await;
        }
        let parcels: Vec<String> = self.get("/desk/handovers").await?;
        for parcel in parcels {
            self.send(&format!("/desk/handovers/{parcel}"), &()).await;
        }
        Some(())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        self.call(Request::get(path).header(header::COOKIE, &self.cookie).body(Body::empty()).ok()?).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Option<T> {
        self.call(self.request(path, body)?).await
    }

    /// A refusal is no trouble: somebody else was faster, or the citizen changed something.
    async fn send(&self, path: &str, body: &impl Serialize) {
        if let Some(request) = self.request(path, body) {
            let _ = self.api.clone().oneshot(request).await;
        }
    }

    fn request(&self, path: &str, body: &impl Serialize) -> Option<Request<Body>> {
        Request::post(path)
            .header(header::COOKIE, &self.cookie)
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", random::id())
            .body(Body::from(serde_json::to_string(body).ok()?))
            .ok()
    }

    async fn call<T: DeserializeOwned>(&self, request: Request<Body>) -> Option<T> {
        let response = self.api.clone().oneshot(request).await.ok()?;
        if !response.status().is_success() {
            return None;
        }
        let body = to_bytes(response.into_body(), 16 << 20).await.ok()?;
        serde_json::from_slice(&body).ok()
    }
}

/// What a department does next. About one application in three is asked to correct something,
/// once: which one follows from its number, so that a demonstration can be repeated.
fn next(catalogue: &Catalogue, lane: &DeskLane) -> DeskAction {
    // A department names what only it can work out; a made-up figure, and said to be one.
    let unnamed = lane.fees.iter().find(|fee| fee.assessed && fee.amount.is_none());
    if let (LaneState::Accepted, Some(fee)) = (lane.state, unnamed) {
        return DeskAction::Assess { fee: fee.fee.clone(), amount: ASSESSED };
    }
    match lane.state {
        LaneState::Accepted
            if lane.corrections == 0 && lane.number.bytes().map(u32::from).sum::<u32>().is_multiple_of(3) =>
        {
            field_to_check(catalogue, lane).map_or(DeskAction::Approve, |field| DeskAction::AskCorrection {
                fields: vec![field],
                materials: Vec::new(),
                reason: REASON.to_owned(),
            })
        }
        LaneState::Accepted => DeskAction::Approve,
        LaneState::Stopped => DeskAction::StartClock,
        LaneState::Approved => DeskAction::Issue,
        _ => DeskAction::Accept,
    }
}

fn field_to_check(catalogue: &Catalogue, lane: &DeskLane) -> Option<String> {
    use contract::catalogue::FieldKind::{Address, Name, Text};
    let bundle = catalogue.bundle(&lane.bundle)?;
    let plain = |field: &&contract::catalogue::Field| {
        matches!(field.kind, Address | Name | Text) && field.derive.is_none() && lane.facts.contains_key(&field.id)
    };
    bundle.fields.iter().find(plain).map(|field| field.id.clone())
}
