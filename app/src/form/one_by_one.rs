//! One question a screen, as the elder style asks them. All stand in the page; those that are not in turn are away.

use std::rc::Rc;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::Form;

/// What comes in turn: the card of what is known already, or a question.
const STOPS: &str = ".form .known, .form .form-section > [data-field]";

/// Leads through a form, question by question; without the elder style there is nothing to lead through.
#[derive(Clone)]
pub struct OneByOne {
    form: Option<Rc<Form>>,
    /// Which one it is, of how many.
    pub place: RwSignal<Option<(usize, usize)>>,
}

impl OneByOne {
    pub(super) fn of(form: &Rc<Form>) -> Self {
        let elder = form.look.borrow().turn.is_some();
        let lead = Self { form: elder.then(|| form.clone()), place: RwSignal::new(None) };
        if elder {
            let first = lead.clone();
            request_animation_frame(move || first.count());
        }
        lead
    }

    /// Goes on to the next question, once nothing is wrong with this one: `check` is asked about its fields.
    /// `false` when there is no other: the form is through.
    pub fn onward(&self, check: impl Fn(&[usize]) -> bool) -> bool {
        let Some(form) = &self.form else { return false };
        let stops = stops();
        let Some(at) = form.turn_at(&stops) else { return false };
        if !check(&form.fields(&stops[at])) {
            return true;
        }
        // Answers may have brought other questions.
        let stops = self::stops();
        let next = stops.get(form.turn_at(&stops).map_or(0, |at| at + 1));
        next.inspect(|next| self.turn_to(next, true)).is_some()
    }

    /// Goes back a question; `false` at the first.
    pub fn back(&self) -> bool {
        let Some(form) = &self.form else { return false };
        let stops = stops();
        let before = form.turn_at(&stops).and_then(|at| at.checked_sub(1)).and_then(|before| stops.get(before));
        before.inspect(|before| self.turn_to(before, true)).is_some()
    }

    /// Shows the question that holds an element.
    pub fn bring(&self, element: &Element) {
        if self.form.is_some()
            && let Some(stop) = stops().iter().find(|stop| stop.contains(Some(element)))
        {
            self.turn_to(stop, false);
        }
    }

    fn turn_to(&self, stop: &Element, focus: bool) {
        let Some(form) = &self.form else { return };
        form.look.borrow_mut().turn = Some(name_of(stop));
        form.show_turn();
        self.count();
        if focus {
            let control = stop.query_selector("input, select, textarea, h2, h3, button").ok().flatten();
            if let Some(control) = control.and_then(|control| control.dyn_into::<web_sys::HtmlElement>().ok()) {
                if control.tag_name().starts_with('H') {
                    let _ = control.set_attribute("tabindex", "-1");
                }
                let _ = control.focus();
            }
            stop.scroll_into_view();
        }
    }

    fn count(&self) {
        let stops = stops();
        let at = self.form.as_ref().and_then(|form| form.turn_at(&stops));
        let _ = self.place.try_set(at.map(|at| (at + 1, stops.len())));
    }
}

impl Form {
    /// Where the question in turn stands among those that are asked now.
    fn turn_at(&self, stops: &[Element]) -> Option<usize> {
        let look = self.look.borrow();
        let turn = look.turn.as_ref()?;
        stops.iter().position(|stop| name_of(stop) == *turn).or((!stops.is_empty()).then_some(0))
    }

    /// The fields of a stop.
    fn fields(&self, stop: &Element) -> Vec<usize> {
        let own = stop.get_attribute("data-field").into_iter();
        let mut ids: Vec<String> = own.collect();
        if let Ok(found) = stop.query_selector_all("[data-field]") {
            let of = |at| found.item(at)?.dyn_into::<Element>().ok()?.get_attribute("data-field");
            ids.extend((0..found.length()).filter_map(of));
        }
        ids.iter().filter_map(|id| self.sheet.index(id)).collect()
    }

    /// Puts every question away but the one in turn.
    fn show_turn(&self) {
        let Some(turn) = self.look.borrow().turn.clone() else { return };
        for stop in every(STOPS) {
            let _ = if name_of(&stop) == turn {
                stop.remove_attribute("data-away")
            } else {
                stop.set_attribute("data-away", "")
            };
        }
    }
}

/// What is asked now, in order.
fn stops() -> Vec<Element> {
    let mut stops = every(STOPS);
    stops.retain(|stop| !stop.has_attribute("hidden"));
    stops
}

fn every(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect()
}

/// A question is called like its field; the card of what is known has the name of no field.
fn name_of(stop: &Element) -> String {
    stop.get_attribute("data-field").unwrap_or_default()
}
