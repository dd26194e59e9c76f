//! Uploads that go on where they stopped, what is taken of files, and the personal store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use futures_util::future::{self, BoxFuture};
use futures_util::stream;
use onething_server::files::blobs;
use onething_server::files::scan::{Scanner, Verdict};
use onething_server::{clock, housekeeping};
use serde_json::{Value, json};

use crate::support::*;

const PHOTO: [(&str, &str); 3] = [("filename", "宝宝.png"), ("bundle", "newborn"), ("material", "m_ss_photo")];
/// Where pieces of uploads lie.
const PIECES: &str = "files/uploads";
/// Where whole files lie.
const WHOLE: &str = "files/files";
/// The end of an empty ZIP archive.
const ZIP: &[u8] = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

fn request(method: Method, path: &str, cookie: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::COOKIE, cookie);
    let with = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    with.body(body).unwrap()
}

fn metadata(pairs: &[(&str, &str)]) -> String {
    let pair =
        |(key, value): &(&str, &str)| format!("{key} {}", base64::engine::general_purpose::STANDARD.encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join(",")
}

/// What a header says.
fn said<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers[name].to_str().unwrap()
}

async fn create(service: &Service, cookie: &str, headers: &[(&str, &str)]) -> Answer {
    service.send(request(Method::POST, "/api/v1/uploads", cookie, headers, Body::empty())).await
}

async fn patch(who: &Caller<'_>, place: &str, headers: &[(&str, &str)], bytes: &[u8]) -> Answer {
    who.service.send(request(Method::PATCH, place, &who.cookie, headers, Body::from(bytes.to_vec()))).await
}

fn place(begun: &Answer) -> String {
    assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.body);
    said(begun, "location").to_owned()
}

async fn begun(who: &Caller<'_>, length: usize) -> String {
    place(&who.begin(&PHOTO, length).await)
}

async fn state(who: &Caller<'_>, place: &str) -> Answer {
    who.get(place.strip_prefix("/api/v1").unwrap()).await
}

async fn give_up(who: &Caller<'_>, place: &str) -> Answer {
    let headers = [("tus-resumable", "1.0.0")];
    who.service.send(request(Method::DELETE, place, &who.cookie, &headers, Body::empty())).await
}

/// Goes on with an upload on a connection that breaks after these bytes.
async fn cut_off(who: &Caller<'_>, place: &str, offset: usize, bytes: &[u8]) -> Answer {
    let packets = bytes.chunks(70_000).map(|packet| Ok(packet.to_vec()));
    let packets: Vec<Result<Vec<u8>, std::io::Error>> =
        packets.chain([Err(std::io::Error::other("the connection broke"))]).collect();
    let offset = offset.to_string();
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("content-type", "application/offset+octet-stream"),
        ("upload-offset", offset.as_str()),
    ];
    let body = Body::from_stream(stream::iter(packets));
    who.service.send(request(Method::PATCH, place, &who.cookie, &headers, body)).await
}

/// A photo given for the newborn's social security card.
async fn photo(who: &Caller<'_>, bytes: &[u8]) -> Value {
    let given = who.upload_for("newborn", "m_ss_photo", bytes).await;
    given.unwrap_or_else(|answer| panic!("{}", answer.body))
}

fn id(document: &Value) -> &str {
    document["id"].as_str().unwrap()
}

async fn content(who: &Caller<'_>, document: &Value) -> Answer {
    who.get(&format!("/documents/{}/content", id(document))).await
}

async fn delete(who: &Caller<'_>, document: &Value) -> Answer {
    who.send(Method::DELETE, &format!("/documents/{}", id(document)), None, None, &json!({})).await
}

async fn listed(who: &Caller<'_>, document: &Value) -> Option<Value> {
    let all = who.get("/documents").await.body;
    all.as_array().unwrap().iter().find(|one| one["id"] == document["id"]).cloned()
}

/// Every file below a folder of the service's data.
fn files(service: &Service, folder: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), found);
            } else {
                found.push(entry.path());
            }
        }
    }
    let mut found = Vec::new();
    walk(&service.data.join(folder), &mut found);
    found
}

async fn rows(service: &Service, table: &str) -> i64 {
    let query = format!("SELECT COUNT(*) FROM {table}");
    let (count,): (i64,) =
        sqlx::query_as(sqlx::AssertSqlSafe(query)).fetch_one(service.app.store.reads()).await.unwrap();
    count
}

/// Makes a column of times one of the past.
async fn make_past(service: &Service, statement: &'static str) {
    let past = clock::stored_in(-1);
    let write = service.app.store.write(Box::new(move |connection| {
        Box::pin(async move {
            sqlx::query(statement).bind(past).execute(connection).await?;
            Ok(())
        })
    }));
    write.await.unwrap();
}

