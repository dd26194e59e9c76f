//! What is to pay, what for and how, and then the truth about it, which only the backend knows.

mod basket;
mod channels;
mod elsewhere;
mod guest;
mod truth;

use contract::application::{Application, ApplicationId};
use contract::payment::{Channel, OrderState, PayFor, Payment, PaymentLink, PaymentState};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::progress;
use crate::client::{self, Failure, Terms};
use crate::components::load::Load;
use crate::host::{Bridge, Event, Host};
use crate::locale::{self, texts as t};
use crate::router::Route;
use crate::site::site;
use crate::wait;
pub(super) use guest::screen as for_somebody;

/// The first pause between two questions, in milliseconds; each is half as long again as the one before.
const FIRST: i32 = 1500;
/// The longest pause.
const LAST: i32 = 15_000;
/// A question without an answer for so many milliseconds keeps nobody from asking again.
const LOST: f64 = 20_000.0;

/// Whose screen it is.
#[derive(Clone, Copy)]
enum Of {
    /// The applicant's.
    Owner(Load<Application>),
    /// Anybody's who has the address.
    Guest(Load<PayFor>),
}

/// A screen where money is paid. What was chosen and begun outlives every drawing of it.
#[derive(Clone, Copy)]
struct Till {
    of: Of,
    /// `/applications/{id}/payment`, or `/pay/{token}`.
    path: StoredValue<String>,
    /// Where the cashier sends the person back.
    back: StoredValue<String>,
    /// The key of the next attempt: pressed twice, drawn anew or lost on the way, it stays one attempt.
    terms: StoredValue<Terms>,
    /// How to pay.
    chosen: RwSignal<Option<Channel>>,
    /// Another way is wanted than the one begun.
    other: RwSignal<bool>,
    busy: RwSignal<bool>,
    failed: RwSignal<Option<&'static str>>,
    /// The address for others, once it was asked for.
    link: RwSignal<Option<PaymentLink>>,
    /// When the question under way was asked; 0 for none.
    asked: StoredValue<f64>,
    /// How long until the next question.
    pause: StoredValue<i32>,
    following: StoredValue<bool>,
}

impl Till {
    /// Call it under the owner of the screen.
    fn new(of: Of, path: String, here: &Route) -> Self {
        let till = Self {
            of,
            path: StoredValue::new(path),
            back: StoredValue::new(site().router.return_path(here)),
            terms: StoredValue::new(Terms::fresh()),
            chosen: RwSignal::new(None),
            other: RwSignal::new(false),
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
            link: RwSignal::new(None),
            asked: StoredValue::new(0.0),
            pause: StoredValue::new(FIRST),
            following: StoredValue::new(false),
        };
        till.watch();
        till
    }

    /// Asks while something is still to come, and at once when the page is seen, shown or carried again.
    fn watch(self) {
        Effect::new(move |settled: Option<bool>| {
            let shown = self.is_ready();
            let settles = self.look(|payment| payment.state == PaymentState::Settled).filter(|_| shown);
            if let (Some(false), Some(true), Of::Owner(load)) = (settled, settles, self.of) {
                load.look(|application| Bridge.tell(Event::Paid(application.id.as_str())));
            }
            if shown && self.moves() && !self.following.get_value() {
                self.following.set_value(true);
                self.pause.set_value(FIRST);
                spawn_local(follow(self));
            }
            settles.or(settled).unwrap_or(true)
        });
        // As it was left for the cashier; a page just loaded has nothing to wake from.
        let shown = window_event_listener(ev::pageshow, move |event| {
            if event.persisted() {
                self.wake();
            }
        });
        let seen = window_event_listener(ev::visibilitychange, move |_| {
            if !document().hidden() {
                self.wake();
            }
        });
        let online = window_event_listener(ev::online, move |_| self.wake());
        on_cleanup(move || {
            shown.remove();
            seen.remove();
            online.remove();
        });
    }

    /// The person is here again: asks at once, if there is anything to ask.
    fn wake(self) {
        let _ = self.busy.try_set(false);
        self.pause.set_value(FIRST);
        if self.look(|payment| payment.state == PaymentState::Due || moves(payment)) == Some(true) {
            spawn_local(check(self));
        }
    }

    fn is_gone(self) -> bool {
        match self.of {
            Of::Owner(load) => load.is_gone(),
            Of::Guest(load) => load.is_gone(),
        }
    }

    fn is_shown(self) -> bool {
        match self.of {
            Of::Owner(load) => load.is_shown(),
            Of::Guest(load) => load.is_shown(),
        }
    }

    /// Whether it is shown now, tracked.
    fn is_ready(self) -> bool {
        match self.of {
            Of::Owner(load) => load.is_ready(),
            Of::Guest(load) => load.is_ready(),
        }
    }

    /// Looks at what was last known.
    fn look<R>(self, look: impl FnOnce(&Payment) -> R) -> Option<R> {
        match self.of {
            Of::Owner(load) => load.look(|application| application.payment.as_ref().map(look)).flatten(),
            Of::Guest(load) => load.look(|shown| look(&shown.payment)),
        }
    }

    /// Whether something is still to come that nobody here can hasten.
    fn moves(self) -> bool {
        self.look(moves) == Some(true)
    }

    /// Shows what is known now.
    fn put(self, payment: Payment) {
        if self.is_shown() && self.look(|before| *before == payment) == Some(true) {
            return;
        }
        // What was said of an earlier try may not be true of this, and what begins from here is a new one.
        let _ = self.failed.try_set(None);
        self.terms.set_value(Terms::fresh());
        match self.of {
            Of::Owner(load) => load.change(|application| application.payment = Some(payment)),
            Of::Guest(load) => load.change(|shown| shown.payment = payment),
        }
    }

