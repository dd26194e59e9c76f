//! PNG: chunks up to the end chunk, and nothing after it.

use super::{Unsound, fits};

/// How the file begins.
pub(super) const MAGIC: &[u8] = b"\x89PNG\r\n\x1A\n";

/// Walks the whole file and keeps what is needed to show it.
pub(super) fn clean(bytes: &[u8]) -> Result<Vec<u8>, Unsound> {
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(MAGIC);
    let (header, mut rest) = split(bytes.get(MAGIC.len()..).unwrap_or_default())?;
    size(&header)?;
    kept.extend_from_slice(header.whole);
    loop {
        let (chunk, after) = split(rest)?;
        rest = after;
        match chunk.kind {
            b"IEND" if chunk.data.is_empty() => {
                kept.extend_from_slice(chunk.whole);
                break;
            }
            b"PLTE" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"iCCP" | b"sBIT" | b"pHYs" | b"IDAT" => {
                kept.extend_from_slice(chunk.whole);
            }
            // Without an unknown critical chunk the picture would be another one.
            [first, ..] if first.is_ascii_uppercase() => return Err(Unsound::Damaged),
            _ => {}
        }
    }
    if rest.is_empty() { Ok(kept) } else { Err(Unsound::Polyglot) }
}

struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
    whole: &'a [u8],
}

fn split(bytes: &[u8]) -> Result<(Chunk<'_>, &[u8]), Unsound> {
    first(bytes).ok_or(Unsound::Damaged)
}

fn first(bytes: &[u8]) -> Option<(Chunk<'_>, &[u8])> {
    let length = usize::try_from(u32::from_be_bytes(*bytes.first_chunk::<4>()?)).ok()?;
    let (whole, rest) = bytes.split_at_checked(length.checked_add(12)?)?;
    let chunk = Chunk { kind: whole.get(4..8)?, data: whole.get(8..8 + length)?, whole };
    Some((chunk, rest))
}

fn size(header: &Chunk<'_>) -> Result<(), Unsound> {
    let [w3, w2, w1, w0, h3, h2, h1, h0, _, _, _, _, _] = header.data else { return Err(Unsound::Damaged) };
    if header.kind != b"IHDR" {
        return Err(Unsound::Damaged);
    }
    fits(u32::from_be_bytes([*w3, *w2, *w1, *w0]), u32::from_be_bytes([*h3, *h2, *h1, *h0]))
}

#[cfg(test)]
mod tests {
    use super::super::inspect;
    use super::super::tests::sample;
    use super::*;
    use image::ImageFormat;

    /// Signature and header.
    const HEAD: usize = 33;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let mut crc = flate2::Crc::new();
        crc.update(kind);
        crc.update(data);
        [&(data.len() as u32).to_be_bytes()[..], &kind[..], data, &crc.sum().to_be_bytes()[..]].concat()
    }

    fn with(extra: &[u8]) -> Vec<u8> {
        let picture = sample(ImageFormat::Png);
        [&picture[..HEAD], extra, &picture[HEAD..]].concat()
    }

    #[test]
    fn metadata_goes_and_colours_stay() {
        for kind in [b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME", b"acTL", b"fcTL", b"fdAT", b"abCD"] {
            let taken = inspect(with(&chunk(kind, b"<script>GPS</script>")), 1).unwrap();
            assert_eq!(taken.bytes, sample(ImageFormat::Png));
        }
        let gamma = with(&chunk(b"gAMA", &45_455u32.to_be_bytes()));
        assert_eq!(inspect(gamma.clone(), 1).unwrap().bytes, gamma);
    }

    #[test]
    fn large_headers_are_refused_before_decoding() {
        let side = 65_535u32.to_be_bytes();
        let header = chunk(b"IHDR", &[&side[..], &side[..], &[8, 2, 0, 0, 0][..]].concat());
        assert_eq!(inspect([MAGIC, &header[..]].concat(), 1), Err(Unsound::Pixels));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert_eq!(inspect(with(&chunk(b"ABCD", b"")), 1), Err(Unsound::Damaged));
        assert_eq!(inspect(with(&chunk(b"IEND", b"x")), 1), Err(Unsound::Damaged));
        let twice = with(&sample(ImageFormat::Png)[MAGIC.len()..HEAD]);
        assert_eq!(inspect(twice, 1), Err(Unsound::Damaged));
        let picture = sample(ImageFormat::Png);
        let headless = [&picture[..MAGIC.len()], &picture[HEAD..]].concat();
        assert_eq!(inspect(headless, 1), Err(Unsound::Damaged));
        assert_eq!(inspect(with(b"\xFF\xFF\xFF\xFFtEXt"), 1), Err(Unsound::Damaged));
        let empty = [&picture[..HEAD], &chunk(b"IEND", b"")[..]].concat();
        assert_eq!(inspect(empty, 1), Err(Unsound::Damaged), "no pixels");
    }
}
