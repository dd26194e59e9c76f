//! PDF: what a reader would act on, found by its names, without building the document.
//!
//! Readers jump to objects by their offsets, so an object may hide where a scan from the beginning sees
//! only a string, a comment or the body of a stream. A file with a possible object in such a place is
//! searched for dangerous names everywhere.

use std::borrow::Cow;
use std::collections::HashSet;
use std::mem;
use std::str::FromStr;

use flate2::{Decompress, FlushDecompress, Status};

use super::{Unsound, zipped};

/// How far from its end the end mark may stand.
const TAIL: usize = 1024;
/// Most bytes of one object stream.
const STREAM: usize = 16 * 1024 * 1024;
/// Most bytes of all of them.
const STREAMS: usize = 64 * 1024 * 1024;
/// How much more room an object stream gets at a time.
const ROOM: usize = 64 * 1024;
/// Most dictionaries within each other.
const DEPTH: usize = 256;

/// Whether the file begins like one.
pub(super) fn is(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-1.") || bytes.starts_with(b"%PDF-2.")
}

/// Counts the pages of a document that does nothing and hides nothing.
pub(super) fn pages(bytes: &[u8], most: u32) -> Result<u32, Unsound> {
    if zipped(bytes) {
        return Err(Unsound::Polyglot);
    }
    ended(bytes)?;
    let objects = objects(bytes);
    let mut scan = Scan { bytes, objects: &objects, ends: places(bytes, b"endstream"), ..Scan::default() };
    scan.run()?;
    // The content of an encrypted document cannot be judged, so this comes first.
    if scan.locked {
        return Err(Unsound::Locked);
    }
    let Scan { mut pages, streams, .. } = scan.idle()?;
    let mut left = STREAMS;
    for stream in &streams {
        let content = stream.content(STREAM.min(left))?;
        left -= content.len();
        pages.extend(packed_pages(&content, stream.dict.first)?);
    }
    match u32::try_from(pages.len()) {
        Ok(0) => Err(Unsound::Damaged),
        Ok(count) if count <= most => Ok(count),
        _ => Err(Unsound::Pages),
    }
}

/// The numbers of the pages in an object stream.
fn packed_pages(content: &[u8], first: Option<usize>) -> Result<HashSet<u64>, Unsound> {
    let heads = first.and_then(|first| heads(content, first));
    let hidden = heads.is_none();
    let objects = heads.unwrap_or_default();
    let mut scan = Scan { bytes: content, objects: &objects, packed: true, hidden, ..Scan::default() };
    scan.run()?;
    Ok(scan.idle()?.pages)
}

/// Nothing but white space follows the last end mark.
fn ended(bytes: &[u8]) -> Result<(), Unsound> {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    let end = last(tail, b"%%EOF").ok_or(Unsound::Damaged)?;
    if !tail[end + 5..].iter().all(|byte| is_space(*byte)) {
        return Err(Unsound::Polyglot);
    }
    let start = last(&tail[..end], b"startxref").ok_or(Unsound::Damaged)?;
    let offset = tail[start + 9..end].trim_ascii();
    if offset.is_empty() || !offset.iter().all(u8::is_ascii_digit) {
        return Err(Unsound::Damaged);
    }
    Ok(())
}

fn last(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes.windows(needle.len()).rposition(|window| window == needle)
}

fn places(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    let windows = bytes.windows(needle.len()).enumerate();
    // Comparing the first byte alone is what makes this quick.
    let found = windows.filter(|(_, window)| window.first() == needle.first() && *window == needle);
    found.map(|(at, _)| at).collect()
}

/// Where a reader could be sent to find an object: the places of `obj`, and the numbers before them.
fn objects(bytes: &[u8]) -> Vec<(usize, u64)> {
    let before = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at));
    let begins = |at: &usize| {
        before(*at).is_some_and(|byte| is_space(*byte) || byte.is_ascii_digit())
            && bytes.get(at + 3).is_none_or(|byte| !is_regular(*byte) || byte.is_ascii_digit())
    };
    places(bytes, b"obj").into_iter().filter(begins).map(|at| (at, number_before(bytes, at))).collect()
}

/// The object's number stands before its generation.
fn number_before(bytes: &[u8], at: usize) -> u64 {
    let head = &bytes[at.saturating_sub(40)..at];
    let mut words = head.rsplit(|byte| is_space(*byte)).filter(|word| !word.is_empty());
    words.nth(1).and_then(number).unwrap_or(u64::MAX)
}

