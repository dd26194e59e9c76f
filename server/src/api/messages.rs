//! Complaints, suggestions and enquiries: an entry on every page, signed in or not.

use axum::extract::State;
use contract::service::{MaterialOf, Message, MessageId, SendMessage};

use crate::http::extract::{Language, Unsafe};
use crate::http::routes::{Access, Routes};
use crate::http::{Answer, Refusal};
use crate::{App, clock, random};

/// Longest words, in characters.
const WORDS: usize = 2000;

pub(super) fn add(routes: &mut Routes) {
    let (send, message) = (routes.schema::<SendMessage>(), routes.schema::<Message>());
    routes.add(
        routes
            .describe("post", "/messages", "Send a complaint, suggestion or enquiry", Access::Open)
            .once()
            .takes(send)
            .gives(201, message),
        self::send,
    );
}

async fn send(State(app): State<App>, language: Language, request: Unsafe<SendMessage>) -> Result<Answer, Refusal> {
    let SendMessage { kind, words, contact, about } = request.body;
    let words = words.trim().to_owned();
    if words.is_empty() || words.chars().count() > WORDS || contact.chars().count() > 200 {
        return Err(Refusal::Malformed(format!("1 to {WORDS} characters, contact at most 200")));
    }
    let about = about.map(|about| named(&app, &about, language)).transpose()?;
    let owner = Some(request.once.owner.clone()).filter(|owner| !owner.is_empty());
    app.clone()
        .once(
            request.once,
            Box::new(move |connection| {
                Box::pin(async move {
                    let at = clock::stored_now();
                    let id = random::id();
                    let number =
                        format!("M{}{}", app.catalogue.today().to_string().replace('-', ""), &id[..6].to_uppercase());
                    let message = Message {
                        id: MessageId(id),
                        number,
                        kind,
                        words,
                        about,
                        at: app.catalogue.zone.moment(&at),
                        answer: None,
                    };
                    let doc = serde_json::json!({ "message": message, "contact": contact }).to_string();
                    sqlx::query("INSERT INTO messages (id, owner, doc, sent_at) VALUES ($1, $2, $3, $4)")
                        .bind(message.id.as_str())
                        .bind(owner)
                        .bind(doc)
                        .bind(at)
                        .execute(connection)
                        .await?;
                    Answer::created(&message)
                })
            }),
        )
        .await
}

/// A material and its errand by name.
fn named(app: &App, about: &MaterialOf, language: Language) -> Result<String, Refusal> {
    let text = app.catalogue.text(&about.bundle, language);
    let material = text.and_then(|text| engine::promise::material(text, &about.material));
    match (material, text) {
        (Some(material), Some(text)) => Ok(format!("{} · {}", material.name, text.name)),
        _ => Err(Refusal::Malformed("about: a material of the catalogue".to_owned())),
    }
}

/// A person's messages, newest first.
///
/// # Errors
/// When the store does not answer.
pub async fn of(app: &App, person: &str) -> Result<Vec<Message>, Refusal> {
    #[derive(serde::Deserialize)]
    struct Stored {
        message: Message,
    }
    let rows: Vec<(String,)> = sqlx::query_as("SELECT doc FROM messages WHERE owner = $1 ORDER BY sent_at DESC")
        .bind(person)
        .fetch_all(app.store.reads())
        .await?;
    rows.iter().map(|(doc,)| Ok(serde_json::from_str::<Stored>(doc)?.message)).collect()
}
