import CryptoPrimitives
import Evidence
import Foundation
import Testing

@Suite("The one form of an SSH signature")
struct SSHSignatureFormTests {
    /// A signature in parts, each of which can be spoilt.
    struct Parts {
        var magic = Array("SSHSIG".utf8)
        var version: [UInt8] = [0, 0, 0, 1]
        var key =
            Wire.string("ecdsa-sha2-nistp256") + Wire.string("nistp256") + Wire.string(Fixture.point)
        var namespace = Array(Fixture.namespace.utf8)
        var reserved: [UInt8] = []
        var hash = "sha512"
        var type = "ecdsa-sha2-nistp256"
        var r = [0] + Fixture.bytes(Fixture.shapes[0].1).prefix(32)
        var s = [0] + Fixture.bytes(Fixture.shapes[0].1).suffix(32)
        var afterNumbers: [UInt8] = []
        var afterSignature: [UInt8] = []
        var tail: [UInt8] = []

        var armored: [UInt8] {
            let numbers = Wire.string(r) + Wire.string(s) + afterNumbers
            let signature = Wire.string(type) + Wire.string(numbers) + afterSignature
            let blob =
                magic + version + Wire.string(key) + Wire.string(namespace) + Wire.string(reserved)
                + Wire.string(hash) + Wire.string(signature) + tail
            return Wire.armor(blob)
        }
    }

    @Test("The parts make a signature that verifies (so that the refusals below mean something)")
    func sound() throws {
        let key = SSHPublicKey.ecdsaP256(try P256PublicKey(point: Fixture.point))
        try SSHSignature(armored: Parts().armored)
            .verify(message: Fixture.message, namespace: Fixture.namespace, key: key)
    }

    struct Spoiling: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let spoil: @Sendable (inout Parts) -> Void

        init(_ description: String, _ spoil: @escaping @Sendable (inout Parts) -> Void) {
            testDescription = description
            self.spoil = spoil
        }

