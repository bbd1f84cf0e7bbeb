//! Every reason has a sentence of its own for the log, and only the codes of §7 go outside.

use std::collections::BTreeSet;
use std::fmt::Display;

use lockop::{
    Code, CommitError, Error, Fault, Full, InvalidOperation, InvalidUuid, Malformed, OperationError, OperationFault,
    ParseError, Part, UnsupportedAlgorithm,
};

const FAULTS: [Fault; 19] = [
    Fault::TooLong,
    Fault::SegmentCount,
    Fault::EmptySegment,
    Fault::Base64Alphabet,
    Fault::Base64Length,
    Fault::Base64Padding,
    Fault::Base64TrailingBits,
    Fault::Utf8,
    Fault::Syntax,
    Fault::ControlCharacter,
    Fault::Escape,
    Fault::Number,
    Fault::RepeatedMember,
    Fault::TooDeep,
    Fault::TrailingData,
    Fault::NotAnObject,
    Fault::CertificateTooLong,
    Fault::Missing("exp"),
    Fault::Member("exp"),
];

const OPERATION_FAULTS: [OperationFault; 10] = [
    OperationFault::UnknownMember,
    OperationFault::Missing("user"),
    OperationFault::Member("user"),
    OperationFault::UserCount,
    OperationFault::NotAnObject,
    OperationFault::RepeatedUser,
    OperationFault::EmptyWindow,
    OperationFault::KeyForm,
    OperationFault::WeakKey,
    OperationFault::Changed,
];

#[track_caller]
fn all_differ<T: Display>(reasons: &[T]) {
    let texts: BTreeSet<String> = reasons.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), reasons.len(), "{texts:?}");
    assert!(texts.iter().all(|text| text.contains(' ')), "{texts:?}");
}

#[test]
fn no_two_reasons_read_the_same() {
    all_differ(&FAULTS);
    all_differ(&OPERATION_FAULTS.map(|fault| InvalidOperation { user: None, fault }));
    all_differ(&[UnsupportedAlgorithm::Alg, UnsupportedAlgorithm::Typ, UnsupportedAlgorithm::Crit]);
    all_differ(&[CommitError::Full, CommitError::Store("broken")]);
    let detail = Malformed { part: Part::Signature, fault: Fault::Syntax, offset: 7 };
    let invalid = InvalidOperation { user: Some(3), fault: OperationFault::WeakKey };
    all_differ(&[
        Error::Malformed(detail),
        Error::UnsupportedAlgorithm(UnsupportedAlgorithm::Typ),
        Error::Unauthenticated,
        Error::Lookup("broken"),
        Error::WrongDevice,
        Error::NotYetValid,
        Error::Expired,
        Error::Forbidden,
        Error::Replayed,
        Error::UnsupportedOperation,
        Error::InvalidOperation(invalid),
        Error::AclFull,
        Error::Storage("broken"),
    ]);
    assert_eq!(detail.to_string(), "signature, byte 7: not JSON (RFC 8259)");
    assert!(invalid.to_string().starts_with("users[3]: "));
    assert!(Full.to_string().contains("no room") && InvalidUuid.to_string().contains("UUID"));
}

#[test]
fn what_is_parsed_alone_reads_as_in_the_whole_job() {
    let detail = Malformed { part: Part::Header, fault: Fault::Syntax, offset: 7 };
    let unsupported = UnsupportedAlgorithm::Crit;
    for (error, code) in [
        (ParseError::Malformed(detail), Code::Malformed),
        (ParseError::UnsupportedAlgorithm(unsupported), Code::UnsupportedAlgorithm),
    ] {
        let whole = Error::<()>::from(error);
        assert_eq!((error.code(), whole.code()), (code, code));
        assert_eq!(error.to_string(), whole.to_string());
    }
    let invalid = InvalidOperation { user: None, fault: OperationFault::UserCount };
    for (error, code) in [
        (OperationError::Unsupported, Code::UnsupportedOperation),
        (OperationError::Invalid(invalid), Code::InvalidOperation),
    ] {
        assert_eq!((error.code(), Error::<()>::from(error).code()), (code, code));
        assert!(error.to_string().contains("operation"));
    }
}

/// A store that fails tells who cannot sign no more than a wrong signature does (§7).
#[test]
fn a_store_that_fails_has_the_code_of_the_row_it_fails_in() {
    assert_eq!(Error::Lookup(()).code(), Code::Unauthenticated);
    assert_eq!(Error::Storage(()).code(), Code::Storage);
    assert_eq!(Error::<()>::AclFull.code(), Code::AclFull);
}

#[cfg(feature = "flash")]
#[test]
fn no_two_troubles_of_a_store_read_the_same() {
    use lockop::FlashError;
    use lockop::acl::stored::StoredError;
    all_differ(&[
        FlashError::Flash("broken"),
        FlashError::Worn,
        FlashError::Corrupt,
        FlashError::Unformatted,
        FlashError::OtherFormat,
        FlashError::Region,
        FlashError::TooLarge,
    ]);
    all_differ(&[StoredError::BufferTooSmall, StoredError::UnknownVersion, StoredError::Corrupt]);
}

#[cfg(feature = "conformance")]
#[test]
fn a_violation_names_the_promise() {
    let violation = lockop::acl::conformance::Violation { promise: "a full store is full" };
    assert_eq!(violation.to_string(), "the store broke its promise: a full store is full");
}