/// Where the objects of an object stream begin, and their numbers.
fn heads(content: &[u8], first: usize) -> Option<Vec<(usize, u64)>> {
    let mut words = content.get(..first)?.split(|byte| is_space(*byte)).filter(|word| !word.is_empty());
    let mut heads = Vec::new();
    while let Some(object) = words.next() {
        let Some(offset) = words.next() else { break };
        heads.push((first.checked_add(number(offset)?)?, number(object)?));
    }
    heads.sort_unstable();
    Some(heads)
}

fn number<T: FromStr>(word: &[u8]) -> Option<T> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// Names that make a reader run something, send something, or open another file.
///
/// Going to a page, opening a web address and filling a plain form are no danger.
fn acts(name: &[u8]) -> bool {
    matches!(
        name,
        b"JavaScript"
            | b"JS"
            | b"Launch"
            | b"EmbeddedFile"
            | b"EmbeddedFiles"
            | b"EF"
            | b"FileAttachment"
            | b"RichMedia"
            | b"Rendition"
            | b"Movie"
            | b"3D"
            | b"OnInstantiate"
            | b"XFA"
            | b"SubmitForm"
            | b"ImportData"
            | b"GoToR"
            | b"GoToE"
    )
}

/// Whether a dangerous name stands anywhere. Short ones do not count: pictures contain them by chance.
fn anywhere(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'/').any(|(at, _)| {
        let name = plain(regular(&bytes[at + 1..]));
        name.len() > 2 && acts(&name)
    })
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// The regular characters at the beginning.
fn regular(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().position(|byte| !is_regular(*byte)).unwrap_or(bytes.len());
    &bytes[..length]
}

/// A name without its `#xx` escapes.
fn plain(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.contains(&b'#') {
        return Cow::Borrowed(name);
    }
    let mut plain = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((byte, after)) = rest.split_first() {
        let escaped = if *byte == b'#' { escaped(after) } else { None };
        plain.push(escaped.unwrap_or(*byte));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    Cow::Owned(plain)
}

fn escaped(digits: &[u8]) -> Option<u8> {
    let [high, low, ..] = digits else { return None };
    let value = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(value(*high)? * 16 + value(*low)?).ok()
}

/// The length of the string at the beginning.
fn text(bytes: &[u8]) -> usize {
    let (mut at, mut depth) = (0usize, 0usize);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' if depth == 1 => return at,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    bytes.len()
}

enum Token<'a> {
    Name(Cow<'a, [u8]>),
    /// A number or a keyword.
    Word(&'a [u8]),
    Text,
    Open,
    Close,
    OpenArray,
    CloseArray,
}

/// Keys that decide how an object is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Type,
    Length,
    Filter,
    Parameters,
    Count,
    First,
    Other,
}

impl Key {
    fn of(name: &[u8]) -> Key {
        match name {
            b"Type" => Key::Type,
            b"Length" => Key::Length,
            b"Filter" => Key::Filter,
            b"DecodeParms" => Key::Parameters,
            b"N" => Key::Count,
            b"First" => Key::First,
            _ => Key::Other,
        }
    }

    fn bit(self) -> u8 {
        1u8 << (self as u8)
    }
}

/// What matters of a dictionary.
#[derive(Default)]
struct Dict {
    start: usize,
    /// It is all there is between `obj` and what follows it.
    whole: bool,
    /// The key whose value comes next, or whose array is open.
    key: Option<Key>,
    /// The key whose value was read last.
    last: Option<Key>,
    arrays: usize,
    seen: u8,
    /// A key stands there twice: readers may differ about its value.
    twice: bool,
    page: bool,
    objects: bool,
    length: Option<usize>,
    first: Option<usize>,
    flate: usize,
    /// A filter or its parameters that are not undone here.
    foreign: bool,
}

impl Dict {
    fn name(&mut self, name: &[u8]) {
        let Some(key) = self.key else { return self.begin(Key::of(name)) };
        match (key, name) {
            (Key::Type, b"Page") => self.page = true,
            (Key::Type, b"ObjStm") => self.objects = true,
            (Key::Filter, b"FlateDecode") => self.flate += 1,
            (Key::Filter | Key::Parameters, _) => self.foreign = true,
            _ => {}
        }
        self.value();
    }

    fn begin(&mut self, key: Key) {
        if key != Key::Other {
            self.twice |= self.has(key);
            self.seen |= key.bit();
        }
        self.key = Some(key);
    }

    fn has(&self, key: Key) -> bool {
        self.seen & key.bit() != 0
    }

    fn word(&mut self, word: &[u8]) {
        match self.key {
            None if word == b"R" => return self.reference(),
            Some(Key::Length) => self.length = number(word),
            Some(Key::First) => self.first = number(word),
            Some(Key::Filter | Key::Parameters) if word != b"null" => self.foreign = true,
            _ => {}
        }
        self.value();
    }

    /// The numbers before were no value but told where it is.
    fn reference(&mut self) {
        match self.last {
            Some(Key::Length) => self.length = None,
            Some(Key::First) => self.first = None,
            _ => {}
        }
    }

    /// A value was read. Outside arrays a key comes next.
    fn value(&mut self) {
        if self.arrays == 0 && self.key.is_some() {
            self.last = self.key.take();
        }
    }

    fn opens(&mut self) {
        self.foreign |= matches!(self.key, Some(Key::Filter | Key::Parameters));
    }

    fn close_array(&mut self) {
        self.arrays = self.arrays.saturating_sub(1);
        self.value();
    }

    /// Readers take an object stream for one without its type, too.
    fn holds_objects(&self) -> bool {
        self.objects || (self.has(Key::Count) && self.has(Key::First))
    }
}

/// A stream that holds objects.
struct Packed<'a> {
    body: &'a [u8],
    /// The body is as long as its dictionary says.
    exact: bool,
    dict: Dict,
}

