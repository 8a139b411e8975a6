//! Values that are of the right type and must meet a condition besides: an address, a time that is not nothing, a list that is
//! not empty. What a value was refused for stands at one place, beside its kind.

use std::fmt;
use std::ops::Deref;

use serde_json::Value as Json;

use super::super::fault;
use super::super::finding::Finding;
use super::super::source::{Span, Spanned};
use super::super::yaml::Node;
use super::{Cx, Decode, Defs, Duration, Millis, OneOrMany, Seconds, shorten};

/// What a value must be beside its type.
pub trait Condition: Clone + fmt::Debug {
    /// Its type.
    type Of: Decode + Clone + fmt::Debug;

    /// What is wrong with a value, if anything is.
    fn fault(value: &Self::Of, span: Span) -> Option<Finding>;

    /// What an editor can look at of it, added to the schema of the type.
    #[must_use]
    fn narrow(schema: Json) -> Json {
        schema
    }
}

/// A value that meets a condition.
#[derive(Debug, Clone)]
pub struct Checked<C: Condition>(C::Of);

impl<C: Condition> Checked<C> {
    /// The value alone.
    #[must_use]
    pub fn plain(&self) -> C::Of {
        self.0.clone()
    }
}

/// What a key says alone, with its place.
#[must_use]
pub fn plain<C: Condition>(given: Option<&Spanned<Checked<C>>>) -> Option<Spanned<C::Of>> {
    given.map(|given| Spanned::new(given.plain(), given.span))
}

impl<C: Condition> Deref for Checked<C> {
    type Target = C::Of;

    fn deref(&self) -> &C::Of {
        &self.0
    }
}

impl<C: Condition<Of = String>> AsRef<str> for Checked<C> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<C: Condition> Decode for Checked<C> {
    const MAY_BE_EMPTY: bool = C::Of::MAY_BE_EMPTY;

    fn decode(node: Node, cx: &mut Cx) -> Option<Self> {
        let span = if node.as_str().is_some() {
            node.span
        } else {
            node.head()
        };
        let told = cx.findings.len();
        let lost = cx.has_lost();
        let value = C::Of::decode(node, cx)?;
        let torn = cx.has_lost();
        if lost || torn {
            cx.lose();
        }
        // Of what is wrong with a part of it enough is said.
        if cx.findings.len() == told
            && !torn
            && let Some(finding) = C::fault(&value, span)
        {
            cx.push(finding);
            return None;
        }
        Some(Self(value))
    }

    fn absent() -> Option<Self> {
        C::Of::absent().map(Self)
    }

    fn declared(&self) -> Json {
        self.0.declared()
    }

    fn unread(place: Span) -> Option<Self> {
        C::Of::unread(place).map(Self)
    }

    fn schema(defs: &mut Defs) -> Json {
        C::narrow(C::Of::schema(defs))
    }
}

/// A kind of text.
pub trait Form: Clone + fmt::Debug {
    /// A regular expression (ECMA 262) for editors; they may know less than we do.
    const PATTERN: &'static str;
    /// What to write.
    const HELP: &'static str;

    /// Whether a text is of this kind.
    fn fits(text: &str) -> bool;

    /// What one is that is not: `loud` is no such thing.
    fn refusal(text: &str) -> String;
}

impl<F: Form> Condition for F {
    type Of = String;

    fn fault(value: &String, span: Span) -> Option<Finding> {
        (!F::fits(value)).then(|| refused(span, F::refusal(value), F::HELP))
    }

    fn narrow(mut schema: Json) -> Json {
        schema["pattern"] = F::PATTERN.into();
        schema
    }
}

fn refused(span: Span, message: String, help: &str) -> Finding {
    Finding::error(fault::INVALID_VALUE, span, message).help(help)
}

/// `loud` is no level.
pub fn is_no(text: &str, what: &str) -> String {
    format!("`{}` is no {what}", shorten(text))
}

/// A time that is longer than nothing.
#[derive(Debug, Clone)]
pub struct Positive<T>(T);

impl<T: Decode + Copy + fmt::Debug + Into<Duration>> Condition for Positive<T> {
    type Of = T;

    fn fault(value: &T, span: Span) -> Option<Finding> {
        let time: Duration = (*value).into();
        (time.millis() == 0).then(|| {
            let message = format!("a time of {time} is none");
            refused(span, message, "write a longer time, such as `30s`")
        })
    }
}

impl From<Millis> for Duration {
    fn from(time: Millis) -> Self {
        time.0
    }
}

impl From<Seconds> for Duration {
    fn from(time: Seconds) -> Self {
        time.0
    }
}

/// A list that holds something where it is written at all.
#[derive(Debug, Clone)]
pub struct Filled<T>(T);

impl<T: Decode + Clone + fmt::Debug> Condition for Filled<T> {
    type Of = OneOrMany<T>;

    fn fault(value: &OneOrMany<T>, span: Span) -> Option<Finding> {
        value.is_empty().then(|| {
            let message = "the list is empty".to_owned();
            refused(span, message, "list one at least, or leave the key out")
        })
    }

    fn narrow(mut schema: Json) -> Json {
        schema["anyOf"][1]["minItems"] = 1.into();
        schema
    }
}

/// A number that something can be more than.
#[derive(Debug, Clone)]
pub struct Limit;

impl Condition for Limit {
    type Of = f64;

    fn fault(value: &f64, span: Span) -> Option<Finding> {
        (!(0.0..f64::INFINITY).contains(value)).then(|| {
            let message = format!("{value} is no limit");
            refused(span, message, "write a number of 0 or more")
        })
    }

    fn narrow(mut schema: Json) -> Json {
        schema["minimum"] = 0.into();
        schema
    }
}

/// Upper bounds of a histogram of times, in seconds.
#[derive(Debug, Clone)]
pub struct Buckets;

impl Condition for Buckets {
    type Of = Vec<f64>;

    fn fault(value: &Vec<f64>, span: Span) -> Option<Finding> {
        let message = if value.is_empty() {
            "there are no buckets"
        } else if value.windows(2).any(|pair| pair[0] >= pair[1]) {
            "buckets are not ascending"
        } else if value.iter().any(|bound| *bound <= 0.0) {
            "a bucket ends at no time that anything takes"
        } else {
            return None;
        };
        let help = "write upper bounds in seconds, above 0, each once, the least first";
        Some(refused(span, message.to_owned(), help))
    }

    fn narrow(mut schema: Json) -> Json {
        schema["minItems"] = 1.into();
        schema["items"]["exclusiveMinimum"] = 0.into();
        schema
    }
}
