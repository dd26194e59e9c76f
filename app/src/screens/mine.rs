//! What is mine: drafts, applications, messages.

use contract::account::Mine;
use contract::application::ApplicationState;
use contract::service::MessageKind;
use leptos::prelude::*;

use crate::client;
use crate::components::load::Load;
use crate::locale::{self, Style, texts as t};
use crate::router::Route;
use crate::site::site;

pub(super) fn screen() -> AnyView {
    Load::start(|| client::get::<Mine>("/mine")).show(all)
}

fn all(mine: Mine) -> impl IntoView {
    let router = site().router;
    router.arrives(t::mine_title());
    let empty = mine.drafts.is_empty() && mine.applications.is_empty();
    let messages = mine.messages.iter().map(|message| {
        view! {
            <li class="entry">
                <p class="strong">{kind(message.kind)}{t::common_colon()}{message.number.clone()}</p>
                {message.about.clone().map(|about| view! { <p class="quiet">{about}</p> })}
                <p>{message.words.clone()}</p>
                <p class="quiet">{locale::moment(&message.at)}{t::common_colon()}{message.answer.clone().unwrap_or_else(|| t::mine_no_answer().to_owned())}</p>
            </li>
        }
    });
    let messages: Vec<_> = messages.collect();
    view! {
        <h1 tabindex="-1">{t::mine_title()}</h1>
        {if empty {
            view! { <p>{t::mine_empty()}</p><a class="button primary" href=router.href(&Route::Home)>{t::common_to_home()}</a> }.into_any()
        } else {
            begun(&mine, usize::MAX).into_any()
        }}
        <p><a href=router.href(&Route::Documents)>{t::documents_title()}</a></p>
        <p><a href=router.href(&Route::Continue(None))>{t::share_continue()}</a></p>
        {(!messages.is_empty()).then(|| view! { <section class="part"><h2>{t::mine_messages()}</h2><ul class="cards">{messages}</ul></section> })}
    }
}

/// Applications, then drafts.
pub(super) fn begun(mine: &Mine, most: usize) -> impl IntoView + use<> {
    let router = site().router;
    let applications = mine.applications.iter().take(most).map(|card| {
        view! {
            <li>
                <a class="card" href=router.href(&Route::Progress(card.id.0.clone()))>
                    <span class="card-title">{card.name.clone()}{card.needs_you.then(|| view! { <span class="badge needs">{t::mine_needs_you()}</span> })}</span>
                    <span class="quiet">{t::mine_application(state(card.state), &card.number, &locale::moment(&card.submitted_at))}</span>
                </a>
            </li>
        }
    });
    let drafts = mine.drafts.iter().take(most).map(|card| {
        let (saved, until) =
            (locale::moment(&card.saved_at), locale::day(card.expires_at.get(..10).unwrap_or_default(), Style::Long));
        view! {
            <li>
                <a class="card" href=router.href(&Route::Form(card.id.0.clone(), None))>
                    <span class="card-title">{card.name.clone()}<span class="badge">{t::mine_draft()}</span></span>
                    {card.for_whom.as_ref().map(|name| view! { <span>{t::share_for(name)}</span> })}
                    {card.expires_soon.then(|| view! { <span class="strong">{t::mine_draft_ends(&until)}</span> })}
                    <span class="quiet">{t::mine_draft_saved(&saved, &until)}</span>
                </a>
            </li>
        }
    });
    view! { <ul class="cards">{applications.collect_view()}{drafts.collect_view()}</ul> }
}

/// The state of the whole, in a word.
pub(super) fn state(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Running => t::state_running(),
        ApplicationState::Correction => t::state_correction(),
        ApplicationState::Done => t::state_done(),
        ApplicationState::PartlyRefused => t::state_partly_refused(),
    }
}

/// Which of the three, in a word.
pub(super) fn kind(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Complaint => t::feedback_complaint(),
        MessageKind::Suggestion => t::feedback_suggestion(),
        MessageKind::Enquiry => t::feedback_enquiry(),
    }
}