    /// Loads it again.
    fn again(self) {
        match self.of {
            _ if self.is_gone() => {}
            Of::Owner(load) => load.again(),
            Of::Guest(load) => load.again(),
        }
    }

    /// Asks something of the payment; the answer is how it stands then.
    async fn ask(self, what: &str, terms: &Terms, body: String) -> Result<Payment, Failure> {
        let path = format!("{}{what}", self.path.get_value());
        match self.of {
            Of::Owner(_) => client::send(false, &path, terms, body).await,
            Of::Guest(_) => client::send::<PayFor>(false, &path, terms, body).await.map(|shown| shown.payment),
        }
    }
}

/// Whether something is still to come that nobody here can hasten.
fn moves(payment: &Payment) -> bool {
    payment.state == PaymentState::Checking
        || payment.orders.iter().any(|order| order.state == OrderState::Registering)
        || payment.refunds.iter().any(|refund| !refund.done)
}

/// Asks ever more slowly, until nothing is to come or the screen is gone; leaving it stops no payment.
async fn follow(till: Till) {
    loop {
        let Some(pause) = till.pause.try_get_value() else { return };
        wait::milliseconds(pause).await;
        if !till.is_shown() || !till.moves() {
            till.following.set_value(false);
            return;
        }
        till.pause.update_value(|pause| *pause = (*pause * 3 / 2).min(LAST));
        // Not awaited: a question the network swallowed holds no other up.
        spawn_local(check(till));
    }
}

/// Lets the backend ask the gateway. What does not arrive changes nothing of what is shown.
async fn check(till: Till) {
    let now = js_sys::Date::now();
    if till.asked.try_get_value().is_none_or(|since| now - since < LOST) {
        return;
    }
    till.asked.set_value(now);
    let checked = till.ask("/check", &Terms::fresh(), "null".to_owned()).await;
    till.asked.set_value(0.0);
    match checked {
        Ok(payment) => till.put(payment),
        // Loading says it, with the way back.
        Err(failure) if matches!(failure.kind(), "signed-out" | "not-found") => till.again(),
        Err(_) => {}
    }
}

/// The applicant's screen.
pub(super) fn screen(id: String) -> AnyView {
    let load = progress::live(&id);
    let till = Till::new(Of::Owner(load), format!("/applications/{id}/payment"), &Route::Pay(id));
    load.show_or(move |application| pay(&application, till), signed_out)
}

/// Whoever has to sign in again in the midst of a payment is told first that nothing of it is lost.
fn signed_out(failure: &Failure) -> Option<AnyView> {
    if failure.kind() != "signed-out" {
        return None;
    }
    let router = site().router;
    router.arrives(t::pay_title());
    let sign_in = router.href(&Route::SignIn(router.get_untracked().path()));
    let shown = view! {
        <h1 tabindex="-1">{t::pay_title()}</h1>
        <p class="notice">{t::pay_safe()}</p>
        <p>{t::problem_signed_out()}</p>
        <a class="button primary" href=sign_in>{t::account_sign_in()}</a>
    };
    Some(shown.into_any())
}

fn pay(application: &Application, till: Till) -> AnyView {
    let router = site().router;
    router.arrives(t::pay_title());
    let progress = router.href(&Route::Progress(application.id.0.clone()));
    let paid =
        application.payment.as_ref().is_some_and(|one| one.state == PaymentState::Settled && !one.orders.is_empty());
    let (more, back) = if paid {
        let on = view! { <div class="action"><a class="button primary" href=progress>{t::pay_on()}</a></div> };
        (on.into_any(), None)
    } else {
        (later(application, till), Some(view! { <p><a href=progress>{t::pay_to_progress()}</a></p> }))
    };
    let shown = match &application.payment {
        None => view! { <p>{t::review_no_fees()}</p> }.into_any(),
        Some(payment) => body(till, payment, Some(&application.id), more),
    };
    view! {
        <p class="quiet">{application.name.clone()}</p>
        <h1 tabindex="-1">{t::pay_title()}</h1>
        {shown}
        {back}
    }
    .into_any()
}

/// It need not be now, and not here: what waits for it, and how somebody else can pay.
fn later(application: &Application, till: Till) -> AnyView {
    if !application.payment.as_ref().is_some_and(|payment| payment.state == PaymentState::Due) {
        return ().into_any();
    }
    let waiting = application.lanes.iter().filter(|lane| lane.waits_for_fee);
    let names: Vec<String> = waiting.map(|lane| lane.name.clone()).collect();
    let said = if names.is_empty() { t::pay_anytime().to_owned() } else { t::pay_anytime_waits(&locale::list(&names)) };
    view! { <p class="quiet">{said}</p>{elsewhere::offer(till)} }.into_any()
}

/// One amount and the truth about it; then what it is for and how to pay, or what to do first and then what it
/// was for. `own` is the application of whoever may see its receipts.
fn body(till: Till, payment: &Payment, own: Option<&ApplicationId>, more: AnyView) -> AnyView {
    let guest = matches!(till.of, Of::Guest(_));
    let way = match payment.state {
        PaymentState::Due => channels::choice(till, &payment.channels, payment.due),
        PaymentState::Checking => truth::cashier(till, payment),
        PaymentState::Settled => ().into_any(),
    };
    let way = view! { {way}{more} }.into_any();
    let what = basket::orders(payment, own);
    let (first, second) = if payment.state == PaymentState::Due { (what, way) } else { (way, what) };
    view! {
        {basket::amount(payment)}
        {truth::said(payment, guest)}
        {first}
        {second}
        {basket::refunds(payment)}
    }
    .into_any()
}
