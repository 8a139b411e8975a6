//! How findings and figures spell lists, counts, shares and durations.

use std::fmt::Display;
use std::time::Duration;

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}

/// The first of many: `a, b, c and 9 more`.
pub(crate) fn some<T: Display>(items: impl IntoIterator<Item = T>, most: usize) -> String {
    let mut items = items.into_iter();
    let shown: Vec<String> = items
        .by_ref()
        .take(most)
        .map(|item| item.to_string())
        .collect();
    match items.count() {
        0 => list(shown),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// `a -> b -> c`; the middle of a long way is counted.
pub(crate) fn way<T: Display>(stops: impl IntoIterator<Item = T>) -> String {
    const ENDS: usize = 6;
    let stops: Vec<String> = stops.into_iter().map(|stop| stop.to_string()).collect();
    if stops.len() <= 2 * ENDS {
        return stops.join(" -> ");
    }
    let (start, end) = (&stops[..ENDS], &stops[stops.len() - ENDS..]);
    let between = stops.len() - 2 * ENDS;
    format!(
        "{} -> ({between} more) -> {}",
        start.join(" -> "),
        end.join(" -> ")
    )
}

/// `1 endpoint`, `2 endpoints`.
pub(crate) fn count(number: usize, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// `400ms`, `5s`, `1.5s`, `15m`, `26h`: as the file writes durations; `25h 5m` where it could not.
pub(crate) fn duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis == 0 || !millis.is_multiple_of(100) || millis < 1000 {
        return format!("{millis}ms");
    }
    if !millis.is_multiple_of(1000) {
        return format!("{}.{}s", millis / 1000, millis % 1000 / 100);
    }
    match millis / 1000 {
        seconds
            if seconds > 7200 && !seconds.is_multiple_of(3600) && seconds.is_multiple_of(60) =>
        {
            format!("{}h {}m", seconds / 3600, seconds % 3600 / 60)
        }
        seconds if seconds >= 3600 && seconds.is_multiple_of(3600) => {
            format!("{}h", seconds / 3600)
        }
        seconds if seconds >= 120 && seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// `99.95 %`; rounded down, so that a ceiling never looks like the promise that it misses.
pub(crate) fn percent(share: f64) -> String {
    let text = format!("{:.3}", (share * 100_000.0 + 1e-6).floor() / 1000.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}

/// `61,000`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_ends_in_a_count() {
        assert_eq!(some(["a", "b"], 3), "a and b");
        assert_eq!(some(["a", "b", "c", "d", "e"], 3), "a, b, c and 2 more");
    }

    #[test]
    fn a_long_way_is_drawn_from_both_ends() {
        assert_eq!(way(["a", "b", "a"]), "a -> b -> a");
        assert_eq!(
            way(1..=15),
            "1 -> 2 -> 3 -> 4 -> 5 -> 6 -> (3 more) -> 10 -> 11 -> 12 -> 13 -> 14 -> 15"
        );
    }

    #[test]
    fn durations_read_as_the_file_writes_them() {
        let spelt = [
            50, 400, 1000, 1250, 1500, 30_000, 90_000, 120_000, 900_000, 3_600_000, 90_300_000,
        ]
        .map(|ms| duration(Duration::from_millis(ms)));
        assert_eq!(
            spelt,
            [
                "50ms", "400ms", "1s", "1250ms", "1.5s", "30s", "90s", "2m", "15m", "1h", "25h 5m"
            ]
        );
    }

    #[test]
    fn shares_are_spelt_as_short_as_they_are_exact() {
        let spelt = [0.9995, 0.999, 0.994_009_98, 1.0, 0.5].map(percent);
        assert_eq!(spelt, ["99.95 %", "99.9 %", "99.4 %", "100 %", "50 %"]);
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [999, 1000, 61_000, 1_234_567].map(thousands),
            ["999", "1,000", "61,000", "1,234,567"]
        );
    }
}
