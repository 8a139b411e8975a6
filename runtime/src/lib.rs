//! What every generated service stands on.