impl<'a> Packed<'a> {
    fn content(&self, most: usize) -> Result<Cow<'a, [u8]>, Unsound> {
        if self.dict.foreign || self.dict.twice {
            return Err(Unsound::Damaged);
        }
        match self.dict.flate {
            0 if self.exact && self.body.len() > most => Err(Unsound::Bomb),
            0 if self.exact => Ok(Cow::Borrowed(self.body)),
            1 => inflate(self.body, most).map(Cow::Owned),
            _ => Err(Unsound::Damaged),
        }
    }
}

/// Inflates to the end: what is cut off here may go on for a reader that measures the body otherwise.
fn inflate(body: &[u8], most: usize) -> Result<Vec<u8>, Unsound> {
    let mut inflater = Decompress::new(true);
    let mut content = Vec::new();
    loop {
        content.reserve(ROOM);
        let (read, written) = (inflater.total_in(), content.len());
        let input = usize::try_from(read).ok().and_then(|read| body.get(read..)).unwrap_or_default();
        let status = inflater.decompress_vec(input, &mut content, FlushDecompress::None);
        if content.len() > most {
            return Err(Unsound::Bomb);
        }
        match status {
            Ok(Status::StreamEnd) => return Ok(content),
            Ok(_) if inflater.total_in() > read || content.len() > written => {}
            _ => return Err(Unsound::Damaged),
        }
    }
}

/// One pass over the objects of a file or of an object stream.
#[derive(Default)]
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where objects may begin, in order, and their numbers.
    objects: &'a [(usize, u64)],
    /// The places of `endstream`.
    ends: Vec<usize>,
    /// These are the objects of an object stream.
    packed: bool,
    dicts: Vec<Dict>,
    /// Open arrays outside dictionaries.
    arrays: usize,
    /// An object may begin in what was passed over.
    hidden: bool,
    active: bool,
    locked: bool,
    pages: HashSet<u64>,
    streams: Vec<Packed<'a>>,
}

impl<'a> Scan<'a> {
    fn run(&mut self) -> Result<(), Unsound> {
        let (mut fresh, mut whole) = (false, None);
        while let Some(token) = self.token() {
            let (began, dict) = (mem::take(&mut fresh), whole.take());
            match token {
                Token::Name(name) => self.name(&name),
                Token::Word(word) if opens_object(word) => {
                    self.object();
                    fresh = true;
                }
                Token::Word(word) => self.word(word, dict)?,
                Token::Text => self.value(),
                Token::Open => self.open(began)?,
                Token::Close => whole = self.close(),
                Token::OpenArray => *self.arrays() += 1,
                Token::CloseArray => self.close_array(),
            }
        }
        Ok(())
    }

    /// Nothing was found that acts.
    fn idle(self) -> Result<Self, Unsound> {
        if self.active || (self.hidden && anywhere(self.bytes)) { Err(Unsound::Active) } else { Ok(self) }
    }

