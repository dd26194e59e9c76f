//! JPEG: segments, the scans between them, and nothing after the end.

use std::mem;

use image::metadata::Orientation;

use super::{Unsound, fits};

/// How the file begins.
pub(super) const MAGIC: &[u8] = b"\xFF\xD8\xFF";
/// Progressive pictures have about ten scans. Each one costs a pass over all pixels, however short it is.
const SCANS: u32 = 32;

/// A picture without its metadata.
pub(super) struct Cleaned {
    pub(super) bytes: Vec<u8>,
    /// How the metadata asked to turn it.
    pub(super) orientation: Orientation,
}

/// Walks the whole file and keeps what is needed to show it.
pub(super) fn clean(bytes: &[u8]) -> Result<Cleaned, Unsound> {
    let mut walk = Walk { bytes, at: 2, kept: Vec::with_capacity(bytes.len()), ..Walk::default() };
    walk.keep(0);
    while walk.step()? {}
    Ok(Cleaned { bytes: walk.kept, orientation: walk.orientation.unwrap_or(Orientation::NoTransforms) })
}

#[derive(Default)]
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    kept: Vec<u8>,
    orientation: Option<Orientation>,
    framed: bool,
    scans: u32,
}

impl<'a> Walk<'a> {
    /// Passes one segment; false when it was the end.
    fn step(&mut self) -> Result<bool, Unsound> {
        let start = self.at;
        let marker = self.marker()?;
        if marker == 0xD9 {
            return self.end(start).map(|()| false);
        }
        let payload = self.payload()?;
        match marker {
            0xC4 | 0xCC | 0xDB | 0xDD => self.keep(start),
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                self.frame(payload)?;
                self.keep(start);
            }
            0xDA => {
                self.scan()?;
                self.keep(start);
            }
            0xE0..=0xEF => self.application(marker, payload, start),
            0xFE => {}
            _ => return Err(Unsound::Damaged),
        }
        Ok(true)
    }

    fn marker(&mut self) -> Result<u8, Unsound> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let fill = rest.iter().take_while(|byte| **byte == 0xFF).count();
        let marker = rest.get(fill).filter(|_| fill > 0).ok_or(Unsound::Damaged)?;
        self.at += fill + 1;
        Ok(*marker)
    }

    fn payload(&mut self) -> Result<&'a [u8], Unsound> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let [high, low, ..] = rest else { return Err(Unsound::Damaged) };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let payload = rest.get(2..length).ok_or(Unsound::Damaged)?;
        self.at += length;
        Ok(payload)
    }

    fn keep(&mut self, start: usize) {
        self.kept.extend_from_slice(self.bytes.get(start..self.at).unwrap_or_default());
    }

    /// A second frame could have another size than the one that was judged.
    fn frame(&mut self, payload: &[u8]) -> Result<(), Unsound> {
        let [_, h1, h0, w1, w0, ..] = payload else { return Err(Unsound::Damaged) };
        fits(u16::from_be_bytes([*w1, *w0]).into(), u16::from_be_bytes([*h1, *h0]).into())?;
        if mem::replace(&mut self.framed, true) { Err(Unsound::Damaged) } else { Ok(()) }
    }

    /// Passes a scan's data: it ends at the first marker that does not belong to it.
    fn scan(&mut self) -> Result<(), Unsound> {
        self.scans += 1;
        if !self.framed {
            return Err(Unsound::Damaged);
        }
        if self.scans > SCANS {
            return Err(Unsound::Bomb);
        }
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let data = rest.iter().position(|byte| *byte == 0xFF).ok_or(Unsound::Damaged)?;
            self.at += data;
            match rest.get(data + 1) {
                Some(0x00 | 0xD0..=0xD7) => self.at += 2,
                Some(0xFF) => self.at += 1,
                Some(_) => return Ok(()),
                None => return Err(Unsound::Damaged),
            }
        }
    }

    /// Keeps what colours depend on, and remembers how the camera was held.
    fn application(&mut self, marker: u8, payload: &[u8], start: usize) {
        match marker {
            0xE0 => self.jfif(payload),
            0xE1 => {
                if let Some(exif) = payload.strip_prefix(b"Exif\0\0") {
                    self.orientation = self.orientation.or_else(|| Orientation::from_exif_chunk(exif));
                }
            }
            0xE2 if payload.starts_with(b"ICC_PROFILE\0") => self.keep(start),
            0xEE if payload.starts_with(b"Adobe") => self.keep(start),
            _ => {}
        }
    }

    /// Keeps the density, but no thumbnail: it may show what was cut away.
    fn jfif(&mut self, payload: &[u8]) {
        if payload.len() < 14 || !payload.starts_with(b"JFIF\0") {
            return;
        }
        self.kept.extend_from_slice(&[0xFF, 0xE0, 0, 16]);
        self.kept.extend_from_slice(payload.get(..12).unwrap_or_default());
        self.kept.extend_from_slice(&[0, 0]);
    }

    fn end(&mut self, start: usize) -> Result<(), Unsound> {
        if self.scans == 0 {
            return Err(Unsound::Damaged);
        }
        if self.at < self.bytes.len() {
            return Err(Unsound::Polyglot);
        }
        self.keep(start);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::inspect;
    use super::super::tests::sample;
    use super::*;
    use image::{GenericImageView, ImageFormat};

    fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
        let length = (payload.len() as u16 + 2).to_be_bytes();
        [&[0xFF, marker][..], &length[..], payload].concat()
    }

    /// The picture with something after its JFIF segment.
    fn with(extra: &[u8]) -> Vec<u8> {
        let picture = sample(ImageFormat::Jpeg);
        [&picture[..20], extra, &picture[20..]].concat()
    }

    fn exif(orientation: u8) -> Vec<u8> {
        let head = b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0";
        segment(0xE1, &[&head[..], &[orientation][..], &b"\0\0\0\0\0\0GPS 39.9 116.4"[..]].concat())
    }

    fn frame(width: u16, height: u16) -> Vec<u8> {
        let ([h1, h0], [w1, w0]) = (height.to_be_bytes(), width.to_be_bytes());
        segment(0xC0, &[8, h1, h0, w1, w0, 1, 1, 0x11, 0])
    }

    fn holds(bytes: &[u8], what: &[u8]) -> bool {
        bytes.windows(what.len()).any(|window| window == what)
    }

    #[test]
    fn metadata_goes() {
        let comment = segment(0xFE, b"taken at home");
        let maker = segment(0xED, b"Photoshop 3.0");
        let extension = segment(0xE0, b"JFXX\0thumbnail");
        let xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>");
        for extra in [exif(1), exif(9), comment, maker, extension, xmp] {
            let taken = inspect(with(&extra), 1).unwrap();
            assert_eq!(taken.bytes, sample(ImageFormat::Jpeg));
        }
    }

    #[test]
    fn profiles_stay() {
        let picture = with(&segment(0xE2, b"ICC_PROFILE\0\x01\x01profile"));
        assert_eq!(clean(&picture).ok().map(|cleaned| cleaned.bytes), Some(picture));
        let picture = with(&segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01"));
        assert_eq!(inspect(picture.clone(), 1).unwrap().bytes, picture);
        let several = with(&segment(0xE2, b"MPF\0more pictures"));
        assert_eq!(inspect(several, 1).unwrap().bytes, sample(ImageFormat::Jpeg));
    }

    #[test]
    fn thumbnails_go_and_the_density_stays() {
        let picture = sample(ImageFormat::Jpeg);
        let mut head = picture[6..18].to_vec();
        head.extend_from_slice(&[1, 1, 7, 7, 7]);
        let shown = [&picture[..2], &segment(0xE0, &head)[..], &picture[20..]].concat();
        assert_eq!(inspect(shown, 1).unwrap().bytes, picture);
    }

    #[test]
    fn pictures_are_turned_when_their_metadata_goes() {
        let taken = inspect(with(&exif(6)), 1).unwrap();
        assert_eq!(image::load_from_memory(&taken.bytes).unwrap().dimensions(), (16, 32));
        assert!(!holds(&taken.bytes, b"Exif") && !holds(&taken.bytes, b"GPS"));
        assert_eq!(inspect(taken.bytes.clone(), 1).unwrap(), taken);
        let taken = inspect(with(&exif(3)), 1).unwrap();
        assert_eq!(image::load_from_memory(&taken.bytes).unwrap().dimensions(), (32, 16));
    }

    #[test]
    fn large_frames_are_refused_before_decoding() {
        let header = [MAGIC[..2].to_vec(), frame(65_535, 65_535)].concat();
        assert_eq!(inspect(header, 1), Err(Unsound::Pixels));
        let twice = with(&frame(8, 8));
        assert_eq!(inspect(twice, 1), Err(Unsound::Damaged));
    }

    #[test]
    fn the_end_is_where_the_scans_end() {
        let scan = [segment(0xDA, &[1, 1, 0, 0, 63, 0]), b"ab\xFF\0cd\xFF\xD0ef".to_vec()].concat();
        let table = segment(0xC4, b"\xFF\xD9");
        let begin = [MAGIC[..2].to_vec(), frame(8, 8)].concat();
        let progressive = [&begin[..], &scan[..], &table[..], &scan[..], &b"\xFF\xD9"[..]].concat();
        assert_eq!(clean(&progressive).ok().map(|cleaned| cleaned.bytes), Some(progressive.clone()));
        let open = &progressive[..progressive.len() - 2];
        assert_eq!(clean(open).err(), Some(Unsound::Damaged));
        let followed = [&progressive[..], &b"<html>"[..]].concat();
        assert_eq!(clean(&followed).err(), Some(Unsound::Polyglot));
        let many = [begin.clone(), scan.repeat(40), b"\xFF\xD9".to_vec()].concat();
        assert_eq!(clean(&many).err(), Some(Unsound::Bomb));
        let none = [&begin[..], &b"\xFF\xD9"[..]].concat();
        assert_eq!(clean(&none).err(), Some(Unsound::Damaged));
    }

    #[test]
    fn embedded_pages_do_not_survive() {
        let taken = inspect(with(&segment(0xFE, b"<script>alert(1)</script>")), 1).unwrap();
        assert!(!holds(&taken.bytes, b"script"));
    }
}
