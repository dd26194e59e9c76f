//! From what changed in the sheet to the page: one field at a time.

use contract::value::Value;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement};

use super::control::{self, Shape};
use super::markup::{self, fault_line};
use super::rows::cell_id;
use super::{Form, by_id, element_id};
use crate::components::html::Html;
use crate::draft::{Touch, rows as rows_of};
use crate::locale::texts as t;

impl Form {
    /// Brings one touch to the page; fields that are not on this screen stay what they are.
    pub(super) fn touched(&self, index: usize, touch: Touch) {
        let Some(place) = self.place(index) else { return };
        match touch {
            Touch::Asked => self.show_asked(index, &place),
            Touch::Fault if self.press.holds(index) => {}
            Touch::Fault => self.show_faults(index, &place),
            Touch::Source => self.show_source(index, &place),
            Touch::Value => self.show_value(index, &place),
            Touch::Whole => self.redraw(index),
        }
    }

    /// The box of a field.
    fn place(&self, index: usize) -> Option<Element> {
        let id = &self.sheet.field(index)?.id;
        leptos::prelude::document().query_selector(&format!("[data-field=\"{id}\"]")).ok().flatten()
    }

    fn show_asked(&self, index: usize, place: &Element) {
        set_hidden(place, !self.sheet.asks(index));
        if self.sheet.repeated(index).is_some() {
            self.redraw(index);
        }
        for group in [".given", ".known", ".form-section"] {
            if let Ok(Some(group)) = place.closest(group) {
                let some = group.query_selector("[data-field]:not([hidden])").ok().flatten().is_some();
                set_hidden(&group, !some);
            }
        }
    }

    /// Draws a field anew; whoever was in it stays in it, and a note being written stays written.
    pub(super) fn redraw(&self, index: usize) {
        let Some(place) = self.place(index) else { return };
        let focused = leptos::prelude::document().active_element().filter(|element| place.contains(Some(element)));
        let focused = focused.and_then(|element| selector(&element));
        let note = note_of(&place);
        {
            let mut look = self.look.borrow_mut();
            if look.is_known(index) && !super::is_known(&self.sheet, index) {
                look.known.retain(|one| *one != index);
            }
        }
        // A known line is a plain box; opened, some fields need a fieldset around their controls.
        let mut html = Html::about(&self.sheet.view().language);
        markup::boxed(&mut html, &self.sheet, index, &self.look.borrow());
        place.set_outer_html(&html.finish());
        let Some(place) = self.place(index) else { return };
        if let (Some(text), Ok(Some(area))) = (note.map(|note| note.value()), place.query_selector("[data-note]"))
            && let Ok(area) = area.dyn_into::<HtmlTextAreaElement>()
        {
            area.set_value(&text);
        }
        if !self.sheet.faults(index).is_empty() {
            self.show_faults(index, &place);
        }
        self.fetch_provinces();
        let again = focused.and_then(|selector| place.query_selector(&selector).ok().flatten());
        if let Some(element) = again.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }

    fn show_value(&self, index: usize, place: &Element) {
        let Some(field) = self.sheet.field(index) else { return };
        if self.look.borrow().is_known(index) || self.sheet.repeated(index).is_some() {
            self.redraw(index);
            return;
        }
        match (control::shape(field, &self.sheet), self.sheet.value(index)) {
            _ if field.derive.is_some() => self.redraw(index),
            (Shape::Line(_) | Shape::Lines, Value::Text(text)) => put(&element_id(&field.id), &text),
            (Shape::Rows, value) => {
                for (row, cells) in rows_of(&value).iter().enumerate() {
                    for (column, text) in cells {
                        put(&cell_id(&field.id, row, column), text);
                    }
                }
            }
            _ => {
                let inside = leptos::prelude::document().active_element().is_some_and(|one| place.contains(Some(&one)));
                if !inside {
                    self.redraw(index);
                }
            }
        }
    }

    /// Says where the value came from now. Nothing else moves: somebody may be pressing a button of the field.
    fn show_source(&self, index: usize, place: &Element) {
        let Some(field) = self.sheet.field(index) else { return };
        let Ok(Some(line)) = place.query_selector(".source") else { return };
        line.set_text_content(Some(&markup::source_words(&self.sheet, index, field)));
        let restore = place.query_selector("[data-act=restore]").ok().flatten();
        match (self.sheet.is_given(index), restore) {
            (true, Some(restore)) => restore.remove(),
            (false, None) => {
                let mut html = Html::about(&self.sheet.view().language);
                markup::restore(&mut html, field);
                if let Some(acts) = line.next_element_sibling() {
                    let _ = acts.insert_adjacent_html("beforeend", &html.finish());
                }
            }
            _ => {}
        }
    }

