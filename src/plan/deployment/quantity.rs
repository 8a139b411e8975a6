//! Amounts of CPU and memory, as Kubernetes writes them, read as numbers.

/// Thousandths of a CPU: `250m`, `0.5`, `2`.
pub(super) fn millicpus(text: &str) -> Option<u64> {
    match text.strip_suffix('m') {
        Some(thousandths) => thousandths.parse().ok(),
        None => thousandths(text),
    }
}

/// Mebibytes, rounded up: `128Mi`, `1Gi`, `512M`, `134217728`.
pub(super) fn mebibytes(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 7] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("", 1),
    ];
    let (number, unit) = UNITS
        .iter()
        .find_map(|(ending, unit)| Some((text.strip_suffix(ending)?, *unit)))?;
    let bytes = thousandths(number)?.checked_mul(unit)? / 1000;
    Some(bytes.div_ceil(1 << 20))
}

/// A decimal number in thousandths.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) {
        return None;
    }
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let whole: u64 = whole.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(part.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_kubernetes_means_them() {
        let cpus = ["250m", "0.5", "2", "1.25", "x", ""].map(millicpus);
        assert_eq!(
            cpus,
            [Some(250), Some(500), Some(2000), Some(1250), None, None]
        );
        let memory = ["128Mi", "1Gi", "1.5Gi", "512M", "1048577", "lots"].map(mebibytes);
        assert_eq!(
            memory,
            [Some(128), Some(1024), Some(1536), Some(489), Some(2), None]
        );
    }
}
