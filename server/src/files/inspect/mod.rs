//! Whatever a person uploads is judged by its content before it is stored.

mod jpeg;
mod pdf;
mod png;
mod webp;

use std::io::Cursor;
use std::panic;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, ImageResult, Limits};

/// Longest side of a picture.
const SIDE: u32 = 16_384;
/// Most pixels of a picture.
const PIXELS: u64 = 50_000_000;
/// What a decoder may allocate.
const MEMORY: u64 = 512 * 1024 * 1024;
/// JPEG quality of a picture that had to be turned.
const QUALITY: u8 = 90;
/// A ZIP archive's last record.
const ARCHIVE: usize = 22;

/// A file that may be stored: what it is, and its bytes without what nobody needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Its media type.
    pub media: &'static str,
    /// How many pages it has; a picture has one.
    pub pages: u32,
    /// What to store.
    pub bytes: Vec<u8>,
}

/// Why a file is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsound {
    /// It has no content.
    Empty,
    /// It is no still JPEG, PNG or WebP picture and no PDF.
    Kind,
    /// It is cut off, or not what its format demands.
    Damaged,
    /// Something else is attached to it.
    Polyglot,
    /// It would do something when opened, or carries other files.
    Active,
    /// It is encrypted.
    Locked,
    /// The picture is too large.
    Pixels,
    /// It has too many pages.
    Pages,
    /// It is small only until someone unpacks it.
    Bomb,
}

/// Judges a file by its content alone.
///
/// # Errors
/// Says why the file is not taken.
pub fn inspect(bytes: Vec<u8>, most_pages: u32) -> Result<Sound, Unsound> {
    if bytes.is_empty() {
        return Err(Unsound::Empty);
    }
    if bytes.starts_with(jpeg::MAGIC) {
        return photo(&bytes);
    }
    if bytes.starts_with(png::MAGIC) {
        return picture("image/png", png::clean(&bytes)?, ImageFormat::Png);
    }
    if webp::is(&bytes) {
        return picture("image/webp", webp::clean(&bytes)?, ImageFormat::WebP);
    }
    if pdf::is(&bytes) {
        let pages = pdf::pages(&bytes, most_pages)?;
        return Ok(Sound { media: "application/pdf", pages, bytes });
    }
    Err(Unsound::Kind)
}

fn photo(bytes: &[u8]) -> Result<Sound, Unsound> {
    let jpeg::Cleaned { bytes, orientation } = jpeg::clean(bytes)?;
    let decoded = decode(&bytes, ImageFormat::Jpeg)?;
    let bytes = if orientation == Orientation::NoTransforms { bytes } else { turned(decoded, orientation)? };
    single("image/jpeg", bytes)
}

fn picture(media: &'static str, bytes: Vec<u8>, format: ImageFormat) -> Result<Sound, Unsound> {
    decode(&bytes, format)?;
    single(media, bytes)
}

fn single(media: &'static str, bytes: Vec<u8>) -> Result<Sound, Unsound> {
    if zipped(&bytes) {
        return Err(Unsound::Polyglot);
    }
    Ok(Sound { media, pages: 1, bytes })
}

/// A picture as its decoder sees it.
struct Decoded {
    image: DynamicImage,
    profile: Option<Vec<u8>>,
}

/// Decodes once: a picture nobody can show is not taken. Nor is one that makes the decoder panic.
fn decode(bytes: &[u8], format: ImageFormat) -> Result<Decoded, Unsound> {
    panic::catch_unwind(|| decoded(bytes, format)).ok().and_then(Result::ok).ok_or(Unsound::Damaged)
}

fn decoded(bytes: &[u8], format: ImageFormat) -> ImageResult<Decoded> {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let profile = decoder.icc_profile().unwrap_or_default();
    Ok(Decoded { image: DynamicImage::from_decoder(decoder)?, profile })
}

/// Turns a photo as its metadata asked, now that the metadata is gone.
fn turned(decoded: Decoded, orientation: Orientation) -> Result<Vec<u8>, Unsound> {
    let Decoded { mut image, profile } = decoded;
    image.apply_orientation(orientation);
    // The profile of a CMYK photo says nothing about the colours it was decoded to.
    let colours: &[u8] = if image.color().has_color() { b"RGB " } else { b"GRAY" };
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    if let Some(profile) = profile.filter(|profile| profile.get(16..20) == Some(colours)) {
        encoder.set_icc_profile(profile).map_err(|_| Unsound::Damaged)?;
    }
    image.write_with_encoder(encoder).map_err(|_| Unsound::Damaged)?;
    Ok(bytes)
}

/// Whether a picture's size is acceptable, asked before anything is allocated for it.
fn fits(width: u32, height: u32) -> Result<(), Unsound> {
    if width == 0 || height == 0 {
        return Err(Unsound::Damaged);
    }
    if width > SIDE || height > SIDE || u64::from(width) * u64::from(height) > PIXELS {
        return Err(Unsound::Pixels);
    }
    Ok(())
}

