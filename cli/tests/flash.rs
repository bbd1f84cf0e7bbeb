//! The contract of `lockop flash` and of `lockop apply --flash`.

mod common;

use std::fs;

use common::{Desk, GUEST, LOCK, NOW, OWNER, Output, claims, entry, key, lockop, public, rsa_user_key, user};
use serde_json::{Value, json};

const GEOMETRY: &str = "4,1024";
const CAPACITY: [&str; 2] = ["--capacity", "100"];

/// `lockop flash` with the image and its shape.
fn flash(desk: &Desk, command: &str, geometry: &str, more: &[&str]) -> Output {
    let fixed = ["flash", command, "lock.img", "--geometry", geometry, "--json"];
    desk.run(&[&fixed[..], more].concat(), "")
}

fn apply(desk: &Desk, now: u64, jws: &str, more: &[&str]) -> Output {
    let now = now.to_string();
    let fixed = ["apply", "--flash", "lock.img", "--geometry", GEOMETRY, "--lock", LOCK, "--now", &now];
    desk.run(&[&fixed[..], &CAPACITY, more].concat(), jws)
}

/// A desk with an image that has the entries of its ACL file.
fn formatted() -> Desk {
    let desk = Desk::new();
    flash(&desk, "format", GEOMETRY, &[&CAPACITY[..], &["--acl", "acl.json"]].concat()).exits(0);
    desk
}

fn image(desk: &Desk) -> Vec<u8> {
    fs::read(desk.path("lock.img")).unwrap()
}

#[track_caller]
fn show(desk: &Desk) -> Value {
    let before = image(desk);
    let shown = flash(desk, "show", GEOMETRY, &CAPACITY).exits(0).json();
    assert_eq!(image(desk), before, "looking changes nothing");
    shown
}

fn users(shown: &Value) -> Vec<&str> {
    shown["acl"].as_array().unwrap().iter().map(|entry| entry["user"].as_str().unwrap()).collect()
}

/// The verdict stands first, in text and in JSON, and nothing has been changed.
#[track_caller]
fn refused(desk: &Desk, jws: &str, code: &str, hint: &str) {
    let before = image(desk);
    let text = apply(desk, NOW, jws, &[]).exits(1);
    let (first, rest) = text.stdout.split_once('\n').unwrap();
    assert_eq!(first, code, "{text:?}");
    assert!(rest.contains(hint) && text.stderr.is_empty(), "{text:?}");
    let json = apply(desk, NOW, jws, &["--json"]).exits(1).json();
    assert_eq!(json["verdict"], code);
    assert_eq!(json["changes"], json!([]));
    assert_eq!(image(desk), before);
}

#[track_caller]
fn trouble(output: Output, hint: &str) {
    let output = output.exits(2);
    assert!(output.stdout.is_empty() && output.stderr.starts_with("lockop: "), "{output:?}");
    assert!(output.stderr.contains(hint), "{hint}: {output:?}");
    assert_eq!(output.stderr.lines().count(), 1, "one sentence: {output:?}");
}

