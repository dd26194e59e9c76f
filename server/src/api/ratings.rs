//! One-tap ratings, and what becomes of bad ones.

use axum::extract::{Path, State};
use contract::application::{Application, ApplicationState};
use contract::desk::{DeskRectification, RectifyAction};
use contract::service::{Rate, Rating, Rectification, RectificationState};

use super::applications;
use crate::case::Case;
use crate::http::extract::{Clerk, Language, Person, Unsafe};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::{App, clock};

pub(super) fn add(routes: &mut Routes) {
    let (rate, application) = (routes.schema::<Rate>(), routes.schema::<Application>());
    routes.add(
        routes
            .describe("post", "/applications/{id}/rating", "Rate the errand, or add to the rating", Access::Person)
            .once()
            .takes(rate)
            .gives(200, application),
        self::rate,
    );
    let list = routes.schema::<Vec<DeskRectification>>();
    routes.add(
        routes
            .describe("get", "/desk/rectifications", "Desk: bad ratings without an answer", Access::Desk)
            .gives(200, list),
        open,
    );
    let action = routes.schema::<RectifyAction>();
    routes.add(
        routes
            .describe("post", "/desk/rectifications/{application}", "Desk: take or answer a bad rating", Access::Desk)
            .once()
            .takes(action)
            .gives_nothing(),
        rectify,
    );
}

async fn rate(
    State(app): State<App>,
    person: Person,
    language: Language,
    Path(id): Path<String>,
    request: Unsafe<Rate>,
) -> Result<Answer, Refusal> {
    let scale = app.catalogue.scale(Language::SOURCE).ok_or(Refusal::Internal)?;
    engine::rating::check(&request.body, &scale.tags)
        .map_err(|_| Refusal::Malformed("a level from 1 to 5; below 3 a tag of that level or words".to_owned()))?;
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    app.store.lock(connection, &id).await?;
                    let (mut case, version) = applications::find(&mut *connection, &id).await?;
                    if case.owner != person.id {
                        return Err(Refusal::NotFound);
                    }
                    if !matches!(case.state(), ApplicationState::Done | ApplicationState::PartlyRefused) {
                        return Err(Refusal::Conflict("not finished yet"));
                    }
                    case.rating = Some(rated(&app, case.rating.as_ref(), request.body)?);
                    let version = applications::save(&app.catalogue, connection, &case, version).await?;
                    Ok(Answer::ok(&applications::view(&app, connection, &case, version, language).await?)?
                        .version(version))
                })
            }),
        )
        .await
}

/// A first rating, or an addition to it: the level stays, tags and words may be added in time.
fn rated(app: &App, before: Option<&Rating>, rate: Rate) -> Result<Rating, Refusal> {
    let rule = &app.catalogue.region.rating;
    if let Some(before) = before {
        let last = app.catalogue.zone.day(&before.at).plus_days(rule.supplement_days.into());
        if rate.level != before.level || app.catalogue.today() > last {
            return Err(Refusal::Conflict("already rated"));
        }
        return Ok(Rating { tags: rate.tags, words: rate.words, ..before.clone() });
    }
    let rectification = engine::rating::is_bad(rate.level).then(|| Rectification {
        state: RectificationState::Open,
        due: app.catalogue.calendar.add_working_days(app.catalogue.today(), rule.rectify_working_days).to_string(),
        answer: None,
        answered_at: None,
    });
    Ok(Rating { level: rate.level, tags: rate.tags, words: rate.words, at: app.catalogue.zone.now(), rectification })
}

async fn open(State(app): State<App>, _clerk: Clerk) -> Result<Answer, Refusal> {
    let rows: Vec<(String,)> = sqlx::query_as("SELECT doc FROM applications WHERE doc LIKE '%\"rectification\":{\"state\":\"%' ORDER BY submitted_at DESC LIMIT 200")
        .fetch_all(app.store.reads())
        .await?;
    let mut list = Vec::new();
    for (doc,) in rows {
        let case: Case = serde_json::from_str(&doc)?;
        let Some(rating) = case.rating else { continue };
        if rating.rectification.as_ref().is_some_and(|one| one.state != RectificationState::Answered) {
            list.push(DeskRectification { application: case.id, number: case.number, rating });
        }
    }
    Answer::ok(&list)
}

async fn rectify(
    State(app): State<App>,
    _clerk: Clerk,
    Path(id): Path<String>,
    request: Unsafe<RectifyAction>,
) -> Result<Answer, Refusal> {
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    app.store.lock(connection, &id).await?;
                    let (mut case, version) = applications::find(&mut *connection, &id).await?;
                    let rectification = case
                        .rating
                        .as_mut()
                        .and_then(|rating| rating.rectification.as_mut())
                        .ok_or(Refusal::NotFound)?;
                    match request.body {
                        RectifyAction::Take if rectification.state == RectificationState::Open => {
                            rectification.state = RectificationState::InHand
                        }
                        RectifyAction::Answer { answer }
                            if rectification.state != RectificationState::Answered && !answer.trim().is_empty() =>
                        {
                            rectification.state = RectificationState::Answered;
                            rectification.answer = Some(answer.chars().take(1000).collect());
                            rectification.answered_at = Some(app.catalogue.zone.moment(&clock::stored_now()));
                        }
                        _ => return Err(Refusal::Conflict("not in a state for this")),
                    }
                    applications::save(&app.catalogue, connection, &case, version).await?;
                    Ok(Answer::nothing())
                })
            }),
        )
        .await
}
