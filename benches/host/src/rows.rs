//! What is measured of whom.

use lockop::ConstantTime;

use crate::fixtures::{BATCH, BATCH_SDK, CHAIN, CHAIN_SDK, Case, ONE};
use crate::job::{Job, PeerJob, Row};
use crate::ours::{self, Unchecked, UncheckedKeys};
use crate::peers::{jsonwebtoken, jwt_compact, jwt_simple, serde_json, serde_json_core};
use crate::refused::Refused;

/// A row of an adapter.
macro_rules! peer {
    ($name:expr, $adapter:path, $reads_sdk:expr) => {
        Row { name: $name, reads_sdk: $reads_sdk, prepare: |case, jws| PeerJob::boxed($adapter, case, jws) }
    };
}

const fn ours(name: &'static str, prepare: fn(&'static Case, &'static str) -> Box<dyn Job>) -> Row {
    Row { name, reads_sdk: true, prepare }
}

/// Contestants that do the same.
pub struct Table {
    /// For people.
    pub name: &'static str,
    /// On which operations.
    pub cases: &'static [&'static Case],
    /// Who.
    pub rows: &'static [Row],
    answer: Answer,
}

/// What a row must answer, so that it is known to have done its work.
enum Answer {
    /// The grants, if the signature is good.
    Verified,
    /// The grants, whatever the signature is.
    Grants,
    /// Only whether the signature is good.
    Signature,
    /// Nothing but that it was done.
    Done,
}

/// From the text to the grants.
pub static WHOLE_JOB: Table = Table {
    name: "whole job",
    cases: &[&ONE, &BATCH, &BATCH_SDK, &CHAIN, &CHAIN_SDK],
    rows: &[
        ours("lockop", |case, jws| ours::apply::<ConstantTime>(case, jws)),
        ours("lockop, only what the peers do", |case, jws| ours::as_peers::<UncheckedKeys>(case, jws)),
        peer!("jsonwebtoken", jsonwebtoken::verify, false),
        peer!("jwt-compact", jwt_compact::verify, false),
        peer!("jwt-simple", jwt_simple::verify, false),
        peer!("serde_json", serde_json::verify, true),
        peer!("serde-json-core", serde_json_core::verify, true),
    ],
    answer: Answer::Verified,
};

/// Everything but the signature. jwt-simple cannot be asked for that.
pub static WITHOUT_SIGNATURE: Table = Table {
    name: "without the signature",
    cases: &[&ONE, &BATCH, &BATCH_SDK, &CHAIN, &CHAIN_SDK],
    rows: &[
        ours("lockop, only what the peers do", |case, jws| ours::as_peers::<Unchecked>(case, jws)),
        peer!("jsonwebtoken", jsonwebtoken::read, false),
        peer!("jwt-compact", jwt_compact::read, false),
        peer!("serde_json", serde_json::read, true),
        peer!("serde-json-core", serde_json_core::read, true),
    ],
    answer: Answer::Grants,
};

/// The signature alone.
pub static SIGNATURE: Table = Table {
    name: "signature",
    cases: &[&ONE, &BATCH, &CHAIN],
    rows: &[
        peer!("lockop, in constant time", ours::arithmetic, true),
        peer!("ed25519-compact", serde_json::arithmetic, true),
        peer!("ed25519-compact, key checked as jwt-simple does", jwt_simple::arithmetic, true),
        peer!("ed25519-dalek, as jsonwebtoken has it", jsonwebtoken::arithmetic, false),
    ],
    answer: Answer::Signature,
};

/// What no peer does, and what is the same code in all.
pub static USERS_KEYS: Table = Table {
    name: "users' keys",
    cases: &[&BATCH, &CHAIN],
    rows: &[
        ours("good points or not, which only lockop looks at", ours::judge_keys),
        ours("to what an ACL keeps of them, the same code in all", ours::key_forms),
    ],
    answer: Answer::Done,
};

/// All.
pub static TABLES: [&Table; 4] = [&WHOLE_JOB, &WITHOUT_SIGNATURE, &SIGNATURE, &USERS_KEYS];

impl Table {
    /// The rows that read a case.
    pub fn rows_for(&self, case: &Case) -> impl Iterator<Item = &'static Row> {
        let sdk = case.is_sdk();
        self.rows.iter().filter(move |row| row.reads_sdk || !sdk)
    }

    /// Checks the answers of every row to every case: who does less has no place beside the others.
    ///
    /// # Panics
    ///
    /// If an answer is wrong.
    pub fn check(&self) {
        for case in self.cases {
            for row in self.rows {
                self.check_row(row, case);
            }
        }
    }

    fn check_row(&self, row: &Row, case: &'static Case) {
        let what = format!("{}, {}: {}", self.name, case.name, row.name);
        let mut good = (row.prepare)(case, case.jws);
        if case.is_sdk() && !row.reads_sdk {
            assert_eq!(good.run(), Err(Refused::Malformed), "{what} reads the SDK's encoding");
            return;
        }
        assert_eq!(good.run(), Ok(()), "{what}");
        let mut wrong = (row.prepare)(case, case.refused);
        match self.answer {
            Answer::Verified | Answer::Signature => assert_eq!(wrong.run(), Err(Refused::Signature), "{what}"),
            Answer::Grants | Answer::Done => assert_eq!(wrong.run(), Ok(()), "{what}"),
        }
        if let Answer::Verified | Answer::Grants = self.answer {
            let mut device = ours::apply::<ConstantTime>(case, case.jws);
            assert_eq!(device.run(), Ok(()), "{what}");
            assert_eq!(device.grants().len(), case.users, "{what}");
            assert_eq!(good.grants(), device.grants(), "{what}");
        }
    }
}
