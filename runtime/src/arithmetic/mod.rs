//! Arithmetic on numbers that others send: a result beyond what its type can hold is refused, it neither wraps around nor panics.
//!
//! ```
//! use msarch_runtime::arithmetic::sum_of_products;
//!
//! assert_eq!(sum_of_products("lines", [[2, 3], [4, 5]]).expect("26 is small enough"), 26);
//! let problem = sum_of_products("lines", [[i64::MAX, 2]]).expect_err("no i64 holds that");
//! assert_eq!(problem.status().as_u16(), 422);
//! ```

use rust_decimal::Decimal;

use crate::problem::Problem;

/// A number whose sums and products may be too large.
pub trait Number: Copy {
    /// Nothing.
    const ZERO: Self;
    /// One.
    const ONE: Self;

    /// The sum, if there is one.
    fn plus(self, other: Self) -> Option<Self>;

    /// The product, if there is one.
    fn times(self, other: Self) -> Option<Self>;
}

impl Number for i64 {
    const ZERO: Self = 0;
    const ONE: Self = 1;

    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }

    fn times(self, other: Self) -> Option<Self> {
        self.checked_mul(other)
    }
}

impl Number for Decimal {
    const ZERO: Self = Self::ZERO;
    const ONE: Self = Self::ONE;

    fn plus(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }

    fn times(self, other: Self) -> Option<Self> {
        self.checked_mul(other)
    }
}

impl Number for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;

    fn plus(self, other: Self) -> Option<Self> {
        Some(self + other).filter(|sum| sum.is_finite())
    }

    fn times(self, other: Self) -> Option<Self> {
        Some(self * other).filter(|product| product.is_finite())
    }
}

/// Multiplies the factors of each item of a list, and adds up what comes of it.
///
/// # Errors
/// 422 that names the list, when the number is too large for its type.
pub fn sum_of_products<N: Number, const FACTORS: usize>(
    list: &str,
    items: impl IntoIterator<Item = [N; FACTORS]>,
) -> Result<N, Problem> {
    let product = |factors: [N; FACTORS]| factors.into_iter().try_fold(N::ONE, N::times);
    items
        .into_iter()
        .try_fold(N::ZERO, |sum, factors| sum.plus(product(factors)?))
        .ok_or_else(|| Problem::unprocessable(format!("the amount of `{list}` is too large")))
}

/// The same number with the other sign.
///
/// # Errors
/// 422 for the one number whose opposite is too large for its type.
pub fn negative(number: i64) -> Result<i64, Problem> {
    number
        .checked_neg()
        .ok_or_else(|| Problem::unprocessable("a number is too small to be turned around"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_added_up() {
        let lines = [
            [Decimal::from(2), Decimal::new(150, 2)],
            [Decimal::from(1), Decimal::new(25, 2)],
        ];
        assert_eq!(
            sum_of_products("lines", lines).unwrap(),
            Decimal::new(325, 2)
        );
        assert_eq!(sum_of_products("lines", [[1_i64], [2]]).unwrap(), 3);
        assert_eq!(
            sum_of_products::<i64, 2>("lines", Vec::new()).unwrap(),
            0,
            "nothing sums up to nothing"
        );
    }

    #[test]
    fn what_is_too_large_is_refused_and_the_list_named() {
        let problems = [
            sum_of_products("lines", [[Decimal::MAX, Decimal::TWO]]).err(),
            sum_of_products("lines", [[Decimal::MAX], [Decimal::MAX]]).err(),
            sum_of_products("lines", [[i64::MAX, 2]]).err(),
            sum_of_products("lines", [[i64::MAX], [1]]).err(),
            sum_of_products("lines", [[f64::MAX, 2.0]]).err(),
        ];
        for problem in problems {
            let problem = problem.expect("too large");
            assert_eq!(problem.status().as_u16(), 422);
            assert_eq!(problem.detail(), Some("the amount of `lines` is too large"));
        }
    }

    #[test]
    fn only_the_least_number_has_no_opposite() {
        assert_eq!(negative(i64::MAX).unwrap(), -i64::MAX);
        assert_eq!(negative(i64::MIN).unwrap_err().status().as_u16(), 422);
    }
}
