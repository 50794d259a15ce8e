import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite("A time stamp in a closed ceremony's folder")
    struct TimeStampEvidenceTests {
        @Test(
            "is signed by the authority that the reader named, and one host's word without; both verifiers print the same"
        )
        func stamped() async throws {
            try await withStamp { copy, authority in
                for named in [authority.certificates, nil] {
                    var copy = copy
                    copy.authorities = named
                    try await copy.expectVerdict("VERIFIED")
                    let printed = try await Self.printed(of: copy)
                    let row = try #require(printed.split(separator: "\n").first { $0.contains("timestamp.tsr") })
                    let pattern =
                        named == nil
                        ? #/^asserted    timestamp.tsr  +an authority's word that it was there at 20..-..-..T..:..:..Z$/#
                        : #/^signed      timestamp.tsr  +the authority you named, at 20..-..-..T..:..:..Z$/#
                    #expect(row.contains(pattern), "\(row)")
                }
            }
        }

        @Test("stays signed by its authority where the roster was not given")
        func unanchored() async throws {
            try await withStamp { copy, authority in
                var copy = copy
                (copy.anchor, copy.authorities) = (nil, authority.certificates)
                try await copy.expectVerdict("CONSISTENT, NOT TRUSTED")
                #expect(try await Self.printed(of: copy).contains("\nsigned      timestamp.tsr "))
            }
        }

        @Test("can still be asked for: the request alone says nothing yet")
        func unanswered() async throws {
            try await withStamp { copy, authority in
                var copy = copy
                try copy.folder.remove("timestamp.tsr")
                try await copy.expectVerdict("VERIFIED")
                #expect(try await Self.printed(of: copy).contains("\nasserted    timestamp.tsq "))
                // Whoever names an authority counts on its answer.
                copy.authorities = authority.certificates
                try await copy.expectRefusal(at: "timestamp.tsr")
                try copy.folder.remove("timestamp.tsq")
                try await copy.expectRefusal(at: "timestamp.tsr")
                copy.authorities = nil
                try await copy.expectVerdict("VERIFIED")
            }
        }

        /// What is done to request and answer.
        struct Forgery: CustomTestStringConvertible {
            let name: String
            let place: String
            let change: @Sendable (TamperedFolder, TestAuthority) async throws -> Void
            var testDescription: String { name }

            init(
                _ name: String, at place: String,
                _ change: @escaping @Sendable (TamperedFolder, TestAuthority) async throws -> Void
            ) {
                (self.name, self.place, self.change) = (name, place, change)
            }
        }

        static let forgeries = [
            Forgery("over something else", at: "timestamp.tsr") { copy, authority in
                let other = try await authority.query(over: String(repeating: "ab", count: 32))
                try copy.folder.write(try await authority.answer(other), to: "timestamp.tsr")
            },
            Forgery("with another nonce", at: "timestamp.tsr") { copy, authority in
                let head = try head(of: copy.folder)
                let again = try TimeStampRequest(over: head)
                try copy.folder.write(try await authority.answer(again.der), to: "timestamp.tsr")
            },
            Forgery("without a nonce", at: "timestamp.tsr") { copy, authority in
                let asked = try copy.folder.read("timestamp.tsq")
                var bare = Array(asked.dropLast(13)) + [0x01, 0x01, 0xFF]
                bare[1] -= 10
                try copy.folder.write(try await authority.answer(bare), to: "timestamp.tsr")
            },
            Forgery("not granted", at: "timestamp.tsr") { copy, authority in
                let asked = try copy.folder.read("timestamp.tsq")
                try copy.folder.write(try await authority.answer(asked, section: "refusing"), to: "timestamp.tsr")
            },
            Forgery("of another ceremony", at: "timestamp.tsq") { copy, authority in
                let request = try TimeStampRequest(over: try head(of: try #require(forgery).folder))
                try copy.folder.write(request.der, to: "timestamp.tsq")
                try copy.folder.write(try await authority.answer(request.der), to: "timestamp.tsr")
            },
            Forgery("over the line before the last", at: "timestamp.tsq") { copy, authority in
                let lines = try Transcript(parsing: try copy.folder.read(Transcript.path))
                let request = try TimeStampRequest(over: lines.digests[lines.digests.count - 2])
                try copy.folder.write(request.der, to: "timestamp.tsq")
                try copy.folder.write(try await authority.answer(request.der), to: "timestamp.tsr")
            },
            Forgery("with a request of openssl's own", at: "timestamp.tsq") { copy, authority in
                var request = try await authority.query(over: try head(of: copy.folder).hex)
                request[request.count - 11] |= 0x80
                try copy.folder.write(request, to: "timestamp.tsq")
            },
            Forgery("without its request", at: "timestamp.tsq") { copy, _ in
                try copy.folder.remove("timestamp.tsq")
            },
            Forgery("with a byte after the request", at: "timestamp.tsq") { copy, _ in
                try copy.change("timestamp.tsq") { $0.append(0) }
            },
            Forgery("with a byte after the answer", at: "timestamp.tsr") { copy, _ in
                try copy.change("timestamp.tsr") { $0.append(0) }
            },
            Forgery("over 64 KiB", at: "timestamp.tsr") { copy, _ in
                try copy.change("timestamp.tsr") { $0 += [UInt8](repeating: 0, count: 65_536) }
            },
            Forgery("whose length is not in DER's shortest form", at: "timestamp.tsr") { copy, _ in
                try copy.change("timestamp.tsr") { bytes in
                    try #require(bytes[1] == 0x82)
                    bytes.replaceSubrange(1...1, with: [0x83, 0x00])
                }
            },
            Forgery("with a word beside its status", at: "timestamp.tsr") { copy, _ in
                try copy.change("timestamp.tsr") { bytes in
                    try #require(bytes[1] == 0x82 && bytes[4..<9] == [0x30, 3, 2, 1, 0])
                    bytes.replaceSubrange(4..<9, with: [0x30, 9, 2, 1, 0, 0x30, 4, 0x0C, 2] + Array("ok".utf8))
                    lengthen(&bytes, at: [0], by: 6)
                }
            },
            Forgery("with an unsigned attribute", at: "timestamp.tsr") { copy, _ in
                try copy.change("timestamp.tsr") { bytes in
                    // The signer's part is the last one of every part that it is in.
                    let attribute: [UInt8] = [0xA1, 10, 0x30, 8, 0x06, 2, 0x2A, 3, 0x31, 2, 0x05, 0]
                    let signer = try #require(bytes.lastRange(of: [0x30, 0x82, 1], before: [2, 1, 1, 0x30]))
                    lengthen(&bytes, at: [0, 9, 24, 28, signer - 4, signer], by: attribute.count)
                    bytes += attribute
                }
            },
            Forgery("that is none", at: "timestamp.tsr") { copy, _ in
                try copy.folder.write(Array("granted".utf8), to: "timestamp.tsr")
            },
            Forgery("that is empty", at: "timestamp.tsr") { copy, _ in
                try copy.folder.write([], to: "timestamp.tsr")
            },
            Forgery("whose request is empty", at: "timestamp.tsq") { copy, _ in
                try copy.folder.write([], to: "timestamp.tsq")
            },
        ]

        /// Adds to the lengths, of two bytes each, of the elements at these places.
        private static func lengthen(_ bytes: inout [UInt8], at places: [Int], by count: Int) {
            for place in places where bytes[place + 1] == 0x82 {
                let length = Int(bytes[place + 2]) << 8 + Int(bytes[place + 3]) + count
                (bytes[place + 2], bytes[place + 3]) = (UInt8(length >> 8), UInt8(length & 0xFF))
            }
        }

        @Test("is refused by both verifiers", arguments: forgeries)
        func forged(_ forgery: Forgery) async throws {
            try await withStamp { copy, authority in
                try await forgery.change(copy, authority)
                try await copy.expectRefusal(at: forgery.place)
                var copy = copy
                copy.authorities = authority.certificates
                try await copy.expectRefusal(at: forgery.place)
            }
        }

        @Test("is refused under an authority that the reader did not name, or one whose CA had expired by then")
        func untrusted() async throws {
            try await withStamp { copy, authority in
                let base = authority.folder.deletingLastPathComponent()
                let other = try await TestAuthority.make(in: base.appending(path: "other"))
                var copy = copy
                copy.authorities = other.certificates
                try await copy.expectRefusal(at: "timestamp.tsr")

                let expired = try await TestAuthority.make(
                    in: base.appending(path: "expired"), until: "20210101000000Z")
                try copy.folder.write(
                    try await expired.answer(try copy.folder.read("timestamp.tsq")), to: "timestamp.tsr")
                copy.authorities = expired.certificates
                try await copy.expectRefusal(at: "timestamp.tsr")
                let judgement = try await copy.judged()
                #expect(judgement.reason.contains("expired"), "\(judgement)")
            }
        }

        @Test(
            "from before the close is refused, unless two clocks can be so far apart",
            arguments: [(240, true), (400, false)])
        func early(seconds: Int64, holds: Bool) async throws {
            try await withStamp { copy, authority in
                let later = SystemClock().now().advanced(bySeconds: seconds)
                // The times of the last two lines are what nobody signed.
                try copy.changeLines { lines in
                    for number in lines.indices.suffix(2) {
                        lines[number].replace(#/"at":"[^"]*"/#, with: "\"at\":\"\(later)\"")
                    }
                    let prev = SHA256Digest(of: Array((lines[lines.count - 2] + "\n").utf8)).hex
                    lines[lines.count - 1].replace(#/"prev":"[^"]*"/#, with: "\"prev\":\"\(prev)\"")
                }
                let request = try TimeStampRequest(over: try Self.head(of: copy.folder))
                try copy.folder.write(request.der, to: "timestamp.tsq")
                try copy.folder.write(try await authority.answer(request.der), to: "timestamp.tsr")
                for named in [authority.certificates, nil] {
                    var copy = copy
                    copy.authorities = named
                    let judgement = try await copy.judged(inTheSameWords: !holds)
                    #expect(judgement.word == (holds ? "VERIFIED" : "REFUSED"), "\(judgement)")
                    #expect(holds || judgement.place == "timestamp.tsr", "\(judgement)")
                }
            }
        }

        @Test("has no place in a ceremony that is not closed", arguments: ["timestamp.tsq", "timestamp.tsr"])
        func notClosed(path: String) async throws {
            try await withStamp { copy, _ in
                try copy.changeLines { $0.removeLast() }
                for other in ["timestamp.tsq", "timestamp.tsr"] where other != path { try copy.folder.remove(other) }
                try await copy.expectRefusal(at: path)
            }
        }

        @Test(
            "a changed byte of it is refused by both verifiers, whichever it is",
            arguments: ["timestamp.tsq", "timestamp.tsr"])
        func anyByte(path: String) async throws {
            try await withStamp { copy, authority in
                var copy = copy
                copy.authorities = authority.certificates
                let bytes = try copy.folder.read(path)
                for index in Set((0..<10).map { _ in Int.random(in: 0..<bytes.count) }) {
                    let bit = UInt8(1) << UInt8.random(in: 0..<8)
                    try copy.change(path) { $0[index] ^= bit }
                    for named in [authority.certificates, nil] {
                        copy.authorities = named
                        let judgement = try await copy.judged()
                        #expect(judgement.word == "REFUSED", "byte \(index), bit \(bit)")
                        // Another nonce is a request that the answer does not answer.
                        #expect([path, "timestamp.tsr"].contains(judgement.place), "byte \(index), bit \(bit)")
                    }
                    try copy.folder.write(bytes, to: path)
                }
            }
        }

        /// `KEYRITE_EVERY_BYTE` has every bit changed; without it, one of each byte.
        @Test("no changed bit of the answer is accepted, whether or not the authority was named")
        func everyByte() async throws {
            try await withStamp { copy, authority in
                let all = ProcessInfo.processInfo.environment["KEYRITE_EVERY_BYTE"] != nil
                let (answer, request) = try Self.answer(in: copy)
                let trusted = try TimeStampAuthorities(
                    pem: [UInt8](Data(contentsOf: URL(filePath: authority.certificates))))
                var accepted: [String] = []
                for index in answer.indices {
                    for bit in all ? Array(0..<8) : [Int.random(in: 0..<8)] {
                        var changed = answer
                        changed[index] ^= UInt8(1) << UInt8(bit)
                        for authorities in [trusted, nil]
                        where (try? TimeStampAnswer(der: changed, to: request, trusting: authorities)) != nil {
                            accepted.append("\(index) bit \(bit)\(authorities == nil ? ", unnamed" : "")")
                        }
                    }
                }
                #expect(accepted == [])
            }
        }

        /// CMS (RFC 5652) leaves its version numbers, the names of algorithms and of the signer unsigned, and OpenSSL takes
        /// others for them.
        @Test("what of it nobody signed has one form, and both verifiers say in the same words what is otherwise")
        func unsigned() async throws {
            try await withStamp { copy, authority in
                var copy = copy
                copy.authorities = authority.certificates
                let (answer, request) = try Self.answer(in: copy)
                var reasons: [String: [(Int, UInt8)]] = [:]
                for index in answer.indices {
                    let bit = UInt8(1) << UInt8.random(in: 0..<8)
                    var changed = answer
                    changed[index] ^= bit
                    do { _ = try TimeStampAnswer(der: changed, to: request) } catch let error as CryptoError {
                        reasons[error.operation, default: []].append((index, bit))
                    }
                }
                for reason in [
                    "the stamp's form is of another version",
                    "its digest algorithm is none of SHA-256, SHA-384 and SHA-512",
                    "its signature algorithm is not that of the signer's key and digest",
                    "its signer has not exactly one certificate in it, or one is there twice",
                    "its signer's certificate is not the one that was signed with it",
                ] {
                    let (index, bit) = try #require(reasons[reason]?.randomElement(), "\(reason)")
                    try copy.change("timestamp.tsr") { $0[index] ^= bit }
                    let judgement = try await copy.judged(inTheSameWords: true)
                    #expect(judgement.word == "REFUSED" && judgement.place == "timestamp.tsr", "\(judgement)")
                    #expect(judgement.reason == reason)
                    try copy.folder.write(answer, to: "timestamp.tsr")
                }
            }
        }

        @Test("other certificates in it hold where the authority that was named certified them")
        func otherCertificates() async throws {
            try await withStamp { copy, authority in
                var copy = copy
                copy.authorities = authority.certificates
                let request = try copy.folder.read("timestamp.tsq")
                try authority.carry(authority.certificates)
                try copy.folder.write(try await authority.answer(request, section: "carrying"), to: "timestamp.tsr")
                try await copy.expectVerdict("VERIFIED")
                let base = authority.folder.deletingLastPathComponent()
                let other = try await TestAuthority.make(in: base.appending(path: "stranger"))
                try authority.carry(other.certificates)
                try copy.folder.write(try await authority.answer(request, section: "carrying"), to: "timestamp.tsr")
                let judgement = try await copy.judged(inTheSameWords: true)
                #expect(judgement.place == "timestamp.tsr")
                #expect(judgement.reason.contains("the authorities that you named did not certify"), "\(judgement)")
            }
        }

        @Test("an authority whose keys are of RSA is held to the same, and its algorithm to them")
        func rsa() async throws {
            try await withStamp { copy, authority in
                var copy = copy
                let base = authority.folder.deletingLastPathComponent()
                let other = try await TestAuthority.make(in: base.appending(path: "rsa"), key: ["-newkey", "rsa:2048"])
                let answer = try await other.answer(try copy.folder.read("timestamp.tsq"))
                // rsaEncryption, as openssl names it: for the last time before the signature.
                let name: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1]
                let place = try #require(
                    answer.indices.last { answer[$0...].starts(with: name + [1, 5, 0]) }, "it is named otherwise")
                // With SHA-256 it may be named, too; with SHA-384 it is another algorithm.
                for (last, word) in [(UInt8(1), "VERIFIED"), (11, "VERIFIED"), (12, "REFUSED"), (5, "REFUSED")] {
                    var named = answer
                    named[place + name.count] = last
                    try copy.folder.write(named, to: "timestamp.tsr")
                    for authorities in [other.certificates, nil] {
                        copy.authorities = authorities
                        let judgement = try await copy.judged(inTheSameWords: word == "REFUSED")
                        #expect(judgement.word == word, "\(last): \(judgement)")
                    }
                }
            }
        }

        private static func answer(in copy: TamperedFolder) throws -> ([UInt8], TimeStampRequest) {
            let request = try TimeStampRequest(
                der: try copy.folder.read("timestamp.tsq"), over: try head(of: copy.folder))
            return (try copy.folder.read("timestamp.tsr"), request)
        }

        @Test("is not checked by verify.sh where openssl is missing, which says so; naming an authority needs it")
        func noOpenSSL() async throws {
            try await withStamp { copy, authority in
                let plain = try await Self.verifyWithoutOpenSSL(copy)
                #expect(plain.status == 0, "\(plain.stdoutText)")
                #expect(plain.stdoutText.contains("\nasserted    timestamp.tsr "), "\(plain.stdoutText)")
                #expect(plain.stdoutText.contains("openssl is not installed"))
                let named = try await Self.verifyWithoutOpenSSL(copy, "--timestamp-ca", authority.certificates)
                #expect(named.status == 2, "\(named.stdoutText)")
                try copy.change("timestamp.tsq") { $0[68] = 0 }
                let forged = try await Self.verifyWithoutOpenSSL(copy)
                #expect(forged.stdoutText.contains("REFUSED: timestamp.tsq: "), "\(forged.stdoutText)")
            }
        }

        @Test(
            "what is no CA certificate is bad usage for both", arguments: ["", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
        func noCertificates(text: String) async throws {
            try await withStamp { copy, authority in
                let file = authority.folder.appending(path: "none.pem")
                try Data(text.utf8).write(to: file)
                for path in [file.path, file.path + ".missing"] {
                    let arguments = [copy.folder.root, "--timestamp-ca", path]
                    #expect(try await runProcess("dash", [TamperedFolder.script] + arguments).status == 2)
                    #expect(try await CeremonyRoom.keyrite(["verify"] + arguments).status == 2)
                }
            }
        }

        /// Runs verify.sh where there is every tool but openssl.
        static func verifyWithoutOpenSSL(_ copy: TamperedFolder, _ more: String...) async throws -> ProcessOutcome {
            try await withTemporaryFolder { tools in
                for folder in ["/bin", "/usr/bin"] {
                    for tool in try FileManager.default.contentsOfDirectory(atPath: folder) where tool != "openssl" {
                        try? FileManager.default.createSymbolicLink(
                            atPath: "\(tools.path)/\(tool)", withDestinationPath: "\(folder)/\(tool)")
                    }
                }
                return try await runProcess(
                    "/bin/dash",
                    [TamperedFolder.script, copy.folder.root, "--roster", try #require(copy.anchor).hex] + more,
                    environment: ["PATH": tools.path])
            }
        }

        /// Lends a copy of the ceremony that an authority has stamped.
        private func withStamp(_ body: (TamperedFolder, TestAuthority) async throws -> Void) async throws {
            try await withCopy { copy in
                let base = URL(filePath: copy.folder.root).deletingLastPathComponent()
                let authority = try await TestAuthority.make(in: base.appending(path: "authority"))
                let request = try TimeStampRequest(over: try Self.head(of: copy.folder))
                try copy.folder.write(request.der, to: "timestamp.tsq")
                try copy.folder.write(try await authority.answer(request.der), to: "timestamp.tsr")
                try await body(copy, authority)
            }
        }

        static func head(of folder: DiskFolder) throws -> SHA256Digest {
            try #require(try Transcript(parsing: try folder.read(Transcript.path)).digests.last)
        }

        /// What both verifiers print, which must be the same.
        static func printed(
            of copy: TamperedFolder, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws -> String {
            let arguments =
                [copy.folder.root] + (copy.anchor.map { ["--roster", $0.hex] } ?? [])
                + (copy.authorities.map { ["--timestamp-ca", $0] } ?? [])
            let ours = try await CeremonyRoom.keyrite(["verify"] + arguments)
            let script = try await runProcess("dash", [TamperedFolder.script] + arguments)
            #expect(ours.stdoutText == script.stdoutText, sourceLocation: sourceLocation)
            #expect(ours.status == script.status, sourceLocation: sourceLocation)
            return ours.stdoutText
        }
    }
}

extension [UInt8] {
    /// Where an element with this beginning is, whose fourth byte these others follow.
    fileprivate func lastRange(of beginning: [UInt8], before others: [UInt8]) -> Int? {
        indices.dropLast(4 + others.count).last {
            self[$0...].starts(with: beginning) && self[($0 + 4)...].starts(with: others)
        }
    }
}
