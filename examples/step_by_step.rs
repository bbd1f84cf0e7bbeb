//! The steps of `Device::apply`, one by one: a device that logs what each of them has found out.
//!
//! `cargo run --example step_by_step`

use lockop::{AclEntry, ConstantTime, Device, Operation, Policy, RamAcl, Role, UserKey, Window};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let jws = include_bytes!("operation.jws");
    let now = 1_700_000_005;
    let policy = Policy { leeway: 30, ..Policy::DEFAULT };

    let mut device = Device::new("00000000-0000-4000-8000-00000000000a".parse()?).with_policy(policy);
    let mut acl = RamAcl::<100, 32>::new();
    acl.provision(AclEntry {
        user: "11111111-1111-4111-8111-111111111111".parse()?,
        key: UserKey::from_base64(b"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=").ok_or("not a key")?,
        role: Role::Admin,
        window: Window::ALWAYS,
    })?;

    let unverified = device.parse(jws)?;
    println!("somebody claims to be {}", unverified.claims().iss);

    let authentic = device.authenticate(unverified, now, &mut acl)?;
    println!("it is {}, who is an {}", authentic.issuer().user, authentic.issuer().role.as_str());

    let authorized = device.authorize(authentic, now)?;
    if let Operation::BatchAddUser(batch) = authorized.operation() {
        for grant in batch.grants() {
            println!("who wants to add {} as {}", grant.user, grant.role.as_str());
        }
    }

    // Nothing has been changed so far, and nobody else can change the ACL: it is borrowed.
    authorized.commit()?;
    println!("done: {} users on the ACL", acl.entries().len());

    // The library judges keys too: this one is of small order, so that anybody could sign with it.
    let weak = lockop::Ed25519::is_valid_key(&mut ConstantTime, &[0; 32]);
    println!("a key of zeros is {}", if weak { "accepted" } else { "refused" });
    Ok(())
}
