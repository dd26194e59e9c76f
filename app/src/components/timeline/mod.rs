//! The lanes of an application, one below the other, today's place unmistakable.

use contract::application::{Application, Due, Lane, LaneState};
use leptos::prelude::*;
use stylers_macro::style_sheet;

use crate::components::limit;
use crate::locale::{self, Style, texts as t};

/// Each department's lane.
pub fn timeline(application: &Application) -> impl IntoView + use<> {
    let class = style_sheet!("app/src/components/timeline/timeline.css");
    let lanes: Vec<_> = application.lanes.iter().map(|lane| self::lane(lane, class)).collect();
    view! { class=class, <ol class="timeline">{lanes}</ol> }
}

fn lane(lane: &Lane, class: &'static str) -> AnyView {
    let (word, shape, mood) = state(lane.state);
    let waits = (lane.state == LaneState::Waiting && !lane.waits_for.is_empty())
        .then(|| t::progress_waits_for(&locale::list(&lane.waits_for)));
    let fee = lane.waits_for_fee.then(t::progress_waits_for_fee);
    let stopped =
        lane.clock_stopped.as_ref().map(|stop| t::progress_clock_stopped(&locale::moment(&stop.since), &stop.why));
    let running = matches!(lane.state, LaneState::Received | LaneState::Accepted | LaneState::Approved);
    let due = lane.due.as_ref().filter(|_| running);
    let overdue = due.is_some_and(is_overdue);
    let due = due.map(self::due);
    let limits = [
        lane.promised_limit.as_ref().map(|limit| t::progress_promised(&limit::length(limit))),
        lane.legal_limit.as_ref().map(|limit| t::progress_legal(&limit::length(limit))),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    let opinion = lane.opinion.as_ref().map(|opinion| match lane.state {
        LaneState::Ended => t::progress_ended(opinion),
        _ => t::progress_opinion(opinion),
    });
    view! {
        class=class,
        <li class="lane">
            <span class=format!("mark mark-{mood}") aria-hidden="true">{shape}</span>
            <div>
                <h3 class="lane-name">{lane.name.clone()}</h3>
                <p class="line"><span class="department">{lane.department_name.clone()}</span>" "<span class="state">{word}</span></p>
                {waits.map(|text| view! { class=class, <p class="line">{text}</p> })}
                {fee.map(|text| view! { class=class, <p class="line">{text}</p> })}
                {stopped.map(|text| view! { class=class, <p class="line">{text}</p> })}
                {due.map(|text| view! { class=class, <p class="line strong" class:overdue=overdue>{text}</p> })}
                {opinion.map(|text| view! { class=class, <p class="line">{text}</p> })}
                {(!limits.is_empty()).then(|| view! { class=class, <p class="line soft">{limits.join(t::common_comma())}</p> })}
                <p class="line soft">{t::progress_changed(&locale::moment(&lane.changed_at))}</p>
            </div>
        </li>
    }
    .into_any()
}

/// Whether the day has passed.
#[must_use]
pub fn is_overdue(due: &Due) -> bool {
    due.working_days_left < 0
}

/// `3 working days left, until 26 November`.
#[must_use]
pub fn due(due: &Due) -> String {
    let day = locale::day(&due.day, Style::Short);
    match due.working_days_left {
        0 => t::progress_due_today().to_owned(),
        left if left > 0 => t::progress_due(&left.to_string(), &day),
        late => t::progress_overdue(&(-late).to_string(), &day),
    }
}

/// A state as a word, a shape and a mood.
fn state(state: LaneState) -> (&'static str, &'static str, &'static str) {
    match state {
        LaneState::Waiting => (t::lane_waiting(), "○", "waiting"),
        LaneState::Received => (t::lane_received(), "●", "now"),
        LaneState::Accepted => (t::lane_accepted(), "●", "now"),
        LaneState::Correction => (t::lane_correction(), "!", "needs"),
        LaneState::Stopped => (t::lane_stopped(), "Ⅱ", "needs"),
        LaneState::Approved => (t::lane_approved(), "●", "now"),
        LaneState::Issued => (t::lane_issued(), "✓", "done"),
        LaneState::Refused => (t::lane_refused(), "✕", "bad"),
        LaneState::Ended => (t::lane_ended(), "✕", "bad"),
    }
}
