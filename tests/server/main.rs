//! Listeners that `hearthd` does not have: the window's.

mod window;
