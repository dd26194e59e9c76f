//! A QR code, dark on light in every theme: that is what scanners know.

use crate::components::html::Html;

/// Draws the dark modules over a square.
pub(crate) fn qr(html: &mut Html, path: &str, side: u16, label: &str) {
    let side = side.to_string();
    html.raw("<svg class=qr role=img").attr("viewBox", &format!("0 0 {side} {side}")).attr("aria-label", label);
    html.raw("><rect fill=\"#fff\"").attr("width", &side).attr("height", &side);
    html.raw("/><path fill=\"#000\"").attr("d", path).raw("/></svg>");
}
