//! The texts of the papers people read and sign, one file a language.

use std::collections::BTreeMap;

use contract::catalogue::MaterialForm;
use contract::material::{PaperKind, PaperPart};
use engine::date::Date;
use engine::paper::{self, Template};
use schemars::JsonSchema;
use serde::Deserialize;

/// `catalogue/instruments.yaml`, and its translations of the same shape.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Instruments {
    /// Changes with any of the texts.
    pub version: String,
    /// For what stored documents are used.
    pub reuse: PaperText,
    /// 容缺受理承诺书
    pub deferral: PaperText,
    /// 容缺受理通知书
    pub deferral_notice: PaperText,
    /// 告知承诺书
    pub declaration: PaperText,
    /// 承诺审批承诺书
    pub on_commitment: PaperText,
    /// 电子票据, for what was paid.
    pub receipt: ReceiptText,
    /// What a gateway tells whoever gets money back.
    pub refunds: RefundWords,
    /// What is put into the papers' places, and below them.
    pub words: Words,
}

/// A receipt's text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptText {
    /// Its title.
    pub title: String,
    /// Its head; names `{code}`, `{number}`, `{check}`, `{date}`, `{applicant}`, `{payee}`.
    pub head: Vec<String>,
    /// Above the fees.
    pub items: String,
    /// A fee; names `{name}`, `{each}`, `{times}`, `{amount}`.
    pub item: String,
    /// The sum; names `{words}`, `{amount}`.
    pub sum: Vec<String>,
    /// On a receipt whose money goes or went back.
    pub returned: String,
}

/// Why money goes back, in a few words.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundWords {
    /// It was paid twice.
    pub twice: String,
    /// The gateway charged another amount.
    pub wrong_amount: String,
    /// The payee did not take it.
    pub not_registered: String,
    /// A department gives it back.
    pub department: String,
    /// A correction made it cost less.
    pub corrected: String,
}

/// Words the papers share.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Between the members of a list.
    pub joiner: String,
    /// A day as it is written and read aloud; names `{year}`, `{month}` and `{day}`.
    pub date: String,
    /// Names of the months, where the month is no number.
    #[serde(default)]
    pub months: Vec<String>,
    /// The last day as it is seen before the submission; names `{days}` and `{until}`.
    pub until_rule: String,
    /// Where nobody published the law a proof stands on.
    pub unknown_law: String,
    /// Where an answer was given before; names `{number}`.
    pub earlier: String,
    /// Forms of documents.
    pub forms: BTreeMap<MaterialForm, String>,
    /// Below a paper that was signed; names `{applicant}`, `{at}`, `{version}`, `{digest}`.
    pub signed: Vec<String>,
    /// Below a paper that was served; names the same.
    pub served: Vec<String>,
    /// Below every paper of a demonstration.
    pub demo: String,
}

impl Words {
    fn faults(&self) -> impl Iterator<Item = String> + use<> {
        let mut places: Vec<&str> = paper::places(&self.date).collect();
        places.sort_unstable();
        let whole = places == ["day", "month", "year"];
        let months = matches!(self.months.len(), 0 | 12);
        let date = (!whole).then(|| "words: `date` must name `{year}`, `{month}` and `{day}` once each".to_owned());
        date.into_iter().chain((!months).then(|| "words: `months` names twelve months, or none".to_owned()))
    }

    /// A day as people write it.
    #[must_use]
    pub fn dated(&self, day: Date) -> String {
        let (year, month, day) = day.parts();
        let name = self.months.get(usize::from(month) - 1).cloned();
        let values = BTreeMap::from([
            ("year", year.to_string()),
            ("month", name.unwrap_or_else(|| month.to_string())),
            ("day", day.to_string()),
        ]);
        paper::fill(&self.date, &values)
    }
}

/// A paper's text, with places to fill: `{material}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperText {
    /// Its title.
    pub title: String,
    /// Its parts.
    pub parts: Vec<PaperPart>,
}