        static let table = [
            Spoiling("other magic") { $0.magic = Array("SSHSIg".utf8) },
            Spoiling("version 0") { $0.version = [0, 0, 0, 0] },
            Spoiling("version 2") { $0.version = [0, 0, 0, 2] },
            Spoiling("no key") { $0.key = [] },
            Spoiling("a byte after the key") { $0.key += [0] },
            Spoiling("another curve's name") {
                $0.key = Wire.string("ecdsa-sha2-nistp256") + Wire.string("nistp384") + Wire.string(Fixture.point)
            },
            Spoiling("no namespace") { $0.namespace = [] },
            Spoiling("a namespace with a capital") { $0.namespace = Array("keyrite.Gate".utf8) },
            Spoiling("a namespace with a star") { $0.namespace = Array("keyrite.*".utf8) },
            Spoiling("a namespace with a line feed") { $0.namespace += [0x0A] },
            Spoiling("a namespace with a NUL") { $0.namespace += [0] },
            Spoiling("a namespace of 129 bytes") { $0.namespace = [UInt8](repeating: 0x61, count: 129) },
            Spoiling("a reserved field in use") { $0.reserved = [0] },
            Spoiling("SHA-1") { $0.hash = "sha1" },
            Spoiling("SHA-384") { $0.hash = "sha384" },
            Spoiling("SHA-512 in capitals") { $0.hash = "SHA512" },
            Spoiling("no hash") { $0.hash = "" },
            Spoiling("another type of signature") { $0.type = "ssh-ed25519" },
            Spoiling("r is zero") { $0.r = [] },
            Spoiling("s is zero") { $0.s = [] },
            Spoiling("r is zero, written as a byte") { $0.r = [0] },
            Spoiling("r is negative") { $0.r.removeFirst() },
            Spoiling("s is negative") { $0.s.removeFirst() },
            Spoiling("r with one zero too many") { $0.r = [0] + $0.r },
            Spoiling("a needless zero") { $0.s = [0, 0x7F] + $0.s.dropFirst(2) },
            Spoiling("r of 33 bytes") { $0.r = [1] + $0.r.dropFirst() },
            Spoiling("s of 1000 bytes") { $0.s = [UInt8](repeating: 1, count: 1000) },
            Spoiling("r is the order") { $0.r = [0] + Fixture.order },
            Spoiling("s is over the order") { $0.s = [0] + [UInt8](repeating: 0xFF, count: 32) },
            Spoiling("a third number") { $0.afterNumbers = Wire.string([1]) },
            Spoiling("a byte after the numbers") { $0.afterNumbers = [0] },
            Spoiling("bytes after the signature, as FIDO2 has") { $0.afterSignature = [1, 0, 0, 0, 7] },
            Spoiling("a byte at the end") { $0.tail = [0] },
        ]
    }

    @Test("A signature with a part spoilt is refused before any key is asked", arguments: Spoiling.table)
    func refused(_ spoiling: Spoiling) throws {
        var parts = Parts()
        spoiling.spoil(&parts)
        let error = try #require(throws: SSHSignatureError.self) { try SSHSignature(armored: parts.armored) }
        guard case .malformed = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test("An Ed25519 signature has 64 bytes", arguments: [0, 63, 65, 128])
    func ed25519Length(_ count: Int) throws {
        let type = Wire.string("ssh-ed25519")
        let basePoint = Fixture.bytes("58" + String(repeating: "66", count: 31))
        func armored(_ count: Int) -> [UInt8] {
            let signature = type + Wire.string([UInt8](repeating: 1, count: count))
            return Wire.armor(
                Array("SSHSIG".utf8) + [0, 0, 0, 1] + Wire.string(type + Wire.string(basePoint)) + Wire.string("n")
                    + Wire.string("") + Wire.string("sha512") + Wire.string(signature))
        }
        #expect(throws: Never.self) { try SSHSignature(armored: armored(64)) }
        #expect(throws: SSHSignatureError.self) { try SSHSignature(armored: armored(count)) }
    }

    static let file = String(decoding: Parts().armored, as: UTF8.self)

    @Test(
        "Armor in any other form is refused, though ssh-keygen reads some of it",
        arguments: [
            "", file + "\n", file + "text after END\n", "text before\n" + file, String(file.dropLast()),
            file.replacing("\n", with: "\r\n"), file.replacing("\n", with: " \n"), file + file,
            file.replacing("-----END", with: "\n-----END"), file.replacing("BEGIN SSH", with: "BEGIN  SSH"),
            file.replacing("SIGNATURE-----\nU1", with: "SIGNATURE-----\n\nU1"),
            file.replacing("SIGNATURE-----\nU1", with: "SIGNATURE-----\nComment: x\nU1"),
            file.replacing("U1NI", with: "U1NI\n"), file.replacing("U1NI", with: "U1N\u{C9}"),
            file.replacing("\n-----END SSH SIGNATURE-----\n", with: "\n"),
            file.replacing("-----END", with: "====\n-----END"),
            "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n",
            file.replacing("U1NI", with: String(repeating: "A", count: 1 << 16)),
        ])
    func armor(_ text: String) {
        #expect(throws: SSHSignatureError.self) { try SSHSignature(armored: Array(text.utf8)) }
    }

    @Test("Lines of another width are refused", arguments: [1, 64, 69, 71, 76, 10_000])
    func width(_ width: Int) {
        let base64 = Array(Self.file.split(separator: "\n").dropFirst().dropLast().joined())
        let lines = stride(from: 0, to: base64.count, by: width).map {
            String(base64[$0..<min($0 + width, base64.count)])
        }
        let text = (["-----BEGIN SSH SIGNATURE-----"] + lines + ["-----END SSH SIGNATURE-----", ""])
        #expect(throws: SSHSignatureError.self) { try SSHSignature(armored: Array(text.joined(separator: "\n").utf8)) }
    }

    @Test("Base64 that carries bits past its end is refused")
    func looseBase64() throws {
        var parts = Parts()
        while Self.padding(parts) != "==" { parts.namespace += Array("a".utf8) }
        let text = String(decoding: parts.armored, as: UTF8.self)
        #expect(throws: Never.self) { try SSHSignature(armored: Array(text.utf8)) }
        let last = try #require(text.split(separator: "==").first?.last)
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let index = try #require(digits.firstIndex(of: last))
        let loose = text.replacing("\(last)==", with: "\(digits[index + 1])==")
        #expect(throws: SSHSignatureError.self) { try SSHSignature(armored: Array(loose.utf8)) }
    }

    private static func padding(_ parts: Parts) -> String {
        String(String(decoding: parts.armored, as: UTF8.self).filter { $0 == "=" })
    }

    @Test("A token's answer that is no signature is refused, and so is a loose namespace")
    func fromToken() throws {
        let key = try P256PublicKey(point: Fixture.point)
        let raw = Fixture.bytes(Fixture.shapes[0].1)
        let zero = [UInt8](repeating: 0, count: 32)
        let (r, s) = (Array(raw.prefix(32)), Array(raw.suffix(32)))
        for bad in [[], Array(raw.dropLast()), raw + [0], zero + s, r + zero, Fixture.order + s, r + Fixture.order] {
            #expect(throws: SSHSignatureError.self) {
                try SSHSignature(ecdsaP256: bad, key: key, namespace: Fixture.namespace)
            }
        }
        for namespace in ["", "Gate", "a b", "a*", "a,b", "a\n", "\u{E9}", "a\""] {
            #expect(throws: SSHSignatureError.self) {
                try SSHSignature(ecdsaP256: raw, key: key, namespace: namespace)
            }
        }
    }
}