/// A picture nobody can make smaller: about 1.5 MB with a side of 720, in several pieces.
fn noise(side: u32) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let picture = image::RgbImage::from_fn(side, side, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let [red, green, blue, ..] = state.to_be_bytes();
        image::Rgb([red, green, blue])
    });
    encoded(&picture, image::ImageFormat::Png)
}

fn encoded(picture: &image::RgbImage, format: image::ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn jpeg() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(32, 16, |x, y| image::Rgb([x as u8 * 8, y as u8 * 16, 90]));
    encoded(&picture, image::ImageFormat::Jpeg)
}

/// A document of one page, with more in its catalogue, among its objects and in its trailer.
fn pdf(catalogue: &str, objects: &[u8], trailer: &str) -> Vec<u8> {
    let head = format!(
        "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R {catalogue} >>\nendobj\n\
         2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n\
         3 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n"
    );
    let tail = format!("trailer\n<< /Root 1 0 R /Size 5 {trailer} >>\nstartxref\n0\n%%EOF\n");
    [head.as_bytes(), objects, tail.as_bytes()].concat()
}

/// Objects that are 17 MB once they are unpacked.
fn unpacks_to_much() -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, &vec![b' '; 17 << 20]).unwrap();
    let packed = packer.finish().unwrap();
    let head =
        format!("4 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length {} >>\nstream\n", packed.len());
    [head.as_bytes(), &packed, b"\nendstream\nendobj\n"].concat()
}

/// A picture whose pixels are gone over more often than any camera asks for.
fn scanned_often() -> Vec<u8> {
    let whole = jpeg();
    let scan = whole.windows(2).rposition(|marker| marker == [0xFF, 0xDA]).unwrap();
    let end = whole.len() - 2;
    [&whole[..scan], &whole[scan..end].repeat(40), &whole[end..]].concat()
}

/// Knows nothing of any file.
struct Silent;

impl Scanner for Silent {
    fn scan<'a>(&'a self, _: &'a [u8]) -> BoxFuture<'a, Verdict> {
        Box::pin(async { Verdict::Unknown })
    }
}