    fn name(&mut self, name: &[u8]) {
        self.locked |= name == b"Encrypt";
        self.active |= acts(name);
        if let Some(dict) = self.dicts.last_mut() {
            dict.name(name);
        }
    }

    /// An object begins. Where the one before it is still open, a reader that began there sees something else.
    fn object(&mut self) {
        self.hidden |= !self.dicts.is_empty() || self.arrays > 0;
        self.dicts.clear();
        self.arrays = 0;
    }

    fn word(&mut self, word: &[u8], before: Option<Dict>) -> Result<(), Unsound> {
        match before {
            Some(dict) if word == b"stream" => self.stream(dict),
            // Some readers do without the line's end.
            Some(_) if word.starts_with(b"stream") => Err(Unsound::Damaged),
            _ => {
                if let Some(dict) = self.dicts.last_mut() {
                    dict.word(word);
                }
                Ok(())
            }
        }
    }

    fn open(&mut self, fresh: bool) -> Result<(), Unsound> {
        if self.dicts.len() == DEPTH {
            return Err(Unsound::Damaged);
        }
        if let Some(dict) = self.dicts.last_mut() {
            dict.opens();
        }
        let whole = fresh && !self.packed;
        self.dicts.push(Dict { start: self.at - 2, whole, ..Dict::default() });
        Ok(())
    }

    /// The dictionary that a stream may follow.
    fn close(&mut self) -> Option<Dict> {
        let dict = self.dicts.pop()?;
        if dict.page {
            self.pages.insert(self.number(dict.start));
        }
        self.value();
        Some(dict).filter(|dict| dict.whole)
    }

    fn value(&mut self) {
        if let Some(dict) = self.dicts.last_mut() {
            dict.value();
        }
    }

    /// Which object a place belongs to. A page that was changed later stands in the file twice, with one number.
    fn number(&self, at: usize) -> u64 {
        let after = self.objects.partition_point(|(start, _)| *start <= at);
        after.checked_sub(1).and_then(|index| self.objects.get(index)).map_or(u64::MAX, |(_, number)| *number)
    }

    fn arrays(&mut self) -> &mut usize {
        match self.dicts.last_mut() {
            Some(dict) => &mut dict.arrays,
            None => &mut self.arrays,
        }
    }

    fn close_array(&mut self) {
        match self.dicts.last_mut() {
            Some(dict) => dict.close_array(),
            None => self.arrays = self.arrays.saturating_sub(1),
        }
    }

    /// Passes over a stream's body, and keeps the body when it holds objects.
    fn stream(&mut self, dict: Dict) -> Result<(), Unsound> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let line = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        let from = self.at + line;
        let said = dict.length.filter(|_| !dict.twice).and_then(|length| from.checked_add(length));
        let exact = said.filter(|end| self.ends_at(*end));
        let to = exact.or_else(|| self.next_end(from)).ok_or(Unsound::Damaged)?;
        self.pass(from - 1, to);
        if dict.holds_objects() {
            let body = self.bytes.get(from..to).unwrap_or_default();
            self.streams.push(Packed { body, exact: exact.is_some(), dict });
        }
        Ok(())
    }

    fn ends_at(&self, end: usize) -> bool {
        let rest = self.bytes.get(end..).unwrap_or_default();
        let gap = rest.iter().take(4).take_while(|byte| is_space(**byte)).count();
        rest[gap..].starts_with(b"endstream")
    }

    fn next_end(&self, from: usize) -> Option<usize> {
        self.ends.get(self.ends.partition_point(|end| *end < from)).copied()
    }

    /// Passes over what is not read, and notices when an object may begin in it.
    fn pass(&mut self, from: usize, to: usize) {
        let next = self.objects.partition_point(|(start, _)| *start <= from);
        self.hidden |= self.objects.get(next).is_some_and(|(start, _)| *start < to);
        self.at = to;
    }

    fn token(&mut self) -> Option<Token<'a>> {
        let bytes = self.bytes;
        loop {
            let from = self.at;
            let rest = bytes.get(from..)?;
            match *rest.first()? {
                b'%' => self.pass(from, from + length_to(rest, |byte| matches!(byte, b'\r' | b'\n'))),
                b'(' => {
                    self.pass(from, from + text(rest));
                    return Some(Token::Text);
                }
                b'<' if rest.starts_with(b"<<") => return self.sign(2, Token::Open),
                b'<' => {
                    let length = length_to(rest, |byte| byte == b'>') + 1;
                    self.pass(from, from + length.min(rest.len()));
                    return Some(Token::Text);
                }
                b'>' if rest.starts_with(b">>") => return self.sign(2, Token::Close),
                b'[' => return self.sign(1, Token::OpenArray),
                b']' => return self.sign(1, Token::CloseArray),
                b'/' => {
                    let name = regular(&rest[1..]);
                    return self.sign(name.len() + 1, Token::Name(plain(name)));
                }
                byte if is_regular(byte) => {
                    let word = regular(rest);
                    return self.sign(word.len(), Token::Word(word));
                }
                _ => self.at += 1,
            }
        }
    }

    fn sign(&mut self, length: usize, token: Token<'a>) -> Option<Token<'a>> {
        self.at += length;
        Some(token)
    }
}

