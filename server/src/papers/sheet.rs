//! Draws a paper on A4 sheets, as PDF/A-2u: fonts inside, text that can be searched and read aloud.

use std::path::Path;

use contract::material::PaperPart;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::text::{Font, TextDirection};
use krilla::{Data, Document, SerializeSettings};

use crate::http::Refusal;

/// A4 in points.
const SHEET: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 56.0;

/// Fonts that hold the letters of every language a paper is written in.
#[derive(Clone)]
pub struct Fonts {
    regular: Option<Font>,
}

/// Where Debian's `fonts-noto-cjk` puts it.
pub const USUAL: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
/// The face for simplified Chinese in Noto's collection; a file of one face has only the first.
const SIMPLIFIED: u32 = 2;

/// A line to draw.
struct Line {
    text: String,
    size: f32,
    /// Space above it.
    above: f32,
}

impl Fonts {
    /// Reads the font; without one, papers are shown on screen but cannot be downloaded.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let read = |bytes: Vec<u8>| {
            let data = Data::from(bytes);
            Font::new(data.clone(), SIMPLIFIED).or_else(|| Font::new(data, 0))
        };
        let regular = std::fs::read(path).ok().and_then(read);
        if regular.is_none() {
            tracing::warn!("no font for papers: they cannot be downloaded; name one with --paper-font");
        }
        Self { regular }
    }

    /// Draws a paper with what stands below it.
    ///
    /// # Errors
    /// When there is no font, or it lacks what the text needs.
    pub(super) fn draw(
        &self,
        title: &str,
        parts: &[PaperPart],
        foot: &[String],
        language: &str,
        at: &str,
    ) -> Result<Vec<u8>, Refusal> {
        let font = self.regular.clone().ok_or(Refusal::Unavailable)?;
        let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_U);
        let settings = SerializeSettings {
            configuration: configuration.finish().map_err(|_| Refusal::Internal)?,
            ..SerializeSettings::default()
        };
        let mut document = Document::new_with(settings);
        let about = Metadata::new().title(title.to_owned()).language(language.to_owned());
        document.set_metadata(match day(at) {
            Some(day) => about.creation_date(day),
            None => about,
        });
        for sheet in sheets(title, parts, foot) {
            let settings = PageSettings::from_wh(SHEET.0, SHEET.1).ok_or(Refusal::Internal)?;
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            for (y, line) in sheet {
                let start = Point::from_xy(MARGIN, y);
                surface.draw_text(start, font.clone(), line.size, &line.text, false, TextDirection::Auto);
            }
            surface.finish();
            page.finish();
        }
        document.finish().map_err(|error| {
            tracing::error!(?error, "a paper cannot be drawn");
            Refusal::Internal
        })
    }
}

fn day(at: &str) -> Option<DateTime> {
    let part = |range: std::ops::Range<usize>| at.get(range)?.parse().ok();
    let year: u16 = at.get(0..4)?.parse().ok()?;
    Some(DateTime::new(year).month(part(5..7)?).day(part(8..10)?))
}

/// Lines on sheets, each at its height.
fn sheets(title: &str, parts: &[PaperPart], foot: &[String]) -> Vec<Vec<(f32, Line)>> {
    let mut lines = wrapped(title, 19.0, 0.0);
    for part in parts {
        if !part.heading.is_empty() {
            lines.extend(wrapped(&part.heading, 13.0, 18.0));
        }
        for line in &part.lines {
            lines.extend(wrapped(line, 11.5, 7.0));
        }
    }
    for (place, line) in foot.iter().enumerate() {
        lines.extend(wrapped(line, 9.5, if place == 0 { 28.0 } else { 5.0 }));
    }
    let mut all = vec![Vec::new()];
    let mut y = MARGIN;
    for line in lines {
        y += line.above + line.size * 1.5;
        if y > SHEET.1 - MARGIN {
            all.push(Vec::new());
            y = MARGIN + line.size * 1.5;
        }
        if let Some(sheet) = all.last_mut() {
            sheet.push((y, line));
        }
    }
    all
}

