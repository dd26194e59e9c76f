//! A form on the screen: sections of fields, drawn as one piece of markup, kept true field by field.
//!
//! Events are heard once, at the form's root; what they mean is `events`' business. What the sheet
//! says has changed is brought to the page by `surface`. Neither touches any other field.

mod combo;
mod control;
mod events;
mod fault;
mod glance;
mod markup;
mod one_by_one;
mod places;
mod press;
mod recipients;
mod rows;
mod surface;

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::html::Html;
use crate::draft::Sheet;
use crate::locale::texts as t;
pub use fault::sentence;
pub use glance::{ALL, glance};
pub use one_by_one::OneByOne;
pub use recipients::by_department;

/// The element that holds a field's control, for links and focus.
#[must_use]
pub fn element_id(field: &str) -> String {
    format!("f-{field}")
}

/// A part of a form.
pub struct Section {
    /// Its heading, where the screen does not carry it already.
    pub title: Option<String>,
    /// Its fields.
    pub places: Vec<usize>,
}

/// What of each field is unfolded.
#[derive(Default)]
struct Look {
    /// Fields whose value is known and stands to be checked.
    known: Vec<usize>,
    revealed: Vec<usize>,
    who: Vec<usize>,
    disputing: Vec<usize>,
    more: Vec<usize>,
    /// Fields in the card of what is known, opened or not.
    card: Vec<usize>,
    /// The question in turn, where they come one by one (`one_by_one`).
    turn: Option<String>,
}

impl Look {
    fn is_known(&self, index: usize) -> bool {
        self.known.contains(&index)
    }

    fn is_revealed(&self, index: usize) -> bool {
        self.revealed.contains(&index)
    }

    /// Another question is in turn.
    fn is_away(&self, index: usize, field: &str) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn != field) && !self.card.contains(&index)
    }

    fn tells_who(&self, index: usize) -> bool {
        self.who.contains(&index)
    }

    fn tells_more(&self, index: usize) -> bool {
        self.more.contains(&index)
    }

    fn disputes(&self, index: usize) -> bool {
        self.disputing.contains(&index)
    }
}

/// A form as its events and its surface share it.
struct Form {
    sheet: Sheet,
    look: RefCell<Look>,
    combo: RefCell<combo::Combo>,
    press: press::Press,
}

/// Shows sections of fields. Known values fold into a card at the head of their section.
pub fn form(sheet: &Sheet, sections: &[Section]) -> AnyView {
    led(sheet, sections, false).0
}

/// The same with what leads through it, question by question, in the elder style.
pub fn led(sheet: &Sheet, sections: &[Section], one_by_one: bool) -> (AnyView, OneByOne) {
    let form = Rc::new(Form::of(sheet, sections, one_by_one));
    let body = form.drawn(sections);
    let lead = OneByOne::of(&form);
    let watching = form.clone();
    sheet.watch(move |index, touch| watching.touched(index, touch));
    press::watch(&form);
    let opening = form.clone();
    request_animation_frame(move || opening.fetch_provinces());
    let (typed, changed, pressed, held, keyed, left) =
        (form.clone(), form.clone(), form.clone(), form.clone(), form.clone(), form);
    let view = view! {
        <div class="form" inner_html=body
            on:input=move |event| typed.typed(&event)
            on:change=move |event| changed.changed(&event)
            on:click=move |event| pressed.pressed(&event)
            on:mousedown=move |event| held.held(&event)
            on:keydown=move |event| keyed.keyed(&event)
            on:focusout=move |event| left.left(&event)
        ></div>
        <p class="hidden" role="status" id="form-said"></p>
    };
    (view.into_any(), lead)
}

/// What is asked first: nothing's name is that of the card.
fn first(sheet: &Sheet, places: &[usize], card: &[usize]) -> String {
    if card.iter().any(|index| sheet.asks(*index)) {
        return String::new();
    }
    let first = places.iter().find(|index| sheet.asks(**index) && !card.contains(index));
    first.and_then(|index| sheet.field(*index)).map(|field| field.id.clone()).unwrap_or_default()
}

/// A value a source gave and nobody changed, or one that is computed.
fn is_known(sheet: &Sheet, index: usize) -> bool {
    let derived = sheet.field(index).is_some_and(|field| field.derive.is_some());
    (sheet.is_given(index) || (derived && !sheet.value(index).is_blank()))
        && sheet.conflict(index).is_none()
        && sheet.faults(index).is_empty()
}

impl Form {
    fn of(sheet: &Sheet, sections: &[Section], one_by_one: bool) -> Self {
        let places: Vec<usize> = sections.iter().flat_map(|section| section.places.iter().copied()).collect();
        let known: Vec<usize> = places.iter().copied().filter(|index| is_known(sheet, *index)).collect();
        let turn = (one_by_one && crate::host::is_elder()).then(|| first(sheet, &places, &known));
        let look = Look { card: known.clone(), known, turn, ..Look::default() };
        Self {
            sheet: sheet.clone(),
            look: RefCell::new(look),
            combo: RefCell::default(),
            press: press::Press::default(),
        }
    }