impl PaperText {
    /// As the engine fills it.
    #[must_use]
    pub fn template(&self) -> Template<'_> {
        Template { title: &self.title, parts: &self.parts }
    }

    fn texts(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.title)
            .chain(self.parts.iter().flat_map(|part| std::iter::once(&part.heading).chain(&part.lines)))
    }

    fn shape(&self) -> Vec<usize> {
        self.parts.iter().map(|part| part.lines.len()).collect()
    }
}

impl Instruments {
    /// The text of a paper.
    #[must_use]
    pub fn text(&self, kind: PaperKind) -> &PaperText {
        match kind {
            PaperKind::Reuse => &self.reuse,
            PaperKind::Deferral => &self.deferral,
            PaperKind::DeferralNotice => &self.deferral_notice,
            PaperKind::Declaration => &self.declaration,
            PaperKind::OnCommitment => &self.on_commitment,
        }
    }

    /// What is wrong with the texts: places nobody fills, and duties left out.
    pub fn faults(&self) -> Vec<String> {
        KINDS.iter().flat_map(|kind| faults(self.text(kind.0), kind)).chain(self.words.faults()).collect()
    }

    /// What is wrong with a translation: another version or another shape than the source.
    pub fn differs(&self, source: &Self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.version != source.version {
            faults.push(format!("version: the source is of `{}`", source.version));
        }
        for (kind, name, ..) in KINDS {
            if self.text(kind).shape() != source.text(kind).shape() {
                faults.push(format!("{name}: other parts or sentences than the source"));
            }
        }
        faults
    }
}

type Kind = (PaperKind, &'static str, &'static [&'static str], &'static [&'static str]);

/// Each paper with its key, the places of its own, and what it must name to be one (domain: 容缺, 告知承诺).
const KINDS: [Kind; 5] = [
    (PaperKind::Reuse, "reuse", &[], &["errand", "departments"]),
    (PaperKind::Deferral, "deferral", &["days", "until_rule"], &["applicant", "material", "forms", "days"]),
    (
        PaperKind::DeferralNotice,
        "deferral_notice",
        &["number", "until"],
        &["applicant", "material", "forms", "number", "until"],
    ),
    (
        PaperKind::Declaration,
        "declaration",
        &["shows", "checked", "law"],
        &["applicant", "shows", "checked", "law", "date"],
    ),
    (PaperKind::OnCommitment, "on_commitment", &["days"], &["applicant", "material", "days"]),
];

fn faults(text: &PaperText, (_, name, own, duties): &Kind) -> Vec<String> {
    let named: Vec<&str> = text.texts().flat_map(|text| paper::places(text)).collect();
    let known = |place: &&&str| paper::COMMON.contains(*place) || own.contains(*place);
    let unknown =
        named.iter().filter(|place| !known(place)).map(|place| format!("{name}: nothing fills `{{{place}}}`"));
    let missing = duties.iter().filter(|duty| !named.contains(*duty));
    let missing = missing.map(|duty| format!("{name}: the text must name `{{{duty}}}`"));
    let empty = text.parts.is_empty().then(|| format!("{name}: there is no text"));
    unknown.chain(missing).chain(empty).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_day_is_written_as_it_is_read_aloud() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalogue");
        let catalogue = crate::catalogue::load(&folder).unwrap();
        let day = Date::new(2026, 3, 9).unwrap();
        let dated = |tag: &str| {
            let language = catalogue.languages().into_iter().find(|language| language.tag() == tag).unwrap();
            catalogue.instruments(language).unwrap().words.dated(day)
        };
        assert_eq!(dated("zh-CN"), "2026年3月9日");
        assert_eq!(dated("en"), "9 March 2026");
        assert_eq!(dated("ko"), "2026년 3월 9일");
        assert_eq!(dated("ru"), "9 марта 2026 г.");
        let mut words = catalogue.instruments(catalogue.languages()[0]).unwrap().words.clone();
        assert_eq!(words.faults().count(), 0);
        words.date = "{year}-{month}".to_owned();
        words.months = vec!["March".to_owned()];
        assert_eq!(words.faults().count(), 2);
    }
}
