//! How an app reaches a host, comes in and stays linked: against real hosts, over networks that
//! fail.

mod people;

mod asking;
mod door;
mod keeping;
mod leaving;
mod linked;
mod secrets;
mod silence;
mod traps;
mod trust;
mod tunnel;
