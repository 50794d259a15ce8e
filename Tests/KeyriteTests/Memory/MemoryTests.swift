import CryptoPrimitives
import Evidence
import Foundation
import FoundationNetworking
import Glibc
import Room
import TestSupport
import Testing

@Suite("The memory of a ceremony")
struct MemoryTests {
    /// Whether a child of the ceremony's holds the module, which lets nobody but root look into it.
    private static let hosting = geteuid() == 0 ? [false, true] : [false]

    @Test(
        """
        the ceremony process never has the imported key, looked at before and after every call and inside every wrap; \
        the same look finds it in the emulator, and in whatever process holds the module inside the wrap
        """, arguments: hosting)
    func neverInTheCeremonyProcess(hostsModule: Bool) async throws {
        let pause = ["KEYRITE_REHEARSAL_PAUSE_IN_WRAP": "1"]
        try await CeremonyRoom.with(tokenEnvironment: pause, hostsModule: hostsModule) { room in
            try await room.plan()
            var watched = WatchedRun(of: room)
            var blob: [UInt8] = []
            for gate in Gate.allCases {
                #expect(try await watched.run() == 3)
                try await room.approve(gate)
                if gate == .activate { blob = try room.read("wrapped/\(CeremonyRoom.slot)-import.bin") }
            }
            #expect(try await watched.run() == 0)
            var emulator = MemoryRecord()
            try emulator.look(at: room.room.servers[1])

            let key = Traces(of: try await importedKey(of: room))
            #expect(key.found(in: watched.ceremony).isEmpty, "the key was in the ceremony process")

            #expect(key.found(in: emulator).contains(.raw))
            #expect(
                watched.wraps.map(\.point) == [
                    "before hsm.selfTest", "before hsm.selfTest", "before hsm.wrap", "before hsm.wrap",
                ])
            for wrap in watched.wraps {
                let isRelease = wrap.point == "before hsm.wrap"
                #expect(key.found(in: wrap.holder).contains(.raw) == isRelease)
            }

            #expect(watched.points == (try watched.logged), "it was looked at everywhere")
            // What the process did have, in each form that it had it in: a look that finds nothing proves nothing.
            #expect(Traces(of: blob).found(in: watched.ceremony).isSuperset(of: [.raw, .base64]))
            #expect(
                Traces(of: SHA256Digest(of: blob).bytes).found(in: watched.ceremony).contains(.lowercaseHex))
        }
    }

    @Test("a look finds every form of a secret")
    func everyForm() async throws {
        let secret = try SecureRandom.bytes(count: 32)
        #expect(try await found(secret, told: Hex.encode(secret)) == [.lowercaseHex])
        #expect(try await found(secret, told: Hex.encode(secret).uppercased()) == [.uppercaseHex])
        #expect(try await found(secret, told: Base64.encode(secret)) == [.base64])
        #expect(try await found(secret, told: "nothing") == [])
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

    /// The key that the ceremony imported, as only the emulator can tell.
    private func importedKey(of room: CeremonyRoom) async throws -> [UInt8] {
        struct Answer: Decodable { let materialHex: String }
        let record = try room.record()
        let progress = try #require(record.slots[CeremonyRoom.slot])
        let question = [
            "action": "export-material", "keyArn": try #require(record.plan.slot(named: CeremonyRoom.slot)).key,
            "materialId": try #require(progress.imported).material,
        ]
        var request = URLRequest(url: try #require(URL(string: room.room.site.endpoint + "/_keyrite/admin")))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = try JSONEncoder().encode(question)
        let (body, _) = try await URLSession.shared.data(for: request)
        let key = try #require(Hex.decode(try JSONDecoder().decode(Answer.self, from: body).materialHex))
        try #require(key.count == 32)
        return key
    }
}
