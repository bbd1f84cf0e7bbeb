//! One call, for a program that counts instructions: `cargo xtask bench-count` runs this under callgrind.
//!
//! `count` checks every answer and lists what there is to count, a line of JSON each; `count NUMBER` does what is on that
//! line.

use std::hint::black_box;
use std::process::ExitCode;

use lockop_bench::rows::{TABLES, Table};
use lockop_bench::{Case, Job, Refused, Row};

/// What is counted.
struct Call {
    table: &'static Table,
    case: &'static Case,
    row: &'static Row,
}

fn main() -> ExitCode {
    let Some(number) = std::env::args().nth(1) else {
        list();
        return ExitCode::SUCCESS;
    };
    let Some(call) = number.parse().ok().and_then(|number| calls().nth(number)) else {
        eprintln!("no such call: {number}");
        return ExitCode::FAILURE;
    };
    // What is found out once in a process, such as the processor's features, is none of the call's.
    let ready = || (call.row.prepare)(call.case, black_box(call.case.jws));
    let (mut first, mut second) = (ready(), ready());
    if first.run() == Ok(()) && counted_call(&mut *second) == Ok(()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whose instructions are counted: callgrind finds it by its name.
#[inline(never)]
fn counted_call(job: &mut dyn Job) -> Result<(), Refused> {
    black_box(black_box(job).run())
}

fn calls() -> impl Iterator<Item = Call> {
    TABLES.into_iter().flat_map(|table| {
        table.cases.iter().flat_map(move |case| table.rows_for(case).map(move |row| Call { table, case, row }))
    })
}

fn list() {
    for table in TABLES {
        table.check();
    }
    for Call { table, case, row } in calls() {
        let line = serde_json::json!({
            "table": table.name, "case": case.name, "users": case.users, "input": case.jws.len(), "row": row.name,
        });
        println!("{line}");
    }
}