#[test]
fn a_lock_has_a_life_in_an_image() {
    let desk = formatted();
    let new = show(&desk);
    assert_eq!(users(&new), [OWNER, GUEST]);
    assert_eq!((&new["users"], &new["capacity"]), (&json!(2), &json!({ "users": 100, "replays": 32 })));
    assert_eq!((&new["replays"], &new["horizon"], &new["recovery"]), (&json!([]), &Value::Null, &json!(false)));

    // What `lockop sign` makes, applied once.
    desk.write("users.json", &json!([user(1), { "user": GUEST, "publicKey": rsa_user_key() }]).to_string());
    let sign = ["sign", "--key", "owner.pem", "--iss", OWNER, "--sub", LOCK, "--users", "users.json"];
    let jws = desk.run(&[&sign[..], &["--nbf", &NOW.to_string(), "--jti", "first"]].concat(), "").exits(0).stdout;
    let applied = apply(&desk, NOW, &jws, &["--json"]).exits(0).json();
    assert_eq!((&applied["verdict"], &applied["lock"]), (&json!("applied"), &json!(LOCK)));
    assert_eq!(applied["changes"][0]["change"], "replaced");
    assert_eq!(applied["changes"][0]["entry"], entry(GUEST, &rsa_user_key(), "USER"));
    assert_eq!(applied["changes"][0]["before"]["key"]["type"], "Ed25519");
    assert_eq!(applied["changes"][1]["change"], "added");

    refused(&desk, &jws, "replayed", "with the jti \"first\" has been applied before");
    let shown = show(&desk);
    assert_eq!(users(&shown), [OWNER, GUEST, user(1)["user"].as_str().unwrap()]);
    assert_eq!(shown["acl"][1]["key"]["type"], "RSA");
    assert_eq!(shown["acl"][1]["key"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(shown["replays"].as_array().unwrap().len(), 1);
    assert_eq!(shown["replays"][0]["exp"], NOW + 60);
    assert!(shown["room"].as_u64() < new["room"].as_u64(), "{shown}");
}

#[test]
fn both_stores_tell_the_same() {
    let desk = formatted();
    let replaced = json!({ "user": GUEST, "publicKey": public(&key(9)), "role": "ADMIN", "end": NOW + 9 });
    for jws in [desk.batch(&json!([user(1), replaced])), desk.batch(&json!([])), "..".to_owned()] {
        for more in [&[][..], &["--json"]] {
            // A new file for each, so that none is a replay.
            fs::copy(desk.path("lock.img"), desk.path("kept.img")).unwrap();
            let acl = desk.acl();
            let (file, flash) = (desk.apply_at(NOW, &jws, more), apply(&desk, NOW, &jws, more));
            assert_eq!((file.status, file.stdout, file.stderr), (flash.status, flash.stdout, flash.stderr));
            fs::rename(desk.path("kept.img"), desk.path("lock.img")).unwrap();
            desk.write_acl(&acl);
            let _ = fs::remove_file(desk.path("acl.json.replay"));
        }
    }
}

#[test]
fn text_for_people() {
    let desk = formatted();
    apply(&desk, NOW, &desk.batch(&json!([user(1)])), &[]).exits(0);
    let show = ["flash", "show", "lock.img", "--geometry", GEOMETRY, "--capacity", "100"];
    let text = desk.run(&show, "").exits(0).stdout;
    for shown in [
        "3 users of at most 100 on the ACL",
        OWNER,
        "Ed25519",
        "1 replay record of at most 32",
        "1700000060 (2023-11-14T22:14:20Z)",
        "horizon: none",
        "room: ",
        "recovery: not needed",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[test]
fn a_full_lock_takes_nobody() {
    let desk = formatted();
    let many: Vec<_> = (1..=98).map(user).collect();
    desk.write_acl(&json!(many));
    let provision = |desk: &Desk| flash(desk, "provision", GEOMETRY, &[&CAPACITY[..], &["--acl", "acl.json"]].concat());
    assert_eq!(provision(&desk).exits(0).json()["users"], 100);
    refused(&desk, &desk.batch(&json!([user(1), user(99)])), "acl-full", "100 users on the ACL and room for 100");
    let before = image(&desk);
    desk.write_acl(&json!([user(1), user(99)]));
    trouble(provision(&desk), "the users do not fit into a lock with room for 100");
    assert_eq!(image(&desk), before);
    // Who is there already needs no room.
    apply(&desk, NOW, &desk.batch(&json!([user(1)])), &[]).exits(0);
}

#[test]
fn the_oldest_records_make_room_and_the_log_is_compacted() {
    let desk = Desk::new();
    // The least region: it is full after few operations.
    let region = flash(&desk, "show", GEOMETRY, &CAPACITY).exits(2);
    assert!(region.stderr.contains("cannot read lock.img"), "{region:?}");
    let least = flash(&desk, "format", GEOMETRY, &[&CAPACITY[..], &["--size", "2048"]].concat()).exits(2).stderr;
    let least = least.split_once(" and have ").unwrap().1.split_once(' ').unwrap().0;
    let arguments = [&CAPACITY[..], &["--size", least, "--acl", "acl.json"]].concat();
    flash(&desk, "format", GEOMETRY, &arguments).exits(0);
    let (mut compacted, mut room) = (0, u64::MAX);
    for number in 0..40 {
        let mut claims = claims(&json!([user(1), user(2), user(3), user(4), user(5)]));
        claims["exp"] = json!(NOW + 1 + number);
        apply(&desk, NOW, &desk.signed(&claims), &[]).exits(0);
        let shown = show(&desk);
        let left = shown["room"].as_u64().unwrap();
        compacted += u32::from(left > room);
        room = left;
        assert_eq!(shown["users"], 7);
    }
    assert!(compacted > 0);
    let shown = show(&desk);
    assert_eq!(shown["horizon"], NOW + 8, "40 records are 8 more than there is room for");
    assert_eq!(shown["replays"].as_array().unwrap().len(), 32);
    assert_eq!(shown["replays"][0]["exp"], NOW + 9);
}

#[test]
fn a_store_may_be_in_the_midst_of_the_flash() {
    let desk = Desk::new();
    let geometry = "8,2048,0x1000..0x9000";
    let arguments = [&CAPACITY[..], &["--size", "0xa000", "--acl", "acl.json"]].concat();
    let made = flash(&desk, "format", geometry, &arguments).exits(0).json();
    assert_eq!((&made["bytes"], &made["users"]), (&json!(0xa000), &json!(2)));
    let bytes = image(&desk);
    assert_eq!(bytes.len(), 0xa000);
    assert!(bytes[..0x1000].iter().chain(&bytes[0x9000..]).all(|byte| *byte == 0xff));
    assert_eq!(users(&flash(&desk, "show", geometry, &CAPACITY).exits(0).json()), [OWNER, GUEST]);
    trouble(flash(&desk, "format", geometry, &arguments), "cannot make lock.img");
    assert_eq!(image(&desk), bytes, "never in the place of another");
}

#[test]
fn every_geometry_has_its_store() {
    for word in ["1", "2", "4", "8", "16", "32"] {
        for page in ["128", "256", "512", "1024", "2048", "4096", "8192"] {
            let desk = Desk::new();
            let geometry = format!("{word},{page}");
            for capacity in ["100", "256", "1000"] {
                flash(&desk, "format", &geometry, &["--acl", "acl.json", "--capacity", capacity]).exits(0);
                let shown = flash(&desk, "show", &geometry, &["--capacity", capacity]).exits(0).json();
                assert_eq!(users(&shown), [OWNER, GUEST]);
                assert_eq!(shown["capacity"]["users"].to_string(), capacity);
                fs::remove_file(desk.path("lock.img")).unwrap();
            }
        }
    }
}

#[test]
fn what_is_wrong_with_an_image_is_explained() {
    let desk = formatted();
    let good = image(&desk);
    let owner = desk.owner.pk.as_ref();
    let place = good.windows(32).position(|bytes| bytes == owner).unwrap();
    let jws = desk.batch(&json!([user(1)]));
    let mut damaged = good.clone();
    damaged[place] ^= 1;
    for (bytes, geometry, hint) in [
        (&damaged, GEOMETRY, "lock.img: what was committed there is damaged"),
        (&vec![0xff; good.len()], GEOMETRY, "lock.img: nothing was ever committed there"),
        (&good, "8,1024", "lock.img: it was written with words or in a region of another size"),
        (
            &good[..good.len() - 2048].to_vec(),
            GEOMETRY,
            "lock.img: it was written with words or in a region of another",
        ),
        (&good[..2048].to_vec(), GEOMETRY, "lock.img: 0..2048 of its 2048 bytes is no region for a store"),
        (&good, "4,1024,0..0x100000", "is no region for a store: it must begin on a page of 1024 bytes"),
        (&good, "4,1024,0x1000..0", "is no region for a store"),
        (&Vec::new(), GEOMETRY, "0..0 of its 0 bytes is no region for a store"),
    ] {
        fs::write(desk.path("lock.img"), bytes).unwrap();
        trouble(flash(&desk, "show", geometry, &CAPACITY), hint);
        let arguments = ["apply", "--flash", "lock.img", "--geometry", geometry, "--lock", LOCK, "--now", "1700000000"];
        trouble(desk.run(&[&arguments[..], &CAPACITY].concat(), &jws), hint);
        assert_eq!(image(&desk), *bytes, "it is left as it is");
    }
}

#[test]
fn more_users_than_the_lock_has_room_for_are_another_locks() {
    let desk = Desk::new();
    desk.write_acl(&json!((1..=101).map(user).collect::<Vec<_>>()));
    flash(&desk, "format", GEOMETRY, &["--capacity", "256", "--acl", "acl.json"]).exits(0);
    trouble(flash(&desk, "show", GEOMETRY, &CAPACITY), "101 users do not fit into a lock with room for 100");
}

/// The words that two images differ in, in their order.
fn programmed(old: &[u8], new: &[u8]) -> Vec<usize> {
    (0..old.len()).step_by(4).filter(|at| old[*at..at + 4] != new[*at..at + 4]).collect()
}

#[test]
fn a_loss_of_power_at_any_word_shows_all_or_nothing() {
    let desk = formatted();
    let old = image(&desk);
    let jws = desk.batch(&json!([user(1), user(2)]));
    apply(&desk, NOW, &jws, &[]).exits(0);
    let new = image(&desk);
    let words = programmed(&old, &new);
    assert!(words.len() > 30 && words.iter().all(|at| old[*at..at + 4] == [0xff; 4]), "{words:?}");
    let (mut nothing, mut all) = (0, 0);
    for done in 0..=words.len() {
        // As many words as were programmed, and half of the next.
        let mut torn = old.clone();
        for at in &words[..done] {
            torn[*at..at + 4].copy_from_slice(&new[*at..at + 4]);
        }
        if let Some(at) = words.get(done) {
            torn[*at..at + 2].copy_from_slice(&new[*at..at + 2]);
        }
        fs::write(desk.path("lock.img"), &torn).unwrap();
        let shown = show(&desk);
        let granted = shown["users"] == 4;
        assert_eq!(shown["replays"].as_array().unwrap().len(), usize::from(granted), "grants and record go together");
        // The next run settles it, and says so.
        let output = apply(&desk, NOW, &jws, &["--json"]);
        assert_eq!(output.status, i32::from(granted), "{output:?}");
        assert_eq!(output.json()["verdict"], if granted { "replayed" } else { "applied" });
        assert_eq!(output.stderr.contains("cut short"), shown["recovery"] == true, "{output:?}");
        let shown = show(&desk);
        assert_eq!((&shown["users"], &shown["recovery"]), (&json!(4), &json!(false)));
        *(if granted { &mut all } else { &mut nothing }) += 1;
    }
    assert!(nothing > 30 && all > 0, "{nothing}, {all}");
}

#[test]
fn a_page_from_before_recovers() {
    let desk = formatted();
    let old = image(&desk);
    let jws = desk.batch(&json!([user(1)]));
    apply(&desk, NOW, &jws, &[]).exits(0);
    let mut torn = image(&desk);
    let page = programmed(&old, &torn)[0] / 1024 * 1024;
    assert!(programmed(&old, &torn).iter().all(|at| (page..page + 1024).contains(at)), "one page has it all");
    torn[page..page + 1024].copy_from_slice(&old[page..page + 1024]);
    fs::write(desk.path("lock.img"), &torn).unwrap();
    assert_eq!(users(&show(&desk)), [OWNER, GUEST]);
    apply(&desk, NOW, &jws, &[]).exits(0);
    refused(&desk, &jws, "replayed", "no jti");
}

#[test]
fn two_at_once_do_not_lose_each_others_grants() {
    let desk = formatted();
    let operations: Vec<_> = (1..=8).map(|number| desk.batch(&json!([user(number)]))).collect();
    std::thread::scope(|scope| {
        for jws in &operations {
            let desk = &desk;
            scope.spawn(move || apply(desk, NOW, jws, &[]).exits(0));
        }
    });
    assert_eq!(show(&desk)["users"], 2 + operations.len());
}

/// No file may grow beyond 0 bytes, nor be written behind them: the disk is full for this one program.
#[cfg(all(unix, feature = "real-programs"))]
#[test]
fn a_disk_that_cannot_be_written_is_the_verdict_storage() {
    let desk = formatted();
    let before = image(&desk);
    desk.write("op.jws", &desk.batch(&json!([user(1)])));
    let script = format!(
        "trap '' XFSZ; ulimit -f 0; exec '{}' apply --flash lock.img --geometry {GEOMETRY} --capacity 100 --lock {LOCK} \
         --now {NOW} op.jws",
        env!("CARGO_BIN_EXE_lockop"),
    );
    let output =
        std::process::Command::new("bash").args(["-c", &script]).current_dir(desk.folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("storage\nlock.img: it cannot be written ("), "{text}");
    assert_eq!(image(&desk), before);
    apply(&desk, NOW, "", &["op.jws"]).exits(0);
}

#[test]
fn bad_usage() {
    let desk = formatted();
    for arguments in [
        &["apply", "--lock", LOCK][..],
        &["apply", "--flash", "lock.img", "--lock", LOCK],
        &["apply", "--geometry", GEOMETRY, "--lock", LOCK],
        &["apply", "--acl", "acl.json", "--geometry", GEOMETRY, "--lock", LOCK],
        &["apply", "--acl", "acl.json", "--flash", "lock.img", "--geometry", GEOMETRY, "--lock", LOCK],
        &["apply", "--flash", "lock.img", "--geometry", "4", "--lock", LOCK],
        &["apply", "--flash", "lock.img", "--geometry", GEOMETRY, "--lock", LOCK, "--capacity", "99"],
        &["apply", "--flash", "missing.img", "--geometry", GEOMETRY, "--lock", LOCK],
        &["flash"],
        &["flash", "show", "lock.img"],
        &["flash", "show", "--geometry", GEOMETRY],
        &["flash", "show", "lock.img", "--geometry", "3,1024"],
        &["flash", "show", "lock.img", "--geometry", GEOMETRY, "--capacity", "0"],
        &["flash", "format", "new.img", "--geometry", GEOMETRY, "--size", "1e6"],
        &["flash", "format", "new.img", "--geometry", GEOMETRY, "--size", "0xffff0000"],
        &["flash", "format", "new.img", "--geometry", GEOMETRY, "--acl", "missing.json"],
        &["flash", "provision", "lock.img", "--geometry", GEOMETRY],
    ] {
        let output = lockop(desk.folder.path(), arguments, b"..").exits(2);
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{output:?}");
    }
    assert!(!desk.path("new.img").exists());
}
