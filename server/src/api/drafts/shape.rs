//! What may be stored in a draft at all: half-typed answers yes, nonsense no.

use contract::catalogue::{Bundle, FieldKind};
use contract::problem::{Fault, FaultRule};
use contract::value::{Row, Value};
use engine::answer::{LINES, ROWS};
use engine::plan::DECLINED;

use crate::http::Refusal;

/// Refuses what can never be a value of its field, while letting half-typed answers through.
pub(super) fn check<'v>(
    bundle: &Bundle,
    values: impl Iterator<Item = (&'v String, Option<&'v Value>)>,
) -> Result<(), Refusal> {
    let faults: Vec<Fault> =
        values.filter_map(|(id, value)| Some(Fault::new(id.clone(), fault(bundle, id, value)?))).collect();
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults)) }
}

fn fault(bundle: &Bundle, id: &str, value: Option<&Value>) -> Option<FaultRule> {
    let too_long = |text: &String| text.chars().count() > LINES;
    if id == DECLINED {
        let known = |item: &String| bundle.items.iter().any(|one| one.id.0 == *item && one.optional);
        return match value {
            None => None,
            Some(Value::Many(many)) if many.iter().all(known) => None,
            Some(_) => Some(FaultRule::Unknown),
        };
    }
    let Some(field) = engine::plan::fields(bundle).find(|field| field.id == id) else {
        return Some(FaultRule::Unknown);
    };
    match (field.kind, value) {
        (_, None) => None,
        (FieldKind::List, Some(Value::Rows(rows))) => {
            let known = rows.iter().flat_map(Row::keys).all(|key| field.columns.iter().any(|column| column.id == *key));
            let long = rows.len() > ROWS || rows.iter().flat_map(Row::values).any(too_long);
            if known { long.then_some(FaultRule::TooLong) } else { Some(FaultRule::Unknown) }
        }
        // An empty list says nothing about what it would hold.
        (FieldKind::List, Some(Value::Many(many))) if many.is_empty() => None,
        (FieldKind::Choices, Some(Value::Many(many))) => {
            (many.len() > 100 || many.iter().any(too_long)).then_some(FaultRule::TooLong)
        }
        (FieldKind::List | FieldKind::Choices, Some(_)) => Some(FaultRule::Unknown),
        (_, Some(Value::Text(text))) => too_long(text).then_some(FaultRule::TooLong),
        (_, Some(_)) => Some(FaultRule::Unknown),
    }
}
