//! The contract of `lockop apply`.

mod common;

use common::{Desk, GUEST, HEADER, LOCK, NOW, OWNER, Output, claims, entry, key, public, rsa_user_key, sign, user};
use serde_json::{Value, json};

/// The verdict stands first, in text and in JSON, and nothing has been changed.
#[track_caller]
fn refused(desk: &Desk, now: u64, jws: &str, more: &[&str], code: &str, hint: &str) {
    let before = desk.read("acl.json");
    let records = std::fs::read(desk.path("acl.json.replay")).ok();
    let text = desk.apply_at(now, jws, more).exits(1);
    let (first, rest) = text.stdout.split_once('\n').unwrap();
    assert_eq!(first, code, "{text:?}");
    assert!(rest.contains(hint), "{rest}");
    let json = desk.apply_at(now, jws, &[more, &["--json"]].concat()).exits(1).json();
    assert_eq!(json["verdict"], code);
    assert!(json["explanation"].as_str().unwrap().contains(hint));
    assert_eq!(json["changes"], json!([]));
    assert_eq!(desk.read("acl.json"), before);
    assert_eq!(std::fs::read(desk.path("acl.json.replay")).ok(), records);
}

#[track_caller]
fn applied(output: Output) -> Value {
    let json = output.exits(0).json();
    assert_eq!(json["verdict"], "applied");
    json
}

#[test]
fn grants_reach_the_file() {
    let desk = Desk::new();
    let mut admin = user(2);
    admin["role"] = json!("ADMIN");
    admin["start"] = json!(1.5e9);
    admin["end"] = json!(1_800_000_000);
    let text = desk.apply_at(NOW, desk.batch(&json!([user(1), admin])), &[]).exits(0);
    assert!(text.stdout.starts_with("applied\n"), "{text:?}");
    assert_eq!(text.stdout.matches("added").count(), 3, "the sentence and two rows: {text:?}");
    let acl = desk.acl();
    assert_eq!(acl.as_array().unwrap().len(), 4);
    assert_eq!(acl[2], entry(user(1)["user"].as_str().unwrap(), &public(&key(1)), "USER"));
    assert_eq!(acl[3]["role"], "ADMIN");
    assert_eq!((&acl[3]["start"], &acl[3]["end"]), (&json!(1_500_000_000), &json!(1_800_000_000)));
}

