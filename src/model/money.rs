//! Exact monthly amounts of money.
//!
//! A yearly price counts as one twelfth per month, which most decimal numbers cannot express. An amount is therefore
//! an integer number of the smallest part that monthly and yearly prices share; only display rounds. Integers do not
//! round silently: an overflow is `None`.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use smol_str::{SmolStr, ToSmolStr as _};

use super::{PricePeriod, SeatPrice};

/// Maximum digits before the decimal point of a price.
const WHOLE_DIGITS_MAX: usize = 15;
/// Maximum digits after the decimal point.
const DECIMAL_DIGITS_MAX: usize = 9;

/// Parts of 1: a billion for the decimal digits, times twelve for the months.
const UNIT: i128 = 12 * 1_000_000_000;
/// The minimum number of displayed decimals.
const DISPLAYED_DECIMALS_MIN: u8 = 2;

/// An exact monthly amount, positive or negative, without its currency.
#[derive(Clone, Copy, Debug, Default)]
pub struct MonthlyAmount {
    /// The amount in parts of [`UNIT`].
    parts: i128,
    /// The number of decimals of the prices in it.
    decimals: u8,
}

impl MonthlyAmount {
    /// Parses an unsigned decimal number. Returns `None` if it is invalid or has too many digits.
    pub fn parse(amount: &str, per: PricePeriod) -> Option<Self> {
        let (whole, fraction) = amount.split_once('.').map_or((amount, None), |(whole, rest)| (whole, Some(rest)));
        let digits = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !digits(whole, WHOLE_DIGITS_MAX) || fraction.is_some_and(|fraction| !digits(fraction, DECIMAL_DIGITS_MAX)) {
            return None;
        }
        let fraction = fraction.unwrap_or_default();
        let billionths: i128 = format!("{whole}{fraction:0<DECIMAL_DIGITS_MAX$}").parse().ok()?;
        let parts = match per {
            PricePeriod::Month => billionths.checked_mul(12)?,
            PricePeriod::Year => billionths,
        };
        Some(Self { parts, decimals: u8::try_from(fraction.len()).ok()? })
    }

    /// Returns the monthly price of a seat.
    pub fn from_price(cost: &SeatPrice) -> Option<Self> {
        Self::parse(&cost.amount, cost.per)
    }

    /// Returns the price of a number of seats.
    pub fn checked_mul(self, seats: u64) -> Option<Self> {
        Some(Self { parts: self.parts.checked_mul(i128::from(seats))?, ..self })
    }

    /// Returns the sum.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Some(Self { parts: self.parts.checked_add(other.parts)?, decimals: self.decimals.max(other.decimals) })
    }

    /// Returns the difference.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        Some(Self { parts: self.parts.checked_sub(other.parts)?, decimals: self.decimals.max(other.decimals) })
    }

    /// Returns the amount as shown in documents.
    pub fn text(self) -> SmolStr {
        self.to_smolstr()
    }
}

impl PartialEq for MonthlyAmount {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Eq for MonthlyAmount {}

impl PartialOrd for MonthlyAmount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for MonthlyAmount {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts)
    }
}

/// Serializes the displayed number.
impl Serialize for MonthlyAmount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Rounds half to even to the decimals of its prices, at least two.
impl fmt::Display for MonthlyAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = usize::from(self.decimals.max(DISPLAYED_DECIMALS_MIN));
        let shown = 10_u128.pow(u32::from(self.decimals.max(DISPLAYED_DECIMALS_MIN)));
        let part = UNIT.unsigned_abs() / shown;
        let (quotient, rest) = (self.parts.unsigned_abs() / part, self.parts.unsigned_abs() % part);
        let up = match (rest * 2).cmp(&part) {
            Ordering::Less => false,
            Ordering::Equal => quotient % 2 == 1,
            Ordering::Greater => true,
        };
        let rounded = quotient + u128::from(up);
        let sign = if self.parts < 0 && rounded > 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:0decimals$}", rounded / shown, rounded % shown)
    }
}

/// Monthly cost of seats in one currency, as decimal numbers, each rounded separately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CostSummary {
    /// Used seats before the plan.
    pub before: SmolStr,
    /// Used seats after all operations succeeded.
    pub after: SmolStr,
    /// The difference.
    pub delta: SmolStr,
    /// Seats bought and not used after the plan, which the other numbers do not include.
    pub unused: SmolStr,
}

