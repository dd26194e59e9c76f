//! Places in markup that is text: what they say is written anew when it changes, and nothing else moves.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Keeps `[data-place=name]` of an element as it is drawn. Call it under the owner of the element.
pub(crate) fn keep(element: &str, name: &'static str, draw: impl Fn() -> String + 'static) {
    keep_lively(element, name, draw, |_| {});
}

/// The same, for what changes many times a second: `touch` puts it into the place, drawn anew or not, so that whoever
/// presses a button there finds it still under the finger.
pub(crate) fn keep_lively(
    element: &str,
    name: &'static str,
    draw: impl Fn() -> String + 'static,
    touch: impl Fn(&Element) + 'static,
) {
    let selector = format!("#{element} [data-place={name}]");
    follow(selector, Box::new(draw), Box::new(touch));
}

fn follow(selector: String, draw: Box<dyn Fn() -> String>, touch: Box<dyn Fn(&Element)>) {
    Effect::new(move |before: Option<String>| {
        let html = draw();
        if let Ok(Some(place)) = document().query_selector(&selector) {
            if before.as_ref() != Some(&html) {
                write(&place, &html);
            }
            touch(&place);
        }
        html
    });
}

/// Writes it; the button that has the focus keeps it, where it still stands.
fn write(place: &Element, html: &str) {
    let held = document().active_element().filter(|active| place.contains(Some(active)));
    let mark = held.and_then(|button| Some((button.get_attribute("data-act")?, button.get_attribute("data-at"))));
    place.set_inner_html(html);
    let Some((act, at)) = mark else { return };
    let at = at.map(|at| format!("[data-at=\"{at}\"]")).unwrap_or_default();
    let again = place.query_selector(&format!("[data-act={act}]{at}")).ok().flatten();
    if let Some(button) = again.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

/// The button that was pressed in markup that is text: what it does, and to which of several.
pub(crate) fn pressed(event: &web_sys::MouseEvent) -> Option<(Element, String, String)> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    let button = target.closest("[data-act]").ok().flatten()?;
    let (act, at) = (button.get_attribute("data-act")?, button.get_attribute("data-at").unwrap_or_default());
    Some((button, act, at))
}