on_every_database! {
    what_uploads_take_is_told_and_kept_to(service) {
        let can = service.send(Request::options("/api/v1/uploads").body(Body::empty()).unwrap()).await;
        assert_eq!(can.status, StatusCode::NO_CONTENT);
        assert_eq!((said(&can, "tus-version"), said(&can, "tus-resumable")), ("1.0.0", "1.0.0"));
        for extension in ["creation", "expiration", "termination"] {
            assert!(said(&can, "tus-extension").split(',').any(|one| one == extension), "{extension}");
        }
        let most = service.app.catalogue.region.uploads.most_bytes;
        assert_eq!(said(&can, "tus-max-size"), most.to_string());
        let mother = service.sign_in("mother").await;
        let about = metadata(&PHOTO);
        let whole = [("tus-resumable", "1.0.0"), ("upload-length", "10"), ("upload-metadata", about.as_str()), ("idempotency-key", "upload-key-1")];
        let without = |name: &str| whole.iter().copied().filter(|(header, _)| *header != name).collect::<Vec<_>>();
        create(service, "onething_session=x", &whole).await.refused(401, "signed-out");
        create(service, &mother.cookie, &without("tus-resumable")).await.refused(412, "upload-protocol");
        create(service, &mother.cookie, &without("upload-length")).await.refused(400, "malformed");
        create(service, &mother.cookie, &without("upload-metadata")).await.refused(400, "malformed");
        create(service, &mother.cookie, &without("idempotency-key")).await.refused(400, "idempotency-key-missing");
        for (name, value) in [("upload-length", "-1"), ("upload-length", "ten")] {
            let mut headers = without(name);
            headers.push((name, value));
            create(service, &mother.cookie, &headers).await.refused(400, "malformed");
        }
        mother.begin(&[("bundle", "nothing"), ("material", "m_ss_photo")], 10).await.refused(400, "malformed");
        mother.begin(&[("bundle", "newborn"), ("material", "m_nothing")], 10).await.refused(400, "malformed");
        mother.begin(&PHOTO, 0).await.refused(422, "file-empty");
        let most = usize::try_from(most).unwrap();
        mother.begin(&PHOTO, most + 1).await.refused(413, "too-large");
        assert_eq!(rows(service, "uploads").await, 0, "nothing refused left anything behind");
        begun(&mother, most).await;
        // A creation whose answer was lost is the same upload; the same key for another file is none.
        let first = create(service, &mother.cookie, &whole).await;
        let again = create(service, &mother.cookie, &whole).await;
        assert_eq!(place(&first), place(&again));
        let mut other = without("upload-length");
        other.push(("upload-length", "11"));
        create(service, &mother.cookie, &other).await.refused(422, "idempotency-key-reused");
        assert_eq!(rows(service, "uploads").await, 2);
    }

    bytes_go_on_where_they_stopped_and_nowhere_else(service) {
        let mother = service.sign_in("mother").await;
        let photo = fresh_picture();
        let (half, length) = (photo.len() / 2, photo.len());
        let place = begun(&mother, length).await;
        let told = state(&mother, &place).await;
        assert_eq!((&told.body["offset"], &told.body["length"], &told.body["document"]), (&json!(0), &json!(length), &Value::Null));
        assert_eq!((said(&told, "upload-offset"), said(&told, "cache-control")), ("0", "no-store"));
        assert!(said(&told, "upload-expires").ends_with("GMT"));
        mother.go_on(&place, 1, &photo[1..]).await.refused(409, "upload-offset");
        let sent = mother.go_on(&place, 0, &photo[..half]).await;
        let here = half.to_string();
        assert_eq!((sent.status, said(&sent, "upload-offset")), (StatusCode::NO_CONTENT, here.as_str()));
        for offset in [0, half - 5, half + 5] {
            mother.go_on(&place, offset, &photo[offset..]).await.refused(409, "upload-offset");
        }
        let beyond = [&photo[half..], &b"x"[..]].concat();
        mother.go_on(&place, half, &beyond).await.refused(413, "too-large");
        let whole = [("tus-resumable", "1.0.0"), ("upload-offset", here.as_str()), ("content-type", "application/offset+octet-stream")];
        let rest = &photo[half..];
        patch(&mother, &place, &whole[..2], rest).await.refused(415, "media-type");
        let other = [whole[0], whole[1], ("content-type", "application/json")];
        patch(&mother, &place, &other, rest).await.refused(415, "media-type");
        patch(&mother, &place, &whole[1..], rest).await.refused(412, "upload-protocol");
        patch(&mother, &place, &[whole[0], whole[2]], rest).await.refused(400, "malformed");
        let head = service.send(request(Method::HEAD, &place, &mother.cookie, &whole[..1], Body::empty())).await;
        assert_eq!((head.status, said(&head, "upload-offset")), (StatusCode::OK, here.as_str()));
        assert_eq!(said(&head, "upload-length"), length.to_string());
        assert!(head.bytes.is_empty());
        assert_eq!(patch(&mother, &place, &whole, rest).await.status, StatusCode::NO_CONTENT);
        let ended = state(&mother, &place).await.body;
        assert_eq!((&ended["offset"], ended["document"]["id"].is_string()), (&json!(length), true), "{ended}");
        assert_eq!(content(&mother, &ended["document"]).await.bytes, photo);
        // What has ended takes nothing more, and says so again to whoever missed it.
        mother.go_on(&place, length, b"x").await.refused(413, "too-large");
        assert_eq!(mother.go_on(&place, length, &[]).await.status, StatusCode::NO_CONTENT);
        mother.go_on("/api/v1/uploads/nothing", 0, b"x").await.refused(404, "not-found");
    }

    a_connection_that_breaks_costs_nothing(service) {
        let mother = service.sign_in("mother").await;
        let photo = noise(720);
        assert!(photo.len() > 1_400_000);
        let place = begun(&mother, photo.len()).await;
        let mut at = 0;
        for percent in [1, 50, 99] {
            let cut = photo.len() * percent / 100;
            cut_off(&mother, &place, at, &photo[at..cut]).await.refused(503, "unavailable");
            let told = state(&mother, &place).await.body;
            assert_eq!((&told["offset"], &told["document"]), (&json!(cut), &Value::Null), "cut at {percent} %");
            at = cut;
        }
        assert!(files(service, PIECES).len() > 3, "what arrived lies there in pieces");
        assert_eq!(mother.go_on(&place, at, &photo[at..]).await.status, StatusCode::NO_CONTENT);
        let document = state(&mother, &place).await.body["document"].clone();
        assert_eq!(document["size"], json!(photo.len()));
        assert_eq!(blobs::digest(&content(&mother, &document).await.bytes), blobs::digest(&photo));
        assert_eq!(files(service, PIECES), Vec::<PathBuf>::new(), "pieces end with the upload");
    }

    another_content_than_announced_is_refused(service) {
        let mother = service.sign_in("mother").await;
        let (photo, other) = (fresh_picture(), fresh_picture());
        assert_eq!(photo.len(), other.len());
        let announced = blobs::digest(&photo).to_uppercase();
        let about = [PHOTO[0], PHOTO[1], PHOTO[2], ("sha256", announced.as_str())];
        let wrong = place(&mother.begin(&about, other.len()).await);
        mother.go_on(&wrong, 0, &other).await.refused(422, "file-changed");
        state(&mother, &wrong).await.refused(404, "not-found");
        assert_eq!(files(service, PIECES), Vec::<PathBuf>::new());
        let right = place(&mother.begin(&about, photo.len()).await);
        assert_eq!(mother.go_on(&right, 0, &photo).await.status, StatusCode::NO_CONTENT);
    }

    of_two_at_the_same_byte_one_counts(service) {
        let mother = service.sign_in("mother").await;
        let photo = noise(64);
        let half = photo.len() / 2;
        let place = begun(&mother, photo.len()).await;
        let (one, two) = future::join(mother.go_on(&place, 0, &photo[..half]), mother.go_on(&place, 0, &photo[..half])).await;
        let (lost, won) = if one.status == StatusCode::NO_CONTENT { (two, one) } else { (one, two) };
        assert_eq!(won.status, StatusCode::NO_CONTENT, "{}", won.body);
        lost.refused(409, "upload-offset");
        assert_eq!(state(&mother, &place).await.body["offset"], json!(half));
        assert_eq!(files(service, PIECES).len(), 1, "the piece that did not count is gone");
        assert_eq!(mother.go_on(&place, half, &photo[half..]).await.status, StatusCode::NO_CONTENT);
        let document = state(&mother, &place).await.body["document"].clone();
        assert_eq!(content(&mother, &document).await.bytes, photo);
    }

    an_upload_can_be_given_up(service) {
        let mother = service.sign_in("mother").await;
        let photo = noise(64);
        let place = begun(&mother, photo.len()).await;
        mother.go_on(&place, 0, &photo[..100]).await;
        assert_eq!(files(service, PIECES).len(), 1);
        service.send(request(Method::DELETE, &place, &mother.cookie, &[], Body::empty())).await.refused(412, "upload-protocol");
        assert_eq!(give_up(&mother, &place).await.status, StatusCode::NO_CONTENT);
        state(&mother, &place).await.refused(404, "not-found");
        mother.go_on(&place, 100, &photo[100..]).await.refused(404, "not-found");
        give_up(&mother, &place).await.refused(404, "not-found");
        assert_eq!((files(service, PIECES).len(), rows(service, "uploads").await), (0, 0));
    }

    an_upload_nobody_ends_is_erased(service) {
        let mother = service.sign_in("mother").await;
        let photo = noise(64);
        let (late, kept) = (begun(&mother, photo.len()).await, begun(&mother, photo.len()).await);
        mother.go_on(&late, 0, &photo[..100]).await;
        make_past(service, "UPDATE uploads SET expires_at = $1 WHERE received > 0").await;
        mother.go_on(&kept, 0, &photo[..100]).await;
        state(&mother, &late).await.refused(404, "not-found");
        mother.go_on(&late, 100, &photo[100..]).await.refused(404, "not-found");
        assert_eq!(files(service, PIECES).len(), 2);
        housekeeping::tidy(&service.app).await.unwrap();
        assert_eq!((files(service, PIECES).len(), rows(service, "uploads").await), (1, 1));
        assert_eq!(mother.go_on(&kept, 100, &photo[100..]).await.status, StatusCode::NO_CONTENT, "the other one goes on");
    }

    only_sound_pictures_and_documents_are_taken(service) {
        let mother = service.sign_in("mother").await;
        let before = mother.get("/documents").await.body.as_array().unwrap().len();
        let (png, jpeg, plain) = (picture(1), jpeg(), pdf("", b"", ""));
        let with = |bytes: &[u8], more: &[u8]| [bytes, more].concat();
        let malware = ["% X5O!P%@AP[4\\PZX54(P^)7CC)7}$EIC", "AR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\n"].concat();
        let side = 65_535_u32.to_be_bytes();
        let huge = [&png[..8], &[0, 0, 0, 13], b"IHDR", &side, &side, &[8, 2, 0, 0, 0, 0, 0, 0, 0]].concat();
        let pages: String = (10..40).map(|number| format!("{number} 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n")).collect();
        let html = b"<!doctype html><script>alert(1)</script>";
        for (what, bytes, kind) in [
            ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), "file-kind"),
            ("html", html.to_vec(), "file-kind"),
            ("xml", b"<?xml version='1.0'?><a/>".to_vec(), "file-kind"),
            ("gif that is a script", b"GIF89a=1;alert(1)//".to_vec(), "file-kind"),
            ("zip", with(b"PK\x03\x04../../etc/passwd", ZIP), "file-kind"),
            ("exe", b"MZ\x90\0\x03\0\0\0".to_vec(), "file-kind"),
            ("jpeg and html", with(&jpeg, html), "file-polyglot"),
            ("pdf and zip", with(&plain, ZIP), "file-polyglot"),
            ("png and more", with(&png, b"<script>alert(1)</script>"), "file-polyglot"),
            ("65535 by 65535", huge, "file-pixels"),
            ("half a png", png[..png.len() / 2].to_vec(), "file-damaged"),
            ("half a jpeg", jpeg[..jpeg.len() / 2].to_vec(), "file-damaged"),
            ("half a pdf", plain[..plain.len() / 2].to_vec(), "file-damaged"),
            ("javascript", pdf("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>", b"", ""), "file-active"),
            ("javascript spelt otherwise", pdf("/OpenAction << /S /J#61vaScript >>", b"", ""), "file-active"),
            ("a file in a pdf", pdf("/Names << /EmbeddedFiles 9 0 R >>", b"", ""), "file-active"),
            ("encrypted", pdf("", b"", "/Encrypt 5 0 R"), "file-locked"),
            ("31 pages", pdf("", pages.as_bytes(), ""), "file-pages"),
            ("pdf that unpacks to much", pdf("", &unpacks_to_much(), ""), "file-bomb"),
            ("jpeg of 40 scans", scanned_often(), "file-bomb"),
            ("malware", pdf("", malware.as_bytes(), ""), "file-infected"),
            ("malware that is no picture", malware.into_bytes(), "file-infected"),
        ] {
            let Err(answer) = mother.upload_for("newborn", "m_ss_photo", &bytes).await else { panic!("{what}: taken") };
            assert_eq!((answer.status.as_u16(), answer.problem()), (422, kind), "{what}: {}", answer.body);
        }
        // Nothing of it stays; what is sound is taken as what it is, however it is called.
        assert_eq!(mother.get("/documents").await.body.as_array().unwrap().len(), before);
        assert_eq!((files(service, PIECES).len(), rows(service, "uploads").await), (0, 0));
        for (bytes, media) in [(png, "image/png"), (jpeg, "image/jpeg"), (plain, "application/pdf")] {
            let document = photo(&mother, &bytes).await;
            assert_eq!((&document["media"], &document["pages"]), (&json!(media), &json!(1)));
            content(&mother, &document).await.downloaded(media);
        }
    }

    a_scanner_that_is_silent_loses_nothing(service) {
        let mother = service.sign_in("mother").await;
        let photo = fresh_picture();
        let place = begun(&mother, photo.len()).await;
        let deaf = service.but(|app| app.files.scanner = Arc::new(Silent));
        let there = Caller { service: &deaf, cookie: mother.cookie.clone() };
        let answer = there.go_on(&place, 0, &photo).await;
        answer.refused(503, "unavailable");
        assert!(answer.headers.contains_key(header::RETRY_AFTER));
        let told = state(&there, &place).await.body;
        assert_eq!((&told["offset"], &told["document"]), (&json!(photo.len()), &Value::Null), "nothing unjudged is kept");
        // The scanner is back: what has arrived is judged without being sent again.
        let document = state(&mother, &place).await.body["document"].clone();
        assert_eq!(content(&mother, &document).await.bytes, photo);
    }

    names_of_files_are_made_harmless(service) {
        let mother = service.sign_in("mother").await;
        let (long, cut) = ("长".repeat(300), "长".repeat(100));
        for (sent, kept) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie: x=1.png"),
            ("..", "file"),
            ("", "file"),
            (long.as_str(), cut.as_str()),
            ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
        ] {
            let photo = fresh_picture();
            let place = place(&mother.begin(&[("filename", sent), PHOTO[1], PHOTO[2]], photo.len()).await);
            mother.go_on(&place, 0, &photo).await;
            let document = state(&mother, &place).await.body["document"].clone();
            assert_eq!(document["name"], json!(kept));
            let answer = content(&mother, &document).await;
            answer.downloaded("image/png");
            let disposition = said(&answer, "content-disposition");
            let name = disposition.strip_prefix("attachment; filename*=UTF-8''").unwrap();
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{disposition}");
            assert!(!answer.headers.contains_key(header::SET_COOKIE));
        }
    }

    a_photo_does_not_say_where_it_was_taken(service) {
        let mother = service.sign_in("mother").await;
        let plain = jpeg();
        // Exif: one entry, which points to where the place stands.
        let place = b"GPS 39.9042 N 116.4074 E";
        let exif = [&b"Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x88\x25\0\x04\0\0\0\x01\0\0\0\x1A\0\0\0\0"[..], place].concat();
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let taken = [&plain[..2], &[0xFF, 0xE1], &length, &exif, &plain[2..]].concat();
        assert!(image::load_from_memory(&taken).is_ok(), "it is a picture before");
        let document = photo(&mother, &taken).await;
        let kept = content(&mother, &document).await;
        kept.downloaded("image/jpeg");
        for trace in [&b"Exif"[..], b"GPS", b"39.9042"] {
            assert!(!kept.bytes.windows(trace.len()).any(|window| window == trace));
        }
        assert_eq!(kept.bytes, plain, "the rest is the picture as it was");
        assert_eq!(document["size"], json!(plain.len()));
    }

    uploads_and_documents_are_nobody_else_s(service) {
        let mother = service.sign_in("mother").await;
        let pictured = fresh_picture();
        let place = begun(&mother, pictured.len()).await;
        let document = photo(&mother, &fresh_picture()).await;
        let all = mother.get("/documents").await.body;
        let certificate = all.as_array().unwrap().iter().find(|one| one["kind"] == "e_certificate").unwrap().clone();
        let (buyer, clerk) = (service.sign_in("buyer").await, service.sign_in("clerk").await);
        for other in [&buyer, &clerk] {
            state(other, &place).await.refused(404, "not-found");
            other.go_on(&place, 0, &pictured).await.refused(404, "not-found");
            give_up(other, &place).await.refused(404, "not-found");
            for one in [&document, &certificate] {
                content(other, one).await.refused(404, "not-found");
                delete(other, one).await.refused(404, "not-found");
                assert!(listed(other, one).await.is_none());
            }
            let replaces = [PHOTO[0], PHOTO[1], PHOTO[2], ("replaces", id(&document))];
            other.begin(&replaces, 10).await.refused(404, "not-found");
        }
        let nobody = Caller { service, cookie: "onething_session=x".into() };
        state(&nobody, &place).await.refused(401, "signed-out");
        nobody.go_on(&place, 0, &pictured).await.refused(401, "signed-out");
        give_up(&nobody, &place).await.refused(401, "signed-out");
        nobody.get("/documents").await.refused(401, "signed-out");
        content(&nobody, &document).await.refused(401, "signed-out");
        delete(&nobody, &document).await.refused(401, "signed-out");
        assert_eq!(mother.go_on(&place, 0, &pictured).await.status, StatusCode::NO_CONTENT, "it is still hers");
        content(&mother, &certificate).await.downloaded("image/svg+xml");
        content(&mother, &document).await.downloaded("image/png");
    }

    the_same_content_is_one_document(service) {
        let mother = service.sign_in("mother").await;
        let pictured = fresh_picture();
        let first = photo(&mother, &pictured).await;
        let count = mother.get("/documents").await.body.as_array().unwrap().len();
        assert_eq!(photo(&mother, &pictured).await["id"], first["id"]);
        assert_eq!(mother.get("/documents").await.body.as_array().unwrap().len(), count);
        // As another kind of paper it is another document over the same content.
        let other = mother.upload_for("newborn", "m_nonmarital", &pictured).await.unwrap_or_else(|answer| panic!("{}", answer.body));
        assert_ne!(other["id"], first["id"]);
        assert_eq!(delete(&mother, &first).await.status, StatusCode::NO_CONTENT);
        assert_eq!(content(&mother, &other).await.bytes, pictured);
    }

    a_file_is_erased_with_the_last_who_has_it(service) {
        let (mother, buyer) = (service.sign_in("mother").await, service.sign_in("buyer").await);
        let before = files(service, WHOLE).len();
        let pictured = fresh_picture();
        let (hers, another) = (photo(&mother, &pictured).await, photo(&buyer, &pictured).await);
        assert_ne!(hers["id"], another["id"]);
        // What was written twice is erased when its hour is over.
        make_past(service, "UPDATE doomed SET since = $1").await;
        housekeeping::tidy(&service.app).await.unwrap();
        assert_eq!((files(service, WHOLE).len(), rows(service, "doomed").await), (before + 1, 0));
        assert_eq!(delete(&mother, &hers).await.status, StatusCode::NO_CONTENT);
        content(&mother, &hers).await.refused(404, "not-found");
        assert_eq!(content(&buyer, &another).await.bytes, pictured, "the other one's stays");
        assert_eq!(delete(&buyer, &another).await.status, StatusCode::NO_CONTENT);
        assert_eq!((files(service, WHOLE).len(), rows(service, "doomed").await), (before, 0));
        // The same content again is a file of its own again.
        let again = photo(&mother, &pictured).await;
        assert_eq!(content(&mother, &again).await.bytes, pictured);
    }

    a_document_deleted_leaves_the_draft_it_was_given_to(service) {
        let mother = service.sign_in("mother").await;
        let (draft, version) = mother.draft("newborn", json!({ "married": "yes" })).await;
        let document = photo(&mother, &fresh_picture()).await;
        let body = json!({ "provided": { "how": "documents", "documents": [document["id"]] } });
        let path = format!("/drafts/{draft}/materials/m_ss_photo");
        let saved = mother.send(Method::PUT, &path, Some("provide-key"), Some(version), &body).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.body);
        let uses = listed(&mother, &document).await.unwrap()["uses"].clone();
        assert_eq!((uses.as_array().unwrap().len(), &uses[0]["application"], &uses[0]["notice"]), (1, &Value::Null, &Value::Null), "{uses}");
        assert_eq!(delete(&mother, &document).await.status, StatusCode::NO_CONTENT);
        let now = mother.get(&format!("/drafts/{draft}")).await.body;
        assert_eq!(now["materials"].get("m_ss_photo"), None);
        assert_eq!(now["version"].as_i64().unwrap(), saved.body["version"].as_i64().unwrap() + 1, "whoever has it open is told");
        let again = mother.send(Method::PUT, &path, Some("provide-again"), now["version"].as_i64(), &body).await;
        again.refused(404, "not-found");
    }

    a_submitted_document_stays_with_the_desks_that_need_it(service) {
        let buyer = service.sign_in("buyer").await;
        let (draft, version) = buyer.ready().await;
        let given = buyer.get(&format!("/drafts/{draft}")).await.body["materials"].clone();
        let of = |material: &str| json!({ "id": given[material]["documents"][0] });
        let (identity, household) = (of("m_ids"), of("m_household"));
        let bytes = content(&buyer, &identity).await.bytes;
        let case = buyer.submit(&draft, version, "submit-key-1").await.body;
        let lane = |item: &str| case["lanes"].as_array().unwrap().iter().find(|lane| lane["item"] == item).unwrap()["id"].as_str().unwrap().to_owned();
        let uses = listed(&buyer, &identity).await.unwrap()["uses"].clone();
        assert_eq!((&uses[0]["application"], &uses[0]["number"]), (&case["id"], &case["number"]));
        assert_eq!(delete(&buyer, &identity).await.status, StatusCode::NO_CONTENT);
        assert!(listed(&buyer, &identity).await.is_none());
        content(&buyer, &identity).await.refused(404, "not-found");
        delete(&buyer, &identity).await.refused(404, "not-found");
        let clerk = service.sign_in("clerk").await;
        let desk = |item: &str, document: &Value| format!("/desk/lanes/{}/documents/{}", lane(item), id(document));
        let seen = clerk.get(&desk("net_sign", &identity)).await;
        seen.downloaded("image/png");
        assert_eq!(seen.bytes, bytes);
        // Each desk sees what its item needs; the person's other papers are none of its business.
        clerk.get(&desk("tax", &household)).await.downloaded("image/png");
        clerk.get(&desk("net_sign", &household)).await.refused(404, "not-found");
        let private = buyer.upload("m_photo").await;
        clerk.get(&desk("tax", &private)).await.refused(404, "not-found");
        buyer.get(&desk("tax", &household)).await.refused(403, "forbidden");
        // It cannot be given to anything new.
        let (draft, version) = buyer.draft("newborn", json!({})).await;
        let body = json!({ "provided": { "how": "documents", "documents": [identity["id"]] } });
        let path = format!("/drafts/{draft}/materials/m_ss_photo");
        buyer.send(Method::PUT, &path, Some("provide-key"), Some(version), &body).await.refused(404, "not-found");
    }

    the_same_photo_serves_two_drafts_without_a_word(service) {
        let mother = service.sign_in("mother").await;
        let photo = fresh_picture();
        for _ in 0..2 {
            let (draft, seen) = mother.draft("newborn", json!({})).await;
            let page = mother.upload_for("newborn", "m_bank", &photo).await.unwrap_or_else(|answer| panic!("{}", answer.body));
            let body = json!({ "provided": { "how": "documents", "documents": [page["id"]] } });
            let path = format!("/drafts/{draft}/materials/m_bank");
            let given = mother.send(Method::PUT, &path, Some(page["id"].as_str().unwrap()), Some(seen), &body).await;
            assert_eq!(given.status, StatusCode::OK, "what was just uploaded needs no other consent: {}", given.body);
        }
    }

    what_an_earlier_release_submitted_stays_with_it(service) {
        let (buyer, clerk) = (service.sign_in("buyer").await, service.sign_in("clerk").await);
        let (draft, seen) = buyer.ready().await;
        let case = buyer.submit(&draft, seen, "earlier-release").await.body;
        sqlx::query("DELETE FROM uses").execute(service.app.store.reads()).await.unwrap();
        onething_server::api::documents::note_earlier_uses(&service.app).await.unwrap();
        onething_server::api::documents::note_earlier_uses(&service.app).await.unwrap();
        let submitted = buyer.get(&format!("/applications/{}/facts", case["id"].as_str().unwrap())).await.body;
        let given = submitted["materials"]["m_contract"]["documents"][0].as_str().unwrap().to_owned();
        assert_eq!(buyer.send(Method::DELETE, &format!("/documents/{given}"), None, None, &json!({})).await.status, StatusCode::NO_CONTENT);
        let lane = case["lanes"].as_array().unwrap().iter().find(|lane| lane["item"] == "transfer").unwrap()["id"].as_str().unwrap().to_owned();
        assert_eq!(clerk.get(&format!("/desk/lanes/{lane}/documents/{given}")).await.status, StatusCode::OK);
    }

    a_document_taken_again_takes_the_place_of_the_one_before(service) {
        let mother = service.sign_in("mother").await;
        let (first, second) = (fresh_picture(), fresh_picture());
        let old = photo(&mother, &first).await;
        assert_eq!((&old["version"], old.get("earlier")), (&json!(1), None));
        let about = [PHOTO[0], PHOTO[1], PHOTO[2], ("replaces", id(&old))];
        let place = place(&mother.begin(&about, second.len()).await);
        mother.go_on(&place, 0, &second).await;
        let new = state(&mother, &place).await.body["document"].clone();
        assert_eq!((&new["version"], &new["earlier"]), (&json!(2), &old["id"]));
        assert!(listed(&mother, &new).await.is_some() && listed(&mother, &old).await.is_none());
        assert_eq!(content(&mother, &old).await.bytes, first, "the version before can still be looked at");
        mother.begin(&[PHOTO[1], PHOTO[2], ("replaces", "nothing")], 10).await.refused(404, "not-found");
        assert_eq!(delete(&mother, &new).await.status, StatusCode::NO_CONTENT);
        for gone in [&new, &old] {
            content(&mother, gone).await.refused(404, "not-found");
        }
    }

    nothing_lies_open_on_the_disk(service) {
        let mother = service.sign_in("mother").await;
        let whole = noise(64);
        let document = photo(&mother, &whole).await;
        let part = [&whole[..], &whole[..]].concat();
        let place = begun(&mother, part.len()).await;
        mother.go_on(&place, 0, &part[..part.len() - 1]).await;
        let trace = &whole[1000..1032];
        let holds = |bytes: &[u8]| bytes.windows(trace.len()).any(|window| window[0] == trace[0] && window == trace);
        assert!(holds(&content(&mother, &document).await.bytes), "one would find it");
        let all = files(service, "");
        assert!(files(service, WHOLE).len() == 2 && files(service, PIECES).len() == 1 && all.len() > 3, "{all:?}");
        for file in all {
            assert!(!holds(&std::fs::read(&file).unwrap()), "{}", file.display());
        }
    }

    a_store_that_takes_nothing_keeps_what_it_has(service) {
        let mother = service.sign_in("mother").await;
        let pictured = noise(64);
        let half = pictured.len() / 2;
        // Where a folder was there is a file: nothing can be written below it.
        let block = |folder: &str| {
            let (here, aside) = (service.data.join(folder), service.data.join("aside"));
            std::fs::rename(&here, &aside).unwrap();
            std::fs::write(&here, b"").unwrap();
            move || {
                std::fs::remove_file(&here).unwrap();
                std::fs::rename(&aside, &here).unwrap();
            }
        };
        let place = begun(&mother, pictured.len()).await;
        mother.go_on(&place, 0, &pictured[..half]).await;
        let repair = block(PIECES);
        mother.go_on(&place, half, &pictured[half..]).await.refused(507, "storage-full");
        assert_eq!(state(&mother, &place).await.body["offset"], json!(half));
        repair();
        // The last byte arrives, and the whole cannot be kept.
        let repair = block(WHOLE);
        mother.go_on(&place, half, &pictured[half..]).await.refused(507, "storage-full");
        let told = state(&mother, &place).await.body;
        assert_eq!((&told["offset"], &told["document"]), (&json!(pictured.len()), &Value::Null));
        repair();
        assert_eq!(mother.go_on(&place, pictured.len(), &[]).await.status, StatusCode::NO_CONTENT);
        let document = state(&mother, &place).await.body["document"].clone();
        assert_eq!(content(&mother, &document).await.bytes, pictured);
        assert_eq!(files(service, PIECES), Vec::<PathBuf>::new());
    }
}
