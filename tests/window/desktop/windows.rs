//! The windows on the screen, as a window manager knows them.

use anyhow::{Result, bail};
use x11rb::{
    connection::Connection,
    protocol::xproto::{
        AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, InputFocus, MapState, Window,
    },
    rust_connection::RustConnection,
};

/// A connection to the display.
pub(crate) struct Windows {
    display: RustConnection,
    root: Window,
    protocols: u32,
    delete: u32,
}

impl Windows {
    pub(crate) fn open() -> Result<Self> {
        let (display, screen) = x11rb::connect(None)?;
        let root = display.setup().roots[screen].root;
        let atom = |name: &str| -> Result<u32> {
            Ok(display.intern_atom(false, name.as_bytes())?.reply()?.atom)
        };
        let (protocols, delete) = (atom("WM_PROTOCOLS")?, atom("WM_DELETE_WINDOW")?);
        Ok(Self {
            display,
            root,
            protocols,
            delete,
        })
    }

    /// The titles of what is shown.
    pub(crate) fn titles(&self) -> Result<Vec<String>> {
        Ok(self.shown()?.into_iter().map(|(_, title)| title).collect())
    }

    /// Lets the window of this title have the keyboard.
    pub(crate) fn focus(&self, title: &str) -> Result<bool> {
        self.give_keyboard(self.find(title)?)
    }

    /// Takes the keyboard away from all windows.
    pub(crate) fn unfocus(&self) -> Result<bool> {
        // Not to the root: then it belongs to the window under the pointer.
        self.give_keyboard(x11rb::NONE)
    }

    /// Asks the window of this title to close. It may refuse.
    pub(crate) fn close(&self, title: &str) -> Result<bool> {
        let window = self.find(title)?;
        let data = [self.delete, x11rb::CURRENT_TIME, 0, 0, 0];
        let message = ClientMessageEvent::new(32, window, self.protocols, data);
        self.display
            .send_event(false, window, EventMask::NO_EVENT, message)?
            .check()?;
        Ok(true)
    }

    fn find(&self, title: &str) -> Result<Window> {
        let Some((window, _)) = self.shown()?.into_iter().find(|(_, name)| name == title) else {
            bail!("no window is called {title}");
        };
        Ok(window)
    }

    fn give_keyboard(&self, window: Window) -> Result<bool> {
        self.display
            .set_input_focus(InputFocus::PARENT, window, x11rb::CURRENT_TIME)?
            .check()?;
        Ok(true)
    }

    /// The mapped top-level windows that can be closed: others are the toolkit's own.
    fn shown(&self) -> Result<Vec<(Window, String)>> {
        let mut shown = Vec::new();
        for window in self.display.query_tree(self.root)?.reply()?.children {
            // It may be gone by now.
            let Ok(looks) = self.display.get_window_attributes(window)?.reply() else {
                continue;
            };
            if looks.map_state == MapState::VIEWABLE
                && !self
                    .property(window, self.protocols, AtomEnum::ATOM)?
                    .is_empty()
            {
                let title = self.property(window, AtomEnum::WM_NAME.into(), AtomEnum::ANY)?;
                shown.push((window, String::from_utf8_lossy(&title).into_owned()));
            }
        }
        Ok(shown)
    }

    fn property(&self, window: Window, name: u32, kind: AtomEnum) -> Result<Vec<u8>> {
        let reply = self
            .display
            .get_property(false, window, name, kind, 0, 1024)?
            .reply();
        Ok(reply.map(|property| property.value).unwrap_or_default())
    }
}
