//! From what somebody does on the page to the sheet.

use contract::value::{Row, Value};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use super::{Form, by_id, element_id};
use crate::draft::{repetition, rows as rows_of};

/// Where something happened: the field, the element, and the cell where it is one of a list.
struct At {
    index: usize,
    element: Element,
    cell: Option<(usize, String)>,
}

impl Form {
    fn at(&self, event: &Event) -> Option<At> {
        let element: Element = event.target()?.dyn_into().ok()?;
        let field = element.closest("[data-field]").ok()??.get_attribute("data-field")?;
        let index = self.sheet.index(&field)?;
        let placed = element.closest("[data-column]").ok().flatten();
        let cell = placed.and_then(|element| {
            let row: usize = element.get_attribute("data-row")?.parse().ok()?;
            Some((row.checked_sub(1)?, element.get_attribute("data-column")?))
        });
        Some(At { index, element, cell })
    }

    /// A keystroke.
    pub(super) fn typed(&self, event: &Event) {
        let Some(at) = self.at(event) else { return };
        if let Some(input) = at.element.dyn_ref::<HtmlInputElement>() {
            match input.type_().as_str() {
                "radio" | "checkbox" => {}
                _ if input.get_attribute("role").as_deref() == Some("combobox") => self.search(at.index, input),
                _ if input.has_attribute("data-part") => self.sheet.type_in(at.index, range(self, at.index)),
                _ => {
                    self.say(&at, input.value());
                    // What was told of it before is of another number.
                    if let Some(said) = by_id(&format!("{}-digits", input.id())) {
                        said.set_text_content(None);
                    }
                }
            }
        } else if let Some(area) = at.element.dyn_ref::<HtmlTextAreaElement>()
            && !area.has_attribute("data-note")
        {
            self.say(&at, area.value());
        }
    }

    /// Something was chosen, or a text is left changed.
    pub(super) fn changed(&self, event: &Event) {
        let Some(at) = self.at(event) else { return };
        if let Some(input) = at.element.dyn_ref::<HtmlInputElement>() {
            match input.type_().as_str() {
                "radio" => self.sheet.choose(at.index, Value::Text(input.value())),
                "checkbox" => self.ticked(&at, input),
                _ if input.get_attribute("role").as_deref() == Some("combobox") => {}
                _ => self.sheet.leave(at.index),
            }
        } else if let Some(select) = at.element.dyn_ref::<HtmlSelectElement>() {
            if select.has_attribute("data-level") {
                self.level_chosen(at.index, at.cell, select);
            } else if at.cell.is_some() {
                self.say(&at, select.value());
                self.sheet.leave(at.index);
            } else {
                self.sheet.choose(at.index, Value::Text(select.value()));
            }
        } else if at.element.has_attribute("data-note") {
            // A note is sent by its button.
        } else {
            self.sheet.leave(at.index);
        }
    }

    fn say(&self, at: &At, text: String) {
        match &at.cell {
            Some((row, column)) => self.say_in_cell(at.index, *row, column, text),
            None => self.sheet.type_in(at.index, Value::Text(text)),
        }
    }

    pub(super) fn say_in_cell(&self, index: usize, row: usize, column: &str, text: String) {
        let mut rows = rows_of(&self.sheet.value(index));
        if let Some(row) = rows.get_mut(row) {
            row.insert(column.to_owned(), text);
            self.sheet.type_in(index, Value::Rows(rows));
        }
    }

    fn ticked(&self, at: &At, input: &HtmlInputElement) {
        if let Some(other) = input.get_attribute("data-same") {
            let value = if input.checked() { repetition(&other) } else { Value::Text(String::new()) };
            self.sheet.put(at.index, value);
            return;
        }
        let mut many = match self.sheet.value(at.index) {
            Value::Many(many) => many,
            _ => Vec::new(),
        };
        let chosen = input.value();
        many.retain(|one| *one != chosen);
        if input.checked() {
            // "None of these" and an answer exclude each other.
            let before = many.len();
            many.retain(|one| (one == "none") == (chosen == "none"));
            let excluded = before != many.len();
            many.push(chosen);
            if excluded {
                self.sheet.put(at.index, Value::Many(many));
                return;
            }
        }
        self.sheet.choose(at.index, Value::Many(many));
    }

    /// A button of a field was pressed.
    pub(super) fn pressed(&self, event: &Event) {
        let Some(at) = self.at(event) else { return };
        if let Some(option) = at.element.closest("[data-pick]").ok().flatten() {
            self.pick(at.index, &option.get_attribute("data-pick").unwrap_or_default());
            return;
        }
        let Some(button) = at.element.closest("[data-act]").ok().flatten() else { return };
        event.prevent_default();
        let row = button.get_attribute("data-row").and_then(|row| row.parse::<usize>().ok()?.checked_sub(1));
        let act = button.get_attribute("data-act").unwrap_or_default();
        self.act(at.index, &act, row, at.cell.is_some().then_some(&button));
    }

