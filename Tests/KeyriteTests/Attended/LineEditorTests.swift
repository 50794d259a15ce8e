import Room
import Testing

@Suite("A line that is typed")
struct LineEditorTests {
    @Test(
        "is edited by whole characters and words",
        arguments: [
            ("ben", "ben"), ("bem\u{7F}n", "ben"), ("bem\u{08}n", "ben"), ("all of it\u{15}new", "new"),
            ("one two  \u{17}three", "one three"), ("one\u{17}two", "two"), ("\u{7F}\u{17}\u{15}a", "a"),
            ("M\u{F6}n\u{7F}\u{7F}a", "Ma"), ("e\u{301}\u{7F}x", "x"), ("\u{65E5}\u{672C}\u{7F}", "\u{65E5}"),
            ("a\u{1B}[Ab\u{1B}[3~c\u{1B}OPd", "abcd"), ("a\u{1B}b", "ab"), ("a\u{202E}b\u{200B}c", "abc"),
        ])
    func edits(typed: String, text: String) {
        var editor = LineEditor(limit: 100)
        for byte in typed.utf8 { _ = editor.take(byte) }
        #expect(editor.text == text)
    }

    @Test("takes no bytes that are no UTF-8, and goes on after them")
    func notUTF8() {
        var editor = LineEditor(limit: 100)
        for byte in [0xFF, 0xC3, 0x28, 0x80, 0xED, 0xA0, 0x80, 0xC3, 0xA9] as [UInt8] { _ = editor.take(byte) }
        #expect(editor.text == "(\u{E9}")
    }

    @Test("has no more bytes than it may")
    func limit() {
        var editor = LineEditor(limit: 4)
        for byte in "abc\u{F6}d".utf8 { _ = editor.take(byte) }
        #expect(editor.text == "abcd")
        #expect(editor.take(UInt8(ascii: "e")) == .refused)
    }

    @Test("leaves control keys to whoever asks")
    func controls() {
        var editor = LineEditor(limit: 4)
        #expect(editor.take(0x0E) == .control(0x0E))
        #expect(editor.take(0x0D) == .entered)
        #expect(editor.take(0x0A) == .entered)
    }
}
