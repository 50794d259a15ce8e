import CryptoPrimitives
import TestSupport
import Testing

@Suite("What is sealed, only the certificate's key opens, with openssl as the second opinion")
struct SealingTests {
    private static let key = Result { try SealingKey(generatingFor: "keyrite sealing") }
    private static let other = Result { try SealingKey(generatingFor: "keyrite sealing") }

    @Test(
        "What we seal, openssl opens with the key's file; what openssl seals, we open", arguments: [0, 1, 300, 70_000])
    func openssl(count: Int) async throws {
        let (key, folder) = (try Self.key.get(), try TemporaryFolder())
        let plaintext = (0..<count).map { UInt8($0 & 255) }
        let file = try folder.write(key.pem().exposed, to: "key.pem")
        let sealed = try folder.write(key.certificate.seal(plaintext), to: "sealed")
        let opened = try await runProcess(
            ["openssl", "cms", "-decrypt", "-inform", "DER", "-binary", "-inkey", file, "-in", sealed])
        #expect(opened.status == 0 && opened.stdout == plaintext, "\(opened.stderrText)")
        let theirs = try await runProcess(
            [
                "openssl", "cms", "-encrypt", "-aes-256-gcm", "-binary", "-outform", "DER", "-recip", file,
                "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256", "-in",
                try folder.write(plaintext, to: "plaintext"),
            ])
        #expect(theirs.status == 0, "\(theirs.stderrText)")
        #expect(try key.open(theirs.stdout) == plaintext)
        #expect(try key.open(key.certificate.seal(plaintext)) == plaintext)
        #expect(try key.certificate.seal(plaintext) != key.certificate.seal(plaintext))
    }

    @Test("No byte of it can be changed, taken away or added")
    func changed() throws {
        let key = try Self.key.get()
        let sealed = try key.certificate.seal(Array("a blob".utf8))
        // The encrypted key takes an RSA operation for each byte: some of them stand for all.
        for index in sealed.indices where !(150..<500).contains(index) || index.isMultiple(of: 31) {
            #expect(throws: CryptoError.self, "byte \(index)") { try key.open(sealed.flipping(index)) }
        }
        for count in stride(from: 0, to: sealed.count, by: 5) {
            #expect(throws: CryptoError.self, "\(count) bytes") { try key.open(Array(sealed.prefix(count))) }
        }
        #expect(throws: CryptoError.self) { try key.open(sealed + [0]) }
        #expect(throws: CryptoError.self) { try key.open(sealed + sealed) }
    }

    @Test("Another key's, another form of CMS and two recipients are refused")
    func others() async throws {
        let (key, other, folder) = (try Self.key.get(), try Self.other.get(), try TemporaryFolder())
        let refusal = #expect(throws: CryptoError.self) { try key.open(other.certificate.seal([1])) }
        #expect(refusal?.operation == "it is sealed to another certificate")
        let one = try folder.write(key.pem().exposed, to: "one.pem")
        let two = try folder.write(other.pem().exposed, to: "two.pem")
        let oaep = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"]
        for options in [
            ["-aes-256-cbc", "-recip", one] + oaep, ["-aes-128-gcm", "-recip", one] + oaep,
            ["-aes-256-gcm", "-recip", one], ["-aes-256-gcm", "-recip", one] + oaep.prefix(2),
            ["-aes-256-gcm", "-keyid", "-recip", one] + oaep, ["-aes-256-gcm", "-recip", one] + oaep + ["-stream"],
            ["-aes-256-gcm", "-recip", one] + oaep + ["-recip", two] + oaep,
        ] {
            let made = try await runProcess(
                ["openssl", "cms", "-encrypt", "-binary", "-outform", "DER"] + options, input: [1])
            if options.contains("-keyid") {
                // The certificate has no key identifier to be named by.
                #expect(made.status != 0)
                continue
            }
            try #require(made.status == 0, "\(made.stderrText)")
            #expect(throws: CryptoError.self, "\(options)") { try key.open(made.stdout) }
        }
    }

    @Test(
        "A key read from its file is the same key; a file that differs in a byte or holds another's certificate is none"
    )
    func files() throws {
        let (key, other) = (try Self.key.get(), try Self.other.get())
        let pem = try key.pem().exposed
        let again = try SealingKey(pem: .of(pem))
        #expect(again.certificate == key.certificate)
        #expect(try again.open(key.certificate.seal([1, 2])) == [1, 2])
        let text = String(decoding: pem, as: UTF8.self)
        let theirs = String(decoding: try other.pem().exposed, as: UTF8.self)
        let boundary = "-----BEGIN CERTIFICATE-----"
        let (mine, foreign) = (text.split(separator: boundary), theirs.split(separator: boundary))
        for damaged in [
            "", text + "\n", String(text.dropLast()), " " + text, String(mine[0]), boundary + String(mine[1]),
            text.replacing("\n", with: "\r\n"), String(mine[0]) + boundary + String(foreign[1]),
        ] {
            #expect(throws: CryptoError.self) { try SealingKey(pem: .of(Array(damaged.utf8))) }
        }
        for index in stride(from: 0, to: pem.count, by: 397) {
            #expect(throws: CryptoError.self, "byte \(index)") { try SealingKey(pem: .of(pem.flipping(index))) }
        }
    }

    @Test("The certificate is one that openssl reads and finds signed by itself; any other is refused")
    func certificates() async throws {
        let (key, folder) = (try Self.key.get(), try TemporaryFolder())
        let file = try folder.write(key.certificate.der, to: "certificate")
        let shown = try await runProcess([
            "openssl", "x509", "-inform", "DER", "-in", file, "-noout", "-subject", "-issuer", "-enddate", "-ext",
            "keyUsage",
        ])
        #expect(
            shown.stdoutText == """
                subject=CN = keyrite sealing
                issuer=CN = keyrite sealing
                notAfter=Dec 31 23:59:59 9999 GMT
                X509v3 Key Usage: critical
                    Key Encipherment

                """)
        #expect(try SealingCertificate(der: key.certificate.der) == key.certificate)
        for index in key.certificate.der.indices {
            #expect(throws: CryptoError.self, "byte \(index)") {
                try SealingCertificate(der: key.certificate.der.flipping(index))
            }
        }
        #expect(throws: CryptoError.self) { try SealingCertificate(der: key.certificate.der + [0]) }
        #expect(throws: CryptoError.self) { try SealingCertificate(der: []) }
        for options in [["rsa:2048"], ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]] {
            let made = try await runProcess(
                ["openssl", "req", "-x509", "-nodes", "-keyout", "/dev/null", "-subj", "/CN=other", "-outform", "DER"]
                    + ["-newkey"] + options)
            try #require(made.status == 0, "\(made.stderrText)")
            #expect(throws: CryptoError.self) { try SealingCertificate(der: made.stdout) }
        }
    }

    @Test(
        "A name that no certificate can have is refused",
        arguments: ["", String(repeating: "a", count: 65), "Zoë", "a\n"])
    func names(name: String) {
        #expect(throws: CryptoError.self) { try SealingKey(generatingFor: name) }
    }
}
