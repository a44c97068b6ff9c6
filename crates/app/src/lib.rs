//! Hearth without a window: hosting as a whole, for `hearthd` and for the desktop.

pub mod desk;
pub mod headless;
pub mod hosting;
pub mod identity;
mod invitation;
