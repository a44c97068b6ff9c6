//! The command line.

use std::ffi::OsString;

xflags::xflags! {
    /// Everything one does with this repository. What is missing installs itself.
    cmd xtask {
        /// Build and open the app; with no display, host without a window.
        cmd run {
            /// Handed to the program, after `--`.
            repeated args: OsString
        }

        /// Run every test, or only some parts.
        cmd test {
            /// rust, node, python, ui, e2e, window, package: all of them when none is named.
            repeated part: String
            /// Also what takes long: the release package.
            optional --long
        }

        /// Measure speed and size beside a reference; nothing else should run meanwhile.
        cmd bench {
            /// editors, trace, merge, note, calls: all of them when none is named.
            repeated part: String
        }

        /// Check formatting, lints and types.
        cmd lint {}

        /// Make the Debian package.
        cmd package {
            /// From the debug build: larger and slower, but quick to make.
            optional --debug
        }

        /// Build the interface.
        cmd ui {}
    }
}
