//! Places, level by level: each list is fetched when the one above it is answered.

use contract::draft::Places;
use contract::value::Value;
use leptos::prelude::document;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlSelectElement};

use super::{Form, control};
use crate::client::{self, Failure};
use crate::components::html::Html;
use crate::draft::Sheet;
use crate::wait;

/// What lies below a place; asked again every few seconds while somebody still waits for it.
async fn below(code: &str, awaited: impl Fn() -> bool) -> Option<Places> {
    let path = if code.is_empty() { "/places".to_owned() } else { format!("/places/{code}") };
    loop {
        match client::get(&path).await {
            Ok(places) => return Some(places),
            Err(Failure::Network) if awaited() => wait::milliseconds(3000).await,
            Err(_) => return None,
        }
    }
}

impl Form {
    /// Fills the first level of every place that is not named yet.
    pub(super) fn fetch_provinces(&self) {
        const OPEN: &str = "select[data-level=\"0\"]:not([data-filled])";
        if document().query_selector(OPEN).ok().flatten().is_none() {
            return;
        }
        spawn_local(async {
            let awaited = || document().query_selector(OPEN).ok().flatten().is_some();
            let Some(places) = below("", awaited).await.filter(|places| !places.below.is_empty()) else { return };
            while let Ok(Some(select)) = document().query_selector(OPEN) {
                let id = select.id();
                let mut html = Html::default();
                control::level(&mut html, id.trim_end_matches("-0"), 0, &places.below, "");
                select.set_outer_html(&html.finish());
            }
        });
    }

    /// A named place is to be named anew.
    pub(super) fn open_place(&self, index: usize, in_cell: Option<&Element>) {
        let cell = in_cell.and_then(|button| button.closest("[data-column]").ok().flatten());
        match cell {
            None => self.sheet.put(index, Value::Text(String::new())),
            Some(cell) => {
                let row = cell.get_attribute("data-row").and_then(|row| row.parse::<usize>().ok()?.checked_sub(1));
                if let (Some(row), Some(column)) = (row, cell.get_attribute("data-column")) {
                    self.say_in_cell(index, row, &column, String::new());
                    self.redraw(index);
                }
            }
        }
        self.focus(index, "[data-level]");
    }

    /// A level is answered: what lies below it is offered, until the place is named far enough.
    pub(super) fn level_chosen(&self, index: usize, cell: Option<(usize, String)>, select: &HtmlSelectElement) {
        let Some(levels) = select.closest(".levels").ok().flatten() else { return };
        let level: usize = select.get_attribute("data-level").and_then(|level| level.parse().ok()).unwrap_or(0);
        let far_enough: usize = levels.get_attribute("data-levels").and_then(|digits| digits.parse().ok()).unwrap_or(6);
        while let Some(after) = select.next_element_sibling() {
            after.remove();
        }
        let code = select.value();
        let place = Chosen { index, cell, id: select.id(), level, far_enough };
        if code.is_empty() {
            let above = select.previous_element_sibling().and_then(|above| above.dyn_into::<HtmlSelectElement>().ok());
            self.name_place(&place, above.map(|above| above.value()).unwrap_or_default());
            return;
        }
        self.name_place(&place, code.clone());
        let sheet = self.sheet.clone();
        spawn_local(async move {
            let awaited = || chosen(&place.id).is_some_and(|select| select.value() == code);
            if let Some(places) = below(&code, awaited).await {
                offer(&sheet, &place, &code, places);
            }
        });
    }

    fn name_place(&self, place: &Chosen, code: String) {
        match &place.cell {
            Some((row, column)) => self.say_in_cell(place.index, *row, column, code),
            None => self.sheet.type_in(place.index, Value::Text(code)),
        }
    }
}

fn chosen(id: &str) -> Option<HtmlSelectElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// A level that was answered.
struct Chosen {
    index: usize,
    cell: Option<(usize, String)>,
    id: String,
    level: usize,
    far_enough: usize,
}

/// Offers what lies below a place, or notes that it is named far enough.
fn offer(sheet: &Sheet, place: &Chosen, code: &str, places: Places) {
    let done = places.below.is_empty() || code.len() >= place.far_enough;
    sheet.know_place(code, places.name.clone(), places.below.is_empty());
    if done {
        sheet.leave(place.index);
        return;
    }
    let Some(select) = chosen(&place.id) else { return };
    // Somebody may have chosen again while the list was on its way.
    if select.value() == code && select.next_element_sibling().is_none() {
        let base = place.id.rsplit_once('-').map_or(place.id.as_str(), |(base, _)| base);
        let mut html = Html::default();
        control::level(&mut html, base, place.level + 1, &places.below, "");
        let _ = select.insert_adjacent_html("afterend", &html.finish());
    }
}
