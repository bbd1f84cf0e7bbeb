//! JSON text, as the two families of clients write it.

/// `"name":"text"`; nothing here needs an escape.
pub fn string(name: &str, text: &str) -> String {
    format!(r#""{name}":"{text}""#)
}

/// `"name":value`, of a value that is JSON text already.
pub fn raw(name: &str, value: impl std::fmt::Display) -> String {
    format!(r#""{name}":{value}"#)
}

/// An object of these members.
pub fn object(members: &[String]) -> String {
    format!("{{{}}}", members.join(","))
}

/// An array of these values.
pub fn array(values: &[String]) -> String {
    format!("[{}]", values.join(","))
}
