//! QR codes as drawings.

use contract::payment::Handoff;

use crate::http::Refusal;

/// Modules of white around a code.
const QUIET: usize = 4;

/// The QR code's dark modules as one SVG path, and the side of the square with its quiet zone.
///
/// # Errors
/// When the text is too long for one.
pub fn drawn(text: &str) -> Result<(String, u16), Refusal> {
    let code = qrcode::QrCode::new(text).map_err(|_| Refusal::Internal)?;
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == qrcode::Color::Dark);
    let path = dark.map(|(place, _)| format!("M{} {}h1v1h-1z", place % width + QUIET, place / width + QUIET)).collect();
    Ok((path, u16::try_from(width + 2 * QUIET).unwrap_or(u16::MAX)))
}

/// A code to scan with a payment app; none where the text is too long for one.
#[must_use]
pub fn handoff(text: &str) -> Option<Handoff> {
    drawn(text).ok().map(|(path, size)| Handoff::Qr { path, size })
}
