import CryptoPrimitives
import Testing

@Suite("Hex and base64")
struct EncodingsTests {
    @Test("Every byte is written and read back")
    func roundTrip() {
        let all = (0...255).map { UInt8($0) }
        for count in 0...256 {
            let bytes = Array(all.suffix(count))
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Hex.encode([0x00, 0x9F, 0xA0, 0xFF]) == "009fa0ff")
    }

    @Test(
        "Base64 gives RFC 4648's values",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ])
    func vectors(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test(
        "Base64 in any other form is refused",
        arguments: [
            "Zg", "Zg=", "Zg===", "Zh==", "Zm9", "Zm9=", "Zm9v\n", " Zm9v", "Zm 9v", "Zm9v====", "=", "====", "Z===",
            "Zm-_",
            "Zg==Zg==", "Zm9v\u{0}", "Zm9\u{E9}",
        ])
    func refusedBase64(_ text: String) { #expect(Base64.decode(text) == nil) }

    @Test(
        "Hex in any other form is refused",
        arguments: ["0", "000", "0G", "AA", "0x00", " 00", "00\n", "+1", "\u{FF10}0"])
    func refusedHex(_ text: String) { #expect(Hex.decode(text) == nil) }
}
