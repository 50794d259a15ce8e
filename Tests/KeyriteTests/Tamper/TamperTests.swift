import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite("Evidence that was tampered with is refused by both verifiers")
    struct TamperTests {
        @Test("the ceremony as it was held verifies")
        func control() async throws {
            try await withCopy { copy in
                try await copy.expectVerdict("VERIFIED")
            }
        }

        @Test(
            "one changed byte is refused, and its file named",
            arguments: [
                "plan.json", "roster.json", "allowed_signers", "MANIFEST", "statements/authorize-1.json",
                "statements/close-1.json", "approvals/release-1/carol.json", "approvals/close-1/wendy.json",
                "approvals/release-1/carol.json.sig", "approvals/close-1/wendy.json.sig", "roster/ada.sig",
            ], [0.0, 0.37, 0.71, 1.0])
        func oneByte(path: String, place: Double) async throws {
            try await withCopy { copy in
                try copy.change(path) { bytes in bytes[Int(Double(bytes.count - 1) * place)] ^= 1 }
                try await copy.expectRefusal(at: path)
            }
        }

        @Test("one changed byte of any line of the transcript is refused at that line or the next", arguments: 1...45)
        func oneByteOfLine(number: Int) async throws {
            try await withCopy { copy in
                let lines = try Transcript(parsing: try copy.folder.read(Transcript.path)).lines.count
                try #require(lines == 45, "the ceremony's transcript has another length: adapt the arguments")
                var random = SystemRandomNumberGenerator()
                var changed = 0
                try copy.changeLines { lines in
                    var bytes = Array(lines[number - 1].utf8)
                    changed = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[changed] ^= 1
                    lines[number - 1] = String(decoding: bytes, as: UTF8.self)
                }
                let judgement = try await copy.judged()
                #expect(judgement.word == "REFUSED", "byte \(changed)")
                let places = ["transcript.jsonl:\(number)", "transcript.jsonl:\(number + 1)"]
                #expect(places.contains(judgement.place ?? ""), "byte \(changed): \(judgement)")
            }
        }

        @Test("a name that is none in an approval's line breaks the chain, as any other change of the line does")
        func noName() async throws {
            try await withCopy { copy in
                let number = try copy.line(.approval)
                try copy.changeLines { lines in
                    lines[number - 1] = lines[number - 1].replacing(#""name":"ben""#, with: #""name":"b`n""#)
                }
                try await copy.expectRefusal(at: "transcript.jsonl:\(number + 1)")
            }
        }

        @Test("a statement of another schema is refused at its own line")
        func otherSchema() async throws {
            try await withCopy { copy in
                let number = try copy.line(.gateOpened)
                try copy.changeLines { lines in
                    lines[number - 1] = lines[number - 1].replacing("keyrite.statement/1", with: "keyrite.statement/2")
                }
                try await copy.expectRefusal(at: "transcript.jsonl:\(number)")
            }
        }

        @Test("who expects a live ceremony is shown none")
        func otherMode() async throws {
            try await withCopy { copy in
                var copy = copy
                copy.mode = .live
                try await copy.expectRefusal(at: "roster.json")
            }
        }

        @Test("a plan is held to the digest that reached the reader")
        func otherPlan() async throws {
            try await withCopy { copy in
                var copy = copy
                copy.plan = SHA256Digest(of: try copy.folder.read(Plan.path))
                try await copy.expectVerdict("VERIFIED")
                copy.plan = SHA256Digest(of: Array("another".utf8))
                try await copy.expectRefusal(at: "plan.json")
            }
        }

        @Test("without the roster's digest nothing is trusted")
        func noAnchor() async throws {
            try await withCopy { copy in
                var copy = copy
                copy.anchor = nil
                try await copy.expectVerdict("CONSISTENT, NOT TRUSTED")
            }
        }

        @Test("a folder forged whole, with a roster of its own, is refused")
        func otherRoster() async throws {
            let forged = try #require(forgery)
            var folder = TamperedFolder(ceremony: forged, folder: forged.folder, anchor: try #require(ceremony).roster)
            try await folder.expectRefusal(at: "roster.json")
            folder.anchor = forged.roster
            // It is perfect but for the anchor.
            try await folder.expectVerdict("VERIFIED")
        }

        @Test("a close that was stripped leaves a ceremony that is not closed")
        func closeStripped() async throws {
            try await withCopy { copy in
                try copy.stripClose()
                try await copy.expectVerdict("NOT CLOSED")
            }
        }

        @Test("what lies beside the recorded approvals may be anything until the close")
        func besideApprovals() async throws {
            try await withCopy { copy in
                try copy.stripClose()
                try copy.folder.write(Array("no".utf8), to: "approvals/authorize-1/dan.json")
                try await copy.expectVerdict("NOT CLOSED")
            }
        }

        @Test(
            "a recorded approval that is none, or two documents, is refused where it lies",
            arguments: ["{}\n{}", "", "no"])
        func misshapenApproval(text: String) async throws {
            try await withCopy { copy in
                try copy.folder.write(Array(text.utf8), to: "approvals/release-1/ben.json")
                try await copy.expectRefusal(at: "approvals/release-1/ben.json")
            }
        }

        @Test("a transcript without its last line is not closed")
        func closedCut() async throws {
            try await withCopy { copy in
                try copy.changeLines { $0.removeLast() }
                try await copy.expectVerdict("NOT CLOSED")
            }
        }

        @Test("a transcript without its last line feed is refused")
        func tornLine() async throws {
            try await withCopy { copy in
                try copy.change(Transcript.path) { $0.removeLast() }
                try await copy.expectRefusal(at: "transcript.jsonl:45")
            }
        }

        @Test("lines that were dropped, swapped, repeated or added are refused", arguments: [2, 10, 21, 35, 40])
        func lines(number: Int) async throws {
            let index = number - 1
            let changes: [(inout [String]) -> Void] = [
                { $0.remove(at: index) }, { $0.swapAt(index, index + 1) }, { $0.insert($0[index], at: index) },
            ]
            for (position, change) in changes.enumerated() {
                try await withCopy { copy in
                    try copy.changeLines(change)
                    try await copy.expectRefusal(at: "transcript.jsonl:\(position == 2 ? number + 1 : number)")
                }
            }
        }

        @Test("each line, when dropped, swapped with the next, repeated or added, is refused where it stands")
        func everyLine() async throws {
            try await withCopy { copy in
                let whole = try copy.folder.read(Transcript.path)
                let count = whole.count { $0 == UInt8(ascii: "\n") }
                #expect(count == 45)
                for index in 0..<count {
                    let changes: [(place: Int, change: (inout [String]) -> Void)] = [
                        (index, { $0.remove(at: index) }), (index, { $0.swapAt(index, index + 1) }),
                        (index + 1, { $0.insert($0[index], at: index) }), (index, { $0.insert("{}", at: index) }),
                    ]
                    for (number, (place, change)) in changes.enumerated() where number != 1 || index + 1 < count {
                        try copy.changeLines(change)
                        let said = try copy.keyriteVerify()
                        // Without its last line nothing in a transcript is wrong: the close has not ended.
                        let isShort = number == 0 && index == count - 1
                        #expect(said.word == (isShort ? "NOT CLOSED" : "REFUSED"), "\(index) \(number)")
                        #expect(said.place == (isShort ? nil : "transcript.jsonl:\(place + 1)"), "\(index) \(number)")
                        try copy.folder.write(whole, to: Transcript.path)
                    }
                }
            }
        }

        @Test("what a strict reader must not swallow is refused", arguments: Sloppiness.allCases)
        func sloppy(_ sloppiness: Sloppiness) async throws {
            try await withCopy { copy in
                try copy.change(sloppiness.path, sloppiness.change)
                try await copy.expectRefusal(at: sloppiness.place)
            }
        }

        @Test("a signature's armor in another form is refused under an approval, too", arguments: Sloppiness.armors)
        func sloppyArmor(_ form: Sloppiness) async throws {
            try await withCopy { copy in
                try copy.change("approvals/release-1/carol.json.sig", form.change)
                try await copy.expectRefusal(at: "approvals/release-1/carol.json.sig")
            }
        }

        @Test(
            "a file that was cut off is refused",
            arguments: [
                "plan.json", "roster.json", "MANIFEST", "allowed_signers", "roster/ada.sig",
                "statements/release-1.json",
                "approvals/release-1/ben.json", "approvals/release-1/ben.json.sig",
            ], [0, 0.5, 1])
        func cut(path: String, rest: Double) async throws {
            try await withCopy { copy in
                try copy.change(path) { bytes in
                    bytes.removeLast(max(1, Int(Double(bytes.count) * (1 - rest))))
                }
                try await copy.expectRefusal(at: path)
            }
        }

        @Test("a transcript that was cut off, to nothing or in a line, is refused", arguments: [0, 0.5])
        func cutTranscript(rest: Double) async throws {
            try await withCopy { copy in
                try copy.change(Transcript.path) { $0 = Array($0.prefix(Int(Double($0.count) * rest))) }
                #expect(try await copy.judged().word == "REFUSED")
            }
        }

        @Test("two people's signatures exchanged, without what they signed, are refused")
        func exchangedSignatures() async throws {
            try await withCopy { copy in
                let paths = ["ben", "carol"].map { "approvals/release-1/\($0).json.sig" }
                let files = try paths.map(copy.folder.read)
                try copy.folder.write(files[0], to: paths[1])
                try copy.folder.write(files[1], to: paths[0])
                try await copy.expectRefusal(at: paths[0])
            }
        }

        @Test("an approval in another person's name is refused")
        func otherPersonsApproval() async throws {
            try await withCopy { copy in
                for suffix in ["", ".sig"] {
                    let ben = try copy.folder.read("approvals/release-1/ben.json" + suffix)
                    try copy.folder.write(ben, to: "approvals/release-1/carol.json" + suffix)
                }
                try await copy.expectRefusal(at: "approvals/release-1/carol.json")
            }
        }

        @Test(
            "the other signature that anyone can make of one, with s negated, is refused though ssh-keygen takes it",
            arguments: ["approvals/release-1/carol.json", "approvals/close-1/wendy.json", "roster/ben"])
        func negated(path: String) async throws {
            try await withCopy { copy in
                try copy.change(path + ".sig") { bytes in
                    let made = try SSHSignature(armored: bytes)
                    guard case .ecdsaP256(let key) = made.publicKey else { return }
                    let other = Self.negated(Array(made.rawSignature.suffix(32)))
                    bytes = try SSHSignature(
                        ecdsaP256: made.rawSignature.prefix(32) + other, key: key, namespace: made.namespace,
                        hash: made.hash
                    ).armored
                }
                try await copy.expectRefusal(at: path + ".sig")
            }
        }

        /// n − s for the order n of P-256, big-endian.
        static func negated(_ s: [UInt8]) -> [UInt8] {
            let order = Hex.decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551") ?? []
            var borrow = 0
            var result: [UInt8] = []
            for (n, s) in zip(order, s).reversed() {
                let difference = Int(n) - Int(s) - borrow
                borrow = difference < 0 ? 1 : 0
                result.insert(UInt8(difference & 255), at: 0)
            }
            return result
        }

        @Test("signatures of another ceremony of the same shape are refused")
        func otherCeremonysSignatures() async throws {
            let other = try #require(forgery)
            for path in ["approvals/authorize-1/ben.json", "approvals/close-1/wendy.json", "roster/carol"] {
                try await withCopy { copy in
                    try copy.folder.write(try other.folder.read(path + ".sig"), to: path + ".sig")
                    try await copy.expectRefusal(at: path + ".sig")
                }
            }
        }

        @Test("approvals exchanged between gates are refused")
        func exchanged() async throws {
            try await withCopy { copy in
                for suffix in ["", ".sig"] {
                    let paths = ["approvals/release-1/ben.json", "approvals/activate-1/ben.json"].map { $0 + suffix }
                    let files = try paths.map(copy.folder.read)
                    try copy.folder.write(files[0], to: paths[1])
                    try copy.folder.write(files[1], to: paths[0])
                }
                try await copy.expectRefusal(at: "approvals/release-1/ben.json")
            }
        }

        @Test(
            "a file too many is refused",
            arguments: [
                "extra", "roster/mallory.sig", "statements/release-2.json", "approvals/release-1/mallory.json",
                "approvals/close-1/dan.json", "wrapped/payments-production-import.bin", "tokens/x.token",
                "exhibits/photo.jpg", ".hidden",
            ])
        func added(path: String) async throws {
            try await withCopy { copy in
                try copy.folder.write(Array("more".utf8), to: path)
                try await copy.expectRefusal(at: path)
            }
        }

        @Test(
            "a file too few is refused",
            arguments: [
                "plan.json", "roster.json", "allowed_signers", "transcript.jsonl", "MANIFEST",
                "statements/release-1.json", "approvals/release-1/ben.json", "approvals/release-1/ben.json.sig",
                "approvals/close-1/wendy.json.sig", "roster/dan.sig",
            ])
        func removed(path: String) async throws {
            try await withCopy { copy in
                try copy.folder.remove(path)
                try await copy.expectRefusal(at: path)
            }
        }

        @Test("a link in the folder is refused, even to what it should be")
        func link() async throws {
            try await withCopy { copy in
                let plan = copy.folder.root + "/plan.json"
                try FileManager.default.moveItem(atPath: plan, toPath: copy.folder.root + "/../plan.json")
                try FileManager.default.createSymbolicLink(atPath: plan, withDestinationPath: "../plan.json")
                try await copy.expectRefusal(at: "plan.json")
            }
        }

        @Test(
            "a pipe in a file's place is refused, and nobody waits for its other end",
            arguments: ["roster.json", "plan.json", "transcript.jsonl", "approvals/release-1/ben.json.sig", "MANIFEST"])
        func pipe(path: String) async throws {
            try await withCopy { copy in
                try copy.folder.remove(path)
                try #require(mkfifo(copy.folder.root + "/" + path, 0o600) == 0)
                let judgement = try await copy.judged(inTheSameWords: true)
                #expect(judgement.place == path && judgement.reason == "it is neither a file nor a folder")
            }
        }

        @Test("a folder in a file's place is as good as nothing", arguments: ["roster.json", "plan.json"])
        func folder(path: String) async throws {
            try await withCopy { copy in
                try copy.folder.remove(path)
                try FileManager.default.createDirectory(
                    atPath: copy.folder.root + "/" + path, withIntermediateDirectories: false)
                let judgement = try await copy.judged(inTheSameWords: true)
                #expect(judgement.place == path && judgement.reason == "it is missing", "\(judgement)")
            }
        }

        @Test(
            "a folder is held to names and depth also when it is empty",
            arguments: [
                ("a b", "."), ("a+b", nil), ("exhibits/\u{E4}", "exhibits"), ("x/y\n/z", "x"),
                ("a/b/c/d/e/f/g/h", "a/b/c/d/e/f/g/h"), ("a/b/c/d/e/f/g/h/i", "a/b/c/d/e/f/g/h"),
                ("a/b/c/d/e/f/g", nil),
            ] as [(String, String?)])
        func emptyFolder(name: String, place: String?) async throws {
            try await withCopy { copy in
                try FileManager.default.createDirectory(
                    atPath: copy.folder.root + "/" + name, withIntermediateDirectories: true)
                if let place {
                    try await copy.expectRefusal(at: place)
                } else {
                    try await copy.expectVerdict("VERIFIED")
                }
            }
        }
    }

    /// Bytes that a lenient reader takes for the same.
    enum Sloppiness: String, CaseIterable, CustomTestStringConvertible {
        case lineFeedAfterPlan, byteOrderMark, duplicateKey, unknownKey, fraction, escape, carriageReturn, emptyLine
        case exponent, negativeZero, leadingZero, byteOrderMarkInTranscript, carriageReturnInManifest, unknownPlanKey
        case duplicatePlanKey, twoDocuments, textAfterEnd, textBeforeBegin, carriageReturnInArmor, widerArmor,
            blankInArmor, uppercaseManifest

        /// Those of a signature's armor.
        static let armors = [textAfterEnd, textBeforeBegin, carriageReturnInArmor, widerArmor, blankInArmor]

        var testDescription: String { rawValue }

        var path: String {
            switch self {
            case .lineFeedAfterPlan, .byteOrderMark, .escape, .twoDocuments, .unknownPlanKey, .duplicatePlanKey:
                "plan.json"
            case .duplicateKey, .unknownKey, .fraction, .exponent, .negativeZero, .leadingZero, .carriageReturn,
                .emptyLine, .byteOrderMarkInTranscript:
                Transcript.path
            case .textAfterEnd, .textBeforeBegin, .carriageReturnInArmor, .widerArmor, .blankInArmor: "roster/ada.sig"
            case .uppercaseManifest, .carriageReturnInManifest: "MANIFEST"
            }
        }

        var place: String {
            switch self {
            case .carriageReturn, .duplicateKey, .unknownKey, .fraction, .exponent, .negativeZero, .leadingZero,
                .byteOrderMarkInTranscript:
                "transcript.jsonl:1"
            case .emptyLine: "transcript.jsonl:2"
            default: path
            }
        }

        func change(_ bytes: inout [UInt8]) {
            let text = String(decoding: bytes, as: UTF8.self)
            let changed =
                switch self {
                case .lineFeedAfterPlan, .textAfterEnd: text + (self == .textAfterEnd ? "more\n" : "\n")
                case .byteOrderMark, .byteOrderMarkInTranscript: "\u{FEFF}" + text
                case .twoDocuments: text + text
                case .escape: text.replacing("\"title\":\"A", with: "\"title\":\"\\u0041")
                case .duplicateKey: text.replacing(#","seq":1}"#, with: #","seq":1,"seq":1}"#)
                case .unknownKey: text.replacing(#","seq":1}"#, with: #","seq":1,"zeal":1}"#)
                case .fraction: text.replacing(#","seq":1}"#, with: #","seq":1.0}"#)
                case .exponent: text.replacing(#","seq":1}"#, with: #","seq":1e0}"#)
                case .negativeZero: text.replacing(#","seq":1}"#, with: #","seq":-0}"#)
                case .leadingZero: text.replacing(#","seq":1}"#, with: #","seq":01}"#)
                case .unknownPlanKey: text.replacing(#"{"ceremony":"#, with: #"{"anything":1,"ceremony":"#)
                case .duplicatePlanKey: text.replacing(#","mode":"#, with: #","mode":"live","mode":"#)
                case .carriageReturn: text.replacing("\n", with: "\r\n", maxReplacements: 1)
                case .emptyLine: text.replacing("\n", with: "\n\n", maxReplacements: 1)
                case .textBeforeBegin: "more\n" + text
                case .carriageReturnInArmor, .carriageReturnInManifest: text.replacing("\n", with: "\r\n")
                case .blankInArmor: text.replacing("\n-----END", with: " \n-----END")
                case .widerArmor: Self.rewrapped(text, 76)
                case .uppercaseManifest: text.prefix(64).uppercased() + text.dropFirst(64)
                }
            bytes = Array(changed.utf8)
        }

        private static func rewrapped(_ armor: String, _ width: Int) -> String {
            let lines = armor.split(separator: "\n")
            let base64 = Array(lines.dropFirst().dropLast().joined())
            let wrapped = stride(from: 0, to: base64.count, by: width).map {
                String(base64[$0..<min($0 + width, base64.count)])
            }
            return ([String(lines[0])] + wrapped + [String(lines[lines.count - 1])]).map { $0 + "\n" }.joined()
        }
    }
}

extension TamperedFolder {
    /// Takes away everything that was made for the close.
    func stripClose() throws {
        let opened = try line(.gateOpened) { line in
            if case .gateOpened(let statement) = line.event { statement.gate == .close } else { false }
        }
        try changeLines { $0.removeSubrange((opened - 1)...) }
        for path in try folder.files() where path.contains("close-1") || path == Manifest.path {
            try folder.remove(path)
        }
    }
}
