//! `record!`: a struct, its decoder and its JSON Schema from one definition.

/// Defines a record: doc comment per key, then in this order the optional marks `#[required(true)]` (must be there, yet the
/// record is kept without it), `#[also("spelling")]` (read as well) and `#[hint("word")]` (known mistake).
///
/// Before the struct, in this order: `#[named("key")]` (the keys that name an item of a list), `#[bare(f)]` (how a bare
/// text in a named list makes a name, when the text is more than the name), `#[short(f)]` (how a text becomes the map
/// that it is short for), `#[check(f)]` (looks at the whole record once it is decoded) and `#[parts(true)]` (its
/// parts are things of their own: what is lost in one of them, or beside them, makes nothing uncertain in the others).
///
/// Every record knows its place as `span`: the key that leads to it, or the first key of a list item; and whether it is
/// `torn`: a part of it could not be read, or must be there and is not.
macro_rules! record {
    (
        $(#[doc = $doc:literal])+
        $(#[named($($name_key:literal),+)])?
        $(#[bare($bare:expr)])?
        $(#[short($short:expr)])?
        $(#[check($check:expr)])?
        $(#[parts($parts:literal)])?
        pub struct $record:ident {
            $(
                $(#[doc = $field_doc:literal])+
                $(#[required($required:literal)])?
                $(#[also($($also:literal),+)])?
                $(#[hint($($hint:literal),+)])?
                $field:ident $(= $key:literal)?: $ty:ty,
            )*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone)]
        pub struct $record {
            /// Where it stands.
            pub span: $crate::syntax::source::Span,
            /// Whether a part of it could not be read: nothing follows from what is absent.
            pub torn: bool,
            $($(#[doc = $field_doc])+ pub $field: $ty,)*
        }

        impl $record {
            const FIELDS: &'static [$crate::syntax::decode::Field] = &[
                $($crate::syntax::decode::Field {
                    key: $crate::syntax::decode::record!(@key $field $($key)?),
                    also: &[$($($also),+)?],
                    hints: &[$($($hint),+)?],
                    required: false $(|| $required)?,
                    fits: $crate::syntax::decode::fits::<$ty>,
                },)*
            ];
        }

        impl $crate::syntax::decode::Decode for $record {
            $(const NAME_KEYS: &'static [&'static str] = &[$($name_key),+];)?

            const DECLARES: bool = true;

            $(fn bare_name(text: &str) -> Option<String> {
                $bare(text)
            })?

            fn decode(
                node: $crate::syntax::yaml::Node,
                cx: &mut $crate::syntax::decode::Cx,
            ) -> Option<Self> {
                $(let node = if node.as_str().is_some() { $short(node, cx)? } else { node };)?
                let parts = false $(|| $parts)?;
                let mut fields = $crate::syntax::decode::Fields::open(node, Self::FIELDS, stringify!($record), parts, cx)?;
                let span = fields.span;
                $(let $field = fields.take::<$ty>(cx);)*
                let record = Self { span, torn: fields.torn, $($field: $field?,)* };
                $($check(&record, cx);)?
                Some(record)
            }

            fn declared(&self) -> serde_json::Value {
                let mut record = serde_json::Map::new();
                $($crate::syntax::decode::declare(
                    &mut record,
                    $crate::syntax::decode::record!(@key $field $($key)?),
                    $crate::syntax::decode::Decode::declared(&self.$field),
                );)*
                serde_json::Value::Object(record)
            }

            fn unread(place: $crate::syntax::source::Span) -> Option<Self> {
                use $crate::syntax::{decode::Cx, yaml::Node};
                Self::decode(Node::nothing(place), &mut Cx::unread(place))
            }

            fn schema(defs: &mut $crate::syntax::decode::Defs) -> serde_json::Value {
                let schema = defs.record(stringify!($record), Self::FIELDS, concat!($($doc, "\n"),+), |record| {
                    $(record.field::<$ty>(concat!($($field_doc, "\n"),+));)*
                });
                $(let schema = $crate::syntax::decode::record!(@short schema $short);)?
                schema
            }
        }
    };
    (@key $field:ident $key:literal) => { $key };
    (@key $field:ident) => { stringify!($field) };
    (@short $schema:ident $short:expr) => {
        serde_json::json!({"anyOf": [{"type": "string"}, $schema]})
    };
}

pub(crate) use record;
