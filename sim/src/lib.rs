//! A model of NOR flash that loses power, and the simulation that tries to break lockop's store on it.
//!
//! `cargo xtask power-fail` runs it. What is simulated, and what must hold, is written at [`tear::Tear`],
//! [`trial::Trial`] and [`damage::judge`].

#![forbid(unsafe_code)]

pub mod bench;
pub mod case;
pub mod damage;
pub mod explore;
pub mod flash_acl;
pub mod fuzzed;
pub mod geometry;
pub mod model;
pub mod nor;
pub mod port;
pub mod rng;
pub mod run;
pub mod script;
pub mod subject;
pub mod tear;
pub mod trial;
pub mod wear;