    /// Puts what is wrong beside the control it concerns, and says it once.
    fn show_faults(&self, index: usize, place: &Element) {
        let Some(field) = self.sheet.field(index) else { return };
        let faults = self.sheet.faults(index);
        if !faults.is_empty() && self.look.borrow().is_known(index) {
            self.redraw(index);
            return;
        }
        clear(place);
        let mut said = Vec::new();
        for fault in &faults {
            let mut parts = fault.at.split('.').skip(1);
            let cell = parts.next().and_then(|row| row.parse::<usize>().ok()).zip(parts.next());
            let (id, kind) =
                match cell.and_then(|(row, id)| Some((row, field.columns.iter().find(|one| one.id == id)?))) {
                    Some((row, column)) => (cell_id(&field.id, row, &column.id), column.kind),
                    None => (element_id(&field.id), field.kind),
                };
            let mut html = Html::about(&self.sheet.view().language);
            fault_line(&mut html, &self.sheet, fault, kind, &id);
            place_fault(place, &id, &html.finish());
            let other = fault.other.as_ref().and_then(|id| self.sheet.field(self.sheet.index(id)?));
            said.push(super::sentence(fault.rule, kind, other.map(|field| field.label.as_str())));
        }
        let words = said.first().map(|words| format!("{}{}{words}", field.label, t::common_colon()));
        // By then a summary stands, where there is one: it says the same.
        leptos::prelude::request_animation_frame(move || {
            let summed = by_id("faults").is_some();
            if let Some(status) = by_id("form-said") {
                status.set_text_content(words.filter(|_| !summed).as_deref());
            }
        });
    }
}

/// What finds an element again after its field was drawn anew.
fn selector(element: &Element) -> Option<String> {
    if !element.id().is_empty() {
        return Some(format!("[id=\"{}\"]", element.id()));
    }
    let named = |name: &str| element.get_attribute(name).map(|value| format!("[{name}=\"{value}\"]"));
    named("data-same").or_else(|| named("data-act")).or_else(|| named("value"))
}

fn note_of(place: &Element) -> Option<HtmlTextAreaElement> {
    place.query_selector("[data-note]").ok().flatten()?.dyn_into().ok()
}

fn set_hidden(element: &Element, hidden: bool) {
    let _ = if hidden { element.set_attribute("hidden", "") } else { element.remove_attribute("hidden") };
}

/// Shows another text in a control, without moving the caret where it is the same.
fn put(id: &str, text: &str) {
    let Some(element) = by_id(id) else { return };
    if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
        if input.value() != text {
            input.set_value(text);
        }
    } else if let Some(area) = element.dyn_ref::<HtmlTextAreaElement>() {
        if area.value() != text {
            area.set_value(text);
        }
    } else if let Some(select) = element.dyn_ref::<web_sys::HtmlSelectElement>()
        && select.value() != text
    {
        select.set_value(text);
    }
}

fn each(place: &Element, selector: &str, act: impl Fn(&Element)) {
    let Ok(found) = place.query_selector_all(selector) else { return };
    for at in 0..found.length() {
        if let Some(element) = found.item(at).and_then(|node| node.dyn_into::<Element>().ok()) {
            act(&element);
        }
    }
}

/// Takes faults away, and what pointed at them.
fn clear(place: &Element) {
    let _ = place.class_list().remove_1("faulty");
    if place.tag_name() == "FIELDSET" {
        let _ = place.remove_attribute("aria-describedby");
    }
    each(place, ".fault", |fault| {
        let id = fault.id();
        each(place, "[aria-invalid]", |control| {
            let _ = control.remove_attribute("aria-invalid");
            let described = control.get_attribute("aria-describedby").unwrap_or_default();
            let rest: Vec<&str> = described.split(' ').filter(|one| *one != id && !one.is_empty()).collect();
            let _ = if rest.is_empty() {
                control.remove_attribute("aria-describedby")
            } else {
                control.set_attribute("aria-describedby", &rest.join(" "))
            };
        });
        fault.remove();
    });
}

/// Puts a fault before its control; a group's stands below its legend.
fn place_fault(place: &Element, id: &str, markup: &str) {
    let _ = place.class_list().add_1("faulty");
    let control = by_id(id).filter(|control| place.contains(Some(control)) && !control.is_same_node(Some(place)));
    match control {
        Some(control) => {
            let _ = control.set_attribute("aria-invalid", "true");
            let before = control.get_attribute("aria-describedby").map(|ids| ids + " ").unwrap_or_default();
            let _ = control.set_attribute("aria-describedby", &format!("{before}{id}-fault"));
            let anchor = control.closest(".combo").ok().flatten().unwrap_or_else(|| control.into());
            let _ = anchor.insert_adjacent_html("beforebegin", markup);
        }
        None => {
            // A group says what is wrong with it as one control does.
            let _ = place.set_attribute("aria-describedby", &format!("{id}-fault"));
            let legend = place.query_selector("legend, label").ok().flatten();
            let _ = match legend {
                Some(legend) => legend.insert_adjacent_html("afterend", markup),
                None => place.insert_adjacent_html("afterbegin", markup),
            };
        }
    }
}