    fn act(&self, index: usize, act: &str, row: Option<usize>, in_cell: Option<&Element>) {
        let sheet = &self.sheet;
        match act {
            "reveal" => self.fold(index, act, |look| &mut look.revealed),
            "who" => self.fold(index, act, |look| &mut look.who),
            "more" => self.fold(index, act, |look| &mut look.more),
            "dispute" => {
                self.fold(index, act, |look| &mut look.disputing);
                self.focus(index, "[data-note]");
            }
            "dispute-send" => {
                let note = sheet.field(index).and_then(|field| by_id(&format!("{}-note", element_id(&field.id))));
                let note = note.and_then(|note| note.dyn_into::<HtmlTextAreaElement>().ok());
                self.look.borrow_mut().disputing.retain(|one| *one != index);
                sheet.set_dispute(index, Some(note.map(|note| note.value()).unwrap_or_default()));
                self.focus(index, "[data-act=withdraw]");
            }
            "withdraw" => {
                sheet.set_dispute(index, None);
                self.focus(index, "[data-act=dispute]");
            }
            "open" => {
                self.look.borrow_mut().known.retain(|one| *one != index);
                self.redraw(index);
                self.focus(index, "input, select, textarea, [data-act=add], [data-act=place]");
            }
            "restore" => {
                if let Some(source) = sheet.source(index) {
                    sheet.put(index, source.value);
                    self.focus(index, "input, select, textarea, [data-act=dispute]");
                }
            }
            "mine" | "theirs" => {
                sheet.settle(index, act == "mine");
                self.focus(index, "input, select, textarea, output");
            }
            "place" => self.open_place(index, in_cell),
            "digits" => self.tell_digits(index),
            _ => self.act_on_rows(index, act, row),
        }
    }

    /// Writes a number with room between its characters, which is also how it is read out.
    fn tell_digits(&self, index: usize) {
        let Some(id) = self.sheet.field(index).map(|field| element_id(&field.id)) else { return };
        if let Some(said) = by_id(&format!("{id}-digits")) {
            let value = self.sheet.value(index);
            let apart: Vec<String> = value.text().chars().filter(|one| *one != ' ').map(String::from).collect();
            said.set_text_content(Some(&apart.join(" ")));
        }
    }

    fn act_on_rows(&self, index: usize, act: &str, row: Option<usize>) {
        let mut rows = rows_of(&self.sheet.value(index));
        let next = match (act, row) {
            ("add", _) => {
                rows.push(Row::new());
                rows.len() - 1
            }
            ("remove", Some(row)) if row < rows.len() => {
                rows.remove(row);
                row.min(rows.len().saturating_sub(1))
            }
            ("up", Some(row)) if row > 0 && row < rows.len() => {
                rows.swap(row, row - 1);
                row - 1
            }
            ("down", Some(row)) if row + 1 < rows.len() => {
                rows.swap(row, row + 1);
                row + 1
            }
            _ => return,
        };
        self.sheet.put(index, Value::Rows(rows.clone()));
        let number = next + 1;
        let target = match act {
            "add" => format!("[data-row=\"{number}\"]"),
            "remove" if rows.is_empty() => "[data-act=add]".to_owned(),
            "remove" => format!("[data-act=remove][data-row=\"{number}\"]"),
            // At the end of the list the button that moved it there is off: the other one is not.
            _ => format!(
                "[data-act={act}][data-row=\"{number}\"]:not(:disabled), [data-row=\"{number}\"][data-act]:not(:disabled)"
            ),
        };
        self.focus(index, &target);
    }

    /// Folds or unfolds something about a field; the button that did it keeps the focus.
    fn fold(&self, index: usize, act: &str, part: impl Fn(&mut super::Look) -> &mut Vec<usize>) {
        {
            let mut look = self.look.borrow_mut();
            let open = part(&mut look);
            let before = open.len();
            open.retain(|one| *one != index);
            if open.len() == before {
                open.push(index);
            }
        }
        self.redraw(index);
        self.focus(index, &format!("[data-act={act}]"));
    }

    /// Puts the focus on the first such element of a field.
    pub(super) fn focus(&self, index: usize, selector: &str) {
        let Some(field) = self.sheet.field(index) else { return };
        let all: Vec<String> = selector.split(", ").map(|one| format!("[data-field=\"{}\"] {one}", field.id)).collect();
        let found = leptos::prelude::document().query_selector(&all.join(", ")).ok().flatten();
        if let Some(element) = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }
}

/// What both days of a range say together.
fn range(form: &Form, index: usize) -> Value {
    let id = form.sheet.field(index).map(|field| element_id(&field.id)).unwrap_or_default();
    let part = |part: &str| {
        let input = by_id(&format!("{id}-{part}")).and_then(|input| input.dyn_into::<HtmlInputElement>().ok());
        input.map(|input| input.value()).unwrap_or_default()
    };
    match (part("from"), part("to")) {
        (from, to) if from.is_empty() && to.is_empty() => Value::Text(String::new()),
        (from, to) => Value::Text(format!("{from}/{to}")),
    }
}