    fn drawn(&self, sections: &[Section]) -> String {
        let mut html = Html::about(&self.sheet.view().language);
        let look = self.look.borrow();
        for section in sections {
            let (known, asked): (Vec<usize>, Vec<usize>) =
                section.places.iter().copied().partition(|index| look.is_known(*index));
            let seen = |places: &[usize]| places.iter().any(|index| self.sheet.asks(*index));
            html.raw("<section class=form-section").flag("hidden", !seen(&section.places)).raw(">");
            if let Some(title) = &section.title {
                html.raw("<h2>").said(title).raw("</h2>");
            }
            if !known.is_empty() {
                let away = look.turn.as_ref().is_some_and(|turn| !turn.is_empty());
                html.raw("<div class=known").flag("hidden", !seen(&known)).flag("data-away", away).raw(">");
                html.raw(if section.title.is_some() { "<h3>" } else { "<h2>" }).text(t::form_known());
                html.raw(if section.title.is_some() { "</h3>" } else { "</h2>" });
                html.raw("<p class=quiet>").text(t::form_known_hint()).raw("</p>");
                let source = |index: usize| self.sheet.source(index).map(|source| (source.register, source.as_of));
                for given in known.chunk_by(|one, next| source(*one) == source(*next)) {
                    html.raw("<div class=given").flag("hidden", !seen(given)).raw(">");
                    markup::origin(&mut html, &self.sheet, given[0]);
                    for index in given {
                        markup::boxed(&mut html, &self.sheet, *index, &look);
                    }
                    html.raw("</div>");
                }
                html.raw("</div>");
            }
            for index in asked {
                markup::boxed(&mut html, &self.sheet, index, &look);
            }
            html.raw("</section>");
        }
        html.finish()
    }
}

/// An element of the page by id.
fn by_id(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::tests::sheet;
    use leptos::mount::mount_to;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn shown(sheet: &Sheet) -> web_sys::HtmlElement {
        let host: web_sys::HtmlElement = document().create_element("div").expect("a div").unchecked_into();
        document().body().expect("a body").append_child(&host).expect("it is appended");
        let (sheet, all) = (sheet.clone(), (0..5).collect());
        let mounted = mount_to(host.clone(), move || form(&sheet, &[Section { title: None, places: all }]));
        mounted.forget();
        host
    }

    fn input(host: &web_sys::HtmlElement, selector: &str) -> web_sys::HtmlInputElement {
        host.query_selector(selector).expect("a selector").expect(selector).unchecked_into()
    }

    fn dispatch(target: &web_sys::HtmlElement, kind: &str) {
        let options = web_sys::EventInit::new();
        options.set_bubbles(true);
        let event = web_sys::Event::new_with_event_init_dict(kind, &options).expect("an event");
        target.dispatch_event(&event).expect("it is heard");
    }

    fn hidden(host: &web_sys::HtmlElement, field: &str) -> bool {
        input(host, &format!("[data-field={field}]")).has_attribute("hidden")
    }

    #[wasm_bindgen_test]
    fn events_reach_the_sheet_and_touches_reach_their_field() {
        Owner::new().with(|| {
            let sheet = sheet();
            let host = shown(&sheet);
            assert!(hidden(&host, "spouse"));
            let yes = input(&host, "[data-field=married] input[value=yes]");
            yes.set_checked(true);
            dispatch(&yes, "change");
            assert!(!hidden(&host, "spouse"), "what hangs on an answer comes at once");

            let id = input(&host, "#f-id");
            id.set_value("110105");
            dispatch(&id, "input");
            assert_eq!(sheet.value(1), "110105".into());
            assert!(host.query_selector(".fault").expect("a selector").is_none(), "nobody is scolded while typing");
            dispatch(&id, "change");
            assert_eq!(id.get_attribute("aria-invalid").as_deref(), Some("true"));
            assert_eq!(id.get_attribute("aria-describedby").as_deref(), Some("f-id-fault"));
            id.set_value("11010519491231002x");
            dispatch(&id, "input");
            dispatch(&id, "change");
            assert_eq!((id.value().as_str(), id.has_attribute("aria-invalid")), ("11010519491231002X", false));
            assert!(input(&host, "[data-field=born]").text_content().unwrap_or_default().contains("1949"));
            host.remove();
        });
    }

    #[wasm_bindgen_test]
    fn a_repeated_answer_is_shown_and_what_is_said_never_becomes_markup() {
        Owner::new().with(|| {
            let sheet = sheet();
            sheet.choose(0, "yes".into());
            sheet.type_in(3, "<b>王</b>".into());
            let host = shown(&sheet);
            assert_eq!(input(&host, "#f-spouse").value(), "<b>王</b>");
            let same = input(&host, "[data-same=spouse]");
            same.set_checked(true);
            dispatch(&same, "change");
            assert_eq!(input(&host, "#f-receiver").text_content().as_deref(), Some("<b>王</b>"));
            assert!(host.query_selector("b").expect("a selector").is_none());
            host.remove();
        });
    }
}