/// Whether ZIP readers, which look from the end, would take it for an archive.
fn zipped(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(ARCHIVE + usize::from(u16::MAX))..];
    tail.windows(ARCHIVE).enumerate().any(|(at, record)| {
        let comment = usize::from(u16::from_le_bytes([record[ARCHIVE - 2], record[ARCHIVE - 1]]));
        record.starts_with(b"PK\x05\x06") && at + ARCHIVE + comment >= tail.len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};

    /// The end of an empty ZIP archive.
    pub(super) const ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

    /// A picture 32 pixels wide and 16 high.
    pub(super) fn sample(format: ImageFormat) -> Vec<u8> {
        let picture = RgbImage::from_fn(32, 16, |x, y| Rgb([x as u8 * 8, y as u8 * 16, 90]));
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::ImageRgb8(picture).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn samples() -> [(&'static str, Vec<u8>); 4] {
        [
            ("image/jpeg", sample(ImageFormat::Jpeg)),
            ("image/png", sample(ImageFormat::Png)),
            ("image/webp", sample(ImageFormat::WebP)),
            ("application/pdf", pdf_sample()),
        ]
    }

    fn pdf_sample() -> Vec<u8> {
        b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n\
          2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
          3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>\nendobj\n\
          4 0 obj\n<< /Length 9 >>\nstream\n0 0 m S Q\nendstream\nendobj\n\
          trailer\n<< /Root 1 0 R /Size 5 >>\nstartxref\n0\n%%EOF\n"
            .to_vec()
    }

    fn joined(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    #[test]
    fn clean_files_stay_as_they_are() {
        for (media, bytes) in samples() {
            assert_eq!(inspect(bytes.clone(), 1), Ok(Sound { media, pages: 1, bytes }));
        }
    }

    #[test]
    fn other_kinds_are_not_taken() {
        assert_eq!(inspect(Vec::new(), 1), Err(Unsound::Empty));
        let others: &[&[u8]] = &[
            b"GIF89a=1;alert(1)//",
            b"PK\x03\x04archive",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"<!doctype html><script>alert(1)</script>",
            b"<?xml version='1.0'?><a/>",
            b"MZ\x90\0",
            b"\x7fELF",
            b"\0\0\0\x18ftypheic",
            b"RIFF\x04\0\0\0WAVE",
            b"%PDF-9.0\n%%EOF",
            b" %PDF-1.7\n%%EOF",
            b"\xFF\xD8",
            b"x",
        ];
        for other in others {
            assert_eq!(inspect(other.to_vec(), 1), Err(Unsound::Kind), "{other:?}");
        }
    }

    #[test]
    fn nothing_may_follow() {
        for (media, bytes) in samples() {
            for more in [&b"<script>alert(1)</script>"[..], ZIP, b"x"] {
                assert_eq!(inspect(joined(&[&bytes, more]), 1), Err(Unsound::Polyglot), "{media}");
            }
        }
    }

    #[test]
    fn archives_are_found_by_their_end() {
        assert!(zipped(ZIP));
        assert!(zipped(&joined(&[b"before", ZIP])));
        let mut commented = ZIP.to_vec();
        commented[20] = 5;
        assert!(zipped(&joined(&[&commented, b"%%EOF"])), "the archive's comment is the other file's end");
        assert!(!zipped(&joined(&[ZIP, b"%%EOF"])));
        assert!(!zipped(b"PK\x05\x06"));
    }

    #[test]
    fn cut_off_files_are_damaged() {
        for (media, bytes) in samples() {
            let half = bytes[..bytes.len() / 2].to_vec();
            assert_eq!(inspect(half, 1), Err(Unsound::Damaged), "{media}");
            for length in 0..bytes.len() - 1 {
                assert!(inspect(bytes[..length].to_vec(), 1).is_err(), "{media} cut at {length}");
            }
        }
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(fits(8_000, 6_000), Ok(()));
        assert_eq!(fits(16_384, 3_000), Ok(()));
        assert_eq!(fits(16_385, 1), Err(Unsound::Pixels));
        assert_eq!(fits(10_000, 5_001), Err(Unsound::Pixels));
        assert_eq!(fits(0, 5), Err(Unsound::Damaged));
    }

    /// The same numbers on every machine.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % bound as u64) as usize
        }

        fn change(&mut self, bytes: &mut Vec<u8>) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes[at] = self.below(256) as u8,
                1 => bytes[at] ^= 1u8 << self.below(8),
                2 => bytes.truncate(at + 1),
                3 => drop(bytes.drain(at..bytes.len().min(at + 4))),
                _ => {
                    let copied = bytes[at..bytes.len().min(at + 16)].to_vec();
                    drop(bytes.splice(at..at, copied));
                }
            }
            if bytes.is_empty() {
                bytes.push(0);
            }
        }
    }

    #[test]
    fn nothing_panics_and_what_was_taken_is_taken_again() {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        for (_, sound) in samples() {
            for _ in 0..1500 {
                let mut bytes = sound.clone();
                for _ in 0..=random.below(3) {
                    random.change(&mut bytes);
                }
                if let Ok(taken) = inspect(bytes, 3) {
                    assert_eq!(inspect(taken.bytes.clone(), 3), Ok(taken));
                }
            }
        }
    }
}
