//! A QR code, dark on light in every theme: that is what scanners know.

use leptos::prelude::*;

/// Draws the dark modules over a square.
#[must_use]
pub fn qr(path: String, side: u16, label: &'static str) -> AnyView {
    let whole = format!("0 0 {side} {side}");
    view! {
        <svg class="qr" viewBox=whole role="img" aria-label=label>
            <rect width=side.to_string() height=side.to_string() fill="#fff"></rect>
            <path d=path fill="#000"></path>
        </svg>
    }
    .into_any()
}