fn length_to(bytes: &[u8], ends: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| ends(*byte)).unwrap_or(bytes.len())
}

/// `obj`, also where it sticks to the generation before it.
fn opens_object(word: &[u8]) -> bool {
    word.strip_suffix(b"obj").is_some_and(|before| before.iter().all(u8::is_ascii_digit))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::tests::ZIP;
    use super::super::{Sound, inspect};
    use super::*;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    const PAGE: &[u8] = b"<< /Type /Page /MediaBox [0 0 9 9] >>";

    /// Enough of a document: offsets are not looked at.
    fn document(objects: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        for (index, object) in objects.iter().enumerate() {
            bytes.extend_from_slice(format!("{} 0 obj\n", index + 1).as_bytes());
            bytes.extend_from_slice(object);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        bytes.extend_from_slice(b"trailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n");
        bytes
    }

    fn pages_of(objects: &[&[u8]]) -> Result<u32, Unsound> {
        inspect(document(objects), 5).map(|sound| sound.pages)
    }

    /// Judges a document of one page and something else.
    fn judge(extra: &[u8]) -> Result<u32, Unsound> {
        pages_of(&[PAGE, extra])
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(keys: &str, body: &[u8]) -> Vec<u8> {
        let head = format!("<< {keys} /Length {} >>\nstream\n", body.len());
        [head.as_bytes(), body, &b"\nendstream"[..]].concat()
    }

    fn flate(keys: &str, content: &[u8]) -> Vec<u8> {
        raw(&format!("{keys} /Filter /FlateDecode"), &zlib(content))
    }

    /// The keys and the content of an object stream that holds the objects 10, 11 and so on.
    fn packed(objects: &[&str]) -> (String, String) {
        let (mut heads, mut content) = (String::new(), String::new());
        for (index, object) in objects.iter().enumerate() {
            heads.push_str(&format!("{} {} ", index + 10, content.len()));
            content.push_str(object);
            content.push(' ');
        }
        (format!("/Type /ObjStm /N {} /First {}", objects.len(), heads.len()), heads + &content)
    }

    #[test]
    fn what_a_real_writer_writes_is_taken() {
        let mut document = krilla::Document::new();
        for _ in 0..3 {
            document.start_page_with(krilla::page::PageSettings::from_wh(200.0, 200.0).unwrap()).finish();
        }
        let bytes = document.finish().unwrap();
        assert_eq!(inspect(bytes.clone(), 3), Ok(Sound { media: "application/pdf", pages: 3, bytes }));
    }

    #[test]
    fn what_acts_is_refused() {
        let dangerous: &[&[u8]] = &[
            b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
            b"<< /S /J#61vaScript >>",
            b"[ (x) /#4A#53 (y) ]",
            b"<</S/Launch/F(calc.exe)>>",
            b"<< /Type /EmbeddedFile >>",
            b"<< /Names << /EmbeddedFiles 3 0 R >> >>",
            b"<< /EF << /F 3 0 R >> >>",
            b"<< /Subtype /RichMedia >>",
            b"<</AcroForm<</XFA 3 0 R>>>>",
            b"<< /S /SubmitForm >>",
            b"<< /S /ImportData >>",
            b"<< /S /GoToR >>",
            b"<< /ID [<aa><bb>] /A <aa>>> << /S /Launch >>",
        ];
        for extra in dangerous {
            assert_eq!(judge(extra), Err(Unsound::Active), "{}", String::from_utf8_lossy(extra));
        }
    }

    #[test]
    fn what_only_looks_like_it_is_taken() {
        let harmless: &[&[u8]] = &[
            b"<< /OpenAction [1 0 R /Fit] >>",
            b"<< /A << /S /URI /URI (https://example.org/JavaScript/Launch) >> >>",
            b"<< /OpenAction << /S /GoTo /D [1 0 R /Fit] >> >>",
            b"<< /AcroForm << /Fields [] >> >>",
            b"(/JavaScript (nested \\) /JS) /Launch)",
            b"% /JavaScript\n<< >>",
            b"<2F4A53>",
            b"<< /JavaScripts 1 /JSON 2 /A#2FJS 3 >>",
        ];
        for extra in harmless {
            assert_eq!(judge(extra), Ok(1), "{}", String::from_utf8_lossy(extra));
        }
        assert_eq!(judge(&raw("", b"/JavaScript /JS (x) /Launch")), Ok(1));
        assert_eq!(judge(&raw("", b"see 9 0 obj for more")), Ok(1));
        assert_eq!(judge(b"<< /Length 3 0 R >>\nstream\n/JavaScript (\nendstream"), Ok(1));
        assert_eq!(judge(b"<< /Length 3 >>\nstream\n/JavaScript (\nendstream"), Ok(1));
    }

    #[test]
    fn objects_may_not_hide() {
        assert_eq!(judge(&raw("", b"9 0 obj << /S /JavaScript >> endobj")), Err(Unsound::Active));
        assert_eq!(judge(b"( 9 0 obj << /S /JavaScript >> )"), Err(Unsound::Active));
        assert_eq!(judge(b"% 9 0 obj << /S /JavaScript >>\n<< >>"), Err(Unsound::Active));
        assert_eq!(judge(b"( 9 0%\nobj<< /S /JavaScript >> )"), Err(Unsound::Active));
        let open = b"<< /X << /Y 6 0 obj << /Length 9 >> stream\n/S /JavaScript\nendstream >>";
        assert_eq!(judge(open), Err(Unsound::Active));
        let nested = b"<< /A << /Length 9 >> stream\n/S /JavaScript\nendstream >>";
        assert_eq!(judge(nested), Err(Unsound::Active));
        assert_eq!(judge(b"<< >>\nstreamx\nendstream"), Err(Unsound::Damaged));
        assert_eq!(judge(b"<< >>\nstream\n"), Err(Unsound::Damaged));
    }

    #[test]
    fn object_streams_are_read() {
        let (keys, content) = packed(&["<< /Type /Page >>", "<< /Type /Pages >>", "<< /Type /Page >>"]);
        assert_eq!(judge(&flate(&keys, content.as_bytes())), Ok(3));
        assert_eq!(judge(&raw(&keys, content.as_bytes())), Ok(3));
        let (keys, content) = packed(&["<< >>", "<< /S /Java#53cript /JS (x) >>"]);
        assert_eq!(judge(&flate(&keys, content.as_bytes())), Err(Unsound::Active));
        assert_eq!(judge(&raw(&keys, content.as_bytes())), Err(Unsound::Active));
        assert_eq!(judge(&flate("/N 2 /First 10", content.as_bytes())), Err(Unsound::Active));
        assert_eq!(judge(&flate("/Type /Metadata", content.as_bytes())), Ok(1));
        let (keys, content) = packed(&["<< /A (/JavaScript) >>", "(a string)"]);
        assert_eq!(judge(&flate(&keys, content.as_bytes())), Ok(1));
    }

    #[test]
    fn object_streams_must_be_readable() {
        let (keys, content) = packed(&["<< /Type /Catalog >>"]);
        let other = raw(&format!("{keys} /Filter /LZWDecode"), content.as_bytes());
        assert_eq!(judge(&other), Err(Unsound::Damaged));
        let chained = raw(&format!("{keys} /Filter [/ASCIIHexDecode /FlateDecode]"), &zlib(content.as_bytes()));
        assert_eq!(judge(&chained), Err(Unsound::Damaged));
        let predicted = flate(&format!("{keys} /DecodeParms << /Predictor 12 >>"), content.as_bytes());
        assert_eq!(judge(&predicted), Err(Unsound::Damaged));
        let whole = zlib(content.as_bytes());
        let listed = format!("{keys} /Filter [/FlateDecode]");
        assert_eq!(judge(&raw(&listed, &whole)), Ok(1));
        assert_eq!(judge(&raw(&listed, &whole[..whole.len() - 6])), Err(Unsound::Damaged));
        let head = "/Type /ObjStm /N 1 /First 5";
        assert_eq!(judge(&flate(head, b"10 0 (<< /S /Launch >>)")), Ok(1));
        assert_eq!(judge(&flate(head, b"10 1 (<< /S /Launch >>)")), Err(Unsound::Active), "it begins in the string");
    }

    #[test]
    fn encrypted_documents_are_refused() {
        assert_eq!(judge(b"<< /Type /XRef /Encrypt 3 0 R >>"), Err(Unsound::Locked));
        assert_eq!(judge(b"<< /Encr#79pt 3 0 R >>"), Err(Unsound::Locked));
        assert_eq!(judge(b"<< /EncryptMetadata false /A (/Encrypt) >>"), Ok(1));
        let garbled = raw("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", b"not zlib");
        assert_eq!(pages_of(&[PAGE, &garbled]), Err(Unsound::Damaged));
        assert_eq!(pages_of(&[PAGE, &garbled, b"<< /Encrypt 1 0 R >>"]), Err(Unsound::Locked));
    }

    #[test]
    fn bombs_are_refused() {
        let spaces = zlib(&[b' '; 1000]);
        assert_eq!(inflate(&spaces, 1000).map(|content| content.len()), Ok(1000));
        assert_eq!(inflate(&spaces, 999), Err(Unsound::Bomb));
        let bomb = flate("/Type /ObjStm /N 0 /First 0", &vec![b' '; STREAM + 1]);
        assert_eq!(judge(&bomb), Err(Unsound::Bomb));
        assert_eq!(judge(&b"<<".repeat(DEPTH + 1)), Err(Unsound::Damaged));
    }

    #[test]
    fn pages_are_counted() {
        assert_eq!(pages_of(&[PAGE; 5]), Ok(5));
        assert_eq!(pages_of(&[PAGE; 6]), Err(Unsound::Pages));
        assert_eq!(pages_of(&[b"<< /Type /Pages >>", b"(/Type /Page)"]), Err(Unsound::Damaged));
        assert_eq!(pages_of(&[b"<</Kids[]/Type%\n/P#61ge>>"]), Ok(1));
        let update = [&b"1 0 obj\n"[..], PAGE, &b"\nendobj\nstartxref\n9\n%%EOF\n"[..]].concat();
        let changed = [document(&[PAGE]), update].concat();
        assert_eq!(inspect(changed, 5).map(|sound| sound.pages), Ok(1));
    }

    #[test]
    fn documents_end_where_they_say() {
        let whole = document(&[PAGE]);
        let with = |tail: &[u8]| inspect([&whole[..], tail].concat(), 5).map(|sound| sound.pages);
        assert_eq!(with(b"\r\n \0"), Ok(1));
        assert_eq!(with(b"<html></html>"), Err(Unsound::Polyglot));
        assert_eq!(with(ZIP), Err(Unsound::Polyglot));
        assert_eq!(with(&b"x".repeat(TAIL)), Err(Unsound::Damaged));
        let end = b"\nstartxref\n9999999\n%%EOF";
        let mut archive = ZIP.to_vec();
        archive[20] = end.len() as u8;
        archive.extend_from_slice(end);
        assert_eq!(with(&archive), Err(Unsound::Polyglot));
        assert_eq!(with(b"startxref\n%%EOF"), Err(Unsound::Damaged));
        assert_eq!(inspect(b"%PDF-1.7\n%%EOF\n".to_vec(), 5), Err(Unsound::Damaged));
    }

    /// Nothing here may take time that grows with the square of the length.
    #[test]
    fn hostile_files_are_judged_quickly() {
        let parts = [
            "(",
            "((\\",
            "<",
            "<a>",
            "<<>>",
            "/",
            "/#",
            "[",
            "%",
            "1 0 obj(",
            "1 0 obj<<>>stream\n",
            " obj ",
            "endstream ",
            "1 0 obj<</Length 1>>stream\n endstream ",
            "1 0 obj<</Length 99999>>stream\n",
            "1 0 obj % 2 0 obj ",
        ];
        for part in parts {
            let body = part.repeat(100_000 / part.len());
            for end in ["", " endstream", ")", ">"] {
                let verdict = judge(&[body.as_bytes(), end.as_bytes()].concat());
                assert!(verdict.is_err() || verdict == Ok(1), "{part}");
            }
        }
    }
}
