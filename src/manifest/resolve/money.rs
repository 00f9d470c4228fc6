//! Amounts of money and currencies, as prices and budgets write them.

use smol_str::SmolStr;

use super::resolver::Resolver;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::yaml::{Located, excerpt};
use crate::model::{MonthlyAmount, PricePeriod};

/// Whether it is an amount that can be counted with.
pub(super) fn check_amount(scope: &mut Resolver, amount: &Located<SmolStr>) -> bool {
    // The period changes what the amount means, and not whether it is one.
    if MonthlyAmount::parse(&amount.value, PricePeriod::Month).is_some() {
        return true;
    }
    let message = format!("`{}` is not an amount", excerpt(&amount.value));
    let help = "write a decimal number in quotes, as in `\"44.00\"`, of at most 15 digits and 9 behind the point";
    scope.error(&codes::VALUE_OUT_OF_RANGE, message, help, amount.at);
    false
}

/// Whether it is the code of a currency.
pub(super) fn check_currency(scope: &mut Resolver, currency: &Located<SmolStr>) -> bool {
    if currency.value.len() == 3 && currency.value.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return true;
    }
    let message = format!("`{}` is not a currency", excerpt(&currency.value));
    scope.error(&codes::VALUE_OUT_OF_RANGE, message, "write its three letters, as in `USD`", currency.at);
    false
}
