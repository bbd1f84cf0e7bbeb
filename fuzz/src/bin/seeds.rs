//! Makes the seeds of all targets from what is in the repository: the vectors, and folders of certificates.
//!
//! usage: `seeds REPOSITORY FOLDER`; the seeds of a target go to a folder of its name in `FOLDER`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding};
use der::{Decode, DecodePem, Encode};
use lockop::acl::stored::{
    MAX_ENTRY_LEN, MAX_HORIZON_LEN, MAX_RECORD_LEN, encode_entry, encode_horizon, encode_record,
};
use lockop::{AclEntry, ReplayRecord, Role, UserKey, Uuid, Window};
use lockop_fuzz::base64;
use lockop_fuzz::certificate_input::CertificateInput;
use lockop_fuzz::leaf::Certificate;
use lockop_fuzz::signed_trial::AS_IT_STANDS;
use serde_json::Value;
use sha2::{Digest, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Chains of two certificates that are not in the vectors, from the root of the repository.
const CHAINS: [[&str; 2]; 4] = [
    ["cli/demo-keys/leaf.pem", "cli/demo-keys/user.pem"],
    ["cli/demo-keys/forged-leaf.pem", "cli/demo-keys/user.pem"],
    ["benches/target/certificates/leaf.der", "benches/target/certificates/user.der"],
    ["benches/target/certificates/ed25519-leaf.der", "benches/target/certificates/user.der"],
];

/// The seeds of each target, each once.
#[derive(Default)]
struct Seeds(BTreeMap<&'static str, BTreeMap<String, Vec<u8>>>);

impl Seeds {
    fn add(&mut self, target: &'static str, seed: Vec<u8>) {
        let name = Sha256::digest(&seed)[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        self.0.entry(target).or_default().insert(name, seed);
    }

    fn vector(&mut self, vector: &Value) -> Option<()> {
        let now = vector["now"].as_u64()?;
        let acl = vector["acl"].as_array()?;
        for entry in acl {
            self.key(entry);
            self.stored(entry);
        }
        for step in vector["steps"].as_array()? {
            // The few that are given in hexadecimal digits are not UTF-8, and the fuzzer thinks of such by itself.
            let Some(jws) = step["jws"].as_str() else { continue };
            self.add("operation", jws.as_bytes().to_vec());
            let mut segments = jws.split('.').map(|segment| base64::decode(segment.as_bytes()));
            let (header, payload) = (segments.next().flatten(), segments.next().flatten());
            jws.split('.').for_each(|segment| self.base64(segment));
            for text in [&header, &payload].into_iter().flatten() {
                self.add("json", text.clone());
            }
            let Some(payload) = payload else { continue };
            self.add("signed", [&AS_IT_STANDS[..], &payload].concat());
            let Ok(claims) = serde_json::from_slice::<Value>(&payload) else { continue };
            for user in claims["operation"]["users"].as_array().into_iter().flatten() {
                self.key(user);
            }
            let now = step["now"].as_u64().unwrap_or(now);
            let header = header.and_then(|header| serde_json::from_slice::<Value>(&header).ok());
            _ = header.and_then(|header| self.chain(&header, &claims, acl, now));
        }
        Some(())
    }

    /// A segment, read from its beginning to its end. Long ones are cut: the decoder's window is short.
    fn base64(&mut self, segment: &str) {
        let text = segment.as_bytes();
        self.add("base64", [&[0], &text[text.len().saturating_sub(400)..]].concat());
    }

    /// An entry in its stored form, and a record.
    fn stored(&mut self, entry: &Value) -> Option<()> {
        let bound = |name: &str| entry[name].as_u64();
        let entry = AclEntry {
            user: entry["user"].as_str()?.parse().ok()?,
            key: UserKey::from_base64(entry["publicKey"].as_str()?.as_bytes())?,
            role: Role::from_text(entry["role"].as_str()?.as_bytes())?,
            window: Window::new(bound("start"), bound("end"))?,
        };
        self.add("stored", encode_entry(&entry, &mut [0; MAX_ENTRY_LEN]).ok()?.to_vec());
        let record = ReplayRecord::from_parts(*entry.key.as_bytes(), bound("end").unwrap_or(u64::MAX));
        self.add("stored", encode_record(&record, &mut [0; MAX_RECORD_LEN]).ok()?.to_vec());
        self.add("stored", encode_horizon(bound("end"), &mut [0; MAX_HORIZON_LEN]).ok()?.to_vec());
        Some(())
    }

    /// The key of an entry or of a user: its text and its bytes.
    fn key(&mut self, holder: &Value) -> Option<()> {
        let text = holder["publicKey"].as_str()?.as_bytes();
        self.add("user_key", text.to_vec());
        self.add("user_key", base64::decode(text)?);
        Some(())
    }

    /// What no vector has, because it is not written but chosen.
    fn chosen(&mut self) {
        // The skeleton as it is; one of which every byte is a choice; chains in order of either kind of issuer; and the same
        // operation again.
        self.add("signed", vec![0]);
        self.add("signed", (0..=255).flat_map(|byte| [0, 0, byte]).collect());
        self.add("signed", vec![0, 0, 0, 0, 0, 0, 0, 0, 0, 128]);
        self.add("signed", vec![0, 0, 0, 0, 0, 0, 0, 0, 255, 3, 128]);
        // Two operations of one name, of which the second expires later: when the first counts for the last time, and when it
        // does not any more. Where `exp` is among the choices, only trying shows: in one of these.
        for (time, place) in [5, 6].into_iter().flat_map(|time| (30..50).map(move |place| (time, place))) {
            let mut second = [0; 60];
            second[..2].copy_from_slice(&[255, time]);
            second[place] = 3;
            let first = [[0, 0, 0, 0, 0, 1].as_slice(), &[0; 48]].concat();
            self.add("signed", [first.as_slice(), &second].concat());
        }
        // A few of the choices, here and there; most inputs are several operations.
        for number in 0..400_u16 {
            let digest = |place: u16| Sha256::digest([number.to_be_bytes(), place.to_be_bytes()].concat());
            let sparse = (0..400).map(|place| match digest(place)[..] {
                [choice, chance, ..] if u16::from(chance) % 16 <= number % 4 => choice,
                _ => 0,
            });
            // Several operations, by the default policy.
            let steps = u8::try_from(number % 7).unwrap_or(0) + 1;
            self.add("signed", [0, 0, 0, 0, 0, steps].into_iter().chain(sparse).collect());
        }
        // Every kind of point in either place, and every kind of S.
        for how in 0..8 {
            for which in [0, 1, 7, 31, 0x80, 0x9f] {
                self.add("signature", vec![1, 2, how, which, 0, 0, 3, 0, 1, 2, 3]);
                self.add("signature", vec![1, 2, 0, 0, how, which, 3, 0, 1, 2, 3]);
                self.add("signature", vec![1, 2, how, which, 3, 1, 3, 0, 1, 2, 3]);
            }
            self.add("signature", vec![1, 2, 0, 0, 0, 0, 3, how * 33, 1, 2, 3, 4, 5, 6, 7]);
        }
        // Each way to take a byte, on a text that is longer than the window.
        for what in 0..64 {
            let text = (0..250).map(|place: u8| b"0123456789abcdef\"\xc3\xa9\0"[usize::from(place) % 20]);
            self.add("base64", [4, what, 1, what ^ 3, 200].into_iter().chain(text).collect());
        }
    }

    /// A chain of a vector.
    fn chain(&mut self, header: &Value, claims: &Value, acl: &[Value], now: u64) -> Option<()> {
        let certificate = |place: usize| Base64::decode_vec(header["x5c"].get(place)?.as_str()?).ok();
        let anchor = acl.first().and_then(|entry| base64::decode(entry["publicKey"].as_str()?.as_bytes()));
        let input = CertificateInput {
            now: u32::try_from(now).ok()?,
            iss: claims["iss"].as_str()?.parse().ok()?,
            anchor: anchor.and_then(|anchor| anchor.try_into().ok()).unwrap_or_default(),
            leaf: &certificate(0)?,
            next: &certificate(1).unwrap_or_default(),
        };
        self.add("certificate", input.write()?);
        Some(())
    }

    /// A chain of a folder, for the user whom the leaf names, when it has just become valid.
    fn folder_chain(&mut self, leaf: &Path, next: &Path) -> Result<()> {
        let (leaf, next) = (certificate(leaf)?, certificate(next)?);
        let parsed = Certificate::from_der(&leaf)?;
        let not_before = parsed.tbs_certificate().validity().not_before.to_unix_duration();
        let issuer = parsed.tbs_certificate().issuer().to_string();
        let iss: Uuid = issuer.rsplit('=').next().unwrap_or_default().parse()?;
        let now = u32::try_from(not_before.as_secs())?;
        let input = CertificateInput { now, iss, anchor: [0; 32], leaf: &leaf, next: &next };
        self.add("certificate", input.write().ok_or("too long a certificate")?);
        let info = Certificate::from_der(&next)?.tbs_certificate().subject_public_key_info().to_der()?;
        self.add("user_key", info);
        Ok(())
    }
}

/// A certificate in either form.
fn certificate(path: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    if path.extension().is_some_and(|extension| extension == "pem") {
        return Ok(Certificate::from_pem(&bytes)?.to_der()?);
    }
    Ok(bytes)
}

fn vector_files(repository: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(repository.join("tests/vectors"))? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    Ok(files)
}

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [repository, folder] = arguments.as_slice() else { return Err("usage: seeds REPOSITORY FOLDER".into()) };
    let mut seeds = Seeds::default();
    for file in vector_files(repository)? {
        for line in fs::read_to_string(&file)?.lines() {
            let vector = serde_json::from_str(line)?;
            seeds.vector(&vector).ok_or_else(|| format!("{}: not a vector: {line}", file.display()))?;
        }
    }
    for [leaf, next] in CHAINS {
        seeds.folder_chain(&repository.join(leaf), &repository.join(next))?;
    }
    seeds.chosen();
    // On each of the stores in flash, histories that end in each kind of fault.
    for store in 0..4 {
        for first in (1..=241).step_by(16) {
            seeds.add("flash", std::iter::once(store).chain((0..90_u8).map(|turn| turn.wrapping_mul(first))).collect());
        }
    }
    for (target, seeds) in &seeds.0 {
        let folder = folder.join(target);
        // What an earlier state of the repository has left there is no seed any more.
        _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        for (name, seed) in seeds {
            fs::write(folder.join(name), seed)?;
        }
        println!("{target}: {} seeds", seeds.len());
    }
    Ok(())
}
