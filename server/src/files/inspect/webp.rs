//! WebP: one picture in a RIFF container that is as long as it says.

use super::{Unsound, fits};

/// Bits of the extended header: there are EXIF and XMP chunks.
const METADATA: u8 = 0x08 | 0x04;
/// Bit of the extended header: the picture moves.
const ANIMATED: u8 = 0x02;

/// Whether the file begins like one.
pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12).is_some_and(|kind| kind == b"WEBP")
}

/// Walks the whole file and keeps what is needed to show it.
pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Unsound> {
    let mut rest = content(bytes)?;
    let mut kept = Kept::default();
    while !rest.is_empty() {
        let (chunk, after) = first(rest).ok_or(Unsound::Damaged)?;
        kept.take(&chunk)?;
        rest = after;
    }
    kept.file()
}

/// The chunks.
fn content(bytes: &[u8]) -> Result<&[u8], Unsound> {
    let [_, _, _, _, a, b, c, d, _, _, _, _, chunks @ ..] = bytes else { return Err(Unsound::Damaged) };
    let said = u64::from(u32::from_le_bytes([*a, *b, *c, *d])) + 8;
    let length = bytes.len() as u64;
    if said > length || said % 2 == 1 {
        return Err(Unsound::Damaged);
    }
    if said < length { Err(Unsound::Polyglot) } else { Ok(chunks) }
}

struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    whole: &'a [u8],
}

fn first(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let length = usize::try_from(u32::from_le_bytes(*bytes.get(4..)?.first_chunk::<4>()?)).ok()?;
    let end = length.checked_add(8)?;
    let (whole, rest) = bytes.split_at_checked(end.checked_add(end % 2)?)?;
    Some((Chunk { kind: whole.get(..4)?, data: whole.get(8..end)?, whole }, rest))
}

#[derive(Default)]
struct Kept {
    chunks: Vec<u8>,
    canvas: Option<(u32, u32)>,
    picture: Option<(u32, u32)>,
}

impl Kept {
    fn take(&mut self, chunk: &Chunk<'_>) -> Result<(), Unsound> {
        match chunk.kind {
            b"ANIM" | b"ANMF" => return Err(Unsound::Kind),
            b"VP8X" => self.extended(chunk)?,
            b"VP8 " => self.picture(chunk, lossy(chunk.data))?,
            b"VP8L" => self.picture(chunk, lossless(chunk.data))?,
            b"ICCP" | b"ALPH" if self.canvas.is_some() => self.chunks.extend_from_slice(chunk.whole),
            _ => {}
        }
        Ok(())
    }

    fn extended(&mut self, chunk: &Chunk<'_>) -> Result<(), Unsound> {
        let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = chunk.data else { return Err(Unsound::Damaged) };
        if !self.chunks.is_empty() {
            return Err(Unsound::Damaged);
        }
        if flags & ANIMATED != 0 {
            return Err(Unsound::Kind);
        }
        let side = |low: u8, middle: u8, high: u8| u32::from_le_bytes([low, middle, high, 0]) + 1;
        let (width, height) = (side(*w0, *w1, *w2), side(*h0, *h1, *h2));
        fits(width, height)?;
        self.canvas = Some((width, height));
        self.chunks.extend_from_slice(chunk.whole);
        if let Some(kept) = self.chunks.get_mut(8) {
            *kept &= !METADATA;
        }
        Ok(())
    }

    /// There is one, of the size the canvas has.
    fn picture(&mut self, chunk: &Chunk<'_>, size: Option<(u32, u32)>) -> Result<(), Unsound> {
        let (width, height) = size.ok_or(Unsound::Damaged)?;
        fits(width, height)?;
        if self.picture.is_some() || self.canvas.is_some_and(|canvas| canvas != (width, height)) {
            return Err(Unsound::Damaged);
        }
        self.picture = size;
        self.chunks.extend_from_slice(chunk.whole);
        Ok(())
    }

    fn file(self) -> Result<Vec<u8>, Unsound> {
        let size = u32::try_from(self.chunks.len() + 4).map_err(|_| Unsound::Damaged)?;
        if self.picture.is_none() {
            return Err(Unsound::Damaged);
        }
        Ok([&b"RIFF"[..], &size.to_le_bytes()[..], &b"WEBP"[..], &self.chunks[..]].concat())
    }
}

