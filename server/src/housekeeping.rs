//! What has served its time is erased for real: expired drafts, sessions, tickets, codes, remembered answers.

use std::time::Duration;

use crate::files::blobs;
use crate::http::Refusal;
use crate::till::statement;
use crate::{App, api, clock};

/// Answers to repeated requests are remembered so long: two days.
const REMEMBERED: i64 = 2 * 24 * 3600;

/// Notifications are remembered so long: gateways repeat theirs for about a day.
const NOTICES: i64 = 7 * 24 * 3600;

/// Tidies up once a minute until the server stops.
pub async fn work(app: App) {
    loop {
        if let Err(error) = tidy(&app).await {
            tracing::warn!(%error, "what expired could not be erased");
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}

/// Erases what has expired. On SQLite its pages are overwritten (`secure_delete`).
///
/// # Errors
/// When the database does not answer.
pub async fn tidy(app: &App) -> Result<(), Refusal> {
    expired(app).await?;
    api::uploads::tidy(app).await?;
    api::promises::day_passed(app).await?;
    blobs::sweep(app).await?;
    // A gateway without a statement keeps nothing else from being done.
    if let Err(error) = statement::day_passed(app).await {
        tracing::warn!(%error, "statements could not be compared; they are asked for again");
    }
    Ok(())
}

async fn expired(app: &App) -> Result<(), Refusal> {
    app.store
        .write(Box::new(|connection| {
            Box::pin(async move {
                let now = clock::stored_now();
                for statement in [
                    "DELETE FROM drafts WHERE expires_at <= $1",
                    "DELETE FROM handovers WHERE expires_at <= $1",
                    "DELETE FROM tickets WHERE expires_at <= $1",
                    "DELETE FROM sessions WHERE expires_at <= $1",
                ] {
                    sqlx::query(statement).bind(&now).execute(&mut *connection).await?;
                }
                // What a draft used ends with it.
                sqlx::query("DELETE FROM uses WHERE application IS NULL AND draft NOT IN (SELECT id FROM drafts)")
                    .execute(&mut *connection)
                    .await?;
                sqlx::query("DELETE FROM answers WHERE created_at <= $1")
                    .bind(clock::stored_in(-REMEMBERED))
                    .execute(&mut *connection)
                    .await?;
                sqlx::query("DELETE FROM notices WHERE at <= $1")
                    .bind(clock::stored_in(-NOTICES))
                    .execute(&mut *connection)
                    .await?;
                Ok(())
            })
        }))
        .await
}
