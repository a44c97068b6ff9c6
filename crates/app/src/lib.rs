//! Hearth without a window: hosting and joining as a whole, for `hearthd` and for the desktop.

pub mod desk;
mod discovery;
pub mod headless;
pub mod hosting;
pub mod identity;
mod invitation;
pub mod joined;
pub mod joining;
pub mod log;
mod looking;
mod network;
pub mod probe;
mod serving;