fn lossy(data: &[u8]) -> Option<(u32, u32)> {
    let [_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..] = data else { return None };
    let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    Some((side(*w0, *w1), side(*h0, *h1)))
}

fn lossless(data: &[u8]) -> Option<(u32, u32)> {
    let [0x2F, a, b, c, d, ..] = data else { return None };
    let bits = u32::from_le_bytes([*a, *b, *c, *d]);
    Some(((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1))
}

#[cfg(test)]
mod tests {
    use super::super::inspect;
    use super::super::tests::sample;
    use super::*;
    use image::ImageFormat;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let pad: &[u8] = if data.len() % 2 == 1 { &[0] } else { &[] };
        [&kind[..], &(data.len() as u32).to_le_bytes()[..], data, pad].concat()
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        let chunks = chunks.concat();
        let size = (chunks.len() as u32 + 4).to_le_bytes();
        [&b"RIFF"[..], &size[..], &b"WEBP"[..], &chunks[..]].concat()
    }

    /// The extended header of a picture 32 pixels wide and 16 high.
    fn canvas(flags: u8) -> Vec<u8> {
        chunk(b"VP8X", &[flags, 0, 0, 0, 31, 0, 0, 15, 0, 0])
    }

    fn picture() -> Vec<u8> {
        sample(ImageFormat::WebP)[12..].to_vec()
    }

    #[test]
    fn metadata_goes_and_its_flags_too() {
        let extended = file(&[canvas(0), picture()]);
        assert_eq!(inspect(extended.clone(), 1).unwrap().bytes, extended);
        let (exif, xmp, other) = (chunk(b"EXIF", b"GPS"), chunk(b"XMP ", b"<x/>"), chunk(b"abcd", b"x"));
        let full = file(&[canvas(0x0C), picture(), exif.clone(), xmp, other]);
        assert_eq!(inspect(full, 1).unwrap().bytes, extended);
        assert_eq!(inspect(file(&[picture(), exif]), 1).unwrap().bytes, sample(ImageFormat::WebP));
    }

    #[test]
    fn profiles_stay() {
        let profiled = file(&[canvas(0x20), chunk(b"ICCP", b"profile"), picture()]);
        assert_eq!(inspect(profiled.clone(), 1).unwrap().bytes, profiled);
    }

    #[test]
    fn animations_are_not_taken() {
        assert_eq!(inspect(file(&[canvas(ANIMATED), picture()]), 1), Err(Unsound::Kind));
        assert_eq!(inspect(file(&[canvas(0), chunk(b"ANIM", &[0; 6]), picture()]), 1), Err(Unsound::Kind));
        assert_eq!(inspect(file(&[canvas(0), chunk(b"ANMF", &[0; 24])]), 1), Err(Unsound::Kind));
    }

    #[test]
    fn large_headers_are_refused_before_decoding() {
        let extended = chunk(b"VP8X", &[0, 0, 0, 0, 0xFE, 0xFF, 0, 0xFE, 0xFF, 0]);
        assert_eq!(inspect(file(&[extended]), 1), Err(Unsound::Pixels));
        let lossless = chunk(b"VP8L", &[0x2F, 0xFF, 0xFF, 0xFF, 0x0F, 0]);
        assert_eq!(inspect(file(&[lossless]), 1), Err(Unsound::Pixels));
        let lossy = chunk(b"VP8 ", &[0, 0, 0, 0x9D, 0x01, 0x2A, 0xFF, 0x3F, 0xFF, 0x3F]);
        assert_eq!(inspect(file(&[lossy]), 1), Err(Unsound::Pixels));
    }

    #[test]
    fn containers_must_agree_with_themselves() {
        let mut long = sample(ImageFormat::WebP);
        long[4] = long[4].wrapping_add(2);
        assert_eq!(inspect(long, 1), Err(Unsound::Damaged));
        assert_eq!(inspect(file(&[picture(), picture()]), 1), Err(Unsound::Damaged));
        assert_eq!(inspect(file(&[picture(), canvas(0)]), 1), Err(Unsound::Damaged));
        let other = chunk(b"VP8X", &[0, 0, 0, 0, 30, 0, 0, 15, 0, 0]);
        assert_eq!(inspect(file(&[other, picture()]), 1), Err(Unsound::Damaged));
        assert_eq!(inspect(file(&[]), 1), Err(Unsound::Damaged));
    }
}
