//! JSON text under full control: members keep their order and their exact spelling.

/// A JSON object as a list of raw names (quotes included) and raw values.
#[derive(Clone, Default)]
pub(crate) struct Obj(Vec<(String, String)>);

impl Obj {
    /// An empty object.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets a member in place, or appends it.
    pub(crate) fn with(mut self, name: &str, raw: impl Into<String>) -> Self {
        let name = quote(name);
        let raw = raw.into();
        match self.0.iter_mut().find(|m| m.0 == name) {
            Some(member) => member.1 = raw,
            None => self.0.push((name, raw)),
        }
        self
    }

    /// As `with`, for a string value.
    pub(crate) fn with_str(self, name: &str, value: &str) -> Self {
        self.with(name, quote(value))
    }

    /// Removes a member.
    pub(crate) fn without(mut self, name: &str) -> Self {
        let name = quote(name);
        assert!(self.0.iter().any(|m| m.0 == name), "{name} is not there");
        self.0.retain(|m| m.0 != name);
        self
    }

    /// Spells a member's name differently.
    pub(crate) fn renamed(mut self, name: &str, raw_name: &str) -> Self {
        let name = quote(name);
        let member = self.0.iter_mut().find(|m| m.0 == name);
        raw_name.clone_into(&mut member.expect("renamed member is there").0);
        self
    }

    /// Puts a raw member in front, even if the name is there already.
    pub(crate) fn first(mut self, raw_name: &str, raw: &str) -> Self {
        self.0.insert(0, (raw_name.to_owned(), raw.to_owned()));
        self
    }

    /// Puts a raw member at the end, even if the name is there already.
    pub(crate) fn last(mut self, raw_name: &str, raw: &str) -> Self {
        self.0.push((raw_name.to_owned(), raw.to_owned()));
        self
    }

    /// Reverses the order of the members.
    pub(crate) fn reversed(mut self) -> Self {
        self.0.reverse();
        self
    }

    /// Escapes every character of every name.
    pub(crate) fn names_escaped(mut self) -> Self {
        for member in &mut self.0 {
            let name = member.0.trim_matches('"').to_owned();
            member.0 = escaped(&name);
        }
        self
    }

    /// The compact text.
    pub(crate) fn render(&self) -> String {
        let members: Vec<String> = self.0.iter().map(|(n, v)| format!("{n}:{v}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// A JSON string.
pub(crate) fn quote(text: &str) -> String {
    serde_json::to_string(text).expect("a string always serializes")
}

/// A JSON string in which every UTF-16 unit is a `\u` escape.
pub(crate) fn escaped(text: &str) -> String {
    let units: String = text.encode_utf16().map(|u| format!("\\u{u:04x}")).collect();
    format!("\"{units}\"")
}

/// A JSON array of raw values.
pub(crate) fn array<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    format!("[{}]", items.join(","))
}

/// Indents compact JSON the way `jq .` does.
pub(crate) fn pretty(compact: &str) -> String {
    let (mut out, mut depth, mut quoted, mut skip) = (String::new(), 0_usize, false, false);
    for c in compact.chars() {
        if quoted {
            out.push(c);
            (quoted, skip) = (skip || c != '"', !skip && c == '\\');
            continue;
        }
        match c {
            '{' | '[' => {
                depth += 1;
                out.push(c);
                newline(&mut out, depth);
            }
            '}' | ']' => {
                depth -= 1;
                newline(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                newline(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                quoted = c == '"';
                out.push(c);
            }
        }
    }
    out.push('\n');
    out
}

fn newline(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}