/// Monthly cost of one pool's seats, as decimal numbers in the currency of `cost_per_seat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolCost {
    /// The seats taken before the plan.
    pub before: SmolStr,
    /// The seats taken when every operation succeeded.
    pub after: SmolStr,
    /// How much more that is.
    pub delta: SmolStr,
    /// Seats bought and not used after the plan; null if the total is unknown.
    pub unused: Option<SmolStr>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn month(amount: &str) -> MonthlyAmount {
        MonthlyAmount::parse(amount, PricePeriod::Month).unwrap()
    }

    fn year(amount: &str) -> MonthlyAmount {
        MonthlyAmount::parse(amount, PricePeriod::Year).unwrap()
    }

    #[test]
    fn amount_keeps_its_decimals_and_has_at_least_two() {
        assert_eq!(month("44").to_string(), "44.00");
        assert_eq!(month("44.5").to_string(), "44.50");
        assert_eq!(month("0.125").to_string(), "0.125");
        assert_eq!(month("0.125").checked_add(month("1")).unwrap().to_string(), "1.125");
        assert_eq!(month("1").checked_sub(month("3.50")).unwrap().to_string(), "-2.50");
    }

    #[test]
    fn invalid_or_too_long_amount_is_refused() {
        let long = ["1234567890123456", "0.1234567890"];
        for wrong in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,000", "1.2.3", " 1", "1 ", "١", "NaN", "0x1"]
            .into_iter()
            .chain(long)
        {
            assert_eq!(MonthlyAmount::parse(wrong, PricePeriod::Month), None, "{wrong}");
        }
        assert_eq!(month("999999999999999.999999999").to_string(), "999999999999999.999999999");
    }

    #[test]
    fn twelve_months_cost_exactly_the_yearly_price() {
        let third = year("100.00");
        assert_eq!(third.to_string(), "8.33");
        assert_eq!(third.checked_mul(12).unwrap(), month("100"));
        assert_eq!(third.checked_mul(3).unwrap().to_string(), "25.00", "not three times 8.33");
    }

    #[test]
    fn half_is_rounded_to_even_for_both_signs() {
        // 0.06 and 0.18 a year are 0.005 and 0.015 a month.
        assert_eq!((year("0.06").to_string(), year("0.18").to_string()), ("0.00".into(), "0.02".into()));
        let below = |amount| MonthlyAmount::default().checked_sub(year(amount)).unwrap().to_string();
        assert_eq!((below("0.06"), below("0.18")), ("0.00".into(), "-0.02".into()));
    }

    #[test]
    fn comparison_uses_the_exact_amount() {
        let sum = month("10.00").checked_add(year("0.01")).unwrap();
        assert_eq!(sum.to_string(), "10.00");
        assert!(sum > month("10.00"));
    }

    #[test]
    fn overflow_returns_none() {
        let most = month("999999999999999.999999999");
        assert_eq!(most.checked_mul(u64::MAX), None);
        let half = MonthlyAmount { parts: i128::MAX / 2 + 1, decimals: 0 };
        assert_eq!(half.checked_add(half), None);
        assert_eq!(MonthlyAmount { parts: i128::MIN, decimals: 0 }.checked_sub(half), None);
        assert!(MonthlyAmount { parts: i128::MIN, decimals: 9 }.to_string().starts_with('-'));
    }

    /// A price: the digits before and behind the point, how many of the latter, and whether it is a year's.
    fn price() -> impl Strategy<Value = (u64, u64, usize, bool)> {
        (0..=6usize, any::<bool>()).prop_flat_map(|(decimals, yearly)| {
            (0..1_000_000u64, 0..10u64.pow(u32::try_from(decimals).unwrap()), Just(decimals), Just(yearly))
        })
    }

    proptest! {
        #[test]
        fn sums_are_those_of_fractions_in_any_order(
            items in prop::collection::vec((price(), 0..100_000u64, any::<bool>()), 0..40),
        ) {
            let mut sum = MonthlyAmount::default();
            // The same as a fraction that is never shortened: a denominator of 12 times ten to the sixth.
            let mut numerator: i128 = 0;
            let mut decimals = 2;
            let mut reversed = MonthlyAmount::default();
            let mut terms = Vec::new();
            for ((whole, fraction, digits, yearly), seats, added) in items {
                let text =
                    if digits == 0 { whole.to_string() } else { format!("{whole}.{fraction:0digits$}") };
                let per = if yearly { PricePeriod::Year } else { PricePeriod::Month };
                let term = MonthlyAmount::parse(&text, per).unwrap().checked_mul(seats).unwrap();
                let millionths = i128::from(whole) * 1_000_000
                    + i128::from(fraction) * 10i128.pow(6 - u32::try_from(digits).unwrap());
                let exact = millionths * i128::from(seats) * if yearly { 1 } else { 12 };
                numerator += if added { exact } else { -exact };
                decimals = decimals.max(digits);
                sum = if added { sum.checked_add(term) } else { sum.checked_sub(term) }.unwrap();
                terms.push((term, added));
            }
            for (term, added) in terms.into_iter().rev() {
                reversed = if added { reversed.checked_add(term) } else { reversed.checked_sub(term) }.unwrap();
            }
            prop_assert_eq!(sum, reversed);
            prop_assert_eq!(sum.parts, numerator * 1_000);
            // What is shown is the nearest number of those digits, and the even one of two that are as near.
            let shown = sum.to_string();
            let digits: i128 = shown.replace('.', "").parse().unwrap();
            let scale = 10i128.pow(u32::try_from(decimals).unwrap());
            prop_assert_eq!(shown.split_once('.').unwrap().1.len(), decimals);
            let distance = (digits * 12_000_000 - numerator * scale).abs();
            prop_assert!(distance * 2 <= 12_000_000);
            prop_assert!(distance * 2 < 12_000_000 || digits % 2 == 0);
        }
    }
}
