//! Hearth without a window: hosting as a whole, for `hearthd` and for the desktop.

pub mod desk;
mod discovery;
pub mod headless;
pub mod hosting;
pub mod identity;
mod invitation;
pub mod log;
mod network;
pub mod probe;
