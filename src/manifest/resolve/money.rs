//! Amounts and currencies of prices and budgets.

use smol_str::SmolStr;

use super::resolver::Resolver;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::yaml::{Located, excerpt};
use crate::model::{MonthlyAmount, PricePeriod};

/// Returns whether an amount is valid, and reports an invalid one.
pub(super) fn check_amount(resolver: &mut Resolver, amount: &Located<SmolStr>) -> bool {
    if MonthlyAmount::parse(&amount.value, PricePeriod::Month).is_some() {
        return true;
    }
    let message = format!("invalid amount `{}`", excerpt(&amount.value));
    let help = "write a quoted decimal, as in `\"44.00\"`, with at most 15 digits before and 9 after the point";
    resolver.error(&codes::VALUE_OUT_OF_RANGE, message, help, amount.at);
    false
}

/// Returns whether a currency code is valid, and reports an invalid one.
pub(super) fn check_currency(resolver: &mut Resolver, currency: &Located<SmolStr>) -> bool {
    if currency.value.len() == 3 && currency.value.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return true;
    }
    let message = format!("invalid currency `{}`", excerpt(&currency.value));
    resolver.error(&codes::VALUE_OUT_OF_RANGE, message, "write a three-letter code, as in `USD`", currency.at);
    false
}
