import CryptoPrimitives
import Evidence
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("The memory of a ceremony")
struct MemoryTests {
    /// What is imported, and whether a child of the ceremony's holds the module for it.
    struct Imports: CustomTestStringConvertible {
        let strategy: Strategy
        let kinds: [KeySpec]
        let hostsModule: Bool

        var testDescription: String {
            "\(kinds.map(\.rawValue).joined(separator: ", ")), \(hostsModule ? "a child" : "the token server")"
        }
    }

    /// Nobody but root is let to look into a child that holds the module.
    private static let imports =
        [
            Imports(strategy: .rotate, kinds: [.symmetric], hostsModule: false),
            Imports(strategy: .import, kinds: [.hmac256], hostsModule: false),
        ]
        + (geteuid() == 0
            ? [
                Imports(strategy: .rotate, kinds: [.symmetric], hostsModule: true),
                Imports(strategy: .import, kinds: [.hmac224, .hmac256, .rsa2048, .p256], hostsModule: true),
            ] : [])

    @Test(
        """
        the ceremony process never has an imported key, looked at before and after every call and inside every wrap; \
        the same look finds it in the emulator, and in whatever process holds the module inside the wrap
        """, arguments: imports)
    func neverInTheCeremonyProcess(kept: Imports) async throws {
        let pause = ["KEYRITE_REHEARSAL_PAUSE_IN_WRAP": "1"]
        try await CeremonyRoom.with(tokenEnvironment: pause, hostsModule: kept.hostsModule) { room in
            try await room.plan(definition: try await Self.definition(of: kept, in: room))
            let slots = try FrozenCeremony(reading: DiskFolder(at: room.ceremony)).emptyRecord.plan.slots
            #expect(slots.map(\.keySpec) == kept.kinds)
            var watched = WatchedRun(of: room)
            var blobs: [[UInt8]] = []
            for gate in Gate.allCases {
                #expect(try await watched.run() == 3)
                try await room.approve(gate)
                if gate == .activate { blobs = try slots.map { try room.read("wrapped/\($0.slot)-import.bin") } }
            }
            #expect(try await watched.run() == 0)
            var emulator = MemoryRecord()
            try emulator.look(at: room.room.servers[1])

            let tested = watched.wraps.prefix { $0.point == "before hsm.selfTest" }
            #expect(tested.count >= 2 * kept.kinds.count)
            #expect(watched.wraps.dropFirst(tested.count).allSatisfy { $0.point == "before hsm.wrap" })
            for (slot, blob) in zip(slots, blobs) {
                let key = try await ImportedSecrets(of: slot, in: room)
                #expect(key.found(in: watched.ceremony).isEmpty, "the \(slot.keySpec) was in the ceremony process")
                #expect(key.found(in: emulator).contains(.raw), "\(slot.keySpec)")
                let isFound = watched.wraps.map { key.found(in: $0.holder).contains(.raw) }
                let expected = tested.map { _ in false } + Self.wraps(of: kept.kinds).map { $0 == slot.keySpec }
                #expect(isFound == expected, "\(slot.keySpec)")
                // What the process did have, in each form that it had it in: a look that finds nothing proves nothing.
                #expect(Traces(of: blob).found(in: watched.ceremony).isSuperset(of: [.raw, .base64]))
                #expect(
                    Traces(of: SHA256Digest(of: blob).bytes).found(in: watched.ceremony).contains(.lowercaseHex))
            }
            #expect(watched.points == (try watched.logged), "it was looked at everywhere")
        }
    }

    /// What is wrapped at each stop within the release; nil for the ephemeral key that a private key is wrapped under.
    private static func wraps(of kinds: [KeySpec]) -> [KeySpec?] {
        kinds.flatMap { kind in
            guard kind.secretBytes != nil else { return [nil, kind] }
            return kind.proof(isWanted: true) == .secondImport ? [kind, kind] : [kind]
        }
    }

    /// Writes the definition of a ceremony over keys that are there or are made for it.
    private static func definition(of kept: Imports, in room: CeremonyRoom) async throws -> String {
        var keys: [String] = []
        for (number, kind) in kept.kinds.enumerated() {
            guard kept.strategy == .import else {
                keys.append("{alias: \(CeremonyRoom.alias), strategy: rotate, proof: true}")
                continue
            }
            let key = try await room.room.createPendingKey(description: "waits", keySpec: kind)
            keys.append("{alias: alias/key\(number), key: \"\(key)\", strategy: import, proof: true}")
        }
        let file = room.base.appending(path: "kept.yaml")
        let text = """
            schema: keyrite.definition/1
            title: Keys that nobody sees
            windowHours: 24
            wrappingKeySpec: RSA_2048
            keys:

            """
        try Data((text + keys.map { "  - \($0)\n" }.joined()).utf8).write(to: file)
        return file.path
    }

    @Test("a look finds every form of a secret")
    func everyForm() async throws {
        let secret = try SecureRandom.bytes(count: 32)
        #expect(try await found(secret, told: Hex.encode(secret)) == [.lowercaseHex])
        #expect(try await found(secret, told: Hex.encode(secret).uppercased()) == [.uppercaseHex])
        #expect(try await found(secret, told: Base64.encode(secret)) == [.base64])
        #expect(try await found(secret, told: "nothing") == [])
        let text = Hex.encode(try SecureRandom.bytes(count: 16))
        #expect(try await found(Array(text.utf8), told: text) == [.raw])
        #expect(try await found(Array(text.utf8), told: String(text.reversed())) == [.reversed])
    }

    /// What a process that was told something has of a secret.
    private func found(_ secret: [UInt8], told text: String) async throws -> Set<Traces.Form> {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/sleep")
        process.arguments = ["60"]
        // Across the edge of a page, wherever the environment begins.
        process.environment = ["A": text, "B": String(repeating: "-\(text)", count: 200)]
        try process.run()
        defer { process.terminate() }
        var memory = MemoryRecord()
        try memory.look(at: process.processIdentifier)
        return Traces(of: secret).found(in: memory)
    }
}
