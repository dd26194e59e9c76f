//! A long list one searches: by a word, its pinyin, or its code.

use contract::value::Value;
use wasm_bindgen::JsCast;
use web_sys::{Event, FocusEvent, HtmlInputElement, KeyboardEvent, MouseEvent};

use super::{Form, by_id, control, element_id};

/// So many answers are shown at once.
const SHOWN: usize = 40;

/// The list that is open, if one is.
#[derive(Default)]
pub(super) struct Combo {
    field: Option<usize>,
    found: Vec<usize>,
    at: Option<usize>,
}

impl Form {
    /// Shows what the words typed so far find.
    pub(super) fn search(&self, index: usize, input: &HtmlInputElement) {
        let Some(field) = self.sheet.field(index) else { return };
        let mut found = engine::search::choices(&input.value(), self.sheet.options(field));
        found.truncate(SHOWN);
        let at = (!input.value().trim().is_empty() && !found.is_empty()).then_some(0);
        *self.combo.borrow_mut() = Combo { field: Some(index), found, at };
        self.show_found();
    }

    fn show_found(&self) {
        let combo = self.combo.borrow();
        let Some(field) = combo.field.and_then(|index| self.sheet.field(index)) else { return };
        let id = element_id(&field.id);
        let (Some(list), Some(input)) = (by_id(&format!("{id}-list")), by_id(&id)) else { return };
        list.set_inner_html(&control::found(
            self.sheet.options(field),
            &combo.found,
            combo.at,
            &format!("{id}-option"),
        ));
        let _ = list.remove_attribute("hidden");
        let _ = input.set_attribute("aria-expanded", "true");
        let _ = match combo.at {
            Some(at) => input.set_attribute("aria-activedescendant", &format!("{id}-option-{at}")),
            None => input.remove_attribute("aria-activedescendant"),
        };
        if let Some(option) = combo.at.and_then(|at| by_id(&format!("{id}-option-{at}"))) {
            let options = web_sys::ScrollIntoViewOptions::new();
            options.set_block(web_sys::ScrollLogicalPosition::Nearest);
            option.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    /// The arrows move through the list, Enter takes an answer, Escape closes it.
    pub(super) fn keyed(&self, event: &KeyboardEvent) {
        // While an input method composes, keys are its own.
        if event.is_composing() {
            return;
        }
        let Some(input) = combobox(event) else { return };
        let Some(index) = self.field_of(&input) else { return };
        let open = self.combo.borrow().field == Some(index);
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" if !open => {
                self.search(index, &input);
                self.step(if event.key() == "ArrowDown" { 1 } else { -1 });
            }
            "ArrowDown" => self.step(1),
            "ArrowUp" => self.step(-1),
            "Enter" if open => {
                let combo = self.combo.borrow();
                let picked = combo.at.and_then(|at| combo.found.get(at).copied());
                drop(combo);
                let id =
                    picked.and_then(|place| Some(self.sheet.options(self.sheet.field(index)?).get(place)?.id.clone()));
                if let Some(id) = id {
                    self.pick(index, &id);
                }
            }
            "Escape" if open => self.close(index, &input),
            _ => return,
        }
        event.prevent_default();
    }

    fn step(&self, by: isize) {
        {
            let mut combo = self.combo.borrow_mut();
            let last = combo.found.len().checked_sub(1);
            combo.at = last.map(|last| match combo.at {
                None if by < 0 => last,
                None => 0,
                Some(at) => at.saturating_add_signed(by).min(last),
            });
        }
        self.show_found();
    }

    /// A press on an answer must not take the focus from the box before it is heard.
    pub(super) fn held(&self, event: &MouseEvent) {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if target.is_some_and(|element| element.closest("[role=option]").ok().flatten().is_some()) {
            event.prevent_default();
        }
    }

    /// Takes an answer.
    pub(super) fn pick(&self, index: usize, id: &str) {
        self.sheet.choose(index, Value::Text(id.to_owned()));
        if let Some(input) = self.input_of(index) {
            self.close(index, &input);
        }
    }

    /// The box is left: what it says is taken where it is an answer; otherwise it says again what was chosen.
    pub(super) fn left(&self, event: &FocusEvent) {
        let Some(input) = combobox(event) else { return };
        let Some(index) = self.field_of(&input) else { return };
        let Some(field) = self.sheet.field(index) else { return };
        let words = input.value();
        let words = words.trim();
        let options = self.sheet.options(field);
        let said = options.iter().find(|option| option.label == words || option.id == words);
        match said {
            _ if words.is_empty() => self.sheet.choose(index, Value::Text(String::new())),
            Some(option) if self.sheet.value(index).text() != option.id => {
                self.sheet.choose(index, Value::Text(option.id.clone()));
            }
            _ => {}
        }
        self.close(index, &input);
    }

    fn close(&self, index: usize, input: &HtmlInputElement) {
        *self.combo.borrow_mut() = Combo::default();
        let Some(field) = self.sheet.field(index) else { return };
        let value = self.sheet.value(index);
        let chosen = self.sheet.options(field).iter().find(|option| option.id == value.text());
        input.set_value(chosen.map_or("", |option| option.label.as_str()));
        let _ = input.set_attribute("aria-expanded", "false");
        let _ = input.remove_attribute("aria-activedescendant");
        if let Some(list) = by_id(&format!("{}-list", element_id(&field.id))) {
            let _ = list.set_attribute("hidden", "");
        }
    }

    fn field_of(&self, input: &HtmlInputElement) -> Option<usize> {
        self.sheet.index(&input.closest("[data-field]").ok()??.get_attribute("data-field")?)
    }

    fn input_of(&self, index: usize) -> Option<HtmlInputElement> {
        by_id(&element_id(&self.sheet.field(index)?.id))?.dyn_into().ok()
    }
}

fn combobox(event: &Event) -> Option<HtmlInputElement> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    (input.get_attribute("role").as_deref() == Some("combobox")).then_some(input)
}
