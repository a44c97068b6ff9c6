//! A joined copy is as good as being at the host while it is there, and of use while it is away.

mod copy;

mod away;
mod everybody;
mod following;
mod leaving;
mod mixed;
mod refused;
mod unanswered;
mod weather;
