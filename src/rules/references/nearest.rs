//! The name that was probably meant.

use strsim::damerau_levenshtein;

use crate::syntax::decode::is_slip;

/// The nearest of some names: equal but for `-`, `_`, blanks, case and an ending `-service`, else at most two slips away.
#[must_use]
pub fn nearest<'n>(wanted: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let bare = stripped(wanted);
    let slips = if wanted.chars().count() < 5 { 1 } else { 2 };
    known
        .into_iter()
        .filter_map(|name| {
            let distance = if stripped(name) == bare {
                0
            } else {
                within(wanted, name, slips)?
            };
            Some((distance, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// The name that can only have been meant: nothing else is nearly as near.
#[must_use]
pub fn slip<'n>(wanted: &str, known: impl Iterator<Item = &'n str> + Clone) -> Option<&'n str> {
    nearest(wanted, known.clone()).filter(|near| is_only(wanted, near, known))
}

/// Whether the nearest name is the only one that can have been meant.
#[must_use]
pub fn is_only<'n>(wanted: &str, near: &str, known: impl Iterator<Item = &'n str>) -> bool {
    is_slip(
        wanted,
        near,
        known.filter(|name| !surely_apart(wanted, name, 3)),
    )
}

fn within(wanted: &str, name: &str, slips: usize) -> Option<usize> {
    if surely_apart(wanted, name, slips) {
        return None;
    }
    let distance = damerau_levenshtein(&wanted.to_lowercase(), &name.to_lowercase());
    (distance <= slips).then_some(distance)
}

/// Whether two names differ by more letters than some slips can change: one slip drops one and adds one at most. Cheap, and
/// true of almost every pair.
fn surely_apart(a: &str, b: &str, slips: usize) -> bool {
    let mut surplus = [0_i32; 256];
    a.bytes()
        .for_each(|byte| surplus[usize::from(byte.to_ascii_lowercase())] += 1);
    b.bytes()
        .for_each(|byte| surplus[usize::from(byte.to_ascii_lowercase())] -= 1);
    let differing: u32 = surplus.iter().map(|count| count.unsigned_abs()).sum();
    // Up to four bytes make a letter.
    let per_slip = if a.is_ascii() && b.is_ascii() { 2 } else { 8 };
    differing as usize > per_slip * slips
}

fn stripped(name: &str) -> String {
    let bare: String = name
        .chars()
        .filter(|char| !matches!(char, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    bare.strip_suffix("service")
        .filter(|rest| !rest.is_empty())
        .map_or(bare.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{nearest, slip};

    const KNOWN: [&str; 3] = ["order-service", "payment-service", "stock"];

    #[test]
    fn a_slip_of_the_pen_is_recognised() {
        assert_eq!(nearest("order-servcie", KNOWN), Some("order-service"));
        assert_eq!(nearest("paymnt-service", KNOWN), Some("payment-service"));
    }

    #[test]
    fn another_spelling_is_recognised() {
        assert_eq!(nearest("Order", KNOWN), Some("order-service"));
        assert_eq!(nearest("order_service", KNOWN), Some("order-service"));
        assert_eq!(nearest("stock service", KNOWN), Some("stock"));
    }

    #[test]
    fn what_could_be_two_names_is_no_slip() {
        let known = ["order-service", "orders-service", "payment-service"];
        assert_eq!(
            slip("paymnet-service", known.into_iter()),
            Some("payment-service")
        );
        assert_eq!(
            slip("payment_service", known.into_iter()),
            Some("payment-service")
        );
        assert_eq!(slip("order-servcie", known.into_iter()), None);
        assert_eq!(slip("payment", known.into_iter()), None);
    }

    #[test]
    fn another_name_is_no_slip() {
        assert_eq!(nearest("invoice-service", KNOWN), None);
        assert_eq!(nearest("sock-shop", KNOWN), None);
    }
}
