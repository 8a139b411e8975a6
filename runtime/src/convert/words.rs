//! What Rust says of values, in the words of those who send JSON.

/// What a value is.
pub(super) fn kind(rust: &str) -> &str {
    match rust {
        "sequence" => "array",
        "map" => "object",
        "floating point" => "number",
        other => other,
    }
}

/// What is asked for.
pub(super) fn wanted(rust: &str) -> String {
    let integers = |least: i128, most: u128| format!("an integer from {least} to {most}");
    match rust {
        "u8" => integers(0, u8::MAX.into()),
        "u16" => integers(0, u16::MAX.into()),
        "u32" => integers(0, u32::MAX.into()),
        "i8" => integers(i8::MIN.into(), 127),
        "i16" => integers(i16::MIN.into(), 32_767),
        "i32" => integers(i32::MIN.into(), 2_147_483_647),
        "u64" | "usize" => "a positive integer of 64 bits".to_owned(),
        "i64" | "isize" => "an integer of 64 bits".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" => "an array".to_owned(),
        "a map" => "an object".to_owned(),
        named if named.starts_with("struct ") => "an object".to_owned(),
        "a Decimal type representing a fixed-point number" => "a decimal number".to_owned(),
        other => other.to_owned(),
    }
}

/// What is wrong with a word that was to be read as a number or the like.
pub(crate) fn misread(rust: &str) -> &str {
    match rust {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "is no integer"
        }
        "invalid float literal" | "cannot parse float from empty string" => "is no number",
        "number too large to fit in target type" => "is too large",
        "number too small to fit in target type" => "is too small",
        "provided string was not `true` or `false`" => "is neither `true` nor `false`",
        other => other,
    }
}
