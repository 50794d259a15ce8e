import Evidence
import Testing

@Suite("Percent-encoding of free text")
struct PercentEncodingTests {
    @Test(
        "Text has one form, of bytes 0x20-0x7E",
        arguments: [
            ("", ""), ("plain text / \"quoted\" \\ ~", "plain text / \"quoted\" \\ ~"), ("100%", "100%25"),
            ("%41", "%2541"), ("caf\u{E9}", "caf%C3%A9"), ("cafe\u{301}", "cafe%CC%81"),
            ("a\r\nb\u{0}", "a%0D%0Ab%00"), ("\u{7F}", "%7F"), ("\u{1F511}", "%F0%9F%94%91"),
        ])
    func form(text: String, encoded: String) throws {
        #expect(PercentEncoding.encode(text) == encoded)
        #expect(try PercentEncoding.decode(encoded).utf8.elementsEqual(text.utf8))
    }

    @Test(
        "No other form is read",
        arguments: [
            "%", "%2", "a%4", "%41", "%20", "%c3%A9", "%C3%a9", "%7f", "%G0", "% 0", "%+1", "%C3", "%FF",
            "%ED%A0%80", "%C3\u{E9}", "caf\u{E9}", "\n",
        ])
    func refused(_ encoded: String) {
        #expect(throws: PercentEncodingError.self) { try PercentEncoding.decode(encoded) }
    }
}
