//! The small language of values: `$order.id`, `-$item.quantity`, `$sum(items.quantity * items.unit_price)`, or a literal.

/// A value as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression<'t> {
    /// Fields joined by dots, without the `$`.
    Path(Vec<&'t str>),
    /// The same, negated.
    Negative(Vec<&'t str>),
    /// A list, and the fields of its items that are multiplied.
    Sum {
        /// The list's path.
        list: Vec<&'t str>,
        /// Field by field.
        factors: Vec<&'t str>,
    },
}

/// Reads a text that may be an expression: `None` for a literal, `Err` with what is wrong for a broken expression.
pub(super) fn parse(text: &str) -> Option<Result<Expression<'_>, String>> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("$sum(") {
        return Some(sum(rest));
    }
    if let Some(rest) = text.strip_prefix("-$") {
        return Some(path(rest).map(Expression::Negative));
    }
    let rest = text.strip_prefix("+$").or_else(|| text.strip_prefix('$'))?;
    if rest.starts_with('{') {
        return None; // `${VAR}` is a secret's reference, no expression
    }
    Some(path(rest).map(Expression::Path))
}

fn path(text: &str) -> Result<Vec<&str>, String> {
    let steps: Vec<&str> = text.split('.').collect();
    match steps.iter().find(|step| !is_word(step)) {
        None => Ok(steps),
        Some(step) => Err(format!(
            "`{step}` is no name: a reference reads `$name.field`"
        )),
    }
}

fn sum(rest: &str) -> Result<Expression<'_>, String> {
    let inner = rest
        .strip_suffix(')')
        .ok_or("the closing `)` of `$sum(` is missing")?;
    let mut list: Option<Vec<&str>> = None;
    let mut factors = Vec::new();
    for factor in inner.split('*') {
        let mut steps = path(factor.trim().trim_start_matches('$'))?;
        let field = steps.pop().filter(|_| !steps.is_empty());
        factors.push(
            field.ok_or_else(|| format!("`{}` names no field of a list's items", factor.trim()))?,
        );
        if list.get_or_insert_with(|| steps.clone()) != &steps {
            return Err("all factors of `$sum` must be fields of one list's items".to_owned());
        }
    }
    Ok(Expression::Sum {
        list: list.unwrap_or_default(),
        factors,
    })
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|char| char.is_alphanumeric() || char == '_' || char == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_a_dollar_is_a_literal() {
        assert_eq!(parse("success"), None);
        assert_eq!(parse("${JWT_SECRET}"), None);
    }

    #[test]
    fn references_are_paths() {
        assert_eq!(
            parse("$item.quantity"),
            Some(Ok(Expression::Path(vec!["item", "quantity"])))
        );
        assert_eq!(
            parse("-$amount"),
            Some(Ok(Expression::Negative(vec!["amount"])))
        );
        assert!(parse("$a..b").unwrap().is_err());
    }

    #[test]
    fn a_sum_multiplies_fields_of_one_list() {
        let sum = Expression::Sum {
            list: vec!["request", "items"],
            factors: vec!["quantity", "unit_price"],
        };
        assert_eq!(
            parse("$sum(request.items.quantity * request.items.unit_price)"),
            Some(Ok(sum))
        );
        assert!(parse("$sum(a.x * b.y)").unwrap().is_err());
        assert!(parse("$sum(a.x").unwrap().is_err());
    }
}
