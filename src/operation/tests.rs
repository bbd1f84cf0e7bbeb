//! The text is read twice, and what the second reading finds changed is refused (§5, §10).

extern crate std;

use super::*;
use crate::json::Names;
use crate::jws::base64::{Encoded, Spelling};
use crate::signature::Everybody;
use base64ct::{Base64Unpadded, Encoding};
use std::format;
use std::string::String;
use std::vec::Vec;

fn text() -> String {
    let user = |number: u8, more: &str| {
        let key = Base64Unpadded::encode_string(&[number; 32]);
        format!(r#"{{ "user" : "22222222-2222-4222-8222-{number:012}" , "publicKey" : "{key}" {more} }}"#)
    };
    let first = user(1, r#", "role" : "ADMIN" , "start" : 1 , "end" : 2e1"#);
    let second = user(2, r#", "role" : null , "start" : null , "end" : null"#);
    format!(r#" {{ "users" : [ {first} , {second} ] , "type" : "BATCH_ADD_USER" }}"#)
}

/// What the contents are if the first reading has seen the type, and the second one reads `text`.
fn contents(text: &[u8]) -> Result<usize, OperationError> {
    let encoded = Base64Unpadded::encode_string(text);
    let encoded = Encoded::check(encoded.as_bytes(), Spelling::Either).unwrap();
    let object = Reader::new(encoded, &mut Names::new()).bookmark();
    let mut operation = Operation::EMPTY;
    Located { object, operation_type: Type::BatchAddUser }.contents(&mut operation, &mut Everybody)?;
    let Operation::BatchAddUser(batch) = operation;
    Ok(batch.grants().len())
}

const CHANGED: Result<usize, OperationError> =
    Err(OperationError::Invalid(InvalidOperation { user: None, fault: OperationFault::Changed }));

fn fault(result: Result<usize, OperationError>) -> Result<usize, OperationError> {
    // Which user it is in does not matter here.
    result.map_err(|error| match error {
        OperationError::Invalid(InvalidOperation { fault, .. }) => {
            OperationError::Invalid(InvalidOperation { user: None, fault })
        }
        OperationError::Unsupported => error,
    })
}

#[test]
fn a_text_that_is_not_well_formed_any_more_has_been_changed() {
    let text = text();
    assert_eq!(contents(text.as_bytes()), Ok(2));
    let begin = text.find('{').unwrap();
    for place in begin..text.len() {
        let mut changed = Vec::from(text.as_bytes());
        changed[place] = 1;
        assert_eq!(fault(contents(&changed)), CHANGED, "{}", &text[place..]);
        assert_eq!(fault(contents(&text.as_bytes()[..place])), CHANGED, "cut off before {}", &text[place..]);
    }
}

/// A `type` that comes back as another, or not at all, is the first reading's.
#[test]
fn the_type_is_what_the_first_reading_found() {
    assert_eq!(contents(text().replace("BATCH_ADD_USER", "REMOVE_USER").as_bytes()), Ok(2));
}
