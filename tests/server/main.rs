//! Listeners that `hearthd` does not have, and peers that no good client is: in this process.

mod addressed;
mod house;
mod links;
mod window;