/// A text in lines that fit between the margins. Ideographs break anywhere but before closing
/// punctuation; words break at spaces, and only where they are longer than a line inside.
fn wrapped(text: &str, size: f32, above: f32) -> Vec<Line> {
    let room = SHEET.0 - 2.0 * MARGIN;
    let (mut lines, mut line, mut width): (Vec<String>, String, f32) = (Vec::new(), String::new(), 0.0);
    for letter in text.chars() {
        let wide = advance(letter) * size;
        if width + wide > room && !CLOSING.contains(letter) {
            let rest = match line.rfind(' ') {
                Some(space) if !is_wide(letter) && line.len() - space < 40 => line.split_off(space + 1),
                _ => String::new(),
            };
            lines.push(line.trim_end().to_owned());
            width = rest.chars().map(|letter| advance(letter) * size).sum();
            line = rest;
        }
        line.push(letter);
        width += wide;
    }
    lines.push(line);
    let above = |place: usize| if place == 0 { above } else { 0.0 };
    lines.into_iter().enumerate().map(|(place, text)| Line { text, size, above: above(place) }).collect()
}

const CLOSING: &str = "，。；：、？！）》」』”’,.;:?!)";

fn is_wide(letter: char) -> bool {
    letter >= '\u{2e80}'
}

/// How wide a letter is at most, in parts of its size.
fn advance(letter: char) -> f32 {
    match letter {
        letter if is_wide(letter) => 1.0,
        'm' | 'w' | 'M' | 'W' | '@' | '“' | '”' | '—' => 1.0,
        letter if letter.is_uppercase() => 0.72,
        'i' | 'j' | 'l' | 't' | 'f' | ' ' | '.' | ',' | ':' | ';' | '\'' => 0.35,
        _ => 0.6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paper(lines: usize) -> Vec<PaperPart> {
        let line = "本人已经知晓告知事项，identity 110101199405160124 与承诺一致。".repeat(4);
        vec![PaperPart { heading: "一、告知".into(), lines: vec![line; lines] }]
    }

    #[test]
    fn lines_fit_the_sheet() {
        for sheet in sheets("告知承诺书", &paper(80), &["签署".into()]) {
            for (y, line) in sheet {
                let width: f32 = line.text.chars().map(|letter| advance(letter) * line.size).sum();
                assert!(y <= SHEET.1 - MARGIN && width <= SHEET.0 - 2.0 * MARGIN + 2.0 * line.size, "{}", line.text);
                assert!(!line.text.starts_with(['，', '。']));
            }
        }
        let words = "Supercalifragilistic ".repeat(40);
        assert!(
            wrapped(&words, 12.0, 0.0)
                .iter()
                .all(|line| !line.text.starts_with(' ') && line.text.ends_with('c') || line.text.ends_with(' '))
        );
    }

    #[test]
    fn a_paper_becomes_an_archival_file() {
        let fonts = Fonts::read(Path::new(USUAL));
        if fonts.regular.is_none() {
            assert!(std::env::var("CI").is_err(), "in CI the font is installed");
            return;
        }
        let file = fonts
            .draw("告知承诺书", &paper(60), &["签署人：林晓梅".into()], "zh-CN", "2026-11-22T10:00:00+08:00")
            .unwrap();
        assert!(file.starts_with(b"%PDF-1.7"));
        let text = String::from_utf8_lossy(&file);
        assert!(text.contains("pdfaid:part") && text.contains("pdfaid:conformance"));
        assert!(file.len() < 200_000, "only the letters used are inside: {}", file.len());
        let without = Fonts { regular: None };
        assert!(matches!(without.draw("", &paper(1), &[], "zh-CN", ""), Err(Refusal::Unavailable)));
    }
}
