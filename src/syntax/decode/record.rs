//! `record!`: a struct, its decoder and its JSON Schema from one definition.

/// Defines a record: doc comment per key, then in this order the optional marks `#[required(true)]` (must be there, yet the
/// record is kept without it), `#[also("spelling")]` (read as well) and `#[hint("word")]` (known mistake).
///
/// Every record knows its place as `span`: the key that leads to it, or the first key of a list item.
macro_rules! record {
    (
        $(#[doc = $doc:literal])+
        $(#[named($($name_key:literal),+)])?
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
            $($(#[doc = $field_doc])+ pub $field: $ty,)*
        }

        impl $record {
            const FIELDS: &'static [$crate::syntax::decode::Field] = &[
                $($crate::syntax::decode::Field {
                    key: $crate::syntax::decode::record!(@key $field $($key)?),
                    also: &[$($($also),+)?],
                    hints: &[$($($hint),+)?],
                    required: false $(|| $required)?,
                },)*
            ];
        }

        impl $crate::syntax::decode::Decode for $record {
            $(const NAME_KEYS: &'static [&'static str] = &[$($name_key),+];)?

            fn decode(node: $crate::syntax::yaml::Node, cx: &mut $crate::syntax::decode::Cx) -> Option<Self> {
                let mut fields = $crate::syntax::decode::Fields::open(node, Self::FIELDS, stringify!($record), cx)?;
                let span = fields.span;
                $(let $field = fields.take::<$ty>(cx);)*
                Some(Self { span, $($field: $field?,)* })
            }

            fn schema(defs: &mut $crate::syntax::decode::Defs) -> serde_json::Value {
                defs.record(stringify!($record), concat!($($doc, "\n"),+), |record| {
                    $(let index = record.next_index();
                    record.field::<$ty>(&Self::FIELDS[index], concat!($($field_doc, "\n"),+));)*
                })
            }
        }
    };
    (@key $field:ident $key:literal) => { $key };
    (@key $field:ident) => { stringify!($field) };
}

pub(crate) use record;
