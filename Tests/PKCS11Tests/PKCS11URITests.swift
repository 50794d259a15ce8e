import PKCS11
import Testing

@Suite("PKCS#11 URIs (RFC 7512)")
struct PKCS11URITests {
    @Test("a URI is read and written")
    func roundTrip() throws {
        let text = "pkcs11:model=M;manufacturer=Y%20%26%20Sons;serial=12;token=a%3Bb;id=%01%FF;object=k;type=secret-key"
        let uri = try PKCS11URI(parsing: text)
        #expect(uri.token == "a;b")
        #expect(uri.manufacturer == "Y & Sons")
        #expect(uri.model == "M")
        #expect(uri.serial == "12")
        #expect(uri.id == [1, 255])
        #expect(uri.object == "k")
        #expect(uri.objectClass == .secretKey)
        #expect(try PKCS11URI(parsing: uri.description) == uri)
        #expect(PKCS11URI(token: "höhe").description == "pkcs11:token=h%C3%B6he")
    }

    @Test(
        "what could name another token, or carry a PIN, is refused and not repeated",
        arguments: [
            "", "pkcs11:", "PKCS11:token=a", "http:token=a", "pkcs11:token", "pkcs11:token=", "pkcs11:token=a;",
            "pkcs11:token=a;token=b", "pkcs11:token=a b", "pkcs11:token=a\n", "pkcs11:tokn=a", "pkcs11:x-vendor=a",
            "pkcs11:slot-id=3", "pkcs11:token=%zz", "pkcs11:token=0123456789012345678901234567890123",
            "pkcs11:token=secret?pin-value=secret", "pkcs11:token=secret;pin-value=secret",
            "pkcs11:token=secret?pin-source=file:/secret", "pkcs11:token=a?module-path=/tmp/m.so", "pkcs11:type=secret",
        ])
    func refusals(text: String) throws {
        let error = try #require(throws: PKCS11Error.self) { try PKCS11URI(parsing: text) }
        #expect(!error.description.contains("secret"))
    }

    @Test("labels are compared as bytes, and what a URI does not say matches everything")
    func matching() throws {
        let version = TokenInfo.Version(major: 1, minor: 0)
        let token = TokenInfo(
            label: "caf\u{E9}", manufacturer: "m", model: "x", serial: "1", flags: [], hardwareVersion: version,
            firmwareVersion: version)
        #expect(PKCS11URI(token: "caf\u{E9}").matches(token))
        #expect(!PKCS11URI(token: "cafe\u{301}").matches(token))
        #expect(PKCS11URI(serial: "1").matches(token))
        #expect(!PKCS11URI(token: "caf\u{E9}", serial: "2").matches(token))
        #expect(PKCS11URI().matches(token))
        #expect(token.uri.matches(token))
    }
}
