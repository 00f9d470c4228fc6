//! Escaping of text inside HTML and SVG.

use maud::Render;

use super::escape;

/// External text, rendered between tags or in a quoted attribute.
#[derive(Clone, Copy, Debug)]
pub struct Text<T>(pub T);

impl<T: AsRef<str>> Render for Text<T> {
    fn render_to(&self, buffer: &mut String) {
        escape(self.0.as_ref()).as_ref().render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;

    #[test]
    fn text_cannot_leave_its_tag_or_attribute() {
        let shown = |text: &str| html! { p title=(Text(text)) { (Text(text)) } }.into_string();
        let inside = |text: &str| format!("<p title=\"{text}\">{text}</p>");
        assert_eq!(shown("</p><script>&\""), inside("&lt;/p&gt;&lt;script&gt;&amp;&quot;"));
        assert_eq!(shown("ana\u{202e}<b>"), inside("ana\\u{202e}&lt;b&gt;"));
        assert_eq!(shown("a\u{ffff}\u{0}b"), inside("a\\u{ffff}\\u{0}b"));
        assert_eq!(shown("Zoë → 日本語"), inside("Zoë → 日本語"));
    }
}
