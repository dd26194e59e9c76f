//! What is wrong, as a sentence that says how to be right.

use contract::catalogue::FieldKind;
use contract::problem::FaultRule;

use crate::locale::texts as t;

/// The sentence for a rule; `other` is the label of the other field of a rule between two.
#[must_use]
pub fn sentence(rule: FaultRule, kind: FieldKind, other: Option<&str>) -> String {
    match (rule, other) {
        (FaultRule::TooEarly, Some(other)) => t::fault_too_early(other),
        (FaultRule::Same, Some(other)) => t::fault_same(other),
        _ => plain(rule, kind).to_owned(),
    }
}

fn plain(rule: FaultRule, kind: FieldKind) -> &'static str {
    let chosen = matches!(kind, FieldKind::Choice | FieldKind::Choices | FieldKind::YesNo | FieldKind::Region);
    match rule {
        FaultRule::Missing if chosen => t::fault_choose(),
        FaultRule::Missing => t::fault_missing(),
        FaultRule::TooLong => t::fault_too_long(),
        FaultRule::Name => t::fault_name(),
        FaultRule::IdShape => t::fault_id_shape(),
        FaultRule::IdCheck => t::fault_id_check(),
        FaultRule::IdDate => t::fault_id_date(),
        FaultRule::UsccShape => t::fault_uscc_shape(),
        FaultRule::UsccCheck => t::fault_uscc_check(),
        FaultRule::Mobile => t::fault_mobile(),
        FaultRule::Phone => t::fault_phone(),
        FaultRule::Email => t::fault_email(),
        FaultRule::DateRange => t::fault_date_range(),
        FaultRule::Future => t::fault_future(),
        FaultRule::Late => t::fault_late(),
        FaultRule::Whole => t::fault_whole(),
        FaultRule::Region => t::fault_region(),
        FaultRule::Date if kind == FieldKind::PartialDate => t::fault_partial_date(),
        FaultRule::Date => t::fault_date(),
        FaultRule::Month => t::fault_month(),
        FaultRule::Number => t::fault_number(),
        FaultRule::Money => t::fault_money(),
        FaultRule::Percent => t::fault_percent(),
        FaultRule::TooSmall => t::fault_too_small(),
        FaultRule::TooLarge => t::fault_too_large(),
        FaultRule::Option => t::fault_choose(),
        FaultRule::BankAccount => t::fault_bank_account(),
        FaultRule::Document => t::fault_document(),
        FaultRule::TooFewRows => t::fault_too_few_rows(),
        FaultRule::TooManyRows => t::fault_too_many_rows(),
        FaultRule::Material => t::fault_material(),
        FaultRule::Forged => t::fault_forged(),
        FaultRule::Unknown | FaultRule::TooEarly | FaultRule::Same => t::fault_unknown(),
    }
}
