//! One value as another type that looks the same on the wire: contracts declare their own types, and messages meet them.
//!
//! ```
//! use msarch_runtime::convert::recode;
//!
//! let text: String = recode(&serde_json::json!("paid")).expect("text is text");
//! assert_eq!(text, "paid");
//! assert!(recode::<_, i64>(&"seven").is_err());
//! ```

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A value as another type, through its JSON form.
///
/// # Errors
/// 422 when the value is none of that type.
pub fn recode<T: Serialize, U: DeserializeOwned>(value: &T) -> Result<U, Problem> {
    let json = serde_json::to_value(value).map_err(Problem::internal)?;
    serde_json::from_value(json)
        .map_err(|error| Problem::unprocessable(format!("a value does not fit: {error}")))
}
