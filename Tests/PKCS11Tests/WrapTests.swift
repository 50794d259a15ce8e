import CryptoPrimitives
import Foundation
import PKCS11
import TestSupport
import Testing

@Suite("Wrapping under OAEP with SHA-256, through the token server")
struct WrapTests {
    @Test("a wrapped key decrypts to the key itself under SHA-256, and not at all under SHA-1, says openssl")
    func wrapIsOAEPSHA256() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("wrap"))
            for bits in [2048, 3072, 4096] {
                let rsa = try RSAPrivateKey(bits: bits)
                let key = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [7]))
                let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [8])
                let blob = try await session.wrap(key, under: wrapping)
                #expect(blob.count == bits / 8)

                let plain = try await decryptWithOpenSSL(blob, rsa, hash: "sha256", in: site.folder)
                #expect(plain.status == 0, "\(plain.stderrText)")
                let material = try plain.stdout.withUnsafeBytes { try SecretBytes(copying: $0) }
                #expect(material.count == 32)
                let zeros = [UInt8](repeating: 0, count: 16)
                #expect(try await session.encryptECB(zeros, with: key) == AES256.encryptECB(zeros, key: material))

                let sha1 = try await decryptWithOpenSSL(blob, rsa, hash: "sha1", in: site.folder)
                #expect(sha1.status != 0)
                try await session.destroy(key)
            }
        }
    }

    @Test("two wraps of one key are different blobs of the same key")
    func wrapIsRandomised() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("wrap"))
            let rsa = try RSAPrivateKey(bits: 2048)
            let key = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [7], onToken: false))
            let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [8])
            let first = try await session.wrap(key, under: wrapping)
            let second = try await session.wrap(key, under: wrapping)
            #expect(first != second)
            #expect(
                try rsa.decryptOAEP(first, hash: .sha256).isEqual(to: rsa.decryptOAEP(second, hash: .sha256)))
        }
    }

    @Test("control: SoftHSM without the rehearsal module refuses SHA-256 and has a model of its own")
    func stockSoftHSMRefuses() async throws {
        try await TokenSite.with(module: TokenSite.stockModule) { site in
            let token = try await site.makeToken("stock")
            #expect(token.info.model == "SoftHSM v2")
            let session = try await site.logIn(token)
            let key = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [7]))
            let wrapping = try await session.createWrappingKey(
                RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [8])
            let error = try await #require(throws: PKCS11Error.self) { try await session.wrap(key, under: wrapping) }
            #expect(error.returnValue == .argumentsBad)
            #expect(error.remedy.contains("RSA-OAEP with SHA-256"))
        }
    }

    @Test("a key that may not leave is not wrapped")
    func unextractableKeyStays() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("stays"))
            let template = KeyTemplates.aes256(label: "k", id: [7]).map {
                $0.type == .extractable ? Attribute(.extractable, false) : $0
            }
            let key = try await session.generateAES256(template)
            let wrapping = try await session.createWrappingKey(
                RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [8])
            let error = try await #require(throws: PKCS11Error.self) { try await session.wrap(key, under: wrapping) }
            #expect(error.returnValue == .keyUnextractable)
        }
    }

    @Test("a wrapping key is good for wrapping alone")
    func wrappingKeyDoesNotEncrypt() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("alone"))
            let rsa = try RSAPrivateKey(bits: 2048).publicKey
            let wrapping = try await session.createWrappingKey(rsa, label: "w", id: [8])
            let answers = try await session.attributes(
                [.wrap, .encrypt, .verify, .token, .modulus, .publicExponent], of: wrapping)
            #expect(answers[.wrap]?.bool == true)
            #expect(answers[.encrypt]?.bool == false)
            #expect(answers[.verify]?.bool == false)
            #expect(answers[.token]?.bool == false)
            #expect(answers[.modulus]?.bytes == rsa.modulus)
            #expect(answers[.publicExponent]?.bytes == rsa.exponent)
        }
    }

    @Test("a wrapping key that is found again is the one that was brought, and wraps as that does")
    func wrappingKeyIsFoundAgain() async throws {
        try await TokenSite.with { site in
            let session = try await site.logIn(site.makeToken("again"))
            let rsa = try RSAPrivateKey(bits: 3072)
            let key = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [7]))
            let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [8])
            let found = try await session.findObjects([.label("w")])
            #expect(found == [wrapping])
            let blob = try await session.wrap(key, under: #require(found.first))
            #expect(try rsa.decryptOAEP(blob, hash: .sha256).count == 32)
        }
    }

    @Test("when SoftHSM would encrypt by another way than the hook, the blob is zeroed and the wrap fails")
    func guardRefusesOtherWays() async throws {
        // The rehearsal module over p11-kit's client: the wrap happens in a process where no hook can run.
        try await TokenSite.with(module: TokenSite.stockModule) { stock in
            let token = try await stock.makeToken("guard")
            let client = try #require(
                ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/pkcs11/p11-kit-client.so" }
                    .first(where: FileManager.default.fileExists(atPath:)))
            let server = try await TokenServer.start(
                module: RehearsalModule.path(), socket: stock.folder.appending(path: "guard").path,
                environment: [
                    "KEYRITE_REHEARSAL_SOFTHSM": client,
                    "P11_KIT_SERVER_ADDRESS": "unix:path=\(stock.server.socket)",
                ])
            defer { server.stop() }
            let slot = try Module.remote(socket: server.socket).slot(of: PKCS11URI(token: "guard"))
            #expect(try slot.tokenInfo().model == RehearsalModule.tokenModel)
            let session = try slot.openSession()
            try await session.login(pin: token.pin)
            let key = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [7]))
            let wrapping = try await session.createWrappingKey(
                RSAPrivateKey(bits: 2048).publicKey, label: "w", id: [8])
            let error = try await #require(throws: PKCS11Error.self) { try await session.wrap(key, under: wrapping) }
            #expect(error.returnValue == .functionFailed)
        }
    }

    @Test(
        "stopped inside the wrap, the server's child has the key in its memory, and this process never has",
        .disabled(if: isSanitized, "a sanitizer keeps memory of its own"))
    func keyIsInTheServerAlone() async throws {
        try await TokenSite.with(environment: ["KEYRITE_REHEARSAL_PAUSE_IN_WRAP": "1"]) { site in
            let session = try await site.logIn(site.makeToken("memory"))
            let rsa = try RSAPrivateKey(bits: 2048)
            let key = try await session.generateAES256(KeyTemplates.aes256(label: "k", id: [7]))
            let wrapping = try await session.createWrappingKey(rsa.publicKey, label: "w", id: [8])
            async let wrapped = session.wrap(key, under: wrapping)
            var stopped: Int32?
            while stopped == nil {
                stopped = ProcessMemory.children(of: site.server.processIdentifier)
                    .first { ProcessMemory.state(of: $0) == "T" }
                try await Task.sleep(for: .milliseconds(1))
            }
            let child = try #require(stopped)
            // Ours first: the copy of theirs will hold the key.
            let memory = Result { (try ProcessMemory.writable(of: getpid()), try ProcessMemory.writable(of: child)) }
            kill(child, SIGCONT)
            let (ours, theirs) = try memory.get()
            let material = try rsa.decryptOAEP(await wrapped, hash: .sha256)
            let bytes = material.withUnsafeBytes { Data($0) }
            #expect(theirs.contains { $0.range(of: bytes) != nil })
            #expect(!ours.contains { $0.range(of: bytes) != nil })
        }
    }

    private func decryptWithOpenSSL(
        _ blob: [UInt8], _ key: RSAPrivateKey, hash: String, in folder: URL
    ) async throws -> ProcessOutcome {
        let keyFile = folder.appending(path: "throwaway.der")
        try key.pkcs8().withUnsafeBytes { try Data($0).write(to: keyFile) }
        return try await runProcess(
            "openssl",
            [
                "pkeyutl", "-decrypt", "-keyform", "DER", "-inkey", keyFile.path, "-pkeyopt", "rsa_padding_mode:oaep",
                "-pkeyopt", "rsa_oaep_md:\(hash)", "-pkeyopt", "rsa_mgf1_md:\(hash)",
            ], input: blob)
    }
}