#[test]
fn json_tells_what_changed() {
    let desk = Desk::new();
    let replaced = json!({ "user": GUEST.to_uppercase(), "publicKey": public(&key(9)), "role": "ADMIN" });
    let json = applied(desk.apply_at(NOW, desk.batch(&json!([user(1), replaced])), &["--json"]));
    let changes = json["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[0]["change"], "replaced");
    assert_eq!(changes[0]["entry"], entry(GUEST, &public(&key(9)), "ADMIN"));
    assert_eq!(changes[0]["before"]["role"], "USER");
    assert_eq!(changes[1]["change"], "added");
    assert_eq!(changes[1]["before"], Value::Null);
    assert_eq!(json["claims"]["iss"], OWNER);
    assert_eq!((&json["lock"], &json["now"]), (&json!(LOCK), &json!(NOW)));
    let acl = desk.acl();
    assert_eq!(acl.as_array().unwrap().len(), 3, "replaced in its place, not added");
    assert_eq!(acl[1], entry(GUEST, &public(&key(9)), "ADMIN"));
}

#[test]
fn entries_that_are_not_concerned_are_written_as_they_were() {
    let desk = Desk::new();
    let spki = "MCowBQYDK2VwAyEAebVWLo/mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ";
    let other = json!({ "user": "ABCDEF00-0000-4000-8000-000000000000", "publicKey": spki });
    desk.write_acl(&json!([other, entry(OWNER, &public(&desk.owner), "ADMIN")]));
    desk.apply_at(NOW, desk.batch(&json!([user(1)])), &[]).exits(0);
    assert_eq!(desk.acl()[0]["publicKey"], spki);
    assert_eq!(desk.acl()[0]["user"], other["user"]);
}

#[test]
fn an_rsa_key_is_kept_whole() {
    let desk = Desk::new();
    let rsa = rsa_user_key();
    let owner2 = json!({ "user": user(7)["user"], "publicKey": rsa, "role": "ADMIN" });
    desk.apply_at(NOW, desk.batch(&json!([owner2])), &[]).exits(0);
    assert_eq!(desk.acl()[2]["publicKey"], json!(rsa));
    // It can be read back, and its owner cannot be authenticated without certificates.
    let mut theirs = claims(&json!([user(1)]));
    theirs["iss"] = user(7)["user"].clone();
    refused(&desk, NOW, &desk.signed(&theirs), &[], "unauthenticated", "RSA key on the ACL and there is no x5c");
}

#[test]
fn a_replay_is_refused_in_the_next_run() {
    let desk = Desk::new();
    let (mut named, unnamed) = (claims(&json!([user(1)])), claims(&json!([user(2)])));
    named["jti"] = json!("the \u{1b}[31mfirst");
    for (claims, hint) in [(&named, "jti \"the \\u{1b}[31mfirst\""), (&unnamed, "it has no jti")] {
        let jws = desk.signed(claims);
        desk.apply_at(NOW, &jws, &[]).exits(0);
        refused(&desk, NOW, &jws, &[], "replayed", hint);
    }
    // Without its file, the memory is gone.
    std::fs::remove_file(desk.path("acl.json.replay")).unwrap();
    desk.apply_at(NOW, desk.signed(&named), &[]).exits(0);
}

#[test]
fn the_horizon_of_the_records_counts() {
    let desk = Desk::new();
    desk.write("acl.json.replay", &format!(r#"{{"records": [], "horizon": {}, "pending": null}}"#, NOW + 60));
    refused(&desk, NOW, &desk.batch(&json!([user(1)])), &[], "replayed", "have made room for later ones");
}

#[test]
fn malformed_input_is_located() {
    let desk = Desk::new();
    refused(&desk, NOW, "", &[], "malformed", "exactly two dots");
    let four = format!("{}.AAAA", desk.batch(&json!([user(1)])));
    refused(&desk, NOW, &four, &[], "malformed", "exactly two dots");
    let twice = format!(r#"{{"iss":"{OWNER}","iss":"{OWNER}"}}"#);
    refused(&desk, NOW, &sign(&desk.owner, HEADER, &twice), &[], "malformed", "payload, byte ");
    refused(&desk, NOW, &sign(&desk.owner, HEADER, "{\"\u{9b}\":1,}"), &[], "malformed", "\\u{9b}");
    let mut late = claims(&json!([user(1)]));
    late["exp"] = json!(NOW);
    refused(&desk, NOW, &desk.signed(&late), &[], "malformed", "`exp`");
}

#[test]
fn unsupported_algorithms_are_named() {
    let desk = Desk::new();
    let payload = claims(&json!([user(1)])).to_string();
    for (header, hint) in [
        (r#"{"alg":"none","typ":"JWT"}"#, "the header says alg \"none\""),
        (r#"{"alg":"EdDSA","typ":"JOSE"}"#, "the header says typ \"JOSE\""),
        (r#"{"alg":"EdDSA","crit":["exp"]}"#, "the header says crit [\"exp\"]"),
    ] {
        refused(&desk, NOW, &sign(&desk.owner, header, &payload), &[], "unsupported-algorithm", hint);
    }
}

#[test]
fn who_cannot_be_authenticated_and_why() {
    let desk = Desk::new();
    let good = claims(&json!([user(1)]));
    let mut unknown = good.clone();
    unknown["iss"] = user(7)["user"].clone();
    refused(&desk, NOW, &desk.signed(&unknown), &[], "unauthenticated", "is not on the ACL");
    let forged = sign(&key(0x66), HEADER, &good.to_string());
    refused(&desk, NOW, &forged, &[], "unauthenticated", "does not match the key of the issuer");
    let other = sign(&desk.guest, HEADER, &good.to_string());
    refused(&desk, NOW, &other, &[], "unauthenticated", &format!("but {GUEST}, who is on the ACL, too"));
    let jws = desk.signed(&good);
    let short = &jws[..jws.len() - 2];
    refused(&desk, NOW, short, &[], "unauthenticated", "not 64 bytes");
    // A key of small order: nobody could have signed with it.
    desk.write_acl(&json!([entry(OWNER, "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "ADMIN")]));
    refused(&desk, NOW, &jws, &[], "unauthenticated", "no key that anything could be signed with");
}

#[test]
fn device_and_time() {
    let desk = Desk::new();
    let jws = desk.batch(&json!([user(1)]));
    let mut other = claims(&json!([user(1)]));
    other["sub"] = json!(GUEST);
    refused(
        &desk,
        NOW,
        &desk.signed(&other),
        &[],
        "wrong-device",
        &format!("for {GUEST} (sub), and this device is {LOCK}"),
    );
    refused(
        &desk,
        NOW + 125,
        &jws,
        &[],
        "expired",
        "expired 5 s ago: exp 1700000060 (2023-11-14T22:14:20Z) + leeway 60 s",
    );
    refused(&desk, NOW - 70, &jws, &[], "not-yet-valid", "10 s too early: nbf is 1700000000");
    refused(&desk, NOW + 60, &jws, &["--leeway", "0"], "expired", "expired 0 s ago");
    refused(&desk, NOW - 1, &jws, &["--leeway", "0"], "not-yet-valid", "leeway of 0 s");
    desk.apply_at(NOW + 119, &jws, &[]).exits(0);
}

#[test]
fn rights() {
    let desk = Desk::new();
    let mut guests = claims(&json!([user(1)]));
    guests["iss"] = json!(GUEST);
    refused(&desk, NOW, &sign(&desk.guest, HEADER, &guests.to_string()), &[], "forbidden", "is a USER on the ACL");
    let mut acl = desk.acl();
    acl[0]["end"] = json!(NOW);
    desk.write_acl(&acl);
    let hint = "is an ADMIN, but not active now (1700000000 (2023-11-14T22:13:20Z)): until 2023-11-14T22:13:20Z";
    refused(&desk, NOW, &desk.batch(&json!([user(1)])), &[], "forbidden", hint);
}

#[test]
fn operations_that_are_not_understood() {
    let desk = Desk::new();
    let mut other = claims(&json!([user(1)]));
    other["operation"]["type"] = json!("MUTATE\u{7f}DOOR");
    refused(&desk, NOW, &desk.signed(&other), &[], "unsupported-operation", "\"MUTATE\\u{7f}DOOR\"");
    let days = json!({ "user": user(2)["user"], "publicKey": user(2)["publicKey"], "days": ["MON"] });
    let jws = desk.batch(&json!([user(1), days]));
    refused(&desk, NOW, &jws, &[], "invalid-operation", "users[1]: an unknown member");
    refused(&desk, NOW, &jws, &[], "invalid-operation", "\"days\":[\"MON\"]");
    refused(&desk, NOW, &desk.batch(&json!([])), &[], "invalid-operation", "1 to 25 users");
}

#[test]
fn all_or_nothing() {
    let desk = Desk::new();
    let jws = desk.batch(&json!([user(1), user(2)]));
    refused(&desk, NOW, &jws, &["--capacity", "3"], "acl-full", "2 users on the ACL and room for 3");
    applied(desk.apply_at(NOW, &jws, &["--capacity", "4", "--json"]));
    let more = desk.apply_at(NOW, &jws, &["--capacity", "3"]).exits(2);
    assert!(more.stderr.contains("4 users do not fit into a device with room for 3"), "{more:?}");
}

#[test]
fn policy_options() {
    let desk = Desk::new();
    let jws = desk.batch(&json!([user(1)]));
    refused(&desk, NOW, &jws, &["--require-jti"], "malformed", "`jti` is missing");
    refused(&desk, NOW, &jws, &["--max-len", "100"], "malformed", "longer than the policy allows");
    let padded = format!("{jws}==");
    refused(&desk, NOW, &padded, &["--rfc7515-only"], "malformed", "padding");
    desk.apply_at(NOW, &padded, &[]).exits(0);
}

#[test]
fn a_captured_file_may_end_with_a_newline_but_not_begin_with_one() {
    let desk = Desk::new();
    let jws = desk.batch(&json!([user(1)]));
    refused(&desk, NOW, &format!("\n{jws}"), &[], "malformed", "no base64 at character 0");
    desk.write("op.jws", &format!("{jws} \r\n"));
    desk.apply_at(NOW, "", &["op.jws"]).exits(0);
    let again = desk.batch(&json!([user(2)]));
    desk.apply_at(NOW, again + "\n", &["-"]).exits(0);
}

#[test]
fn the_clock_is_this_computers_unless_it_is_given() {
    let desk = Desk::new();
    let output = desk.run(&["apply", "--acl", "acl.json", "--lock", LOCK], desk.batch(&json!([user(1)]))).exits(1);
    assert!(output.stdout.starts_with("expired\n"), "{output:?}");
}

#[test]
fn bad_usage_and_unreadable_files() {
    let desk = Desk::new();
    let jws = desk.batch(&json!([user(1)]));
    for arguments in [
        &["apply"][..],
        &["apply", "--acl", "acl.json"],
        &["apply", "--acl", "acl.json", "--lock", "front door"],
        &["apply", "--acl", "acl.json", "--lock", LOCK, "--now", "today"],
        &["apply", "--acl", "missing.json", "--lock", LOCK],
        &["apply", "--acl", "acl.json", "--lock", LOCK, "missing.jws"],
    ] {
        let output = desk.run(arguments, &jws).exits(2);
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{output:?}");
    }
    let owner = public(&desk.owner);
    for broken in [
        "",
        "{}",
        "[{}]",
        "[] []",
        &json!([{ "user": OWNER, "publicKey": owner, "role": "OWNER" }]).to_string(),
        &json!([{ "user": OWNER, "publicKey": owner, "\u{1b}[2J": 1 }]).to_string(),
        &json!([{ "user": OWNER, "publicKey": "AAAA" }]).to_string(),
        &json!([entry(OWNER, &owner, "ADMIN"), entry(OWNER, &owner, "USER")]).to_string(),
    ] {
        desk.write("acl.json", broken);
        let output = desk.apply_at(NOW, &jws, &[]).exits(2);
        assert!(output.stdout.is_empty() && output.stderr.starts_with("lockop: "), "{output:?}");
        assert!(!output.stderr.contains('\u{1b}'), "{output:?}");
        assert_eq!(desk.read("acl.json"), broken, "it is left as it is");
    }
}

#[test]
fn a_change_that_was_cut_short_is_completed_first() {
    let desk = Desk::new();
    let jws = desk.batch(&json!([user(1)]));
    let old = desk.read("acl.json");
    desk.apply_at(NOW, &jws, &[]).exits(0);
    // As if the program had been killed right after the commit, and the next one while it completed.
    let new = desk.acl();
    let mut records: Value = serde_json::from_str(&desk.read("acl.json.replay")).unwrap();
    records["pending"] = new.clone();
    desk.write("acl.json.replay", &records.to_string());
    desk.write("acl.json", &old);
    desk.write("acl.json.tmp", "[{\"user\"");
    desk.write("acl.json.replay.tmp", "{");
    let verdict = desk.apply_at(NOW, &jws, &["--json"]).exits(1).json();
    assert_eq!(verdict["verdict"], "replayed");
    assert_eq!(desk.acl(), new);
    let records: Value = serde_json::from_str(&desk.read("acl.json.replay")).unwrap();
    assert_eq!(records["pending"], Value::Null);
    assert!(!desk.path("acl.json.tmp").exists() && !desk.path("acl.json.replay.tmp").exists());
}

#[test]
fn two_at_once_do_not_lose_each_others_grants() {
    let desk = Desk::new();
    let operations: Vec<_> = (1..=12).map(|number| desk.batch(&json!([user(number)]))).collect();
    std::thread::scope(|scope| {
        for jws in &operations {
            let desk = &desk;
            scope.spawn(move || desk.apply_at(NOW, jws, &[]).exits(0));
        }
    });
    assert_eq!(desk.acl().as_array().unwrap().len(), 2 + operations.len());
    for jws in &operations {
        refused(&desk, NOW, jws, &[], "replayed", "no jti");
    }
}

#[test]
fn a_disk_that_cannot_be_written_is_the_verdict_storage() {
    let desk = Desk::new();
    // Where the new records would be written, something is in the way.
    std::fs::create_dir(desk.path("acl.json.replay.tmp")).unwrap();
    refused(&desk, NOW, &desk.batch(&json!([user(1)])), &[], "storage", "the store failed");
}
