//! What departments do: see their lanes, accept, ask, stop, decide, issue.

use axum::extract::{Path, State};
use contract::application::{ApplicationState, EventKind, LaneId};
use contract::catalogue::Delivery;
use contract::desk::{DeskAction, DeskLane};
use engine::lane::Step;

use super::applications;
use crate::case::{Asked, Case};
use crate::http::extract::{Clerk, Unsafe};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::{App, till};

pub(super) fn add(routes: &mut Routes) {
    let (lanes, action) = (routes.schema::<Vec<DeskLane>>(), routes.schema::<DeskAction>());
    routes.add(
        routes.describe("get", "/desk/lanes", "Desk: lanes that wait for a department", Access::Desk).gives(200, lanes),
        self::lanes,
    );
    routes.add(
        routes
            .describe("post", "/desk/lanes/{id}", "Desk: accept, ask, stop, start, decide or issue", Access::Desk)
            .once()
            .takes(action)
            .gives_nothing(),
        act,
    );
    routes.add(
        routes
            .describe("get", "/desk/handovers", "Desk: applications whose results wait for the courier", Access::Desk)
            .gives(200, serde_json::json!({ "type": "array", "items": { "type": "string" } })),
        handovers,
    );
    routes.add(
        routes
            .describe("post", "/desk/handovers/{application}", "Desk: the courier has it", Access::Desk)
            .gives_nothing(),
        sent,
    );
}

async fn lanes(State(app): State<App>, _clerk: Clerk) -> Result<Answer, Refusal> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT applications.id, applications.doc FROM lanes JOIN applications ON applications.id = lanes.application \
         WHERE lanes.state IN ('received', 'accepted', 'stopped', 'approved') ORDER BY applications.id LIMIT 200",
    )
    .fetch_all(app.store.reads())
    .await?;
    let mut list: Vec<DeskLane> = Vec::new();
    for (_, doc) in rows {
        let case: Case = serde_json::from_str(&doc)?;
        let Some(bundle) = app.catalogue.bundle(&case.bundle) else { continue };
        use contract::application::LaneState::{Accepted, Approved, Received, Stopped};
        let open = case.lanes.iter().filter(|lane| matches!(lane.state, Received | Accepted | Stopped | Approved));
        list.extend(open.filter_map(|lane| case.desk_view(&app.catalogue, bundle, lane)));
    }
    Answer::ok(&list)
}

async fn act(
    State(app): State<App>,
    _clerk: Clerk,
    Path(id): Path<String>,
    request: Unsafe<DeskAction>,
) -> Result<Answer, Refusal> {
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let row: Option<(String,)> = sqlx::query_as("SELECT application FROM lanes WHERE id = $1")
                        .bind(&id)
                        .fetch_optional(&mut *connection)
                        .await?;
                    let (application,) = row.ok_or(Refusal::NotFound)?;
                    app.store.lock(connection, &application).await?;
                    let (mut case, version) = applications::find(&mut *connection, &application).await?;
                    match request.body {
                        DeskAction::Assess { fee, amount } => {
                            let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
                            let (payee, line) = case.assess(bundle, &LaneId(id), &fee, amount)?;
                            till::assess(connection, &mut case, payee, line).await?;
                        }
                        DeskAction::ReturnFee { reason } => {
                            let fees = fees_of(&app, &case, &LaneId(id))?;
                            said(&reason)?;
                            // The till saves the case with it.
                            till::give_back(&app, connection, &application, fees, reason).await?;
                            return Ok(Answer::nothing());
                        }
                        action => {
                            take(&app, &mut case, LaneId(id), action)?;
                            // Nobody pays for what was refused.
                            till::reprice(&app, connection, &mut case).await?;
                        }
                    }
                    applications::save(&app.catalogue, connection, &case, version).await?;
                    Ok(Answer::nothing())
                })
            }),
        )
        .await
}

/// Words the citizen reads are not empty.
fn said(words: &str) -> Result<(), Refusal> {
    if words.trim().is_empty() { Err(Refusal::Malformed("say why".to_owned())) } else { Ok(()) }
}

/// The fees of a lane's item; those of the whole errand only once all of it has ended.
fn fees_of(app: &App, case: &Case, lane: &LaneId) -> Result<Vec<String>, Refusal> {
    let bundle = app.catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
    let lane = case.lanes.iter().find(|one| one.id == *lane).ok_or(Refusal::NotFound)?;
    let ended = matches!(case.state(), ApplicationState::Done | ApplicationState::PartlyRefused);
    let of = |item: &String| *item == lane.item.0 || (item == "*" && ended);
    let own = bundle.fees.iter().filter(|fee| fee.items.iter().any(of));
    Ok(own.map(|fee| fee.id.clone()).collect())
}

fn take(app: &App, case: &mut Case, lane: LaneId, action: DeskAction) -> Result<(), Refusal> {
    let catalogue = &app.catalogue;
    let bundle = catalogue.bundle(&case.bundle).ok_or(Refusal::NotFound)?;
    let (step, words) = match action {
        DeskAction::AskCorrection { fields, materials, reason } => {
            let until = catalogue.today().plus_days(catalogue.region.correction.days.into()).to_string();
            return case.ask(catalogue, bundle, Asked { lane, fields, materials, reason, until });
        }
        DeskAction::ReceiveOwed { material } => return case.received(catalogue, bundle, &material),
        DeskAction::ExtendOwed { material, until } => return case.extend(&material, &until),
        DeskAction::Assess { .. } | DeskAction::ReturnFee { .. } => {
            return Err(Refusal::Conflict("money is the till's"));
        }
        DeskAction::Accept => (Step::Accept, None),
        DeskAction::StopClock { why } => (Step::StopClock, Some(why)),
        DeskAction::StartClock => (Step::StartClock, None),
        DeskAction::Approve => (Step::Approve, None),
        DeskAction::Refuse { why } => (Step::Refuse, Some(why)),
        DeskAction::Issue => (Step::Issue, None),
    };
    if let Some(words) = &words {
        said(words)?;
    }
    case.step(catalogue, bundle, &lane, step, words.as_deref())
}

fn waits_for_courier(case: &Case) -> bool {
    case.mode == Delivery::Post
        && !case.sent
        && matches!(case.state(), ApplicationState::Done | ApplicationState::PartlyRefused)
        && !case.certificates.is_empty()
}

async fn handovers(State(app): State<App>, _clerk: Clerk) -> Result<Answer, Refusal> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT doc FROM applications WHERE doc LIKE '%\"mode\":\"post\"%\"sent\":false%' ORDER BY submitted_at DESC LIMIT 200")
        .fetch_all(app.store.reads())
        .await?;
    let mut list = Vec::new();
    for (doc,) in rows {
        let case: Case = serde_json::from_str(&doc)?;
        if waits_for_courier(&case) {
            list.push(case.id);
        }
    }
    Answer::ok(&list)
}

async fn sent(State(app): State<App>, _clerk: Clerk, Path(id): Path<String>) -> Result<Answer, Refusal> {
    let store = app.store.clone();
    store
        .write(Box::new(move |connection| {
            Box::pin(async move {
                app.store.lock(connection, &id).await?;
                let (mut case, version) = applications::find(&mut *connection, &id).await?;
                if !waits_for_courier(&case) {
                    return Err(Refusal::Conflict("nothing to send"));
                }
                case.sent = true;
                case.happened(EventKind::Sent, None);
                applications::save(&app.catalogue, connection, &case, version).await?;
                Ok(Answer::nothing())
            })
        }))
        .await
}
