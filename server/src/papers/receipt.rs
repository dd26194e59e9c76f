//! A payment's receipt as a file that lasts.

use std::collections::BTreeMap;

use contract::Fen;
use contract::material::PaperPart;
use contract::payment::{Order, OrderState, Receipt};
use engine::paper;

use crate::App;
use crate::http::Refusal;
use crate::http::extract::Language;

/// The receipt of an order, as PDF/A.
///
/// # Errors
/// When the machine has no font for it.
pub fn receipt(
    app: &App,
    order: &Order,
    receipt: &Receipt,
    applicant: &str,
    language: Language,
) -> Result<Vec<u8>, Refusal> {
    let instruments = app.catalogue.instruments(language).ok_or(Refusal::Internal)?;
    let text = &instruments.receipt;
    let values = BTreeMap::from([
        ("code", receipt.code.clone()),
        ("number", receipt.number.clone()),
        ("check", receipt.check.clone()),
        ("date", receipt.issued_at.get(..10).unwrap_or_default().to_owned()),
        ("applicant", applicant.to_owned()),
        ("payee", order.payee.clone()),
        ("words", receipt.words.clone()),
        ("amount", yuan(order.amount)),
    ]);
    let fill = |lines: &[String]| lines.iter().map(|line| paper::fill(line, &values)).collect::<Vec<_>>();
    let item = |line: &contract::payment::OrderLine| {
        let values = BTreeMap::from([
            ("name", line.name.clone()),
            ("each", yuan(line.each)),
            ("times", line.times.to_string()),
            ("amount", yuan(line.amount)),
        ]);
        paper::fill(&text.item, &values)
    };
    let parts = [
        PaperPart { heading: String::new(), lines: fill(&text.head) },
        PaperPart { heading: text.items.clone(), lines: order.lines.iter().map(item).collect() },
        PaperPart { heading: String::new(), lines: fill(&text.sum) },
    ];
    let returned = matches!(order.state, OrderState::Refunding | OrderState::Refunded);
    let mut foot: Vec<String> = returned.then(|| text.returned.clone()).into_iter().collect();
    foot.extend(app.catalogue.region.demo.then(|| instruments.words.demo.clone()));
    app.fonts.draw(&text.title, &parts, &foot, language.tag(), &receipt.issued_at)
}

/// `1234.50`.
fn yuan(fen: Fen) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}
