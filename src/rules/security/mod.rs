//! Secrets, tokens and what travels in plain text.

pub mod literal_secret;
pub mod plaintext_or_unauthenticated_call;
pub mod shared_symmetric_jwt_key;
pub mod token_for_anybody;

use super::rule::Rule;

/// The rules of this family.
pub const RULES: &[Rule] = &[
    literal_secret::RULE,
    plaintext_or_unauthenticated_call::RULE,
    shared_symmetric_jwt_key::RULE,
    token_for_anybody::RULE,
];
