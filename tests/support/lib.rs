//! What tests share: a started host, a network that fails, a test that needs a process of its own.

pub mod alone;
pub mod hearthd;
pub mod proxy;
